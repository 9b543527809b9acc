import { json, type NetworkKind } from '../network.ts';
import { ALPHANUMERIC, DIGITS } from '../random.ts';
import { failed, openMessages, refusal, spaceOf } from './google-chat-messages.ts';

/** Google Chat's incoming webhooks: the API's own address with a key and a token in it. */
export const googleChatWebhook: NetworkKind = {
  kind: 'google_chat_webhook',
  name: 'Google Chat webhook',
  handle: 'northwindpay',
  open(world) {
    const messages = openMessages(world);
    return {
      credentials(seed, base) {
        const space = spaceOf(world, { network: 'google_chat_webhook', handle: seed.handle });
        const query = new URLSearchParams({
          key: `AIzaSy${seed.word('key', 33, `${ALPHANUMERIC}_-`)}`,
          token: seed.word('token', 43, `${ALPHANUMERIC}_-`),
        });
        return {
          id: seed.id ?? `1${seed.word('id', 20, DIGITS)}`,
          settings: { name: 'Service status' },
          secrets: { url: `${base}/v1/spaces/${space}/messages?${query}` },
        };
      },

      authenticate(call) {
        const account = world.accounts.find(
          (one) =>
            one.network === 'google_chat_webhook' && spaceOf(world, one) === (call.params['space'] ?? ''),
        );
        if (account === undefined) return refusal(404);
        const right = new URL(account.secrets['url'] ?? '').searchParams;
        if (call.query.get('key') !== right.get('key')) {
          return failed(400, 'INVALID_ARGUMENT', 'API key not valid. Please pass a valid API key.');
        }
        return call.query.get('token') === right.get('token') ? account : refusal(401);
      },
      refusal: (code, retryAfter) => refusal(code, retryAfter),
      expired: () => refusal(401),

      routes: [
        {
          method: 'POST',
          path: '/v1/spaces/:space/messages',
          does: ['publish', 'verify'],
          run(call, account) {
            const answer = messages.create(call, account);
            if (answer.status !== 200) return answer;
            // "The response only populates the name and thread.name fields in addition to what was in the request."
            const { name, thread } = answer.body as Record<string, unknown>;
            return json(200, { ...call.body, name, thread });
          },
        },
      ],
    };
  },
};
