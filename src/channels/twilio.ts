import { createHmac, timingSafeEqual } from 'node:crypto';
import { failureOfAnswer, itSaid, recordOf, textOf, unreadable } from './classify.ts';
import { ChannelError, type ChannelTools, type GuardedResponse } from './contract.ts';
import { RecipientError } from './recipient-error.ts';

const NETWORK = 'Twilio';

export interface Twilio {
  /** A path below the account, as `Messages.json`. */
  get(path: string, signal: AbortSignal): Promise<Record<string, unknown>>;
  /** The same with a form; only this one changes anything. */
  post(path: string, form: Record<string, string>, signal: AbortSignal): Promise<Record<string, unknown>>;
}

/** Twilio's REST API for one account. Its `next_page_uri` is an absolute path; only its query is ever used. */
export function openTwilio(parts: {
  api: string;
  accountSid: string;
  authToken: string;
  tools: ChannelTools;
}): Twilio {
  const { api, accountSid, authToken, tools } = parts;
  const root = `${api}/2010-04-01/Accounts/${encodeURIComponent(accountSid)}`;
  const authorization = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`;

  async function ask(path: string, signal: AbortSignal, form?: Record<string, string>) {
    const safe = form === undefined;
    const answer = await tools.fetch(`${root}${path}`, {
      method: safe ? 'GET' : 'POST',
      signal,
      safe,
      headers: {
        authorization,
        ...(safe ? {} : { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' }),
      },
      ...(form === undefined ? {} : { body: new URLSearchParams(form).toString() }),
    });
    if (answer.status < 200 || answer.status > 299) throw failureOfTwilio(answer, tools.now(), safe);
    if (answer.json === undefined) throw unreadable(NETWORK, answer.status, safe);
    return recordOf(answer.json);
  }
  return {
    get: (path, signal) => ask(path, signal),
    post: (path, form, signal) => ask(path, signal, form),
  };
}

/** https://www.twilio.com/docs/api/errors */
const SAID_STOP = 21610;
/** Our account, our number or our registration, not this message. */
const ABOUT_US = new Set([
  20003, 20005, 20006, 20008, 20403, 21212, 21603, 21606, 21612, 21659, 21660, 21661, 21662, 21701, 21703,
  21704, 30002, 30032, 30034,
]);
/** Not a number, not one that takes text messages, unreachable for good: "Invalid 'To' phone number" and its like. */
const NO_NUMBER = new Set([21211, 21214, 21217, 21401, 21407, 21614, 30005, 30006]);
/** Too many requests, queue full, daily caps. */
const LIMITED = new Set([14107, 20429, 21611, 30001, 30022, 63038]);

/** Twilio's refusal, `{code, message, more_info, status}`: its code first, then the table. */
function failureOfTwilio(answer: GuardedResponse, now: number, safe: boolean): ChannelError {
  const body = recordOf(answer.json);
  const number = typeof body['code'] === 'number' ? body['code'] : undefined;
  const said = textOf(body['message']);
  const table = failureOfAnswer(answer, {
    network: NETWORK,
    now,
    safe,
    said,
    code: number === undefined ? undefined : String(number),
  });
  const more = { status: answer.status, code: table.code, retryAfterMs: table.retryAfterMs };
  if (number === SAID_STOP)
    return new RecipientError(
      'This number has answered STOP, so we may not write to it. Only its owner can undo that, by answering START.',
      more,
    );
  if (number !== undefined && NO_NUMBER.has(number))
    return new RecipientError(`This number cannot get text messages (${number}).`, more);
  if (number !== undefined && LIMITED.has(number))
    return new ChannelError('limited', `Twilio asks us to wait (${number}).${itSaid(said)}`, more);
  if (number !== undefined && ABOUT_US.has(number))
    return new ChannelError(
      'auth',
      `Twilio does not let this account or sender do that (${number}).${itSaid(said)} Look at the account in the Twilio console.`,
      more,
    );
  return table;
}

/**
 * The form of a call from Twilio, after its `X-Twilio-Signature` was checked: HMAC-SHA1 over the address it was sent to
 * and every parameter, sorted, name and value run together. Throws `rejected` for anything else.
 */
export function readTwilioCall(
  parts: { authToken: string; address: string },
  headers: Record<string, string>,
  body: Uint8Array,
): URLSearchParams {
  const form = new URLSearchParams(Buffer.from(body).toString('utf8'));
  const names = [...new Set(form.keys())].sort();
  const signed = names
    .flatMap((name) => [...new Set(form.getAll(name))].sort().map((value) => `${name}${value}`))
    .join('');
  const expected = createHmac('sha1', parts.authToken).update(`${parts.address}${signed}`).digest();
  const given = Buffer.from(headers['x-twilio-signature'] ?? '', 'base64');
  if (parts.address === '' || given.length !== expected.length || !timingSafeEqual(given, expected))
    throw new ChannelError(
      'rejected',
      'This call in the name of Twilio was not read: its signature does not hold. Enter the address that Twilio calls exactly as it is at Twilio.',
      { code: 'bad_signature' },
    );
  return form;
}
