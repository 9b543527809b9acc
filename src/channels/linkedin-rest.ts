import { askJson } from './ask-json.ts';
import { failureOfAnswer, itSaid, recordOf, retryAfter, textOf, unreadable } from './classify.ts';
import { ChannelError, type ChannelTools, type GuardedResponse } from './contract.ts';
import { openCredential } from './credential.ts';

export const NETWORK = 'LinkedIn';
const DAY = 24 * 3_600_000;
/** How many entries and pages of a list are read at most. */
const PAGE = 100;
const PAGES = 8;

export interface RestCall {
  method: 'GET' | 'POST' | 'DELETE';
  /** Below `/rest/`, with its URNs encoded. */
  path: string;
  /** The Rest.li method where the HTTP method does not say it. */
  does?: 'PARTIAL_UPDATE' | 'FINDER';
  body?: unknown;
  signal: AbortSignal;
  /** Readers see nothing of it, so a lost answer is no worry. By default what is asked with GET. */
  safe?: boolean;
  /** It concerns one post: a missing permission is then about that post, not about the connection. */
  onePost?: boolean;
}

interface Token {
  accessToken: string;
  refreshToken: string | undefined;
  expiresAt: number | undefined;
}

export interface Rest {
  ask(call: RestCall): Promise<GuardedResponse>;
  /** The answer of a read, which must be JSON. */
  read(call: Omit<RestCall, 'method'>): Promise<Record<string, unknown>>;
  /** When the token ends, ms, as LinkedIn tells those who own the app; undefined when it cannot be known. */
  expiresAt(signal: AbortSignal): Promise<number | undefined>;
}

/** LinkedIn's versioned REST API, with a token that is renewed where LinkedIn has given the app refresh tokens. */
export function openRest(
  parts: { api: string; oauth: string; version: string },
  values: Record<string, string>,
  tools: ChannelTools,
): Rest {
  const client = {
    client_id: values['clientId']?.trim() ?? '',
    client_secret: values['clientSecret']?.trim() ?? '',
  };
  const isOwner = client.client_id !== '' && client.client_secret !== '';
  const credential = openCredential<Token>({
    first: {
      accessToken: values['accessToken']?.trim() ?? '',
      refreshToken: values['refreshToken']?.trim() || undefined,
      expiresAt: Number(values['expiresAt']) || undefined,
    },
    async renew(old, signal) {
      const answer = await form('accessToken', signal, {
        grant_type: 'refresh_token',
        refresh_token: old.refreshToken ?? '',
        ...client,
      });
      const body = recordOf(answer.json);
      const accessToken = textOf(body['access_token']);
      if (answer.status === 200 && accessToken !== undefined) {
        const seconds = Number(body['expires_in']);
        return {
          accessToken,
          refreshToken: textOf(body['refresh_token']) ?? old.refreshToken,
          expiresAt: seconds > 0 ? tools.now() + seconds * 1000 : undefined,
        };
      }
      if (answer.status >= 400 && answer.status < 500 && answer.status !== 429)
        throw new ChannelError(
          'auth',
          'LinkedIn did not renew our token: its year is over, or it was revoked. Connect the account again.',
          { status: answer.status, code: textOf(body['error']) ?? `http_${answer.status}` },
        );
      throw failureOfAnswer(answer, { network: NETWORK, now: tools.now(), safe: true });
    },
    save: ({ accessToken, refreshToken, expiresAt }) =>
      tools.saveSecrets({
        accessToken,
        ...(refreshToken === undefined ? {} : { refreshToken }),
        ...(expiresAt === undefined ? {} : { expiresAt: String(expiresAt) }),
      }),
  });

  /** A call to the authorization server. It publishes nothing, whatever goes wrong with it. */
  const form = (path: string, signal: AbortSignal, fields: Record<string, string>) =>
    tools.fetch(`${parts.oauth}/${path}`, {
      method: 'POST',
      signal,
      safe: true,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(fields).toString(),
    });

  const send = (call: RestCall, token: Token) =>
    askJson(tools, {
      method: call.method,
      url: `${parts.api}/rest/${call.path}`,
      signal: call.signal,
      headers: {
        authorization: `Bearer ${token.accessToken}`,
        'linkedin-version': parts.version,
        'x-restli-protocol-version': '2.0.0',
        ...(call.does === undefined ? {} : { 'x-restli-method': call.does }),
      },
      ...(call.body === undefined ? {} : { body: call.body }),
      ...(call.safe === undefined ? {} : { safe: call.safe }),
    });

  async function ask(call: RestCall): Promise<GuardedResponse> {
    const first = await credential.current(call.signal);
    let answer = await send(call, first);
    // A token that was refused has published nothing, so the same request may go again, once.
    if (answer.status === 401 && first.refreshToken !== undefined && isOwner)
      answer = await send(call, await credential.current(call.signal, first));
    if (answer.status < 200 || answer.status > 299)
      throw failureOfLinkedIn(answer, {
        now: tools.now(),
        safe: call.safe ?? call.method === 'GET',
        version: parts.version,
        onePost: call.onePost ?? false,
      });
    return answer;
  }

  return {
    ask,
    async read(call) {
      const answer = await ask({ ...call, method: 'GET' });
      if (answer.json === undefined) throw unreadable(NETWORK, answer.status, true);
      return recordOf(answer.json);
    },
    async expiresAt(signal) {
      const token = await credential.current(signal);
      if (!isOwner) return token.expiresAt;
      const answer = await form('introspectToken', signal, { token: token.accessToken, ...client });
      const seconds = recordOf(answer.json)['expires_at'];
      return answer.status === 200 && typeof seconds === 'number' ? seconds * 1000 : token.expiresAt;
    },
  };
}

/**
 * The entries of a list that are no older than `after`, and whether all of it was read. A list that is newest first is
 * read only so far.
 */
export async function readList(
  page: (start: number, count: number) => Promise<Record<string, unknown>>,
  at: (entry: Record<string, unknown>) => number,
  after: number,
): Promise<{ entries: Record<string, unknown>[]; whole: boolean }> {
  const all: Record<string, unknown>[] = [];
  for (let n = 0; n < PAGES; n++) {
    const { elements } = await page(n * PAGE, PAGE);
    // An answer without a list is a look that did not work, not an absence.
    if (!Array.isArray(elements)) throw unreadable(NETWORK, 200, true);
    const found = elements.map(recordOf);
    all.push(...found.filter((entry) => at(entry) >= after));
    const [first = {}] = found;
    const isOver = found.every((entry) => at(entry) < after) && at(first) >= at(found.at(-1) ?? {});
    if (found.length < PAGE || isOver) return { entries: all, whole: true };
  }
  return { entries: all, whole: false };
}

/** LinkedIn's refusals: its own codes first, then the table. */
function failureOfLinkedIn(
  answer: GuardedResponse,
  about: { now: number; safe: boolean; version: string; onePost: boolean },
): ChannelError {
  const { now, safe } = about;
  const { status } = answer;
  const body = recordOf(answer.json);
  const said = textOf(body['message']);
  const code =
    textOf(body['code']) ??
    (body['serviceErrorCode'] === undefined ? undefined : String(body['serviceErrorCode']));
  const more = { status, code: code ?? `http_${status}` };
  if (status === 426 || code === 'NONEXISTENT_VERSION' || code === 'VERSION_MISSING')
    return new ChannelError(
      'auth',
      `LinkedIn does not speak the version ${about.version} of its API any more. Enter a newer one, as YYYYMM, in the connection.`,
      more,
    );
  if (status === 403 && /permission|access|administrator/i.test(`${code} ${said}`) && !about.onePost)
    return new ChannelError(
      'auth',
      `LinkedIn does not let this account or app do that.${itSaid(said)} Check its role on the page and the app’s permissions.`,
      more,
    );
  if (status === 409 && code === 'CONFLICT')
    return new ChannelError(
      'unsent',
      'LinkedIn was busy with another change and asks us to try again.',
      more,
    );
  if (status === 429) {
    // Daily budgets end at midnight UTC, and LinkedIn sends no time with them.
    const wait =
      retryAfter(answer.headers, body, now) ?? (/\bDAY\b/.test(said ?? '') ? DAY - (now % DAY) : undefined);
    return new ChannelError('limited', `LinkedIn asks us to wait (429).${itSaid(said)}`, {
      ...more,
      retryAfterMs: wait,
    });
  }
  return failureOfAnswer(answer, { network: NETWORK, now, safe, said, code });
}
