import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import t from 'tap';

export interface Mail {
  to: string;
  /** Sender on the envelope. */
  from: string;
  raw: string;
  /** Unfolded headers by their lower-case name. */
  headers: Record<string, string>;
  /** The text part, decoded. */
  text: string;
  html: string;
}

/** A real mail server that keeps what it gets, and lets a test wait for the next mail. */
export interface Mailbox {
  address: string;
  mails: Mail[];
  /** The mails to one address, when there are `n` of them. */
  waitFor(to: string, n?: number): Promise<Mail[]>;
  /** Addresses that the server says do not exist. */
  unknown: Set<string>;
  /** Called before a mail is taken; while it waits, the mail is on its way. */
  before: (to: string) => Promise<void>;
}

export async function openMailbox(options: SMTPServerOptions = {}): Promise<Mailbox> {
  const waiters = new Set<() => void>();
  const box: Mailbox = {
    address: '',
    mails: [],
    unknown: new Set(),
    before: async () => undefined,
    waitFor: (to, n = 1) =>
      new Promise((done) => {
        const look = () => {
          const found = box.mails.filter((mail) => mail.to === to);
          if (found.length < n) return;
          waiters.delete(look);
          done(found);
        };
        waiters.add(look);
        look();
      }),
  };
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    disableReverseLookup: true,
    onRcptTo(address, _session, done) {
      if (box.unknown.has(address.address))
        done(Object.assign(new Error(`5.1.1 <${address.address}>: no such mailbox`), { responseCode: 550 }));
      else done();
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', async () => {
        const to = session.envelope.rcptTo.map((one) => one.address).join();
        await box.before(to);
        const { mailFrom } = session.envelope;
        const from = mailFrom === false ? '' : mailFrom.address;
        box.mails.push({ from, ...readMail(to, Buffer.concat(chunks).toString('latin1')) });
        done();
        for (const look of [...waiters]) look();
      });
    },
    ...options,
  });
  server.on('error', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  box.address = `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`;
  t.teardown(() => new Promise<void>((done) => server.close(() => done())));
  return box;
}

const decode = (text: string): string =>
  Buffer.from(
    text
      .replace(/=\r\n/g, '')
      .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  ).toString('utf8');

function readMail(to: string, raw: string): Omit<Mail, 'from'> {
  const end = raw.indexOf('\r\n\r\n');
  const headers = Object.fromEntries(
    raw
      .slice(0, end)
      .replace(/\r\n[ \t]+/g, ' ')
      .split('\r\n')
      .map((line) => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
      }),
  );
  const boundary = /boundary="?([^";]+)/.exec(headers['content-type'] ?? '')?.[1] ?? 'none';
  const parts = raw.split(`--${boundary}`).slice(1);
  const part = (type: string) => {
    const found = parts.find((p) => new RegExp(`content-type: ${type}`, 'i').test(p)) ?? '';
    return decode(found.slice(found.indexOf('\r\n\r\n') + 4));
  };
  return { to, raw, headers, text: part('text/plain'), html: part('text/html') };
}
