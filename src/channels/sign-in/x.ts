import { rootOf, webOf } from '../ask-json.ts';
import { recordOf, textOf, unreadable } from '../classify.ts';
import type { SignIn } from '../contract.ts';
import { apiField, clientIdField, secretField } from '../fields.ts';
import { tokensOf } from './tokens.ts';

const apiOf = (values: Record<string, string>) => rootOf(values['api'], 'https://api.x.com');

/** https://docs.x.com/resources/fundamentals/authentication/oauth-2-0/authorization-code */
export const xSignIn: SignIn = {
  fields: [
    clientIdField('Client ID', 'X developer console, your app, “Keys and tokens”, “OAuth 2.0”.'),
    secretField(
      'clientSecret',
      'Client secret',
      'Shown together with the client ID, once. Leave it empty for an app of the type “Native App”.',
      false,
    ),
    apiField('X', 'https://api.x.com'),
  ],
  steps: [
    'In the X developer console make an app (console.x.com).',
    'Under “User authentication settings” choose “Read and write”, the type “Web App”, and paste the address shown here as the callback URI.',
    'Copy the client ID and its secret here.',
    'Buy API credits and switch on automatic top-up. A post with a link costs about $0.20.',
  ],
  scopes: ['tweet.read', 'tweet.write', 'users.read', 'media.write', 'offline.access'],
  scopeSeparator: ' ',
  pkce: true,
  client: 'basic',
  clientSecret: 'clientSecret',
  authorizeAt: (values) => `${webOf(apiOf(values), 'https://x.com')}/i/oauth2/authorize`,
  tokenAt: (values) => `${apiOf(values)}/2/oauth2/token`,
  async accounts(granted, values, tools, signal) {
    const answer = await tools.fetch(`${apiOf(values)}/2/users/me`, {
      signal,
      safe: true,
      headers: { authorization: `Bearer ${granted.accessToken}` },
    });
    const user = recordOf(recordOf(answer.json)['data']);
    const id = textOf(user['id']);
    if (id === undefined) throw unreadable('X', answer.status, true);
    return [{ id, name: `@${textOf(user['username']) ?? id}`, values: tokensOf(granted) }];
  },
};
