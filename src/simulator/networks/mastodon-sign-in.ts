import { json, type OpenRoute, textField } from '../network.ts';
import { seededWord } from '../random.ts';
import { signInRoutes } from '../sign-in.ts';
import type { World } from '../world.ts';

/** Apps that programs make for themselves, and signing in with them: https://docs.joinmastodon.org/methods/apps/ */
export function mastodonSignIn(world: World): OpenRoute[] {
  const apps = new Map<string, string>();
  return [
    {
      method: 'POST',
      path: '/api/v1/apps',
      does: ['session'],
      run(call) {
        const name = textField(call.body, 'client_name') ?? '';
        const redirect = textField(call.body, 'redirect_uris') ?? '';
        if (name === '' || redirect === '')
          return json(422, { error: 'Validation failed: Redirect URI must be an absolute URI.' });
        const turn = apps.size + 1;
        const id = seededWord(world.seed, `mastodon app ${turn}`, 43);
        const secret = seededWord(world.seed, `mastodon app secret ${turn}`, 43);
        apps.set(id, secret);
        return json(200, {
          id: String(turn),
          name,
          redirect_uri: redirect,
          client_id: id,
          client_secret: secret,
        });
      },
    },
    ...signInRoutes(world, {
      network: 'mastodon',
      authorize: '/oauth/authorize',
      token: '/oauth/token',
      pkce: true,
      scopeSeparator: ' ',
      codeMs: 10 * 60_000,
      isClient: (id, secret) => apps.has(id) && (secret === undefined || apps.get(id) === secret),
      issue: ({ account, scopes }, call) =>
        json(200, {
          access_token: account.secrets['accessToken'],
          token_type: 'Bearer',
          scope: scopes.join(' '),
          created_at: Math.floor(call.now / 1_000),
        }),
    }),
  ];
}
