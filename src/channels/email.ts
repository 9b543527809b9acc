import type { Abilities, Draft, Limits } from '../domain/channel.ts';
import { invalid } from '../domain/error.ts';
import { cut } from '../domain/storable.ts';
import { type Channel, ChannelError, type ChannelKind, type ChannelTools } from './contract.ts';
import { hostOf, oneLine, readAddress, readSender } from './mail-address.ts';
import { composeMail } from './mail-message.ts';
import { type MailServer, talkSmtp } from './smtp.ts';
import { openSmtpPool } from './smtp-pool.ts';
import { wordsOnly } from './words-only.ts';

const NETWORK = 'Email';

const limits = {
  unit: 'bytes',
  // Gmail cuts a mail at 102 KB with its markup; the HTML is at most about twice the words.
  max: 40_000,
  // A line of a header holds 998; what is longer than this nobody sees.
  subject: 150,
} satisfies Limits;

const can: Abilities = {
  replies: true,
  edit: 'none',
  remove: false,
  // Some stores drop a second mail with the same Message-ID; no relay promises it.
  idempotent: 'none',
  find: false,
  read: false,
  inbound: 'none',
  altText: false,
  lagMs: 0,
  whenUnverifiable: 'resend',
  everyUpdate: false,
};

/** Mail by SMTP: one recipient a message. Corrections are new mails; nothing that was sent can be taken back. */
export const email: ChannelKind = {
  kind: 'email',
  name: 'Email',
  lifecycle: 'active',
  limits,
  can,
  template: 'email',
  cost: 'free',
  defaultRole: 'status',
  checkedOn: '2026-11-21',
  promise:
    'Your mail server has taken each mail, for one recipient at a time. If it does not say so, the mail goes out again with the same Message-ID: a missing alert is worse than a double one. A mail cannot be changed or taken back, so a correction is a new mail.',
  withoutPictures: 'we send mail without pictures, which many programs hide; its link leads to the page',
  fields: [
    {
      name: 'server',
      label: 'Mail server',
      help: 'smtps://host:465 for encryption from the start, smtp://host:587 for STARTTLS. One of them is always used, unless whoever runs this server has allowed the address by name.',
      secret: false,
      required: true,
      placeholder: 'smtps://smtp.example.com:465',
    },
    {
      name: 'from',
      label: 'Sender',
      help: 'The address that the mails come from, with a name if you like. The mail server must let your account use it.',
      secret: false,
      required: true,
      placeholder: 'Northwind Status <status@northwind.example>',
    },
    {
      name: 'user',
      label: 'User name',
      help: 'For logging in to the mail server; often the whole address. Leave empty for a relay that knows us by our address.',
      secret: false,
      required: false,
    },
    {
      name: 'password',
      label: 'Password',
      help: 'The account’s password, or better an app password made only for this.',
      secret: true,
      required: false,
    },
    {
      name: 'to',
      label: 'Recipient',
      help: 'One address that gets every update, for example a distribution list. Subscribers get theirs besides, one mail each.',
      secret: false,
      required: false,
      placeholder: 'incidents@northwind.example',
    },
    {
      name: 'bounces',
      label: 'Address for mail that comes back',
      help: 'Mails to subscribers then come back to this address with a mark of the recipient behind a +. Give what comes there to Tocsin: docs/subscribers.md says how. Its name before the @ has 19 characters at most.',
      secret: false,
      required: false,
      placeholder: 'bounces@status.northwind.example',
    },
    {
      name: 'unsubscribe',
      label: 'Unsubscribe address',
      help: 'For the fixed recipient only: an https:// address at which one POST stops these mails. Subscribers have their own.',
      secret: false,
      required: false,
    },
  ],
  steps: [
    'Make an account, or an API user, for sending at your mail provider.',
    'Let the sender’s domain be signed: set up SPF, DKIM and DMARC as the provider describes.',
    'Copy the provider’s SMTP server, port, user name and password.',
  ],
  open: (values, tools) => openEmail(values, tools),
};

function openEmail(values: Record<string, string>, tools: ChannelTools): Channel {
  const from = readSender(values['from'] ?? '');
  if (from === undefined)
    throw invalid('from', 'Sender: enter an address like “Northwind Status <status@northwind.example>”.');
  const server: MailServer = {
    ...readServer(values['server'] ?? ''),
    user: values['user']?.trim() ?? '',
    password: values['password']?.trim() ?? '',
    name: hostOf(from.address),
  };
  const bounces = readBounces(values['bounces'] ?? '');
  // Subscribers are many, and each has a mail of their own: the talk goes on from one to the next.
  const pool = openSmtpPool(server, tools);
  return {
    async verify(signal) {
      recipientOf({ text: '' }, values);
      await talkSmtp(server, undefined, tools, signal);
      return { account: from.address, url: null, limits, can, note: `By way of ${server.host}.` };
    },
    async publish(draft, key, signal) {
      const text = wordsOnly(draft, NETWORK);
      const size = Buffer.byteLength(text);
      if (size > limits.max)
        throw new ChannelError(
          'rejected',
          `This mail has ${size} bytes of text; ${limits.max} fit. Shorten it.`,
          {
            code: 'too_long',
          },
        );
      const to = recipientOf(draft, values);
      if (to === undefined)
        throw new ChannelError('rejected', 'This connection has no recipient. Enter one in its settings.', {
          code: 'no_recipient',
        });
      const subject = cut(oneLine(draft.subject ?? text), limits.subject);
      const mail = await composeMail({ ...draft, subject }, key, {
        from,
        to,
        unsubscribe: stopOf(draft, values),
      });
      if (draft.recipient === undefined) await talkSmtp(server, mail, tools, signal);
      else await pool.send({ ...mail, from: returnTo(bounces, draft) ?? mail.from }, signal);
      return { id: mail.messageId, url: null };
    },
    async close() {
      pool.close();
    },
  };
}

/** The draft's own recipient, else the connection's; undefined when there is none. Throws for one that is no address. */
function recipientOf(draft: Draft, values: Record<string, string>): string | undefined {
  const typed = draft.recipient ?? values['to'] ?? '';
  if (typed.trim() === '' && draft.recipient === undefined) return undefined;
  const address = readAddress(typed);
  if (address === undefined)
    throw new ChannelError(
      'rejected',
      'The recipient is not a plain email address. Enter exactly one, like name@example.com.',
      { code: 'bad_recipient' },
    );
  return address;
}

/** 64 characters before the @, less a + and the 44 of a mark. */
const BOUNCES_MAX = 19;

function readBounces(typed: string): string | undefined {
  if (typed.trim() === '') return undefined;
  const address = readAddress(typed);
  if (address === undefined || address.lastIndexOf('@') > BOUNCES_MAX || address.includes('+'))
    throw invalid(
      'bounces',
      `Address for mail that comes back: enter an address like bounces@status.northwind.example, with at most ${BOUNCES_MAX} characters before the @ and no +.`,
    );
  return address;
}

/** The sender on the envelope: whoever cannot deliver a mail sends it back there (VERP). */
const returnTo = (bounces: string | undefined, { returnTag }: Draft): string | undefined =>
  bounces === undefined || returnTag === undefined || !/^[a-z0-9]{44}$/.test(returnTag)
    ? undefined
    : bounces.replace('@', `+${returnTag}@`);

/** Where these mails are stopped; undefined when nobody gave a web address. One click needs https (RFC 8058). */
function stopOf(draft: Draft, values: Record<string, string>): string | undefined {
  const typed = (
    draft.unsubscribe ??
    (draft.recipient === undefined ? values['unsubscribe'] : undefined) ??
    ''
  ).trim();
  if (typed === '' || typed.length > 900 || !URL.canParse(typed)) return undefined;
  const url = new URL(typed);
  // The URL parser has encoded every character that could end the header or the brackets around it.
  return /^https?:$/.test(url.protocol) && url.username === '' && !/[\s<>,\p{Cc}]/u.test(url.href)
    ? url.href
    : undefined;
}

function readServer(typed: string): { host: string; port: number; secure: boolean } {
  const text = typed.trim();
  const address = /^[a-z]+:\/\//i.test(text) ? text : `smtp://${text}`;
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const secure = url?.protocol === 'smtps:';
  const host = url?.hostname.replace(/^\[(.*)\]$/, '$1').toLowerCase() ?? '';
  const wrong =
    url === undefined ||
    (!secure && url.protocol !== 'smtp:') ||
    url.username !== '' ||
    url.password !== '' ||
    !/^[a-z0-9.:-]{1,253}$/.test(host) ||
    !/^\/?$/.test(url.pathname + url.search + url.hash);
  if (wrong)
    throw invalid(
      'server',
      'Mail server: enter an address like smtps://smtp.example.com:465, without a user name.',
    );
  return { host, port: Number(url.port) || (secure ? 465 : 587), secure };
}
