import { Readable } from 'node:stream';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import { itSaid } from './classify.ts';
import { ChannelError, type ChannelTools } from './contract.ts';
import { hide } from './hide.ts';
import type { Mail } from './mail-message.ts';
import { RecipientError } from './recipient-error.ts';

export interface MailServer {
  host: string;
  port: number;
  /** Encrypted from the first byte (port 465); else by STARTTLS, which only a server allowed by name may do without. */
  secure: boolean;
  user: string;
  password: string;
  /** How we introduce ourselves: a host name. */
  name: string;
}

/** Longest answer of a server that is read, in bytes; a longer one ends the talk. */
const ANSWER_MAX = 64 * 1024;

/** A talk with a mail server, logged in: mails are handed over in it one after another. */
export interface Talk {
  connection: SMTPConnection;
  isOpen(): boolean;
  /** Whether the final dot of the mail that was last begun has gone out. */
  dotLeft(): boolean;
  setDotLeft(left: boolean): void;
  /** Ends it in good order. */
  end(): void;
  /** Ends it at once. */
  cut(): void;
}

/** Logs in and, with a mail, hands it over for its one recipient. Resolves only when the server has said yes. */
export async function talkSmtp(
  server: MailServer,
  mail: Mail | undefined,
  tools: Pick<ChannelTools, 'connect'>,
  signal: AbortSignal,
): Promise<void> {
  const talk = await openTalk(server, tools, signal);
  const cut = () => talk.cut();
  signal.addEventListener('abort', cut);
  try {
    if (mail !== undefined) await handOver(talk, mail);
    talk.end();
  } catch (error) {
    talk.cut();
    throw failureOfSmtp(error, server, talk.dotLeft());
  } finally {
    signal.removeEventListener('abort', cut);
  }
}

/** Connects and logs in. `signal` holds for that alone; the socket's own longest life ends it later at the latest. */
export async function openTalk(
  server: MailServer,
  tools: Pick<ChannelTools, 'connect'>,
  signal: AbortSignal,
): Promise<Talk> {
  const { host, port, secure } = server;
  const opening = new AbortController();
  const stop = () => opening.abort();
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  try {
    const { socket, trusted } = await tools.connect({ host, port }, opening.signal);
    const connection = new SMTPConnection({
      connection: socket,
      host,
      port,
      secure,
      name: server.name,
      requireTLS: !secure && !trusted,
      // A relay that is trusted by its address alone often has a certificate that nobody signed.
      tls: { rejectUnauthorized: !trusted },
      maxResponseSize: ANSWER_MAX,
      socketCloseTimeout: 1_000,
    });
    let open = true;
    // After the final dot has gone out only the server knows whether it keeps the mail; before it, it may not.
    let dot = false;
    connection.once('end', () => {
      open = false;
    });
    connection.on('error', () => {
      open = false;
    });
    const talk: Talk = {
      connection,
      isOpen: () => open && !socket.destroyed,
      dotLeft: () => dot,
      setDotLeft: (left) => {
        dot = left;
      },
      end: () => connection.quit(),
      cut() {
        open = false;
        connection.close();
        socket.destroy();
      },
    };
    try {
      await step(connection, (done) => connection.connect(done));
      if (server.user !== '')
        await step(connection, (done) =>
          connection.login({ credentials: { user: server.user, pass: server.password } }, done),
        );
    } catch (error) {
      talk.cut();
      throw failureOfSmtp(error, server, false);
    }
    return talk;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** Hands one mail over. Throws what the library throws; `failureOfSmtp` says what it means. */
export async function handOver(talk: Talk, mail: Mail): Promise<void> {
  talk.setDotLeft(false);
  let rest: Buffer | null = mail.bytes;
  const body = new Readable({
    read() {
      this.push(rest);
      // After these bytes the final dot goes out.
      if (rest === null) talk.setDotLeft(true);
      rest = null;
    },
  });
  const envelope = { from: mail.from, to: [mail.to], size: mail.bytes.length };
  await step(talk.connection, (done) => talk.connection.send(envelope, body, done));
}

/** One step of the talk; a connection that breaks ends it too. */
function step(
  connection: SMTPConnection,
  begin: (done: (error?: Error | null) => void) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error?: Error) => reject(error ?? new Error('The connection was closed.'));
    // The library closes before it says why, when a server ends the talk with 421.
    const closed = () => queueMicrotask(fail);
    connection.on('error', fail);
    connection.on('end', closed);
    begin((error) => {
      connection.off('error', fail);
      connection.off('end', closed);
      if (error) fail(error);
      else resolve();
    });
  });
}

interface SmtpError {
  code?: string;
  originalCode?: string;
  command?: string;
  response?: string;
  responseCode?: number;
}

/** A server that has had enough of us: too many mails or connections. Greylisting is about one recipient alone. */
const ASKS_TO_WAIT = /\b4\.3\.2\b|\brate\b|too (many|much|fast)|throttl/i;

/** "Greylisted, please try again in 300 seconds" and its like, in ms. */
function waitIn(response: string): number | undefined {
  const [, n, unit] = /\bin (\d{1,5}) ?(s|m|h)[a-z]*\b/i.exec(response) ?? [];
  const factor = { s: 1_000, m: 60_000, h: 3_600_000 }[unit?.toLowerCase() ?? ''];
  return n === undefined || factor === undefined ? undefined : Number(n) * factor;
}

/** What the talk with a mail server ended in. The first digit decides, and what the answer was to. */
export function failureOfSmtp(error: unknown, server: MailServer, dotLeft: boolean): ChannelError {
  if (error instanceof ChannelError) return error;
  const { code, originalCode, command = '', response, responseCode: status } = (error ?? {}) as SmtpError;
  const { host } = server;
  const said = itSaid(response === undefined ? undefined : hide(response, secretsOf(server)));
  const more = { status, code: /\b[245]\.\d{1,3}\.\d{1,3}\b/.exec(response ?? '')?.[0] ?? `smtp_${status}` };

  if (code === 'ETLS')
    return new ChannelError(
      'unsent',
      `${host} could not agree with us on encryption, so nothing was sent. Check the port, and whether the server has a valid certificate.`,
      { status, code: 'tls' },
    );
  if (status === undefined || status < 400 || status > 599) {
    const why = originalCode ?? code ?? 'closed';
    // Not from the server: our own envelope was refused by the library before anything left.
    if (code === 'EENVELOPE' || (code === 'EMESSAGE' && command === 'MAIL FROM'))
      return new ChannelError(
        'rejected',
        `This mail cannot be handed to ${host}: it is too large or misaddressed.`,
        {
          code: code === 'EMESSAGE' ? 'too_long' : 'bad_recipient',
        },
      );
    if (code === 'EAUTH' && status === undefined)
      return new ChannelError('auth', `${host} offers no way to log in that we know. Check the port.`, {
        code: 'no_auth',
      });
    return dotLeft
      ? new ChannelError('unknown', `${host} did not say whether it took the mail (${why}).${said}`, {
          code: why,
        })
      : new ChannelError('unsent', `The talk with ${host} ended before the mail was handed over (${why}).`, {
          code: why,
        });
  }
  if (status < 500) {
    const later = { ...more, retryAfterMs: waitIn(response ?? '') };
    return ASKS_TO_WAIT.test(response ?? '')
      ? new ChannelError('limited', `${host} asks us to wait (${status}).${said}`, later)
      : new ChannelError('unsent', `${host} cannot take it now (${status}).${said}`, later);
  }
  if (code === 'EAUTH' || status === 530 || status === 534 || status === 535 || status === 538)
    return new ChannelError(
      'auth',
      `${host} did not accept our user name and password (${status}).${said} Connect the account again.`,
      more,
    );
  if (command === 'MAIL FROM' && status !== 552)
    return new ChannelError(
      'auth',
      `${host} does not let us send as this sender (${status}).${said} Change the sender or the account.`,
      more,
    );
  if (command === 'RCPT TO')
    return new RecipientError(`${host} refused this recipient (${status}).${said}`, more);
  if (command === 'DATA' || command === 'MAIL FROM')
    return new ChannelError('rejected', `${host} refused this mail (${status}).${said}`, more);
  // A greeting or EHLO that is a no is about us: blocked, or not a server for sending.
  return new ChannelError('auth', `${host} does not want to talk with us (${status}).${said}`, more);
}

/** What a server could repeat to us of what we told it. */
const secretsOf = ({ user, password }: MailServer): string[] => [
  password,
  Buffer.from(password).toString('base64'),
  Buffer.from(`\0${user}\0${password}`).toString('base64'),
];
