import { randomUUID } from 'node:crypto';
import { isIP } from 'node:net';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import pino from 'pino';
import { openStore } from '../db/open.ts';
import { findInstallation } from '../db/queries/installation.ts';
import { bootName, type Store, withoutValues } from '../db/store.ts';
import type { Actor, Ctx } from './actions/context.ts';
import { foldWords } from './actions/page/fold-words.ts';
import { openPasswords } from './actions/sign-in/passwords.ts';
import { openGuardedFetch } from './channels/guard.ts';
import { newVapid } from './channels/vapid.ts';
import type { Config } from './config.ts';
import { type Channels, openChannels } from './connections.ts';
import { openDeskPush } from './desk-push.ts';
import { DomainError } from './domain/error.ts';
import { openFailpoint } from './failpoint.ts';
import { newApiToken, newId, newSecret } from './ids.ts';
import { type Inbox, openInbox } from './inbox/inbox.ts';
import { openInstallation } from './installation.ts';
import { type Live, openLive } from './live/live.ts';
import { sendMail } from './mail.ts';
import { type Outbox, openOutbox } from './outbox/outbox.ts';
import type { OutboxParts } from './outbox/parts.ts';
import { openLines } from './outbox/subscribers/lines.ts';
import { openWatch } from './outbox/watch.ts';
import { openSecrets, type Secrets } from './secrets.ts';
import { copiedFiles, programLinks } from './server/programs.ts';
import { buildServer } from './server/server.ts';
import { openSingleSignOn } from './server/single-sign-on.ts';
import { openSubscribers, type Subscribers } from './subscribers.ts';
import { openFanOut } from './timers/fan-out.ts';
import { openTimers } from './timers/timers.ts';

/** What tests may bring instead of the real thing. */
export interface Parts {
  /** Wall and monotonic time, ms. */
  clock: { now(): number; mono(): number };
  logger: FastifyBaseLogger | false;
  /** File descriptor of the log; 1 unless told. */
  logTo: number;
  /** Stops the process at a named place; see tests of crashes. */
  failpoint(name: string): void;
  /** Told of every route when it is registered: a test holds the list of them against who may do what. */
  onRoute(route: { method: string | string[]; url: string }): void;
}

export interface App {
  server: FastifyInstance;
  store: Store;
  secrets: Secrets;
  channels: Channels;
  live: Live;
  outbox: Outbox;
  inbox: Inbox;
  subscribers: Subscribers;
  /** Resolves when every subscriber has been handed what there is, or has to wait for it. For tests. */
  told(): Promise<void>;
  /** The context of an action done by `actor`. */
  ctx(actor: Actor): Ctx;
  /** Starts to listen; the address people open. Throws `unavailable` that names the port when it is taken. */
  listen(): Promise<string>;
  close(): Promise<void>;
}

const realClock = { now: () => Date.now(), mono: () => performance.now() };

/** Opens every part in order, and closes them in reverse. Nothing listens before `listen`. */
export async function openApp(config: Config, given: Partial<Parts> = {}): Promise<App> {
  const clock = given.clock ?? realClock;
  const logger =
    given.logger ??
    pino(
      {
        level: config.logLevel,
        redact: ['req.headers', '*.authorization', '*.cookie'],
        serializers: {
          err: (error: unknown) =>
            pino.stdSerializers.err((error instanceof Error ? withoutValues(error) : error) as Error),
        },
      },
      pino.destination(given.logTo ?? 1),
    );
  const report = (error: unknown, where: string) => {
    if (logger) logger.error({ err: error, where }, 'unexpected error');
  };
  const secrets = openSecrets(config.keys);
  const boot = bootName(process.pid, randomUUID());
  const failpoint = given.failpoint ?? openFailpoint(config.failpoint);
  const store = await openStore(config.database, boot, failpoint);
  // The only way out. In an exercise it leads to simulated networks and nowhere else.
  const openTools = () => ({
    ...openGuardedFetch({ allow: config.allowOrigins, only: config.exercise }),
    now: clock.now,
  });
  const channels = openChannels({
    store,
    secrets,
    now: clock.now,
    baseUrl: config.baseUrl,
    openTools,
  });
  const base: Omit<Ctx, 'actor'> = {
    store,
    now: clock.now,
    newId: () => newId(clock.now()),
    auditHash: (text) => secrets.sign('audit', text),
    exercise: config.exercise,
    deskUrl: config.baseUrl,
  };
  const installation = await openInstallation({
    store,
    secrets,
    ctx: { ...base, actor: { kind: 'system', id: 'start', roles: [] } },
    baseUrl: config.baseUrl,
    anchorFile: config.anchorFile,
  });
  // Nobody waits for it: until it is done, only old words are harder to find.
  const folding = foldWords(base).catch((error: unknown) => report(error, 'folding words for search'));
  const live = await openLive({
    store,
    now: clock.now,
    report,
    exercise: config.exercise,
    ...(config.limits ? { limits: config.limits } : {}),
    mirror: config.mirrorFolder,
    mirrorGit: config.mirrorGit,
    mirrorBucket: config.mirrorBucket,
    mirrorFiles: copiedFiles(),
    channelName: (kind) => channels.kinds().find((k) => k.kind === kind)?.name,
    links: programLinks,
  });
  const push = openDeskPush({
    store,
    secrets,
    openTools,
    now: clock.now,
    requestMs: config.requestMs,
    deskUrl: config.baseUrl,
    exercise: config.exercise,
    report,
  });
  const outboxParts: OutboxParts = {
    store,
    pushTo: push.tell,
    tick: () => ({ now: clock.now(), mono: Math.floor(clock.mono()), boot }),
    newId: base.newId,
    channelOf: channels.channelOf,
    report,
    requestMs: config.requestMs,
    failpoint,
    exercise: config.exercise,
    alert: (what) => {
      if (logger) logger.warn(what, 'a person is needed');
    },
  };
  const outbox = openOutbox(outboxParts);
  const watch = openWatch(outboxParts);
  const inbox = openInbox({
    store,
    now: clock.now,
    boot,
    newId: base.newId,
    channelOf: channels.channelOf,
    report,
    requestMs: config.requestMs,
  });
  const subscribers = openSubscribers({
    store,
    secrets,
    channels,
    now: clock.now,
    allow: config.allowOrigins,
    only: config.exercise,
    openTools,
  });
  const lines = openLines({ ...outboxParts, recipients: subscribers.recipients });
  const fanOut = openFanOut({ base, report, kick: lines.kick, failpoint });
  const timers = openTimers({ base, report, keep: config.keep });
  const server = await buildServer({
    live,
    logger,
    trustProxy: config.trustProxy,
    onRoute: given.onRoute,
    ports: {
      base,
      channels,
      inbox,
      makeSecret: newSecret,
      makeApiToken: newApiToken,
      sign: secrets.sign,
      locks: {
        passwords: openPasswords(),
        seal: secrets.seal,
        open: secrets.open,
        sign: secrets.sign,
        newSecret,
        site: siteOf(config.baseUrl),
      },
      sso: config.sso
        ? openSingleSignOn({
            ...config.sso,
            back: `${config.baseUrl}/desk/sign-in/sso/back`,
            failed: (why) => {
              if (logger) logger.warn({ why }, 'single sign-on failed');
            },
          })
        : null,
      subscribers,
      newPushKeys: () => newVapid(config.baseUrl),
      mail: (pageId, letter) =>
        sendMail({ store, channelOf: channels.channelOf, requestMs: config.requestMs, report }, pageId, {
          ...letter,
          id: base.newId(),
          at: clock.now(),
        }),
      secureCookies: config.secureCookies,
      baseUrl: config.baseUrl,
      exercise: config.exercise,
      kick() {
        outbox.kick();
        lines.kick();
      },
      readiness: () => readiness(store, clock.now, live),
    },
  });
  return {
    server,
    store,
    secrets,
    channels,
    live,
    outbox,
    inbox,
    subscribers,
    async told() {
      await fanOut.idle();
      await lines.idle();
    },
    ctx: (actor) => ({ ...base, actor }),
    async listen() {
      try {
        return await server.listen({ host: config.host, port: config.port });
      } catch (error) {
        throw explainListen(error, config);
      }
    },
    async close() {
      await timers.close();
      await watch.close();
      await fanOut.close();
      await lines.close();
      await outbox.close();
      await inbox.close();
      await live.close();
      await server.close();
      installation.close();
      await channels.close();
      await subscribers.close();
      await push.close();
      await folding;
      await store.close();
    },
  };
}

/** Authenticators know a site by its host name; an address in numbers has none, and browsers then make no passkeys. */
function siteOf(baseUrl: string): { id: string; name: string; origin: string } {
  const { hostname, origin } = new URL(baseUrl);
  const isNumber = isIP(hostname.replace(/^\[|\]$/g, '')) !== 0;
  return { id: isNumber ? '' : hostname, name: 'Tocsin', origin };
}

/** The outbox's sign of life may be this old before the process says it is not ready (R-12: red within 15 s). */
const STALE_BEAT_MS = 12_000;

async function readiness(store: Store, now: () => number, live: Live) {
  const database = await store.ping().then(
    () => ({ ok: true, note: store.kind }),
    () => ({ ok: false, note: 'The database does not answer.' }),
  );
  const beat = database.ok ? Number((await findInstallation(store.read, 'heartbeat')) ?? 0) : 0;
  const age = Math.abs(now() - beat);
  const worker = {
    ok: age < STALE_BEAT_MS,
    note: beat === 0 ? 'nobody has sent anything yet' : `last sign of life ${Math.round(age / 1_000)} s ago`,
  };
  const disk = store.hasRoom()
    ? { ok: true, note: 'there is room' }
    : { ok: false, note: 'The disk was full. Make room: nothing is sent that cannot be written down first.' };
  const quarantine = database.ok ? await findInstallation(store.read, 'quarantine') : undefined;
  const off = database.ok ? await findInstallation(store.read, 'sending_off') : undefined;
  // Not red: a person wanted it so. The reason is for the desk; this is read by anybody.
  const note = off === undefined ? 'on' : 'switched off by a person';
  const sending = { ok: quarantine === undefined, note: quarantine ?? note };
  // Not red either: the page itself is well, and a second place that is behind catches up by itself.
  const copies = live.copies().map(({ where, trouble }) => [
    where === 'git' ? 'copy in git' : 'copy in the bucket',
    trouble === null
      ? { ok: true, note: 'up to date' }
      : {
          ok: false,
          note: `Behind since ${new Date(trouble.since).toISOString().slice(0, 16).replace('T', ' ')} UTC: ${trouble.why}. It is tried again by itself.`,
        },
  ]);
  return {
    ready: database.ok && worker.ok && disk.ok,
    checks: { database, worker, disk, sending, ...Object.fromEntries(copies) },
  };
}

function explainListen(error: unknown, config: Config): Error {
  const code = (error as { code?: string }).code;
  const at = `${config.host}:${config.port}`;
  if (code === 'EADDRINUSE')
    return new DomainError(
      'unavailable',
      `Another program already listens on ${at}. Stop it, or set PORT to a free one.`,
    );
  if (code === 'EACCES')
    return new DomainError('unavailable', `This user may not listen on ${at}. Set PORT to 1024 or more.`);
  if (code === 'EADDRNOTAVAIL')
    return new DomainError('unavailable', `${config.host} is not an address of this machine. Set HOST.`);
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return new DomainError('unavailable', `HOST: no address is known for "${config.host}" here (${code}).`);
  return error as Error;
}
