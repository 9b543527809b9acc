import { ChannelError } from './contract.ts';

/** One message to one person each six seconds. */
const PAIR_MS = 6_000;
const HOUR = 3_600_000;

type Meaning = { failure: 'rejected' | 'auth' | 'limited'; why: string; waitMs?: number };

/** https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes */
const CODES: Record<string, Meaning> = {
  130429: { failure: 'limited', why: 'The number sends as many messages a second as it may.' },
  131056: {
    failure: 'limited',
    why: 'Two messages to one person need six seconds between them.',
    waitMs: PAIR_MS,
  },
  131048: {
    failure: 'limited',
    why: 'Too many people blocked this number, so it may send less for now.',
    waitMs: HOUR,
  },
  133016: { failure: 'limited', why: 'The number was registered too often.', waitMs: HOUR },
  131047: {
    failure: 'rejected',
    why: 'The customer wrote more than 24 hours ago; only an approved template reaches them.',
  },
  131026: {
    failure: 'rejected',
    why: 'It cannot be delivered: no WhatsApp at this number, or an old version.',
  },
  131049: { failure: 'rejected', why: 'WhatsApp holds it back, so that this person does not get too much.' },
  131050: { failure: 'rejected', why: 'This person does not want marketing from you.' },
  130472: {
    failure: 'rejected',
    why: 'This person is in an experiment of Meta’s and gets no such messages.',
  },
  131062: {
    failure: 'rejected',
    why: 'This template needs a phone number, and this customer shows only a user name.',
  },
  132000: {
    failure: 'rejected',
    why: 'The template has another number of parameters: it must have exactly {{1}}.',
  },
  132001: { failure: 'rejected', why: 'There is no such approved template in that language.' },
  132005: { failure: 'rejected', why: 'The words are too long for the template.' },
  132007: { failure: 'rejected', why: 'The template goes against a policy.' },
  132012: { failure: 'rejected', why: 'The words do not have the form that the template wants.' },
  132015: { failure: 'rejected', why: 'The template is paused because people complained about it.' },
  132016: { failure: 'rejected', why: 'The template was paused too often and is switched off for good.' },
  368: { failure: 'auth', why: 'The account is blocked for a while for breaking a policy.' },
  131005: { failure: 'auth', why: 'The token may not do this.' },
  131031: { failure: 'auth', why: 'The account is locked.' },
  131042: { failure: 'auth', why: 'There is a problem with paying: look at the business account’s billing.' },
  131045: { failure: 'auth', why: 'The number is not registered.' },
  133010: { failure: 'auth', why: 'The number is not registered.' },
};

/** What Graph said, with WhatsApp's own codes, which nearly all come with status 400, put as what may be done next. */
export function failureOfWhatsApp(error: unknown): unknown {
  if (!(error instanceof ChannelError)) return error;
  const meaning = CODES[error.code?.split('/')[0] ?? ''];
  if (meaning === undefined) return error;
  const said = / It said: .*$/s.exec(error.message)?.[0] ?? '';
  return new ChannelError(meaning.failure, `WhatsApp did not take this message. ${meaning.why}${said}`, {
    status: error.status,
    code: error.code,
    retryAfterMs: meaning.failure === 'limited' ? (error.retryAfterMs ?? meaning.waitMs) : undefined,
  });
}
