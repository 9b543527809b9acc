import type { NetworkKind } from '../network.ts';
import { bluesky } from './bluesky.ts';
import { discord } from './discord.ts';
import { discordWebhook } from './discord-webhook.ts';
import { discourse } from './discourse.ts';
import { email } from './email.ts';
import { facebook } from './facebook.ts';
import { googleChat } from './google-chat.ts';
import { googleChatWebhook } from './google-chat-webhook.ts';
import { instagram } from './instagram.ts';
import { linkedin } from './linkedin.ts';
import { mastodon } from './mastodon.ts';
import { matrix } from './matrix.ts';
import { reddit } from './reddit.ts';
import { slack } from './slack.ts';
import { slackWebhook } from './slack-webhook.ts';
import { sms } from './sms.ts';
import { teams } from './teams.ts';
import { telegram } from './telegram.ts';
import { threads } from './threads.ts';
import { webPush } from './web-push.ts';
import { webhook } from './webhook.ts';
import { whatsapp } from './whatsapp.ts';
import { x } from './x.ts';

/** Every network there is a stand-in for, in the order of the page's columns. One line each. */
export const NETWORKS: readonly NetworkKind[] = [
  x,
  mastodon,
  bluesky,
  facebook,
  instagram,
  threads,
  linkedin,
  webhook,
  email,
  sms,
  webPush,
  discourse,
  reddit,
  whatsapp,
  telegram,
  discord,
  discordWebhook,
  slack,
  slackWebhook,
  teams,
  googleChat,
  googleChatWebhook,
  matrix,
];
