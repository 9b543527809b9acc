import { createHmac, timingSafeEqual } from 'node:crypto';
import { recordOf } from './classify.ts';
import { ChannelError } from './contract.ts';

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
  try {
    return recordOf(JSON.parse(Buffer.from(body).toString('utf8')));
  } catch {
    throw refused(network, 'bad_body', 'it is not JSON');
  }
}

const refused = (network: string, code: string, why: string) =>
  new ChannelError('rejected', `This call in the name of ${network} was not read: ${why}.`, { code });
