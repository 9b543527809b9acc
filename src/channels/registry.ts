import { DomainError, invalid, notFound } from '../domain/error.ts';
import { bluesky } from './bluesky.ts';
import type { Channel, ChannelKind, ChannelTools, Field } from './contract.ts';
import { discord } from './discord.ts';
import { discordWebhook } from './discord-webhook.ts';
import { discourse } from './discourse.ts';
import { email } from './email.ts';
import { facebook } from './facebook.ts';
import { googleChat } from './google-chat.ts';
import { googleChatWebhook } from './google-chat-webhook.ts';
import { googleplus } from './googleplus.ts';
import { instagram } from './instagram.ts';
import { linkedin } from './linkedin.ts';
import { withTheirClock } from './look-back.ts';
import { manual } from './manual.ts';
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

/** Every network we know, one line each, in the order people see them. */
const KINDS: readonly ChannelKind[] = [
  x,
  mastodon,
  bluesky,
  webhook,
  facebook,
  instagram,
  threads,
  linkedin,
  telegram,
  discord,
  discordWebhook,
  slack,
  slackWebhook,
  teams,
  googleChat,
  googleChatWebhook,
  matrix,
  email,
  sms,
  webPush,
  discourse,
  reddit,
  whatsapp,
  manual,
  googleplus, //
];

/** All kinds, the retired ones too. */
export const listKinds = (): readonly ChannelKind[] => KINDS;

/** The kinds that an account can be connected to. */
export const activeKinds = (): readonly ChannelKind[] => KINDS.filter((one) => one.lifecycle !== 'retired');

/** The kind of that name, retired ones too. Throws `not_found` for a name that nobody knows. */
export function findKind(kind: string): ChannelKind {
  const found = KINDS.find((one) => one.kind === kind);
  if (found === undefined) throw notFound('channel');
  return found;
}

/** What a person has entered for such an account: less, when they signed in on the network. */
export const fieldsOf = (kind: ChannelKind, values: Record<string, string>): readonly Field[] =>
  values['signedIn'] === '1' ? (kind.signIn?.fields ?? []) : kind.fields;

/**
 * A connected account. `values` are settings and secrets in one record, as the kind's fields name them. Throws `gone`
 * for a retired network and `invalid` for a value that is missing; asks the network nothing.
 */
export function openChannel(kind: string, values: Record<string, string>, tools: ChannelTools): Channel {
  const found = findKind(kind);
  if (found.lifecycle === 'retired')
    throw new DomainError('gone', found.retired?.note ?? `${found.name} does not exist any more.`);
  for (const field of fieldsOf(found, values))
    if (field.required && (values[field.name] ?? '').trim() === '')
      throw invalid(field.name, `${field.label} is missing. ${field.help}`);
  return withTheirClock(tools, (its) => found.open(values, its));
}
