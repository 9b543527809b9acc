import segmentsCalculator from 'sms-segments-calculator';
import smartEncoding from 'sms-segments-calculator/dist/libs/SmartEncodingMap.js';
import unicodeToGsm from 'sms-segments-calculator/dist/libs/UnicodeToGSM.js';
import twitterText from 'twitter-text';
import type { Limits, Unit } from '../domain/channel.ts';

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

// Only what every server reads as part of a link: counting too much is safe, counting too little is refused.
const LINK = /https?:\/\/[\w\-.~:/?#[\]@!$&'()*+,;=%]*[\w\-~/#@$&*+=%]/gi;
const MENTION =
  /(?<![=/\w])@([a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?)@[\p{L}\p{N}_](?:[\p{L}\p{N}_.-]*[\p{L}\p{N}_])?/giu;
const EMOJI = /\p{Extended_Pictographic}|\p{Regional_Indicator}|\u20E3/u;

function countGraphemes(text: string): number {
  let n = 0;
  for (const _ of graphemes.segment(text)) n++;
  return n;
}

function countCodepoints(text: string): number {
  let n = 0;
  for (const _ of text) n++;
  return n;
}

const countBytes = (text: string): number => Buffer.byteLength(text, 'utf8');

const COUNT: Record<Unit, (text: string, limits: Limits) => number> = {
  weighted: (text) => twitterText.parseTweet(text).weightedLength,
  // Mastodon: a link costs a fixed number, and of @user@domain only @user.
  graphemes: (text, { urlLength }) =>
    countGraphemes(
      urlLength === undefined
        ? text
        : text.replace(LINK, 'x'.repeat(urlLength)).replace(MENTION, (_, user: string) => `@${user}`),
    ),
  codepoints: countCodepoints,
  utf16: (text) => text.length,
  emoji_bytes: (text) => {
    let n = 0;
    for (const { segment } of graphemes.segment(text))
      n += EMOJI.test(segment) ? countBytes(segment) : countCodepoints(segment);
    return n;
  },
  bytes: countBytes,
  escaped_bytes: (text) =>
    countBytes(text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')),
  segments: (text) => new segmentsCalculator.SegmentedMessage(smsSafe(text), 'auto').segmentsCount,
};

/** How long `text` is as its network counts it, in `limits.unit`. */
export const measure = (text: string, limits: Limits): number => COUNT[limits.unit](text, limits);

/** How far `text` is over the limit, and over which one; undefined when it fits. */
export function excess(text: string, limits: Limits): { by: number; max: number; unit: Unit } | undefined {
  const { unit, max } = limits;
  const length = measure(text, limits);
  if (length > max) return { by: length - max, max, unit };
  const bytes = limits.bytes === undefined ? 0 : countBytes(text);
  if (limits.bytes !== undefined && bytes > limits.bytes)
    return { by: bytes - limits.bytes, max: limits.bytes, unit: 'bytes' };
  return undefined;
}

/** Whether `text` is within both ceilings, the network's own and `limits.bytes`. */
export function fits(text: string, limits: Limits): boolean {
  // Both libraries are slow on long texts, and these cannot fit: no character of a safe text is cheaper than one of
  // 160 in a segment, and nobody's links save so much.
  if (limits.unit === 'segments' && smsSafe(text).length > 160 * limits.max) return false;
  if (limits.unit === 'weighted' && text.length > 40 * limits.max) return false;
  return excess(text, limits) === undefined;
}

/**
 * The words as they should leave by SMS: curly quotes, dashes and their like replaced by GSM-7 characters when that
 * makes the whole text GSM-7, since one "’" turns 160 characters a segment into 70. A text that needs UCS-2 anyway
 * keeps every character.
 */
export function smsSafe(text: string): string {
  const composed = text.normalize('NFC').replaceAll('\r\n', '\n');
  let plain = '';
  // The calculator's table makes two spaces of a no-break space.
  for (const char of composed) plain += /\p{Zs}/u.test(char) ? ' ' : (smartEncoding.default[char] ?? char);
  for (const char of plain) if (unicodeToGsm.default[char.codePointAt(0) ?? 0] === undefined) return composed;
  return plain;
}
