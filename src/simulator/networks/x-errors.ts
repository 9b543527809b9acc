/** X's refusals, word for word where somebody has published them. */
import { type Answer, type Call, json } from '../network.ts';

export const UNAUTHORIZED: Answer = json(401, {
  title: 'Unauthorized',
  type: 'about:blank',
  status: 401,
  detail: 'Unauthorized',
});

export function problem(status: number, title: string, detail: string): Answer {
  return json(status, { detail, type: 'about:blank', title, status });
}

export function notFound(
  resource: 'tweet' | 'user',
  parameter: string,
  value: string,
): Record<string, unknown> {
  return {
    value,
    detail: `Could not find ${resource} with ${parameter}: [${value}].`,
    title: 'Not Found Error',
    resource_type: resource,
    parameter,
    resource_id: value,
    type: 'https://api.twitter.com/2/problems/resource-not-found',
  };
}

export function invalid(error: Record<string, unknown>): Answer {
  return json(400, {
    errors: [error],
    title: 'Invalid Request',
    detail: 'One or more parameters to your request was invalid.',
    type: 'https://api.twitter.com/2/problems/invalid-request',
  });
}

export function invalidPage(call: Call): Answer | undefined {
  const max = call.query.get('max_results');
  if (max !== null && !(Number(max) >= 5 && Number(max) <= 100)) {
    return invalid({
      parameters: { max_results: [max] },
      message: `The \`max_results\` query parameter value [${max}] is not between 5 and 100`,
    });
  }
  const since = call.query.get('since_id');
  if (since !== null && !/^\d{1,19}$/.test(since)) {
    return invalid({
      parameters: { since_id: [since] },
      message: `The \`since_id\` query parameter value [${since}] is not valid`,
    });
  }
  return undefined;
}

const TITLES: Record<number, string> = {
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

export function refusal(code: number, retryAfter: number | undefined, now: number): Answer {
  if (code === 401) return UNAUTHORIZED;
  if (code === 402) {
    return json(402, {
      title: 'CreditsDepleted',
      detail: 'Your enrolled account [1820071] does not have any credits to fulfill this request.',
      type: 'https://api.twitter.com/2/problems/credits',
      account_id: 1820071,
    });
  }
  const title = TITLES[code] ?? 'Error';
  const answer = problem(code, title, code === 403 ? 'You are not permitted to perform this action.' : title);
  // X names no Retry-After: it gives the second in which the window opens again.
  if (code === 429) {
    answer.headers = {
      'x-rate-limit-limit': '100',
      'x-rate-limit-remaining': '0',
      'x-rate-limit-reset': String(Math.ceil(now / 1000) + (retryAfter ?? 900)),
    };
  } else if (retryAfter !== undefined) {
    answer.headers = { 'retry-after': String(retryAfter) };
  }
  return answer;
}
