import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { dirname, resolve } from 'node:path';
import { DomainError } from './domain/error.ts';
import { newKey, openSecrets } from './secrets.ts';

/** What the process is told from outside, checked. The only file that reads the environment. */
export interface Config {
  /** `ballastBytes`: space kept to be given up when the disk is full; see db/ballast.ts. */
  database: { url?: string | undefined; file: string; ballastBytes?: number };
  host: string;
  port: number;
  /** Public address of the installation, without a trailing slash. */
  baseUrl: string;
  /** Newest first; see secrets.ts. */
  keys: readonly string[];
  /** Remembers, outside the database, how far its log had come; see installation.ts. */
  anchorFile: string | undefined;
  /** Addresses of reverse proxies whose X-Forwarded-For is believed. */
  trustProxy: readonly string[];
  /** Origins that channels may call although they are not public https: a simulator, a server of your own. */
  allowOrigins: readonly string[];
  logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';
  /** True for https: cookies are then `Secure` and named `__Host-`. */
  secureCookies: boolean;
  /** Deadline of one request to a network, ms. */
  requestMs: number;
  /** Where the process is stopped on purpose by the crash harness: `name:n`. */
  failpoint: string | undefined;
  /** Kept a static copy of the public pages, for another web server to serve when this one is gone. */
  mirrorFolder?: string | undefined;
  /** Keeps the same as a branch of a git repository; see src/live/git-copy.ts. */
  mirrorGit?: { to: string; branch: string; workFolder: string; env: Record<string, string> } | undefined;
  /** Keeps the same in a bucket; see src/live/bucket. */
  mirrorBucket?: Bucket | undefined;
  /** Open pages at once: in all, and of one address. */
  limits?: { sockets: number; perAddress: number };
  /** How long to keep what is done with, ms; 0 is for ever. See src/actions/forget-old.ts. */
  keep?: { mentionsMs: number; attemptsMs: number };
  /** An exercise: only simulated networks can be connected or reached. */
  exercise: boolean;
  /** An OpenID Connect issuer that people may sign in at. */
  sso?: { issuer: string; clientId: string; clientSecret: string } | undefined;
}

type Env = Record<string, string | undefined>;

const bad = (name: string, fix: string) => new DomainError('invalid', `${name}: ${fix}`, { field: name });

/** Reads and checks the environment. Throws `invalid` that names the variable and the fix. */
export function readConfig(given: Env = process.env): Config {
  // Compose files and unit files often set a variable to nothing where they mean none.
  const env: Env = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== ''));
  const port = number(env, 'PORT', 8080, 0, 65_535);
  const host = env['HOST'] ?? '127.0.0.1';
  const baseUrl = (env['BASE_URL'] ?? `http://${host.includes(':') ? `[${host}]` : host}:${port}`).replace(
    /\/+$/,
    '',
  );
  if (!URL.canParse(baseUrl) || !/^https?:$/.test(new URL(baseUrl).protocol))
    throw bad(
      env['BASE_URL'] === undefined ? 'HOST' : 'BASE_URL',
      env['BASE_URL'] === undefined
        ? 'give an address or a name of this machine, like 127.0.0.1 or 0.0.0.0'
        : 'give the full public address, like https://status.company.example',
    );
  // Every link begins with it, and everything is served from the root.
  if (!/^https?:\/\/[^/\\?#@]+$/i.test(baseUrl))
    throw bad('BASE_URL', 'give the address and nothing behind it, like https://status.company.example');
  const url = env['DATABASE_URL'];
  if (url !== undefined && !/^postgres(ql)?:\/\//.test(url))
    throw bad(
      'DATABASE_URL',
      'only postgres:// addresses; leave it out to use a SQLite file (DATABASE_FILE)',
    );
  const file = resolve(env['DATABASE_FILE'] ?? './data/tocsin.db');
  const level = env['LOG_LEVEL'] ?? 'info';
  const levels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
  if (!levels.includes(level as 'info')) throw bad('LOG_LEVEL', `choose one of ${levels.join(', ')}`);
  const exercise = flag(env, 'EXERCISE');
  return {
    database: { url, file, ballastBytes: number(env, 'BALLAST_MB', 32, 0, 4_096) * 1_048_576 },
    host,
    port,
    baseUrl,
    keys: readKeys(env, file),
    anchorFile: resolve(env['TOCSIN_ANCHOR_FILE'] ?? `${dirname(file)}/tocsin.anchor`),
    trustProxy: list(env['TRUST_PROXY']).map(proxy),
    allowOrigins: list(env['ALLOW_ORIGINS']).map((o) => {
      const { origin, protocol, host, hostname } = URL.canParse(o) ? new URL(o) : new URL('none:');
      // Without "http://" a name and its port read as a protocol, and would allow nothing.
      if (!/^(https?|smtps?):$/.test(protocol) || host === '')
        throw bad('ALLOW_ORIGINS', `"${o}" is not an origin like http://10.0.0.5:8080`);
      if (exercise && !isLoopback(hostname))
        throw bad('ALLOW_ORIGINS', `in an exercise only simulators on this machine: "${o}" is elsewhere`);
      // Only web addresses have an origin; a mail server is allowed as smtp://host:port.
      return origin === 'null' ? `${protocol}//${host}` : origin;
    }),
    logLevel: level as Config['logLevel'],
    secureCookies: baseUrl.startsWith('https:'),
    requestMs: number(env, 'REQUEST_TIMEOUT_MS', 30_000, 100, 60_000),
    failpoint: env['FAILPOINT'],
    mirrorFolder: env['MIRROR_DIR'] ? resolve(env['MIRROR_DIR']) : undefined,
    mirrorGit: readMirrorGit(env, exercise),
    mirrorBucket: readMirrorBucket(env),
    limits: {
      sockets: number(env, 'LIVE_SOCKETS', 20_000, 1, 1_000_000),
      perAddress: number(env, 'LIVE_SOCKETS_PER_ADDRESS', 50, 1, 1_000_000),
    },
    keep: {
      mentionsMs: number(env, 'KEEP_MENTIONS_DAYS', 400, 0, 36_500) * 86_400_000,
      attemptsMs: number(env, 'KEEP_ATTEMPTS_DAYS', 400, 0, 36_500) * 86_400_000,
    },
    exercise,
    sso: readSso(env),
  };
}

/** `<address>#<branch>`. In an exercise nothing leaves this machine, so it must be a path. */
function readMirrorGit(env: Env, exercise: boolean): Config['mirrorGit'] {
  const given = env['MIRROR_GIT'];
  if (given === undefined) return undefined;
  const folder = env['MIRROR_DIR'];
  if (folder === undefined)
    throw bad('MIRROR_GIT', 'give MIRROR_DIR too: what is in that folder is committed');
  const hash = given.lastIndexOf('#');
  const to = hash < 0 ? given : given.slice(0, hash);
  const branch = hash < 0 ? 'main' : given.slice(hash + 1);
  const isPath = to.startsWith('/');
  const isRemote = /^(https|ssh):\/\/[^\s-]\S*$|^\w[\w.-]*@\w[\w.-]*:[^\s:]+$/.test(to);
  if ((!isPath && !isRemote) || !/^[\w][\w./-]{0,100}$/.test(branch) || /\.\.|\/$|\.lock$/.test(branch))
    throw bad(
      'MIRROR_GIT',
      'give a path, https://…, ssh://… or user@host:path, and #branch behind it if it is not main',
    );
  if (exercise && !isPath)
    throw bad('MIRROR_GIT', 'in an exercise only a repository on this machine: give its path');
  const kept = ['PATH', 'HOME', 'SSH_AUTH_SOCK', 'GIT_SSH_COMMAND', 'HTTPS_PROXY', 'TMPDIR'];
  return {
    to,
    branch,
    workFolder: `${resolve(folder)}.git`,
    env: Object.fromEntries(kept.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]]))),
  };
}

/** A bucket that speaks S3: where it is, how it is addressed, and who may write there. */
export interface Bucket {
  endpoint: string;
  region: string;
  bucket: string;
  /** Empty, or ends with a slash. */
  prefix: string;
  addressing: 'path' | 'host';
  /** As they are now. Throws what to do, never what was read. */
  credentials(): { keyId: string; secret: string; token?: string | undefined };
}

function readMirrorBucket(env: Env): Bucket | undefined {
  if (env['MIRROR_S3'] === undefined) return undefined;
  if (env['MIRROR_DIR'] === undefined)
    throw bad('MIRROR_S3', 'give MIRROR_DIR too: what is in that folder is copied');
  return readBucket(env['MIRROR_S3'], env);
}

/** The bucket that `s3://bucket/prefix` means here. In an exercise nothing leaves this machine. */
export function readBucket(to: string, given: Env = process.env): Bucket {
  const env: Env = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== ''));
  const [, bucket, path = ''] =
    /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/([\w!.*'()/-]*))?$/.exec(to) ?? [];
  if (bucket === undefined || path.split('/').some((part) => /^\.\.?$/.test(part)) || /^\/|\/\//.test(path))
    throw bad('MIRROR_S3', 'give s3://bucket or s3://bucket/prefix');
  const region = env['MIRROR_S3_REGION'] ?? (env['MIRROR_S3_ENDPOINT'] === undefined ? '' : 'us-east-1');
  if (!/^[a-z0-9-]{2,40}$/.test(region))
    throw bad('MIRROR_S3_REGION', 'give the region of the bucket, like eu-central-1; "auto" for R2');
  const endpoint = env['MIRROR_S3_ENDPOINT'] ?? `https://s3.${region}.amazonaws.com`;
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  const isNear = url !== undefined && (isHere(url) || list(env['ALLOW_ORIGINS']).includes(url.origin));
  if (url === undefined || `${url.origin}/` !== url.href || !/^https?:$/.test(url.protocol))
    throw bad('MIRROR_S3_ENDPOINT', 'give an address and nothing behind it, like https://s3.company.example');
  if (url.protocol === 'http:' && !isNear)
    throw bad('MIRROR_S3_ENDPOINT', 'give https, or name this server in ALLOW_ORIGINS');
  if (flag(env, 'EXERCISE') && !isHere(url))
    throw bad('MIRROR_S3_ENDPOINT', 'in an exercise only a bucket on this machine');
  const addressing =
    env['MIRROR_S3_ADDRESSING'] ?? (env['MIRROR_S3_ENDPOINT'] === undefined ? 'host' : 'path');
  if (addressing !== 'path' && addressing !== 'host')
    throw bad('MIRROR_S3_ADDRESSING', 'path (https://host/bucket/key) or host (https://bucket.host/key)');
  const credentials = () => readCredentials(env);
  credentials();
  const prefix = path === '' || path.endsWith('/') ? path : `${path}/`;
  return { endpoint: url.origin, region, bucket, prefix, addressing, credentials };
}

/** From MIRROR_S3_CREDENTIALS, a file in the form of `~/.aws/credentials`, else from AWS's own variables. */
function readCredentials(env: Env): ReturnType<Bucket['credentials']> {
  const file = env['MIRROR_S3_CREDENTIALS'];
  const names = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'];
  let [keyId, secret, token] = names.map((name) => env[name]);
  if (file !== undefined) {
    const text = attempt('MIRROR_S3_CREDENTIALS', `${file} cannot be read by this user`, () =>
      readFileSync(resolve(file), 'utf8'),
    );
    [keyId, secret, token] = names.map(
      (name) => new RegExp(`^[ \\t]*${name.toLowerCase()}[ \\t]*=[ \\t]*(\\S+)[ \\t]*$`, 'm').exec(text)?.[1],
    );
  }
  const isText = (value: string | undefined) => value !== undefined && /^[!-~]+$/.test(value);
  if (!isText(keyId) || !isText(secret) || (token !== undefined && !isText(token)))
    throw bad(
      file === undefined ? 'AWS_ACCESS_KEY_ID' : 'MIRROR_S3_CREDENTIALS',
      'give aws_access_key_id and aws_secret_access_key of somebody who may write in the bucket',
    );
  return { keyId: keyId as string, secret: secret as string, token };
}

const isLoopback = (hostname: string): boolean => /^(127(\.\d+){3}|\[::1\])$/.test(hostname);
const isHere = ({ hostname }: URL): boolean => isLoopback(hostname) || hostname === 'localhost';

/** All three or none. Plain http is for an issuer on this machine only: a code that others can read is a way in. */
function readSso(env: Env): Config['sso'] {
  const names = ['OIDC_ISSUER', 'OIDC_CLIENT_ID', 'OIDC_CLIENT_SECRET'] as const;
  const [issuer, clientId, clientSecret] = names.map((name) => env[name] || undefined);
  if (issuer === undefined && clientId === undefined && clientSecret === undefined) return undefined;
  if (issuer === undefined || clientId === undefined || clientSecret === undefined)
    throw bad(
      names.find((name) => !env[name]) ?? names[0],
      `single sign-on needs ${names.join(', ')}; give this one too, or none`,
    );
  const url = URL.canParse(issuer) ? new URL(issuer) : undefined;
  if (url?.protocol !== 'https:' && !(url?.protocol === 'http:' && isHere(url)))
    throw bad('OIDC_ISSUER', 'give the full https address of the issuer');
  return { issuer, clientId, clientSecret };
}

function number(env: Env, name: string, fallback: number, min: number, max: number): number {
  const text = env[name];
  if (text === undefined) return fallback;
  // Digits only: a space is no nought, and where 0 is "for ever" it must not become one.
  const n = /^\d{1,9}$/.test(text) ? Number(text) : -1;
  if (n < min || n > max) throw bad(name, `a whole number from ${min} to ${max}`);
  return n;
}

/** A flag that was meant must never be read as none: `EXERCISE=true` would speak to real networks. */
function flag(env: Env, name: string): boolean {
  const text = env[name] ?? '0';
  if (text !== '0' && text !== '1') throw bad(name, '1 for yes, 0 for no');
  return text === '1';
}

function proxy(text: string): string {
  const [address = '', bits = '0', ...more] = text.split('/');
  const known = ['loopback', 'linklocal', 'uniquelocal'].includes(text);
  const most = isIP(address) === 4 ? 32 : isIP(address) === 6 ? 128 : -1;
  if (!known && (!/^\d{1,3}$/.test(bits) || Number(bits) > most || more.length > 0))
    throw bad('TRUST_PROXY', `"${text}" is not an address, a network like 10.0.0.0/8, or "loopback"`);
  return text;
}

const list = (text: string | undefined): string[] =>
  (text ?? '')
    .split(',')
    .map((x) => x.trim())
    .filter((x) => x !== '');

/**
 * Keys from TOCSIN_KEYS (newest first, comma between), else from the file TOCSIN_KEY_FILE, else from `tocsin.key` beside
 * the database, which is made, readable by its owner only, when there is no database yet.
 */
function readKeys(env: Env, database: string): string[] {
  const given = list(env['TOCSIN_KEYS']);
  // A list of nothing, like ",", was meant to be a key: never make another in its place.
  if (env['TOCSIN_KEYS'] !== undefined) return checkKeys('TOCSIN_KEYS', given);
  const file = resolve(env['TOCSIN_KEY_FILE'] ?? `${dirname(database)}/tocsin.key`);
  const inFile = () =>
    readFileSync(file, 'utf8')
      .split(/[\s,]+/)
      .filter((x) => x !== '');
  if (existsSync(file))
    return checkKeys(
      'TOCSIN_KEY_FILE',
      attempt('TOCSIN_KEY_FILE', `${file} cannot be read by this user; let it be its owner`, inFile),
      `${file}: `,
    );
  if (env['TOCSIN_KEY_FILE'] !== undefined)
    throw bad('TOCSIN_KEY_FILE', `there is no file ${file}. Make one with: npx tocsin key > ${file}`);
  if (existsSync(database))
    throw bad(
      'TOCSIN_KEYS',
      `the key that sealed this database is missing. Put it back at ${file}, or give it in TOCSIN_KEYS`,
    );
  return attempt(
    'DATABASE_FILE',
    `this user cannot write in ${dirname(file)}, where the database and its key are to be. Make that folder and give it to the user who runs Tocsin, or name another with DATABASE_FILE`,
    () => {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, `${newKey()}\n`, { mode: 0o600, flag: 'wx' });
      chmodSync(file, 0o600);
      return inFile();
    },
  );
}

/** Does it, and says what to do when the file system refuses. */
function attempt<T>(name: string, fix: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw bad(name, `${fix} (${(error as NodeJS.ErrnoException).code ?? (error as Error).message})`);
  }
}

/** Variables we read, as the README names them. */
const NAMES = [
  'BASE_URL',
  'HOST',
  'PORT',
  'DATABASE_FILE',
  'DATABASE_URL',
  'TOCSIN_KEYS',
  'TOCSIN_KEY_FILE',
  'TRUST_PROXY',
  'ALLOW_ORIGINS',
  'MIRROR_DIR',
  'MIRROR_GIT',
  'MIRROR_S3',
  'MIRROR_S3_ADDRESSING',
  'MIRROR_S3_CREDENTIALS',
  'MIRROR_S3_ENDPOINT',
  'MIRROR_S3_REGION',
  'LIVE_SOCKETS',
  'LIVE_SOCKETS_PER_ADDRESS',
  'OIDC_ISSUER',
  'OIDC_CLIENT_ID',
  'OIDC_CLIENT_SECRET',
  'REQUEST_TIMEOUT_MS',
  'BALLAST_MB',
  'TOCSIN_ANCHOR_FILE',
  'KEEP_MENTIONS_DAYS',
  'KEEP_ATTEMPTS_DAYS',
  'EXERCISE',
  'LOG_LEVEL',
];

/** Names that are nearly ours and mean nothing to us: `BASEURL`, `ALLOW_ORIGIN`, `TOCSIN_KEY`. A sentence for each. */
export function misspelt(given: Env = process.env): string[] {
  const plain = (name: string) =>
    name
      .toUpperCase()
      .replaceAll(/[^A-Z0-9]/g, '')
      .replace(/S$/, '');
  const known = new Map(NAMES.map((name) => [plain(name), name]));
  return Object.keys(given).flatMap((name) => {
    const meant = known.get(plain(name));
    return meant === undefined || NAMES.includes(name) || given[meant] !== undefined
      ? []
      : [`${name} means nothing here. Did you mean ${meant}?`];
  });
}

function checkKeys(name: string, keys: string[], where = ''): string[] {
  if (keys.length === 0)
    throw bad(
      name,
      `${where}there is no key in it. Put back the one that sealed the database; for a new one: npx tocsin key`,
    );
  try {
    openSecrets(keys);
    return keys;
  } catch (error) {
    throw bad(name, `${where}${(error as Error).message}`);
  }
}
