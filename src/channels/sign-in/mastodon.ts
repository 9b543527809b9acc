import { rootOf } from '../ask-json.ts';
import { failureOfAnswer, recordOf, textOf, unreadable } from '../classify.ts';
import type { SignIn } from '../contract.ts';

const SCOPES = [
  'read:accounts',
  'read:statuses',
  'read:notifications',
  'write:statuses',
  'write:media',
] as const;
const rootIn = (values: Record<string, string>) => rootOf(values['instance'], '');

/** https://docs.joinmastodon.org/client/token/: every server lets programs make an app of their own. */
export const mastodonSignIn: SignIn = {
  fields: [
    {
      name: 'instance',
      label: 'Server',
      help: 'The address of the server that your account is on.',
      secret: false,
      required: true,
      placeholder: 'https://mastodon.social',
    },
  ],
  steps: [
    'Nothing to create: we make the app on your server ourselves. Sign in there as the account that will post.',
  ],
  scopes: SCOPES,
  scopeSeparator: ' ',
  // Servers from 4.3 on check it, older ones and other software take no notice.
  pkce: true,
  client: 'form',
  clientSecret: 'clientSecret',
  authorizeAt: (values) => `${rootIn(values)}/oauth/authorize`,
  tokenAt: (values) => `${rootIn(values)}/oauth/token`,
  async register(values, redirect, tools, signal) {
    const answer = await tools.fetch(`${rootIn(values)}/api/v1/apps`, {
      method: 'POST',
      signal,
      safe: true,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ client_name: 'Tocsin', redirect_uris: redirect, scopes: SCOPES.join(' ') }),
    });
    const app = recordOf(answer.json);
    const clientId = textOf(app['client_id']);
    const clientSecret = textOf(app['client_secret']);
    if (clientId !== undefined && clientSecret !== undefined) return { clientId, clientSecret };
    throw failureOfAnswer(answer, {
      network: 'This server',
      now: tools.now(),
      safe: true,
      said: textOf(app['error']),
    });
  },
  async accounts(granted, values, tools, signal) {
    const answer = await tools.fetch(`${rootIn(values)}/api/v1/accounts/verify_credentials`, {
      signal,
      safe: true,
      headers: { authorization: `Bearer ${granted.accessToken}` },
    });
    const account = recordOf(answer.json);
    const id = textOf(account['id']);
    if (id === undefined) throw unreadable('Mastodon', answer.status, true);
    const name = `@${textOf(account['username']) ?? id}`;
    return [{ id, name, values: { accessToken: granted.accessToken } }];
  },
};
