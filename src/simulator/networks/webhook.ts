import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Account } from '../facts.ts';
import { type Call, json, type NetworkKind } from '../network.ts';

/** A message older or newer than this is refused: the Standard Webhooks libraries' own tolerance. */
const TOLERANCE_MS = 5 * 60_000;

/** A receiver of signed webhooks (https://www.standardwebhooks.com): checks, counts, and keeps each id once. */
export const webhook: NetworkKind = {
  kind: 'webhook',
  name: 'Webhook receiver',
  handle: 'northwind-ops',
  open(world) {
    return {
      credentials: (seed, base) => ({
        settings: { url: `${base}/hook/${seed.handle}` },
        secrets: { secret: `whsec_${seed.bytes('secret', 24).toString('base64')}` },
      }),

      authenticate(call) {
        const account = world.account('webhook', call.params['account'] ?? '');
        if (account === undefined) return json(404, { error: 'No receiver at this address' });
        const complaint = complaintAbout(call, account);
        return complaint === undefined ? account : json(401, { error: complaint });
      },

      refusal: (code, retryAfter) =>
        json(
          code,
          { error: `Receiver answered ${code}` },
          retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) },
        ),
      expired: () => json(401, { error: 'Message timestamp too old' }),
      profiles: (account) => [`/hook/${account.handle}`],

      routes: [
        {
          method: 'POST',
          path: '/hook/:account',
          does: ['publish'],
          run(call, account) {
            const key = String(call.headers['webhook-id']);
            const id = `${account.handle}:${key}`;
            const seen = world.post('webhook', id);
            if (seen !== undefined) {
              seen.receipts += 1;
              return json(200, { received: true, duplicate: true });
            }
            world.keep({
              network: 'webhook',
              account: account.id,
              author: { id: account.id, handle: account.handle, name: account.name },
              id,
              key,
              text: call.raw.toString('utf8'),
              at: call.now,
              url: `${call.base}/received/${encodeURIComponent(key)}`,
              paths: [`/received/${key}`],
              raw: { timestamp: Number(call.headers['webhook-timestamp']) },
            });
            return json(200, { received: true });
          },
        },
      ],
    };
  },
};

/** Why the signature does not hold, or undefined when it does. Checked against the raw body. */
function complaintAbout(call: Call, account: Account): string | undefined {
  const id = header(call, 'webhook-id');
  const timestamp = header(call, 'webhook-timestamp');
  const signatures = header(call, 'webhook-signature');
  if (id === '' || timestamp === '' || signatures === '') return 'Missing required headers';
  const sent = Number(timestamp) * 1000;
  if (!Number.isInteger(sent)) return 'Invalid Signature Headers';
  if (sent < call.now - TOLERANCE_MS) return 'Message timestamp too old';
  if (sent > call.now + TOLERANCE_MS) return 'Message timestamp too new';
  const secret = Buffer.from((account.secrets['secret'] ?? '').replace(/^whsec_/, ''), 'base64');
  const expected = createHmac('sha256', secret).update(`${id}.${timestamp}.`).update(call.raw).digest();
  const holds = signatures.split(' ').some((entry) => {
    const [version, value = ''] = entry.split(',');
    const given = Buffer.from(value, 'base64');
    return version === 'v1' && given.length === expected.length && timingSafeEqual(given, expected);
  });
  return holds ? undefined : 'No matching signature found';
}

function header(call: Call, name: string): string {
  const value = call.headers[name];
  return typeof value === 'string' ? value : '';
}
