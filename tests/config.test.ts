import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { misspelt, readConfig } from '../src/config.ts';
import { newKey } from '../src/secrets.ts';

const folder = mkdtempSync(join(tmpdir(), 'tocsin-config-'));
t.teardown(() => rmSync(folder, { recursive: true, force: true }));
let count = 0;
const freshFile = () => {
  count += 1;
  return join(folder, `${count}`, 'facts.db');
};
const base = { TOCSIN_KEYS: newKey() };

t.test('what nobody says has a safe meaning', async (t) => {
  const config = readConfig({ ...base, DATABASE_URL: '', PORT: '', LOG_LEVEL: '' });
  t.match(config, {
    host: '127.0.0.1',
    port: 8080,
    baseUrl: 'http://127.0.0.1:8080',
    trustProxy: [],
    allowOrigins: [],
    logLevel: 'info',
    secureCookies: false,
    requestMs: 30_000,
    exercise: false,
    database: { url: undefined, file: /tocsin\.db$/ },
  });
  t.equal(config.failpoint, undefined);
});

t.test('what is said is understood', async (t) => {
  const config = readConfig({
    ...base,
    HOST: '::1',
    PORT: '0',
    BASE_URL: 'https://status.company.example//',
    DATABASE_URL: 'postgres://tocsin@db/tocsin',
    ALLOW_ORIGINS: ' http://10.0.0.5:8080/path , https://chat.company.example',
    TRUST_PROXY: '10.0.0.1, 192.168.0.0/16,loopback, ::1',
  });
  t.match(config, {
    baseUrl: 'https://status.company.example',
    secureCookies: true,
    allowOrigins: ['http://10.0.0.5:8080', 'https://chat.company.example'],
    trustProxy: ['10.0.0.1', '192.168.0.0/16', 'loopback', '::1'],
    exercise: false,
    database: { url: 'postgres://tocsin@db/tocsin' },
  });
  t.equal(readConfig({ ...base, HOST: '::1', PORT: '1' }).baseUrl, 'http://[::1]:1');
});

t.test('an exercise reaches simulators on this machine, and can be told of nothing else', async (t) => {
  const near = readConfig({ ...base, EXERCISE: '1', ALLOW_ORIGINS: 'http://127.0.0.1:4801,smtp://[::1]:25' });
  t.match(near, { exercise: true, allowOrigins: ['http://127.0.0.1:4801', 'smtp://[::1]:25'] });
  for (const far of ['http://10.0.0.5:8080', 'https://api.x.com', 'http://127.0.0.1.example.com'])
    t.throws(() => readConfig({ ...base, EXERCISE: '1', ALLOW_ORIGINS: far }), {
      field: 'ALLOW_ORIGINS',
      message: /only simulators on this machine/,
    });
});

t.test('every value that makes no sense is named, with what would', async (t) => {
  const wrong: [string, string, RegExp][] = [
    ['PORT', '80a', /from 0 to 65535/],
    ['PORT', '65536', /from 0 to 65535/],
    ['PORT', '-1', /whole number/],
    ['PORT', '1.5', /whole number/],
    ['BASE_URL', 'status.company.example', /https:\/\//],
    ['BASE_URL', 'ftp://status.company.example', /https:\/\//],
    ['BASE_URL', 'https://status.company.example/status', /nothing behind it/],
    ['BASE_URL', 'https://status.company.example?a=1', /nothing behind it/],
    ['BASE_URL', 'https://status.company.example/../..', /nothing behind it/],
    ['BASE_URL', 'https://me:secret@status.company.example', /nothing behind it/],
    ['HOST', 'a b', /an address or a name of this machine/],
    ['PORT', ' ', /whole number/],
    ['PORT', '0x50', /whole number/],
    ['KEEP_MENTIONS_DAYS', ' ', /from 0 to 36500/],
    ['DATABASE_URL', 'mysql://db/tocsin', /only postgres:/],
    ['DATABASE_URL', 'tocsin.db', /DATABASE_FILE/],
    ['LOG_LEVEL', 'loud', /choose one of fatal, error/],
    ['REQUEST_TIMEOUT_MS', '99', /from 100 to 60000/],
    ['REQUEST_TIMEOUT_MS', '60001', /from 100 to 60000/],
    ['BALLAST_MB', '-1', /whole number/],
    ['ALLOW_ORIGINS', 'http://good.example, nonsense', /"nonsense" is not an origin/],
    ['TRUST_PROXY', '10.0.0.300', /"10\.0\.0\.300" is not an address/],
    ['TRUST_PROXY', '10.0.0.0/x', /10\.0\.0\.0\/8/],
    ['TRUST_PROXY', 'true', /is not an address/],
    ['TRUST_PROXY', '10.0.0.0/33', /is not an address/],
    ['TRUST_PROXY', '10.0.0.0/8/8', /is not an address/],
    ['ALLOW_ORIGINS', 'localhost:8080', /is not an origin like http/],
    ['ALLOW_ORIGINS', 'file:///etc', /is not an origin like http/],
    ['TOCSIN_KEYS', ' , ', /there is no key in it/],
    ['EXERCISE', 'true', /1 for yes, 0 for no/],
    ['EXERCISE', 'yes', /1 for yes/],
    ['OIDC_ISSUER', 'https://login.company.example', /OIDC_CLIENT_ID/],
    ['TOCSIN_KEYS', 'short', /Key 1 is not 32 bytes.*npx tocsin key/],
    ['TOCSIN_KEYS', `${newKey()},short`, /Key 2/],
    ['TOCSIN_KEY_FILE', join(folder, 'nothing'), /there is no file .*npx tocsin key >/],
  ];
  for (const [name, value, words] of wrong) {
    const env = name === 'TOCSIN_KEY_FILE' ? { [name]: value } : { ...base, [name]: value };
    const field = name === 'OIDC_ISSUER' ? 'OIDC_CLIENT_ID' : name;
    t.throws(() => readConfig(env), { code: 'invalid', field, message: words }, `${name}=${value}`);
    t.throws(() => readConfig(env), { message: field }, 'the message begins with its name');
  }
});

t.test('the key is made once, beside a database that is not there yet, and for its owner only', async (t) => {
  const file = freshFile();
  const { keys } = readConfig({ DATABASE_FILE: file });
  const keyFile = join(file, '..', 'tocsin.key');
  t.equal(readFileSync(keyFile, 'utf8').trim(), keys[0]);
  t.equal(statSync(keyFile).mode & 0o777, 0o600);
  t.strictSame(readConfig({ DATABASE_FILE: file }).keys, keys, 'and found again');
  writeFileSync(keyFile, `${newKey()}\n${keys[0]}\n`);
  t.equal(readConfig({ DATABASE_FILE: file }).keys[1], keys[0], 'several keys, newest first');
  writeFileSync(keyFile, '\n');
  t.throws(() => readConfig({ DATABASE_FILE: file }), {
    field: 'TOCSIN_KEY_FILE',
    message: /tocsin\.key: there is no key in it/,
  });
});

t.test('no new key is made for a database that was sealed with another', async (t) => {
  const file = freshFile();
  readConfig({ DATABASE_FILE: file });
  const keyFile = join(file, '..', 'tocsin.key');
  writeFileSync(file, 'a database');
  rmSync(keyFile);
  t.throws(() => readConfig({ DATABASE_FILE: file }), {
    field: 'TOCSIN_KEYS',
    message: /the key that sealed this database is missing.*tocsin\.key/,
  });
  t.throws(() => statSync(keyFile), { code: 'ENOENT' });
});

t.test('a folder that cannot be used is named, with what to do', (t) => {
  const file = join(folder, 'a-file');
  writeFileSync(file, '');
  t.throws(() => readConfig({ DATABASE_FILE: join(file, 'below', 'facts.db') }), {
    code: 'invalid',
    field: 'DATABASE_FILE',
    message: /cannot write in .*below, where the database and its key are to be/,
  });
  t.throws(() => readConfig({ TOCSIN_KEY_FILE: folder }), {
    field: 'TOCSIN_KEY_FILE',
    message: /cannot be read/,
  });
  t.end();
});

t.test('a name that is nearly ours is not passed over in silence', async (t) => {
  t.same(misspelt({ BASEURL: 'x', ALLOW_ORIGIN: 'y', TOCSIN_KEY: 'z', PATH: '/bin' }), [
    'BASEURL means nothing here. Did you mean BASE_URL?',
    'ALLOW_ORIGIN means nothing here. Did you mean ALLOW_ORIGINS?',
    'TOCSIN_KEY means nothing here. Did you mean TOCSIN_KEYS?',
  ]);
  t.same(misspelt({ BASE_URL: 'x', BASEURL: 'x' }), [], 'where the right one is given, too, nothing is lost');
});
