import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import type { Test } from 'tap';
import { openGuardedFetch } from '../../src/channels/guard.ts';
import { openChannel } from '../../src/channels/registry.ts';
import type { Key } from '../../src/domain/channel.ts';

/** A mail as it arrived. */
export interface Got {
  from: string;
  to: string[];
  raw: string;
}
export const FROM = 'Northwind Status <status@northwind.example>';
/** The only one that the server takes. */
export const PASSWORD = 'correct-horse-battery';

/** A real mail server, and a channel that sends through it. */
export async function relay(t: Test, options: SMTPServerOptions = {}, more: { trusted?: boolean } = {}) {
  const got: Got[] = [];
  const logins: string[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disableReverseLookup: true,
    allowInsecureAuth: true,
    onAuth(auth, _session, done) {
      logins.push(`${auth.username} ${auth.password}`);
      if (auth.password === PASSWORD) done(null, { user: auth.username ?? '' });
      else done(Object.assign(new Error(`Bad password ${auth.password}`), { responseCode: 535 }));
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        got.push({
          from: session.envelope.mailFrom === false ? '' : session.envelope.mailFrom.address,
          to: session.envelope.rcptTo.map((one) => one.address),
          raw: Buffer.concat(chunks).toString('latin1'),
        });
        done();
      });
    },
    ...options,
  });
  server.on('error', () => {});
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  const port = (server.server.address() as AddressInfo).port;
  const address = `${options.secure === true ? 'smtps' : 'smtp'}://127.0.0.1:${port}`;
  const trusted = more.trusted ?? true;
  const guard = openGuardedFetch({
    allow: trusted ? [`smtp://127.0.0.1:${port}`] : [],
    timeoutMs: 20_000,
    ...(trusted ? {} : { isPublic: () => true }),
  });
  t.teardown(async () => {
    await guard.close();
    await new Promise<void>((done) => server.close(() => done()));
  });
  const tools = { ...guard, now: Date.now, saveSecrets: async () => {} };
  const open = (values: Record<string, string> = {}) =>
    openChannel('email', { server: address, from: FROM, to: 'all@lists.example', ...values }, tools);
  return { got, logins, open, address, tools };
}

/** Header names and values as a mail program reads them: unfolded, in order. */
export function headersOf(raw: string): [string, string][] {
  return (raw.split('\r\n\r\n')[0] ?? '')
    .replace(/\r\n[ \t]+/g, ' ')
    .split('\r\n')
    .map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1).trim()];
    });
}
export const header = (raw: string, name: string) => headersOf(raw).find(([one]) => one === name)?.[1];
export const AT = Date.parse('2026-11-21T14:12:00Z');
export const key: Key = { id: 'dlv_01', at: AT };
