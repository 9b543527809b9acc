import t from 'tap';
import { discord } from '../../src/channels/discord.ts';
import { discordWebhook } from '../../src/channels/discord-webhook.ts';
import { googleChat } from '../../src/channels/google-chat.ts';
import { googleChatWebhook } from '../../src/channels/google-chat-webhook.ts';
import { matrix } from '../../src/channels/matrix.ts';
import { slack } from '../../src/channels/slack.ts';
import { slackWebhook } from '../../src/channels/slack-webhook.ts';
import { teams } from '../../src/channels/teams.ts';
import { telegram } from '../../src/channels/telegram.ts';
import { channelContract } from './contract.ts';
import { draftOf, keyOf, never, type Stand } from './stand-in.ts';

// Most of the time goes by in waiting for answers that do not come.
t.jobs = 6;

/** Publishes until the network has had enough. */
async function tooMuch(stand: Stand): Promise<never> {
  for (;;) await stand.channel.publish(draftOf(), keyOf(stand), never);
}

t.test('telegram', async (t) =>
  channelContract(t, {
    spec: { network: 'telegram' },
    account: /^@northwindpay$/,
    limits: telegram.limits,
    can: telegram.can,
    dead: [403, 404],
    windowMs: 60_000,
    exhaust: tooMuch,
  }),
);

t.test('discord', async (t) =>
  channelContract(t, {
    spec: { network: 'discord' },
    account: /^@northwindpay in #status$/,
    limits: discord.limits,
    can: discord.can,
    dead: [403],
    windowMs: 5_000,
    async exhaust(stand) {
      for (let i = 0; ; i++) await stand.channel.publish(draftOf(), keyOf(stand, `dlv_${i}`), never);
    },
  }),
);

t.test('discord_webhook', async (t) =>
  channelContract(t, {
    spec: { network: 'discord_webhook' },
    account: /^Northwind Pay$/,
    limits: discordWebhook.limits,
    can: discordWebhook.can,
    dead: [403, 404],
    windowMs: 5_000,
    exhaust: tooMuch,
  }),
);

t.test('slack', async (t) =>
  channelContract(t, {
    spec: { network: 'slack' },
    account: /^@northwindpay in #status, Northwind Pay$/,
    limits: slack.limits,
    can: slack.can,
    flat: true,
    takesOrphans: true,
    windowMs: 4_000,
    exhaust: tooMuch,
  }),
);

t.test('slack_webhook', async (t) =>
  channelContract(t, {
    spec: { network: 'slack_webhook' },
    account: /^#status$/,
    limits: slackWebhook.limits,
    can: slackWebhook.can,
    dead: [404],
    windowMs: 4_000,
    exhaust: tooMuch,
  }),
);

t.test('teams', async (t) =>
  channelContract(t, {
    spec: { network: 'teams' },
    account: /^Service status$/,
    limits: teams.limits,
    can: teams.can,
    dead: [403, 404],
    bodiless: true,
    windowMs: 1_000,
    exhaust: tooMuch,
  }),
);

t.test('google_chat', async (t) =>
  channelContract(t, {
    spec: { network: 'google_chat' },
    account: /^Northwind Pay status$/,
    limits: googleChat.limits,
    can: googleChat.can,
    dead: [403],
    flat: true,
    silentLimit: true,
    async exhaust(stand) {
      for (let i = 0; ; i++) await stand.channel.publish(draftOf(), keyOf(stand, `dlv_${i}`), never);
    },
  }),
);

t.test('google_chat_webhook', async (t) =>
  channelContract(t, {
    spec: { network: 'google_chat_webhook' },
    account: /^Service status$/,
    limits: googleChatWebhook.limits,
    can: googleChatWebhook.can,
    dead: [403],
    flat: true,
    silentLimit: true,
    async exhaust(stand) {
      for (let i = 0; ; i++) await stand.channel.publish(draftOf(), keyOf(stand, `dlv_${i}`), never);
    },
  }),
);

t.test('matrix', async (t) =>
  channelContract(t, {
    spec: { network: 'matrix' },
    account: /^@northwindpay:northwind\.test in Northwind Pay status$/,
    limits: matrix.limits,
    can: matrix.can,
    dead: [403],
    takesOrphans: true,
    windowMs: 50_000,
    async exhaust(stand) {
      for (let i = 0; ; i++) await stand.channel.publish(draftOf(), keyOf(stand, `dlv_${i}`), never);
    },
  }),
);
