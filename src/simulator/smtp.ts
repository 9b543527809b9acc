/** A small mail server (RFC 5321, AUTH, SIZE) for stand-ins: enough for any client that sends, and nothing more. */
import { createServer, type Socket } from 'node:net';

export interface Envelope {
  from: string;
  to: string[];
}

/** What a session does next: says a line, or cuts the connection. */
export type Reply = string | { cut: true };

/** Decides what the server says; each may take its time. A reply that begins with 2 or 3 is a yes. */
export interface MailHost {
  login(user: string, password: string): Promise<Reply>;
  /** Before the first recipient. */
  begin(user: string): Promise<Reply>;
  recipient(user: string, address: string): Promise<Reply>;
  /** The whole mail, dots unstuffed. */
  take(user: string, envelope: Envelope, raw: Buffer): Promise<Reply>;
}

export const SIZE_MAX = 10 * 1024 * 1024;
const LINE_MAX = 2_000;

export async function openMailServer(
  host: string,
  mail: MailHost,
  /** 0: any that is free. */
  at = 0,
): Promise<{ port: number; close(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    void new Session(socket, mail).run();
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(at, host, resolve);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

/** Whole lines as they come in, without their ends; bytes as Latin-1. */
async function* linesOf(socket: Socket): AsyncGenerator<string, undefined> {
  let input = Buffer.alloc(0);
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    input = Buffer.concat([input, chunk]);
    for (let end = input.indexOf('\r\n'); end !== -1; end = input.indexOf('\r\n')) {
      yield input.subarray(0, end).toString('latin1');
      input = input.subarray(end + 2);
    }
    if (input.length > LINE_MAX) socket.destroy();
  }
  return undefined;
}

class Session {
  readonly #socket: Socket;
  readonly #mail: MailHost;
  readonly #lines: AsyncGenerator<string, undefined>;
  #user: string | undefined;
  #from: string | undefined;
  #to: string[] = [];

  constructor(socket: Socket, mail: MailHost) {
    this.#socket = socket;
    this.#mail = mail;
    this.#lines = linesOf(socket);
  }

  async run(): Promise<void> {
    this.#say('220 stand-in ESMTP');
    try {
      for (;;) await this.#obey(await this.#line());
    } catch {
      // The client is gone; what it has not finished is forgotten.
      this.#socket.destroy();
    }
  }

  async #line(): Promise<string> {
    const next = await this.#lines.next();
    if (next.done === true) throw new Error('closed');
    return next.value;
  }

  #say(reply: Reply): void {
    if (typeof reply === 'string') this.#socket.write(`${reply}\r\n`);
    else this.#socket.destroy();
  }

  async #obey(line: string): Promise<void> {
    const [verb = '', rest = ''] = [line.slice(0, 4).toUpperCase(), line.slice(4).trim()];
    switch (verb) {
      case 'HELO':
        return this.#say('250 stand-in');
      case 'EHLO':
        return this.#say(
          [
            '250-stand-in',
            `250-SIZE ${SIZE_MAX}`,
            '250-8BITMIME',
            '250-ENHANCEDSTATUSCODES',
            '250 AUTH PLAIN LOGIN',
          ].join('\r\n'),
        );
      case 'AUTH':
        return this.#login(rest);
      case 'MAIL':
        return this.#begin(rest);
      case 'RCPT':
        return this.#recipient(rest);
      case 'DATA':
        return this.#data();
      case 'RSET':
        this.#from = undefined;
        this.#to = [];
        return this.#say('250 2.0.0 Ok');
      case 'NOOP':
        return this.#say('250 2.0.0 Ok');
      case 'QUIT':
        this.#say('221 2.0.0 Bye');
        this.#socket.end();
        return;
      default:
        return this.#say('502 5.5.2 Error: command not recognized');
    }
  }

  async #login(rest: string): Promise<void> {
    const [kind = '', first] = rest.split(' ');
    let user = '';
    let password = '';
    if (kind.toUpperCase() === 'PLAIN') {
      if (first === undefined) this.#say('334 ');
      [, user = '', password = ''] = decoded(first ?? (await this.#line())).split('\0');
    } else if (kind.toUpperCase() === 'LOGIN') {
      this.#say('334 VXNlcm5hbWU6');
      user = decoded(await this.#line());
      this.#say('334 UGFzc3dvcmQ6');
      password = decoded(await this.#line());
    } else return this.#say('504 5.5.4 Unrecognized authentication type');
    const reply = await this.#mail.login(user, password);
    if (isYes(reply)) this.#user = user;
    this.#say(reply);
  }

  async #begin(rest: string): Promise<void> {
    if (this.#user === undefined) return this.#say('530 5.7.0 Authentication required');
    const from = /^FROM:\s*<([^<>\s]*)>(.*)$/i.exec(rest);
    if (from === null) return this.#say('501 5.1.7 Bad sender address syntax');
    const size = Number(/\bSIZE=(\d+)/i.exec(from[2] ?? '')?.[1] ?? 0);
    if (size > SIZE_MAX) return this.#say('552 5.3.4 Message size exceeds fixed limit');
    const reply = await this.#mail.begin(this.#user);
    if (isYes(reply)) this.#from = from[1];
    this.#say(reply);
  }

  async #recipient(rest: string): Promise<void> {
    const to = /^TO:\s*<([^<>\s]+@[^<>\s]+)>/i.exec(rest)?.[1];
    if (this.#from === undefined) return this.#say('503 5.5.1 Error: need MAIL command');
    if (to === undefined) return this.#say('501 5.1.3 Bad recipient address syntax');
    const reply = await this.#mail.recipient(this.#user ?? '', to);
    if (isYes(reply)) this.#to.push(to);
    this.#say(reply);
  }

  async #data(): Promise<void> {
    if (this.#to.length === 0) return this.#say('554 5.5.1 Error: no valid recipients');
    this.#say('354 End data with <CR><LF>.<CR><LF>');
    const lines: string[] = [];
    for (let line = await this.#line(); line !== '.'; line = await this.#line())
      lines.push(line.startsWith('.') ? line.slice(1) : line);
    const envelope = { from: this.#from ?? '', to: this.#to };
    this.#from = undefined;
    this.#to = [];
    this.#say(await this.#mail.take(this.#user ?? '', envelope, Buffer.from(lines.join('\r\n'), 'latin1')));
  }
}

const isYes = (reply: Reply): boolean => typeof reply === 'string' && /^[23]/.test(reply);
const decoded = (text: string): string => Buffer.from(text, 'base64').toString('utf8');
