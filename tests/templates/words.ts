import { type MessageInput, type MessageTarget, renderMessage } from '../../src/templates/message.ts';

/** An update and the limits of the networks, as the tests of the words start from. */

export const at = (hour: number, minute: number, day = 21): number => Date.UTC(2026, 10, day, hour, minute);
export const LINK = 'https://status.haldenpay.com/7k2';

/** The update that the composer was drawn with. */
export const CARDS: MessageInput = {
  title: 'Card payments failing',
  status: 'identified',
  kind: 'incident',
  impact: 'major',
  pageName: 'Halden Pay',
  blocks: {
    care: 'We are sorry: you cannot rely on your card right now.',
    known: 'Card payments fail for about 1 in 8 customers since 14:09 UTC. A failed payment is not charged.',
    unknown: 'We do not yet know why one processor stopped. We are checking with them.',
    doing: 'We are moving cards to our second processor. Everything will be back by 15:00.',
    action: 'Please do not retry; pay by bank transfer.',
  },
  body: '',
  nextUpdateBy: at(15, 0),
  writtenAt: at(14, 33),
  timeZone: 'UTC',
  language: 'en',
  link: LINK,
};

const whole = { thread: false, includeLink: true } as const;
export const X: MessageTarget = {
  ...whole,
  template: 'post',
  limits: { unit: 'weighted', max: 280 },
  name: 'X',
};
export const BLUESKY: MessageTarget = {
  ...whole,
  template: 'post',
  limits: { unit: 'graphemes', max: 300, bytes: 3_000 },
};
export const MASTODON: MessageTarget = {
  ...whole,
  template: 'long',
  limits: { unit: 'graphemes', max: 500, urlLength: 23 },
};
export const LINKEDIN: MessageTarget = { ...whole, template: 'long', limits: { unit: 'utf16', max: 3_000 } };
export const THREADS: MessageTarget = {
  ...whole,
  template: 'post',
  limits: { unit: 'emoji_bytes', max: 500 },
};
export const SMS: MessageTarget = { ...whole, template: 'sms', limits: { unit: 'segments', max: 2 } };
export const EMAIL: MessageTarget = {
  ...whole,
  template: 'email',
  limits: { unit: 'utf16', max: 100_000, subject: 78 },
};
export const FORUM: MessageTarget = {
  ...whole,
  template: 'long',
  limits: { unit: 'utf16', max: 32_000, subject: 255 },
};
export const WEBHOOK: MessageTarget = {
  ...whole,
  template: 'webhook',
  limits: { unit: 'bytes', max: 20_000 },
};

/** The update of the composer with nothing but this text. */
export const plain = (body: string, more: Partial<MessageInput> = {}): MessageInput => ({
  ...CARDS,
  blocks: {},
  body,
  ...more,
});

/** A message, its first part's text and how many parts it has. */
export const one = (input: MessageInput, target: MessageTarget) => {
  const message = renderMessage(input, target);
  return { ...message, text: message.parts[0]?.text, count: message.parts.length };
};
