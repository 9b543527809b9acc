import { createHash } from 'node:crypto';
import MailComposer from 'nodemailer/lib/mail-composer';
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
  const composer = new MailComposer({
    from: { name: parts.from.name, address: parts.from.address },
    to: { name: '', address: parts.to },
    subject: draft.subject,
    date: new Date(key.at),
    messageId,
    ...(inReplyTo === undefined ? {} : { inReplyTo, references }),
    headers: {
      // RFC 3834: answering machines stay quiet.
      'Auto-Submitted': 'auto-generated',
      ...(draft.language === undefined ? {} : { 'Content-Language': language(draft.language) }),
      // RFC 8058: a mail program's own button, without opening a page.
      ...(stop === undefined
        ? {}
        : {
            'List-Unsubscribe': { prepared: true, value: `<${stop}>` },
            ...(stop.startsWith('https:') ? { 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' } : {}),
          }),
    },
    text: draft.text,
    ...(draft.html === undefined ? {} : { html: draft.html }),
    // Otherwise long lines are sent as format=flowed, and half of the mail programs show the breaks.
    textEncoding: 'quoted-printable',
    baseBoundary: digest(`${key.id} boundary`).slice(0, 24),
    newline: 'windows',
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const bytes = await composer.compile().build();
  return { from: parts.from.address, to: parts.to, messageId, bytes };
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
