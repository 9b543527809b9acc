import segmentsCalculator from 'sms-segments-calculator';
import smartEncoding from 'sms-segments-calculator/dist/libs/SmartEncodingMap.js';
import unicodeToGsm from 'sms-segments-calculator/dist/libs/UnicodeToGSM.js';

/**
 * The text as Twilio's smart encoding sends it: "’" and its like become GSM-7 characters when that makes the whole text
 * GSM-7. One of them would otherwise turn 160 characters a segment into 70. Other texts stay as they are.
 */
export function smartEncoded(text: string): string {
  const composed = text.normalize('NFC').replaceAll('\r\n', '\n');
  let plain = '';
  for (const char of composed) plain += smartEncoding.default[char] ?? char;
  for (const char of plain) if (unicodeToGsm.default[char.codePointAt(0) ?? 0] === undefined) return composed;
  return plain;
}

/** How many messages a phone company makes of it, and charges. */
export const segmentsOf = (text: string): number =>
  new segmentsCalculator.SegmentedMessage(smartEncoded(text), 'auto').segmentsCount;
