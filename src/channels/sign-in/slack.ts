import { rootOf } from '../ask-json.ts';
import { listOf, recordOf, textOf } from '../classify.ts';
import type { SignIn } from '../contract.ts';
import { apiField, clientIdField, secretField } from '../fields.ts';
import { openSlackApi } from '../slack-api.ts';

const PAGES = 10;
const rootIn = (values: Record<string, string>) => rootOf(values['api'], 'https://slack.com');

/** https://docs.slack.dev/authentication/installing-with-oauth, then the channels that the bot can see. */
export const slackSignIn: SignIn = {
  fields: [
    clientIdField('Client ID', 'api.slack.com/apps, your app, “Basic Information”, “App Credentials”.'),
    secretField('clientSecret', 'Client secret', 'Same place.'),
    secretField(
      'signingSecret',
      'Signing secret',
      'Same place. Only if Slack is to tell us at once what people say (Events API).',
      false,
    ),
    apiField('Slack', 'https://slack.com'),
  ],
  steps: [
    'On api.slack.com/apps make an app for your workspace.',
    'Under “OAuth & Permissions” paste the address shown here as a redirect URL, and leave token rotation off.',
    'Copy the client ID and the secrets here. We ask for the scopes ourselves.',
    'After signing in, write /invite and the app’s name in the channel, and choose it here.',
  ],
  scopes: ['chat:write', 'channels:read', 'channels:history', 'users:read'],
  scopeSeparator: ',',
  pkce: false,
  client: 'basic',
  clientSecret: 'clientSecret',
  authorizeAt: (values) => `${rootIn(values)}/oauth/v2/authorize`,
  tokenAt: (values) => `${rootIn(values)}/api/oauth.v2.access`,
  async accounts(granted, values, tools, signal) {
    const call = openSlackApi(rootIn(values), granted.accessToken, tools);
    const found: Record<string, unknown>[] = [];
    let cursor = '';
    for (let n = 0; n < PAGES; n++) {
      const page = await call(
        'conversations.list',
        {
          types: 'public_channel',
          exclude_archived: 'true',
          limit: '200',
          ...(cursor === '' ? {} : { cursor }),
        },
        { signal, safe: true },
      );
      found.push(...listOf(page['channels']).map(recordOf));
      cursor = textOf(recordOf(page['response_metadata'])['next_cursor']) ?? '';
      if (cursor === '') break;
    }
    const team = textOf(recordOf(granted.answer['team'])['name']) ?? 'Slack';
    return found
      .toSorted((a, b) => Number(b['is_member'] === true) - Number(a['is_member'] === true))
      .flatMap((one) => {
        const id = textOf(one['id']);
        if (id === undefined) return [];
        const here = one['is_member'] === true ? '' : ', where the app is not yet: invite it first';
        return [
          {
            id,
            name: `#${textOf(one['name']) ?? id} in ${team}${here}`,
            values: { channel: id, botToken: granted.accessToken },
          },
        ];
      });
  },
};
