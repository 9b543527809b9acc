import { askJson, type JsonRequest } from './ask-json.ts';
import { failureOfAnswer, itSaid, listOf, recordOf, retryAfter, textOf, unreadable } from './classify.ts';
import { ChannelError, type ChannelTools, type GuardedResponse } from './contract.ts';

export const NETWORK = 'Discourse';

interface Asked {
  body?: Record<string, unknown>;
  signal: AbortSignal;
  /** Readers notice nothing of it, so a lost answer is no worry. By default what is asked with GET. */
  safe?: boolean;
}
export interface Discourse {
  (method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, asked: Asked): Promise<Record<string, unknown>>;
  /** Where a path leads: Discourse looks things up by redirecting. Null when there is nothing. */
  leadsTo(path: string, signal: AbortSignal): Promise<string | null>;
}

/** A forum's API (https://docs.discourse.org) as one user. Its answer to a delete has no body. */
export function openDiscourse(
  base: string,
  credentials: { key: string; username: string },
  tools: ChannelTools,
): Discourse {
  const headers = {
    accept: 'application/json',
    'api-key': credentials.key,
    'api-username': credentials.username,
  };
  const send = (method: JsonRequest['method'], path: string, asked: Asked) =>
    askJson(tools, { method, url: `${base}${path}`, headers, ...asked });
  const fail = (answer: GuardedResponse, safe: boolean) => failureOfDiscourse(answer, tools.now(), safe);

  const ask = async (method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, asked: Asked) => {
    const safe = asked.safe ?? method === 'GET';
    const answer = await send(method, path, asked);
    if (answer.status < 200 || answer.status > 299) throw fail(answer, safe);
    if (method === 'DELETE' && answer.text.trim() === '') return {};
    if (answer.json === undefined) throw unreadable(NETWORK, answer.status, safe);
    return recordOf(answer.json);
  };
  return Object.assign(ask, {
    async leadsTo(path: string, signal: AbortSignal): Promise<string | null> {
      const answer = await send('GET', path, { signal });
      const { status } = answer;
      if (status === 404 || status === 410) return null;
      const place = answer.headers.get('location');
      if ((status === 301 || status === 302) && place !== null) return place;
      throw fail(answer, true);
    },
  });
}

/** A forum's refusal: `{errors: […], error_type, extras}`, or `{action, errors}` for a post. */
function failureOfDiscourse(answer: GuardedResponse, now: number, safe: boolean): ChannelError {
  const body = recordOf(answer.json);
  const said = listOf(body['errors'])
    .flatMap((one) => textOf(one) ?? [])
    .join(' ');
  const type = textOf(body['error_type']);
  const { status } = answer;
  // A wrong key is a 403 like many others; only the words tell.
  if (status === 403 && /API username or key is invalid/i.test(said || answer.text))
    return new ChannelError(
      'auth',
      `The forum does not accept the API key for this user name. Make a new key in the forum's administration and connect it again.`,
      { status, code: 'invalid_api_credentials' },
    );
  if (status === 422 && /already (been )?(used|taken)|too similar/i.test(said))
    return new ChannelError('rejected', `The forum has this already.${itSaid(said)}`, {
      status,
      code: /external/i.test(said) ? 'external_id' : 'duplicate',
      duplicate: true,
    });
  // Maintenance and restores make a forum read-only, and it says so with 503.
  const wait = retryAfter(answer.headers, body, now);
  if (status === 503 && wait === undefined && type === 'read_only')
    return new ChannelError('unsent', 'The forum is read-only at the moment.', { status, code: 'read_only' });
  return failureOfAnswer(answer, { network: NETWORK, now, safe, said: said || undefined, code: type });
}
