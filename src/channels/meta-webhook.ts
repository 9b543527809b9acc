import { createHmac, timingSafeEqual } from 'node:crypto';
import { jsonOf, recordOf } from './classify.ts';
import { ChannelError, type HookAnswer, type HookCall } from './contract.ts';

/**
 * Meta's question whether the address is ours, which it asks once when the address is entered: it names the token that we
 * have shown there, and wants its challenge back. https://developers.facebook.com/docs/graph-api/webhooks/getting-started
 */
export function greetMeta(
  network: string,
  token: string | undefined,
  call: HookCall,
): HookAnswer | undefined {
  if (call.method !== 'GET') return undefined;
  const given = createHmac('sha256', 'token')
    .update(call.query.get('hub.verify_token') ?? '')
    .digest();
  const wanted = createHmac('sha256', 'token')
    .update(token ?? '')
    .digest();
  if (token === undefined || call.query.get('hub.mode') !== 'subscribe' || !timingSafeEqual(given, wanted))
    throw refused(network, 'bad_token', 'it does not name our verify token');
  return { status: 200, type: 'text/plain; charset=utf-8', body: call.query.get('hub.challenge') ?? '' };
}

/** What to enter on Meta so that it calls us. */
export const metaHook = (product: string, fields: string) => ({
  steps: [
    `In your app on developers.facebook.com open Webhooks, choose ${product}, and enter the address and the verify token shown here.`,
    `Subscribe to ${fields}.`,
    'The app’s secret has to be entered for this connection: without it we believe no call.',
  ],
  wantsToken: true,
});

/**
 * A webhook from Meta, after its `X-Hub-Signature-256` was checked against the raw body with the app's secret. Throws
 * `rejected` for anything else, so that nobody but Meta can put words into the inbox.
 */
export function readMetaWebhook(
  network: string,
  appSecret: string | undefined,
  headers: Record<string, string>,
  body: Uint8Array,
): Record<string, unknown> {
  if (appSecret === undefined)
    throw refused(network, 'no_secret', 'enter the app secret before you let it call us');
  const given = /^sha256=([0-9a-f]{64})$/i.exec(headers['x-hub-signature-256'] ?? '')?.[1];
  const expected = createHmac('sha256', appSecret).update(body).digest();
  if (given === undefined || !timingSafeEqual(Buffer.from(given, 'hex'), expected))
    throw refused(network, 'bad_signature', 'its signature does not hold');
  const json = jsonOf(body);
  if (json === undefined) throw refused(network, 'bad_body', 'it is not JSON');
  return recordOf(json);
}

const refused = (network: string, code: string, why: string) =>
  new ChannelError('rejected', `This call in the name of ${network} was not read: ${why}.`, { code });
