import { rootOf } from '../ask-json.ts';
import { recordOf, textOf, unreadable } from '../classify.ts';
import { ChannelError, type SignIn } from '../contract.ts';
import { apiField, clientIdField, secretField } from '../fields.ts';

type Values = Record<string, string>;
const standIn = (values: Values) => (values['api']?.trim() ? rootOf(values['api'], '') : undefined);
const webIn = (values: Values) => standIn(values) ?? 'https://www.reddit.com';

/** https://github.com/reddit-archive/reddit/wiki/OAuth2 */
export const redditSignIn: SignIn = {
  fields: [
    clientIdField(
      'Client ID',
      'reddit.com/prefs/apps, below the name of your app. Reddit has to approve the app first.',
    ),
    secretField('clientSecret', 'Client secret', 'Same page, “secret”.'),
    {
      name: 'subreddit',
      label: 'Subreddit',
      help: 'Your own, without r/, for posts that answer nobody. Leave empty to only answer.',
      secret: false,
      required: false,
      placeholder: 'northwindpay',
    },
    apiField('Reddit', 'https://oauth.reddit.com'),
  ],
  steps: [
    'Ask Reddit for approval under its Responsible Builder Policy; keys cannot be had without it since November 2025.',
    'On reddit.com/prefs/apps make an app of the kind “web app” and paste the address shown here as its redirect uri.',
    'Copy its ID and secret here, and sign in as the account that will speak.',
    'Speak only in your own subreddit and where you are addressed, and say who you are.',
  ],
  scopes: ['identity', 'read', 'history', 'submit', 'edit', 'privatemessages'],
  scopeSeparator: ' ',
  pkce: false,
  client: 'basic',
  clientSecret: 'clientSecret',
  authorizeAt: (values) => `${webIn(values)}/api/v1/authorize`,
  tokenAt: (values) => `${webIn(values)}/api/v1/access_token`,
  ask: { duration: 'permanent' },
  async accounts(granted, values, tools, signal) {
    if (granted.refreshToken === undefined)
      throw new ChannelError('auth', 'Reddit gave a token for an hour only. Start again.', {
        code: 'no_refresh_token',
      });
    const answer = await tools.fetch(`${standIn(values) ?? 'https://oauth.reddit.com'}/api/v1/me`, {
      signal,
      safe: true,
      headers: { authorization: `Bearer ${granted.accessToken}`, 'user-agent': 'web:tocsin:0.1' },
    });
    const me = recordOf(answer.json);
    const username = textOf(me['name']);
    if (username === undefined) throw unreadable('Reddit', answer.status, true);
    return [
      {
        id: textOf(me['id']) ?? username,
        name: `u/${username}`,
        values: { username, refreshToken: granted.refreshToken },
      },
    ];
  },
};
