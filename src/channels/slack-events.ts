import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Inbound } from '../domain/channel.ts';
import { jsonOf, listOf, recordOf, textOf } from './classify.ts';
import { ChannelError, type HookAnswer, type HookCall } from './contract.ts';
import { inboundOf } from './slack-history.ts';

const WINDOW_MS = 5 * 60_000;

/** Whether Slack has signed these very bytes just now: https://docs.slack.dev/authentication/verifying-requests-from-slack */
function checkSignature(
  headers: Record<string, string>,
  body: Uint8Array,
  about: { secret: string; now: number },
): void {
  const refuse = (why: string) =>
    new ChannelError('rejected', `This did not come from Slack: ${why}. Nothing was kept.`, {
      code: 'bad_signature',
    });
  if (about.secret === '') throw refuse('no signing secret was entered for this connection');
  const stamp = headers['x-slack-request-timestamp'] ?? '';
  if (!/^\d{1,12}$/.test(stamp) || Math.abs(about.now - Number(stamp) * 1000) > WINDOW_MS)
    throw refuse('its time is not now');
  const mac = createHmac('sha256', about.secret).update(`v0:${stamp}:`).update(body).digest();
  const given = Buffer.from((headers['x-slack-signature'] ?? '').replace(/^v0=/, ''), 'hex');
  if (given.length !== mac.length || !timingSafeEqual(given, mac))
    throw refuse('the signature does not hold');
}

/** Slack's question whether the address is ours (`url_verification`): answered only when Slack has signed it. */
export function greetSlack(call: HookCall, about: { secret: string; now: number }): HookAnswer | undefined {
  if (call.method !== 'POST') return undefined;
  const asked = parsedBody(call.body);
  if (asked['type'] !== 'url_verification') return undefined;
  checkSignature(call.headers, call.body, about);
  return { status: 200, type: 'text/plain; charset=utf-8', body: textOf(asked['challenge']) ?? '' };
}

const parsedBody = (body: Uint8Array): Record<string, unknown> => recordOf(jsonOf(body));

/**
 * What somebody says to us, from a request of the Events API. Header names in lower case, the body as it came. Throws
 * `rejected` for what Slack has not signed. Other events, and the question for a challenge, give nothing. Slack sends
 * an event again until it is answered, and a mention also as a message: both have the same id here.
 */
export function receiveEvent(
  headers: Record<string, string>,
  body: Uint8Array,
  about: { secret: string; now: number; channel: string; web: string | undefined },
): Inbound[] {
  checkSignature(headers, body, about);
  const envelope = parsedBody(body);
  const event = recordOf(envelope['event']);
  const user = textOf(event['user']);
  const ts = textOf(event['ts']);
  const wire = textOf(event['text']) ?? '';
  const us = textOf(recordOf(listOf(envelope['authorizations'])[0])['user_id']);
  if (envelope['type'] !== 'event_callback' || user === undefined || ts === undefined || wire === '')
    return [];
  if (event['channel'] !== about.channel || user === us || event['bot_id'] !== undefined) return [];
  // A subtype is a join, an edit, a deletion …; only an answer that is also shown in the channel says something new.
  if (event['subtype'] !== undefined && event['subtype'] !== 'thread_broadcast') return [];
  const isToUs =
    event['type'] === 'app_mention' ||
    (event['type'] === 'message' &&
      us !== undefined &&
      (event['parent_user_id'] === us || wire.includes(`<@${us}>`)));
  if (!isToUs) return [];
  return [
    inboundOf(
      { ts, wire, thread: textOf(event['thread_ts']), user },
      {
        channel: about.channel,
        web: about.web,
        speaker: { handle: user, name: undefined },
        names: new Map(),
      },
    ),
  ];
}
