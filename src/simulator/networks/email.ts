import { setTimeout as wait } from 'node:timers/promises';
import type { Account } from '../facts.ts';
import type { Fault } from '../faults.ts';
import { headerOf, readMail } from '../mime.ts';
import { json, type NetworkKind } from '../network.ts';
import { RateWindow } from '../rates.ts';
import { openMailServer, type Reply } from '../smtp.ts';
import type { World } from '../world.ts';

/** Mails a minute from one account; what Postfix's anvil says past that. */
const PER_MINUTE = 200;

/**
 * A mail server and the mailboxes behind it. Recipients tell it what to do: `nobody@…` does not exist, `full@…` has
 * no room, `greylist@…` is put off once. A fault's `code` is the SMTP reply; the page shows the mailbox.
 */
export const email: NetworkKind = {
  kind: 'email',
  name: 'Mailbox',
  handle: 'northwind-customers',
  open(world) {
    return {
      credentials(seed) {
        const port = world.ports.get('email') ?? 0;
        return {
          settings: {
            server: `smtp://127.0.0.1:${port}`,
            from: `${seed.name} Status <status@northwind.example>`,
            user: `${seed.handle}@relay.example`,
            to: `${seed.handle}@lists.example`,
          },
          secrets: { password: seed.word('password', 24) },
        };
      },
      authenticate: () => json(404, { error: 'This is a mailbox; it is written to by SMTP' }),
      refusal: (code) => json(code, { error: `status ${code}` }),
      expired: () => json(401, { error: 'expired' }),
      routes: [],
    };
  },
  async listen(world, host, port) {
    const sending = new RateWindow(PER_MINUTE, 60_000);
    const putOff = new Set<string>();
    /** Faults are drawn once a mail, when it begins; they may strike later. */
    const planned = new Map<string, Fault[]>();
    const accountOf = (user: string) =>
      world.accounts.find((one) => one.network === 'email' && one.settings['user'] === user);
    const decide = (user: string, does: 'session' | 'publish'): Fault[] =>
      world.faults.draw(
        'email',
        accountOf(user),
        does === 'session' ? ['session', 'verify'] : ['publish'],
        true,
      );

    return openMailServer(
      host,
      {
        async login(user, password) {
          const faults = decide(user, 'session');
          const early = await before(faults);
          if (early !== undefined) return early;
          return accountOf(user)?.secrets['password'] === password
            ? '235 2.7.0 Authentication successful'
            : '535 5.7.8 Error: authentication failed: UGFzc3dvcmQ6';
        },
        async begin(user) {
          const account = accountOf(user);
          const faults = decide(user, 'publish');
          planned.set(user, faults);
          if (
            account !== undefined &&
            sending.take(account.id, world.now()).refused &&
            world.metered(account)
          )
            return note(world, account, 'MAIL', '450 4.7.1 Error: too much mail from 127.0.0.1', faults);
          return '250 2.1.0 Ok';
        },
        async recipient(user, address) {
          const account = accountOf(user);
          const early = await before(planned.get(user) ?? []);
          if (early !== undefined)
            return note(world, account, `RCPT ${address}`, early, planned.get(user) ?? []);
          const [local = ''] = address.split('@');
          const refusal = {
            nobody: `550 5.1.1 <${address}>: Recipient address rejected: User unknown in virtual mailbox table`,
            full: `452 4.2.2 <${address}>: Mailbox full`,
            greylist: `451 4.7.1 <${address}>: Greylisted, please try again in 300 seconds`,
          }[local];
          if (refusal === undefined || (local === 'greylist' && putOff.has(address))) return '250 2.1.5 Ok';
          putOff.add(address);
          return note(world, account, `RCPT ${address}`, refusal, []);
        },
        async take(user, envelope, raw) {
          const account = accountOf(user);
          const faults = planned.get(user) ?? [];
          if (account === undefined) return '550 5.7.1 No such account';
          const last = faults.at(-1);
          if (last?.kind === 'drop_before') return note(world, account, 'DATA', { cut: true }, faults);
          if (last?.kind === 'html_200') return note(world, account, 'DATA', 'HTTP/1.1 200 OK', faults);
          const queued = store(world, account, envelope.to, raw);
          if (last?.kind === 'drop_after') return note(world, account, 'DATA', { cut: true }, faults);
          if (last?.kind === 'error_after')
            return note(
              world,
              account,
              'DATA',
              `${last.code ?? 451} 4.3.0 Error: queue file write error`,
              faults,
            );
          const late = faults.find(
            (one) => one.kind === 'slow_body' || (one.kind === 'delay' && one.after === true),
          );
          if (late !== undefined) await wait(late.ms ?? 0, undefined, { ref: false });
          return note(
            world,
            account,
            `DATA ${envelope.to.join(',')}`,
            `250 2.0.0 Ok: queued as ${queued}`,
            faults,
          );
        },
      },
      port,
    );
  },
};

/** What a fault makes of a talk before a mail has come in; undefined when it goes on. */
async function before(faults: readonly Fault[]): Promise<Reply | undefined> {
  for (const fault of faults) {
    if (fault.kind === 'delay' && fault.after !== true) await wait(fault.ms ?? 0, undefined, { ref: false });
    if (fault.kind === 'status') return smtpReply(fault);
    if (fault.kind === 'expired_token') return '535 5.7.8 Error: authentication credentials invalid';
    if (fault.kind === 'redirect') return '551 5.7.1 User not local; please try <elsewhere.example>';
  }
  return undefined;
}

const WORDS: Record<number, string> = {
  450: '4.7.1 Error: too much mail',
  451: '4.3.0 Error: queue file write error',
  550: '5.7.1 Message rejected as spam by content filtering',
  553: '5.1.8 Domain of sender address does not exist',
  554: '5.7.1 Service unavailable; Client host blocked',
};
function smtpReply({ code = 451, retryAfter }: Fault): string {
  const wait = retryAfter === undefined ? '' : `, try again in ${retryAfter} seconds`;
  return `${code} ${WORDS[code] ?? `${Math.floor(code / 100)}.0.0 Error`}${wait}`;
}

function note(
  world: World,
  account: Account | undefined,
  path: string,
  reply: Reply,
  faults: readonly Fault[],
): Reply {
  world.record({
    at: world.now(),
    network: 'email',
    account: account?.handle ?? null,
    method: 'SMTP',
    path,
    does: ['publish'],
    status: typeof reply === 'string' ? Number.parseInt(reply, 10) || 0 : 0,
    faults: faults.map((fault) => fault.kind),
  });
  return reply;
}

/** Puts a mail in the mailbox; gives its queue id. The same Message-ID twice is two mails, as with most providers. */
function store(world: World, account: Account, to: readonly string[], raw: Buffer): string {
  const mail = readMail(raw);
  const queued = (BigInt(world.posts('email').length + 1) * 2_654_435_761n).toString(16).toUpperCase();
  const messageId = headerOf(mail, 'message-id');
  const id = messageId === '' || world.post('email', messageId) !== undefined ? queued : messageId;
  const answers = headerOf(mail, 'in-reply-to');
  const parent = world.posts('email').find((post) => post.key === answers && post.key !== null);
  const from = /^(?:"?(.*?)"?\s*)?<([^<>]+)>$/.exec(headerOf(mail, 'from'));
  world.keep({
    network: 'email',
    account: account.id,
    author: {
      id: from?.[2] ?? 'unknown',
      handle: from?.[2] ?? 'unknown',
      name: from?.[1] || (from?.[2] ?? 'unknown'),
    },
    id,
    key: messageId === '' ? null : messageId,
    text: mail.text,
    at: world.now(),
    parent: parent?.id ?? null,
    url: `${world.url}/email/mail/${queued}`,
    paths: [`/mail/${queued}`],
    raw: { subject: headerOf(mail, 'subject'), to, headers: mail.headers, html: mail.html, queued },
  });
  return queued;
}
