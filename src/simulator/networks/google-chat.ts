import { createPublicKey, verify } from 'node:crypto';
import type { Account, Post } from '../facts.ts';
import { type Answer, bearer, type Call, json, type NetworkKind, type Route } from '../network.ts';
import { DIGITS, seededWord } from '../random.ts';
import { messageOf, openMessages, refusal, spaceOf } from './google-chat-messages.ts';
import { seededKey } from './google-key.ts';

const HOUR = 3_600_000;
const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

/** Google Chat's API v1 for a Chat app, and Google's token endpoint: https://developers.google.com/workspace/chat/api/reference/rest */
export const googleChat: NetworkKind = {
  kind: 'google_chat',
  name: 'Google Chat',
  handle: 'northwindpay',
  open(world) {
    const messages = openMessages(world);
    const tokens = new Map<string, { account: Account; until: number }>();

    const named = (call: Call): Post | undefined => {
      const name = `spaces/${call.params['space']}/messages/${call.params['message']}`;
      const post = messages.find(`google_chat ${name}`);
      return post !== undefined && world.shows(post) ? post : undefined;
    };
    const route = (
      method: Route['method'],
      path: string,
      does: Route['does'],
      run: (call: Call, account: Account) => Answer,
    ): Route => ({
      method,
      path: `/v1/spaces/:space${path}`,
      does,
      run: (call, account) =>
        call.params['space'] === spaceOf(world, account) ? run(call, account) : refusal(404),
    });

    return {
      credentials(seed, base) {
        const id = seed.id ?? `1${seed.word('id', 20, DIGITS)}`;
        const account = { network: 'google_chat', handle: seed.handle };
        return {
          id,
          settings: { space: `spaces/${spaceOf(world, account)}`, api: base },
          secrets: {
            serviceAccount: JSON.stringify({
              type: 'service_account',
              project_id: 'northwind-status',
              private_key_id: seed.word('key', 40, '0123456789abcdef'),
              private_key: seededKey(world.seed, `google_chat ${seed.handle}`),
              client_email: `${seed.handle}@northwind-status.iam.gserviceaccount.com`,
              client_id: id,
              token_uri: `${base}/token`,
            }),
          },
        };
      },

      authenticate(call) {
        const known = tokens.get(bearer(call));
        return known !== undefined && call.now < known.until ? known.account : refusal(401);
      },
      refusal: (code, retryAfter) => refusal(code, retryAfter),
      expired: () => refusal(401),

      openRoutes: [
        {
          method: 'POST',
          path: '/token',
          does: ['session'],
          about: (call) => accountOf(call),
          run(call) {
            const account = accountOf(call);
            if (call.body['grant_type'] !== GRANT) return json(400, { error: 'unsupported_grant_type' });
            if (account === undefined || !holds(call, account)) {
              return json(400, { error: 'invalid_grant', error_description: 'Invalid JWT Signature.' });
            }
            const label = `google_chat token ${account.id} ${tokens.size}`;
            const token = `ya29.c.${seededWord(world.seed, label, 60)}`;
            tokens.set(token, { account, until: call.now + HOUR });
            return json(200, { access_token: token, expires_in: 3599, token_type: 'Bearer' });
          },
        },
      ],

      routes: [
        route('GET', '', ['verify'], (call, account) => {
          const space = spaceOf(world, account);
          return json(200, {
            name: `spaces/${space}`,
            spaceType: 'SPACE',
            displayName: `${account.name} status`,
            spaceThreadingState: 'THREADED_MESSAGES',
            spaceUri: `${call.base}/room/${space}`,
          });
        }),
        route('POST', '/messages', ['publish'], (call, account) => messages.create(call, account)),
        route('GET', '/messages/:message', ['read', 'find'], (call, account) => {
          const post = named(call);
          return post === undefined ? refusal(404) : json(200, messageOf(world, account, post));
        }),
        route('PATCH', '/messages/:message', ['edit'], (call, account) => {
          const post = named(call);
          if (post === undefined) return refusal(404);
          const text = messages.read(call);
          if (typeof text !== 'string') return text;
          if (call.query.get('updateMask') !== 'text') return refusal(400);
          world.edit(post, text);
          return json(200, messageOf(world, account, post));
        }),
        route('DELETE', '/messages/:message', ['remove'], (call) => {
          const post = named(call);
          if (post === undefined) return refusal(404);
          world.remove(post);
          return json(200, {});
        }),
      ],
    };

    /** Whose service account says that it signed this. */
    function accountOf(call: Call): Account | undefined {
      const email = String(claimsOf(call)['iss'] ?? '');
      return world.account('google_chat', email.split('@')[0] ?? '');
    }

    function holds(call: Call, account: Account): boolean {
      const { iat, exp, aud, scope } = claimsOf(call);
      const [head = '', claims = '', mac = ''] = String(call.body['assertion'] ?? '').split('.');
      const key = createPublicKey(seededKey(world.seed, `google_chat ${account.handle}`));
      const isNow = Math.abs(Number(iat) * 1000 - call.now) < 5 * 60_000 && Number(exp) - Number(iat) <= 3600;
      return (
        isNow &&
        aud === `${call.base}/token` &&
        scope === 'https://www.googleapis.com/auth/chat.bot' &&
        verify('RSA-SHA256', Buffer.from(`${head}.${claims}`), key, Buffer.from(mac, 'base64url'))
      );
    }
  },
};

function claimsOf(call: Call): Record<string, unknown> {
  try {
    const claims = String(call.body['assertion'] ?? '').split('.')[1] ?? '';
    return JSON.parse(Buffer.from(claims, 'base64url').toString()) as Record<string, unknown>;
  } catch {
    return {};
  }
}
