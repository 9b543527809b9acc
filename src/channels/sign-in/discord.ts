import { rootOf } from '../ask-json.ts';
import { failureOfAnswer, listOf, recordOf, textOf } from '../classify.ts';
import { ChannelError, type SignIn } from '../contract.ts';
import { apiField, clientIdField, secretField } from '../fields.ts';

/** View Channel, Send Messages, Attach Files, Read Message History, Manage Messages (to publish announcements). */
const PERMISSIONS = (1n << 10n) | (1n << 11n) | (1n << 13n) | (1n << 15n) | (1n << 16n);
const rootIn = (values: Record<string, string>) => rootOf(values['api'], 'https://discord.com');

/** https://docs.discord.com/developers/topics/oauth2#advanced-bot-authorization: the sign-in puts the bot into a server. */
export const discordSignIn: SignIn = {
  fields: [
    clientIdField('Application ID', 'discord.com/developers/applications, your app, “General Information”.'),
    secretField('clientSecret', 'Client secret', 'Your app, “OAuth2”, “Reset Secret”.'),
    secretField('botToken', 'Bot token', 'Your app, “Bot”, “Reset Token”.'),
    apiField('Discord', 'https://discord.com'),
  ],
  steps: [
    'On discord.com/developers/applications make an app, and under “Bot” switch on “Requires OAuth2 Code Grant”.',
    'Under “OAuth2” paste the address shown here as a redirect.',
    'Copy the application ID, the client secret and the bot token here.',
    'Sign in as somebody who may manage the server, and choose the server; then choose the channel here.',
  ],
  scopes: ['bot'],
  scopeSeparator: ' ',
  pkce: false,
  client: 'basic',
  clientSecret: 'clientSecret',
  authorizeAt: (values) => `${rootIn(values)}/oauth2/authorize`,
  tokenAt: (values) => `${rootIn(values)}/api/v10/oauth2/token`,
  ask: { permissions: String(PERMISSIONS) },
  async accounts(granted, values, tools, signal) {
    const guild = recordOf(granted.answer['guild']);
    const id = textOf(guild['id']);
    if (id === undefined)
      throw new ChannelError(
        'auth',
        'Discord did not say which server the bot was put into. Switch on “Requires OAuth2 Code Grant” under “Bot”, and start again.',
        { code: 'no_guild' },
      );
    const answer = await tools.fetch(`${rootIn(values)}/api/v10/guilds/${encodeURIComponent(id)}/channels`, {
      signal,
      safe: true,
      headers: { authorization: `Bot ${(values['botToken'] ?? '').trim()}` },
    });
    if (answer.status !== 200)
      throw failureOfAnswer(answer, { network: 'Discord', now: tools.now(), safe: true });
    const server = textOf(guild['name']) ?? 'the server';
    // 0 is a text channel, 5 an announcement channel.
    return listOf(answer.json)
      .map(recordOf)
      .filter((one) => one['type'] === 0 || one['type'] === 5)
      .flatMap((one) => {
        const channel = textOf(one['id']);
        if (channel === undefined) return [];
        return [
          { id: channel, name: `#${textOf(one['name']) ?? channel} in ${server}`, values: { channel } },
        ];
      });
  },
};
