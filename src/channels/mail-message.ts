import { createHash } from 'node:crypto';
import MailComposer from 'nodemailer/lib/mail-composer';
import { encode, wrap } from 'nodemailer/lib/qp';
import type { Draft, Key } from '../domain/channel.ts';
import { hostOf, oneLine } from './mail-address.ts';

export interface Sender {
  name: string;
  address: string;
}

export interface Mail {
  from: string;
  to: string;
  /** With its brackets. */
  messageId: string;
  bytes: Buffer;
}

/**
 * The mail for one recipient: the same bytes on every try. Nothing that a person wrote reaches a header but the subject,
 * the sender's name and the language, each on one line; ids are ours.
 */
export async function composeMail(
  draft: Draft & { subject: string },
  key: Key,
  parts: { from: Sender; to: string; unsubscribe: string | undefined },
): Promise<Mail> {
  const host = hostOf(parts.from.address);
  const messageId = `<${token(key.id)}@${host}>`;
  const { inReplyTo, references } = threadOf(draft, host);
  const stop = parts.unsubscribe;
  const named = await namesOf(parts.from, draft.subject);
  const lines = [
    // RFC 3834: answering machines stay quiet.
    'Auto-Submitted: auto-generated',
    ...(draft.language === undefined ? [] : [`Content-Language: ${language(draft.language)}`]),
    // RFC 8058: a mail program's own button, without opening a page.
    ...(stop === undefined ? [] : [`List-Unsubscribe: <${stop}>`]),
    ...(stop?.startsWith('https:') ? ['List-Unsubscribe-Post: List-Unsubscribe=One-Click'] : []),
    named.from,
    `To: ${parts.to}`,
    ...(inReplyTo === undefined
      ? []
      : [`In-Reply-To: ${inReplyTo}`, `References: ${references.join('\r\n ')}`]),
    named.subject,
    `Message-ID: ${messageId}`,
    `Date: ${new Date(key.at).toUTCString().replace('GMT', '+0000')}`,
    'MIME-Version: 1.0',
  ];
  const text = partOf('plain', draft.text);
  if (draft.html === undefined) return mailOf(parts, messageId, [...lines, ...text.lines, '', text.body, '']);
  const html = partOf('html', draft.html);
  const boundary = `=_${digest(`${key.id} boundary`).slice(0, 24)}`;
  return mailOf(parts, messageId, [
    ...lines,
    `Content-Type: multipart/alternative; boundary="${boundary}"`,
    '',
    ...[text, html].flatMap((part) => [`--${boundary}`, ...part.lines, '', part.body]),
    `--${boundary}--`,
    '',
  ]);
}

const mailOf = (
  { from, to }: { from: Sender; to: string },
  messageId: string,
  lines: readonly string[],
): Mail => ({ from: from.address, to, messageId, bytes: Buffer.from(lines.join('\r\n')) });

/** Quoted-printable: otherwise long lines are sent as format=flowed, and half of the mail programs show the breaks. */
const partOf = (type: 'plain' | 'html', text: string) => ({
  lines: [`Content-Type: text/${type}; charset=utf-8`, 'Content-Transfer-Encoding: quoted-printable'],
  body: wrap(encode(text.replace(/\r\n?|\n/g, '\r\n'))),
});

/** Subjects and senders whose headers are kept: thousands of mails in a row have the same. */
const KEPT = 50;
const kept = new Map<string, { from: string; subject: string }>();

/** The two headers that a person's words are in, encoded and folded by the library. */
async function namesOf(from: Sender, subject: string): Promise<{ from: string; subject: string }> {
  const name = JSON.stringify([from, subject]);
  const known = kept.get(name);
  if (known) return known;
  const composer = new MailComposer({ from, subject, text: '', newline: 'windows' });
  const head = (await composer.compile().build()).toString('latin1').split('\r\n\r\n')[0] ?? '';
  const find = (header: string) => new RegExp(`^${header}: .*(?:\\r\\n[ \\t].*)*`, 'm').exec(head)?.[0];
  const made = { from: find('From') ?? `From: ${from.address}`, subject: find('Subject') ?? 'Subject:' };
  if (kept.size >= KEPT) kept.clear();
  kept.set(name, made);
  return made;
}

/**
 * Every mail about an incident points at one id that stands for the incident, so that mail programs keep them together
 * even for somebody who joined later. Other people's mails are not named to a recipient.
 */
function threadOf(draft: Draft, host: string): { inReplyTo?: string; references: string[] } {
  const incident = draft.incident === undefined ? undefined : `<incident.${token(draft.incident)}@${host}>`;
  const ours = draft.recipient === undefined ? [draft.root?.id, draft.inReplyTo?.id] : [];
  const known = [incident, ...ours].filter((id) => id !== undefined && isMessageId(id)) as string[];
  const last = known.at(-1);
  return last === undefined ? { references: [] } : { inReplyTo: last, references: [...new Set(known)] };
}

const isMessageId = (id: string): boolean => /^<[\w.+=-]{1,200}@[a-z0-9.-]{1,253}>$/i.test(id);

/** Our ids are safe as they are; anything else is replaced by its digest, so that two never become one. */
const token = (id: string): string => (/^[\w-]{1,100}$/.test(id) ? id : digest(id).slice(0, 40));
const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
const language = (tag: string): string =>
  oneLine(tag)
    .replace(/[^a-z0-9-]/gi, '')
    .slice(0, 35);
