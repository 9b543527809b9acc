import type { Answer, NetworkKind } from '../network.ts';
import { ALPHANUMERIC, DIGITS } from '../random.ts';
import { RateWindow } from '../rates.ts';
import { placeOf, readContent, timestamps } from './slack-messages.ts';

/** Slack's incoming webhooks: plain text answers, and nothing that names the message. */
export const slackWebhook: NetworkKind = {
  kind: 'slack_webhook',
  name: 'Slack webhook',
  handle: 'northwindpay',
  open(world) {
    const nextTs = timestamps();
    const perHook = new RateWindow(4, 4_000);
    return {
      credentials(seed, base) {
        const { team } = placeOf(world, { network: 'slack_webhook', handle: seed.handle });
        const id = seed.id ?? `B${seed.word('id', 10, ALPHANUMERIC.slice(0, 26) + DIGITS)}`;
        return {
          id,
          settings: { name: '#status' },
          secrets: { url: `${base}/services/${team}/${id}/${seed.word('token', 24)}` },
        };
      },

      authenticate(call) {
        const account = world.account('slack_webhook', call.params['hook'] ?? '');
        if (account === undefined || account.options['deleted'] === true) return says(404, 'no_service');
        return account.secrets['url']?.endsWith(`/${call.params['token']}`) === true
          ? account
          : says(403, 'invalid_token');
      },
      refusal,
      expired: () => says(403, 'invalid_token'),

      routes: [
        {
          method: 'POST',
          path: '/services/:team/:hook/:token',
          does: ['publish', 'verify'],
          run(call, account) {
            const wanted = readContent(call, 1e6);
            if ('error' in wanted) return says(400, wanted.error);
            if (account.options['archived'] === true) return says(410, 'channel_is_archived');
            const window = perHook.take(account.id, call.now);
            if (window.refused && world.metered(account)) {
              return refusal(429, Math.ceil((window.resetAt - call.now) / 1000));
            }
            const ts = nextTs(call.now);
            const { channel } = placeOf(world, account);
            const path = `/archives/${channel}/p${ts.replace('.', '')}`;
            world.keep({
              network: 'slack_webhook',
              account: account.id,
              author: { id: account.id, handle: account.handle, name: account.name },
              id: ts,
              text: wanted.text,
              at: call.now,
              url: `${call.base}${path}`,
              paths: [path],
              raw: { wire: wanted.wire, pings: wanted.pings },
            });
            return says(200, 'ok');
          },
        },
      ],
    };
  },
};

const says = (status: number, body: string): Answer => ({ status, body });

const WORDS: Record<number, string> = {
  400: 'invalid_payload',
  403: 'action_prohibited',
  404: 'no_service',
  410: 'channel_is_archived',
  429: 'rate_limited',
};

function refusal(code: number, retryAfter: number | undefined): Answer {
  const answer = says(code, WORDS[code] ?? 'rollup_error');
  const seconds = retryAfter ?? (code === 429 ? 30 : undefined);
  if (seconds !== undefined) answer.headers = { 'retry-after': String(seconds) };
  return answer;
}
