import type { Returned } from '../domain/returned.ts';
import { cut } from '../domain/storable.ts';
import { type Headers, type MimePart, partsOf, readHeaders } from './mime-parts.ts';

/** What a mail that came back to us is, and the words in it that may prove whose mail it was. */
export interface ReturnedMail {
  returned: Returned;
  /** Whatever stands where we put the mark of a recipient: behind the + of an address of ours. */
  tags: string[];
  /** Whatever stands where we put private links, in the mail of ours that is quoted. */
  links: string[];
}

/** Where mail servers write the address that a report was sent to. */
const TO_US = ['to', 'delivered-to', 'x-original-to', 'envelope-to', 'x-envelope-to', 'x-forwarded-to'];
const QUOTED = /^(message\/(global|rfc822|global-headers|rfc822-headers)|text\/rfc822-headers)$/;
const STATUS = /^message\/(global-)?delivery-status$/;

/**
 * Reads a mail that came to the address for mail that comes back: a report on delivery (RFC 3464), a complaint (RFC
 * 5965), or anything else, such as an answering machine's. `to` is the address it was sent to, if the mail server says.
 * Nothing that it says is believed here: it says who is meant, and whoever calls checks the proof.
 */
export function readReturned(bytes: Uint8Array, to: readonly string[] = []): ReturnedMail {
  const parts = partsOf(bytes);
  const [outer] = parts;
  const quoted = parts.filter((part) => QUOTED.test(part.type)).map((part) => readHeaders(headOf(part)));
  const kind = outer?.type === 'multipart/report' ? outer.params['report-type']?.toLowerCase() : undefined;
  const status = parts.find((part) => STATUS.test(part.type));
  const feedback = parts.find((part) => part.type === 'message/feedback-report');
  const about = feedback && readHeaders(feedback.body);
  const places = [
    ...to,
    ...TO_US.flatMap((name) => outer?.headers.get(name) ?? []),
    ...(about?.get('original-mail-from') ?? []),
    ...quoted.flatMap((headers) => headers.get('return-path') ?? []),
  ];
  return {
    returned:
      kind === 'feedback-report' && about
        ? complaintOf(about)
        : kind === 'delivery-status' && status
          ? deliveryOf(status)
          : { what: 'other' },
    tags: [...new Set(places.flatMap(tagsIn))].slice(0, 20),
    links: [
      ...new Set(quoted.flatMap((headers) => (headers.get('list-unsubscribe') ?? []).flatMap(linksIn))),
    ].slice(0, 20),
  };
}

const headOf = ({ body }: MimePart): string => body.replace(/^(\r?\n)+/, '').split(/\r?\n\r?\n/)[0] ?? '';

const tagsIn = (address: string): string[] =>
  [...address.slice(0, 2_000).matchAll(/\+([a-z0-9]{20,60})@/gi)].map(([, tag = '']) => tag.toLowerCase());

const linksIn = (header: string): string[] =>
  [...header.slice(0, 2_000).matchAll(/\/subscription\/([\w-]{20,100})>/g)].map(([, token = '']) => token);

/** `not-spam` is the opposite of a complaint, and a test of the road is none. */
function complaintOf(report: Headers): Returned {
  const type = report.get('feedback-type')?.[0]?.toLowerCase();
  return type === 'abuse' || type === 'fraud' || type === 'opt-out' || type === 'opt-out-list'
    ? { what: 'complaint' }
    : { what: 'other' };
}

/** We write to one recipient at a time, so the first that failed is the one that is meant. */
function deliveryOf(part: MimePart): Returned {
  const blocks = part.body.split(/\r?\n[ \t]*\r?\n/).map(readHeaders);
  for (const block of blocks) {
    const action = block
      .get('action')?.[0]
      ?.toLowerCase()
      .split(/[\s(;]/)[0];
    if (action !== 'failed') continue;
    const status = /\b[245]\.\d{1,3}\.\d{1,3}\b/.exec(block.get('status')?.[0] ?? '')?.[0];
    const said = block.get('diagnostic-code')?.[0] ?? '';
    return { what: 'failed', status: status ?? null, said: cut(said, 500) };
  }
  return { what: 'other' };
}
