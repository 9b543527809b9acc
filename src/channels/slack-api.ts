import { askJson } from './ask-json.ts';
import { failureOfAnswer, recordOf, textOf, unreadable } from './classify.ts';
import { ChannelError, type ChannelTools, type GuardedResponse } from './contract.ts';
import { NETWORK } from './slack-text.ts';

/** A method of Slack's Web API, with our token; the answer when it says `ok`. */
export type CallSlack = (
  method: string,
  params: Record<string, unknown>,
  about: { signal: AbortSignal; safe: boolean },
) => Promise<Record<string, unknown>>;

/** Reads go as GET with a query, writes as POST with JSON. `root` has no slash at the end. */
export function openSlackApi(root: string, token: string, tools: ChannelTools): CallSlack {
  return async (method, params, { signal, safe }) => {
    const query = new URLSearchParams(params as Record<string, string>).toString();
    const answer = await askJson(tools, {
      method: safe ? 'GET' : 'POST',
      url: `${root}/api/${method}${safe && query !== '' ? `?${query}` : ''}`,
      headers: { authorization: `Bearer ${token}` },
      signal,
      safe,
      ...(safe ? {} : { body: params }),
    });
    const body = recordOf(answer.json);
    if (answer.status === 200 && body['ok'] === true) return body;
    throw failureOf(answer, tools.now(), safe);
  };
}

/** Names of refusals that are about the connection, with what to do. */
const ABOUT_US: Record<string, string> = {
  invalid_auth: 'Copy the bot token again.',
  not_authed: 'Copy the bot token again.',
  token_revoked: 'Install the app again and copy its new token.',
  token_expired: 'Install the app again, with token rotation off.',
  account_inactive: 'Install the app again and copy its new token.',
  org_login_required: 'Ask an administrator of the workspace.',
  team_access_not_granted: 'Ask an administrator of the workspace.',
  access_denied: 'Ask an administrator of the workspace.',
  ekm_access_denied: 'Ask an administrator of the workspace.',
  not_allowed_token_type: 'Use the bot token, which begins with xoxb-.',
  no_permission: 'Ask an administrator of the workspace.',
  missing_scope: 'Add the scopes that are listed, and install the app again.',
  not_in_channel: 'Invite the app: write /invite and its name in the channel.',
};
const SAYS: Record<string, string> = {
  channel_not_found: 'The channel does not exist, or the app cannot see it.',
  is_archived: 'The channel is archived.',
  restricted_action: 'The workspace lets only some people post there.',
  cant_update_message: 'Slack lets only the author change a message.',
  edit_window_closed: 'The workspace lets messages be changed only for a while. Correct it with an answer.',
};
const LIMITED = new Set(['ratelimited', 'rate_limited', 'message_limit_exceeded']);
/** With status 200: it may have been done all the same. */
const UNSURE = new Set(['fatal_error', 'internal_error', 'request_timeout', 'service_unavailable']);

/** Slack says no with status 200, so its names come first, then the table. */
function failureOf(answer: GuardedResponse, now: number, safe: boolean): ChannelError {
  const { status } = answer;
  const body = recordOf(answer.json);
  const code = textOf(body['error']);
  if (code === undefined && status === 200) return unreadable(NETWORK, status, safe);
  const more = { status, code };
  const advice = ABOUT_US[code ?? ''];
  if (advice !== undefined) {
    const needs = textOf(body['needed']);
    const scope = needs === undefined ? '' : ` (it needs ${needs})`;
    return new ChannelError('auth', `Slack did not accept the app: ${code}${scope}. ${advice}`, more);
  }
  const about = { network: NETWORK, now, safe, said: code, code };
  if (status !== 200) return failureOfAnswer(answer, about);
  if (LIMITED.has(code ?? '')) return failureOfAnswer({ ...answer, status: 429 }, about);
  if (UNSURE.has(code ?? '')) return failureOfAnswer({ ...answer, status: 500 }, about);
  return new ChannelError('rejected', `Slack refused this: ${code}. ${SAYS[code ?? ''] ?? ''}`.trim(), more);
}

/** The message is not there, by any of the names that Slack has for it. */
export const isGone = (error: unknown): boolean =>
  error instanceof ChannelError && ['message_not_found', 'thread_not_found'].includes(error.code ?? '');
