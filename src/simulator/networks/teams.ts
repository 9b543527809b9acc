import type { Account } from '../facts.ts';
import { type Answer, type Call, json, type NetworkKind } from '../network.ts';
import { ALPHANUMERIC } from '../random.ts';
import { RateWindow } from '../rates.ts';

type Record_ = Record<string, unknown>;
const MAX_MESSAGE = 28 * 1024;
const CARD = 'application/vnd.microsoft.card.adaptive';

/**
 * A flow of Teams' Workflows app: "When a Teams webhook request is received", then "Post card in a chat or channel". It
 * answers 202 before it posts, so what cannot be posted is lost without a word, as with the real one.
 */
export const teams: NetworkKind = {
  kind: 'teams',
  name: 'Microsoft Teams',
  handle: 'northwindpay',
  open(world) {
    let made = 0;
    // "if more than four requests are made in a second, the client connection is throttled"
    const perFlow = new RateWindow(4, 1_000);

    const receive = (call: Call, account: Account): Answer => {
      if (account.options['state'] === 'off') {
        return failed(
          400,
          'WorkflowTriggerIsNotEnabled',
          `Could not execute workflow '${account.id}' trigger 'manual' with state 'Disabled': trigger is not enabled.`,
        );
      }
      if (Object.keys(call.body).length === 0) {
        return failed(
          400,
          'TriggerInputSchemaMismatch',
          'The input body for trigger does not match its schema.',
        );
      }
      const window = perFlow.take(account.id, call.now);
      if (window.refused && world.metered(account)) return refusal(429, 1);
      const text = wordsOf(call);
      if (text !== undefined && call.raw.length <= MAX_MESSAGE) {
        made += 1;
        const path = `/l/message/${account.id}/${made}`;
        world.keep({
          network: 'teams',
          account: account.id,
          author: { id: account.id, handle: account.handle, name: 'Workflows' },
          id: `${account.id}-${made}`,
          text,
          at: call.now,
          url: `${call.base}${path}`,
          paths: [path],
          raw: { card: call.body },
        });
      }
      return { status: 202, headers: { 'x-ms-workflow-run-id': `0858${made}` } };
    };

    return {
      credentials(seed, base) {
        const id = seed.id ?? seed.word('id', 32, '0123456789abcdef');
        const query = new URLSearchParams({
          'api-version': '1',
          sp: '/triggers/manual/run',
          sv: '1.0',
          sig: seed.word('sig', 43, `${ALPHANUMERIC}_-`),
        });
        const path = `/powerautomate/automations/direct/workflows/${id}/triggers/manual/paths/invoke`;
        return { id, settings: { name: 'Service status' }, secrets: { url: `${base}${path}?${query}` } };
      },

      authenticate(call) {
        const account = world.account('teams', call.params['flow'] ?? '');
        if (account === undefined || account.options['state'] === 'deleted') return GONE;
        const right = new URL(account.secrets['url'] ?? '').searchParams.get('sig');
        return call.query.get('sig') === right
          ? account
          : failed(
              401,
              'DirectApiAuthorizationRequired',
              'The request must be authenticated only by Shared Access scheme.',
            );
      },
      refusal,
      expired: () => GONE,

      routes: [
        {
          method: 'POST',
          path: '/powerautomate/automations/direct/workflows/:flow/triggers/manual/paths/invoke',
          does: ['publish'],
          run: receive,
        },
      ],
    };
  },
};

/** What people see of the card: its lines, with an empty one where there is more room; undefined when it is none. */
function wordsOf(call: Call): string | undefined {
  const list = (value: unknown): Record_[] => (Array.isArray(value) ? (value as Record_[]) : []);
  const card = list(call.body['attachments']).find((one) => one['contentType'] === CARD);
  const content = card?.['content'] as Record_ | undefined;
  if (call.body['type'] !== 'message' || content?.['type'] !== 'AdaptiveCard') return undefined;
  return list(content['body'])
    .map((block, n) => {
      const line = list(block['inlines'])
        .map((run) => String(run['text']))
        .join('');
      const gap = n === 0 ? '' : block['spacing'] === 'large' ? '\n\n' : '\n';
      return `${gap}${line}`;
    })
    .join('');
}

const failed = (status: number, code: string, message: string): Answer =>
  json(status, { error: { code, message } });
const GONE = failed(404, 'WorkflowNotFound', 'The workflow could not be found.');

const NAMES: Record<number, string> = {
  400: 'InvalidRequestContent',
  403: 'AuthorizationFailed',
  404: 'WorkflowNotFound',
  422: 'UnprocessableEntity',
  429: 'WorkflowRunActionRepetitionRequestsThrottled',
  503: 'ServiceUnavailable',
};

function refusal(code: number, retryAfter: number | undefined): Answer {
  const answer = failed(code, NAMES[code] ?? 'InternalServerError', 'The request was not completed.');
  const seconds = retryAfter ?? (code === 429 ? 10 : undefined);
  if (seconds !== undefined) answer.headers = { 'retry-after': String(seconds) };
  return answer;
}
