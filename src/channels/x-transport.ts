import { type ITwitterApiClientPlugin, TwitterApi } from 'twitter-api-v2';
import { failureOfAnswer, itSaid, listOf, recordOf, retryAfter, textOf, unreadable } from './classify.ts';
import { ChannelError, type ChannelTools, type GuardedResponse } from './contract.ts';
import { openXToken } from './x-token.ts';

const NETWORK = 'X';

/** One call's view of X's v2 API. Each call has a client of its own, because a plugin cannot be given the signal. */
type OpenX = (call: { signal: AbortSignal; safe?: boolean }) => TwitterApi['v2'];

/**
 * twitter-api-v2 builds the requests and signs them where keys were copied (OAuth 1.0a); our guarded fetch carries them.
 * The library's own transport has no signal, reads bodies without a limit and hides the cause of a broken connection, so
 * that nobody could tell a post that never left from one that may have arrived. It never sees a request here, and so
 * never retries.
 */
export function openX(api: string | undefined, secrets: Record<string, string>, tools: ChannelTools): OpenX {
  // Whoever signed in on X has one token; whoever copied keys has four, and every request is signed with them.
  const signedIn =
    secrets['signedIn'] === '1' ? openXToken(api ?? 'https://api.x.com', secrets, tools) : undefined;
  const tokens = {
    appKey: secrets['consumerKey'] ?? '',
    appSecret: secrets['consumerSecret'] ?? '',
    accessToken: secrets['accessToken'] ?? '',
    accessSecret: secrets['accessSecret'] ?? '',
  };
  return ({ signal, safe = false }) => {
    const carrier: ITwitterApiClientPlugin = {
      async onBeforeRequestConfig({ client, params }) {
        // The library knows JSON endpoints by a path that starts with /2/, which a stand-in's need not.
        const made = client['getHttpRequestArgs']({ ...params, forceBodyMode: 'json' });
        const send = (token?: string) =>
          tools.fetch(made.url.href, {
            method: made.method,
            headers:
              token === undefined ? made.headers : { ...made.headers, Authorization: `Bearer ${token}` },
            signal,
            safe,
            ...(made.body === undefined || made.method === 'DELETE' ? {} : { body: made.body }),
          });
        const held = await signedIn?.current(signal);
        let answer = await send(held?.accessToken);
        // A token that was refused has published nothing, so the same request may go again, once.
        if (answer.status === 401 && signedIn !== undefined)
          answer = await send((await signedIn.after(signal, held)).accessToken);
        if (answer.status < 200 || answer.status > 299) throw failureOfX(answer, tools.now(), safe);
        if (answer.json === undefined) throw unreadable(NETWORK, answer.status, safe);
        return { headers: Object.fromEntries(answer.headers), data: answer.json };
      },
    };
    const plugins = [carrier];
    const { v2 } =
      signedIn === undefined ? new TwitterApi(tokens, { plugins }) : new TwitterApi('ours', { plugins });
    if (api !== undefined) v2['setPrefix'](`${api}/2/`);
    return v2;
  };
}

/** X's refusals that are about us, not about the words: by the last part of the problem's `type`, or by what it says. */
const ABOUT_US = /client-forbidden|unsupported-authentication|oauth1-permissions/;
const SUSPENDED = /account is (temporarily locked|suspended)|suspended from|app permissions/i;

/** X's answer as a failure: its own codes first, then the table. */
function failureOfX(answer: GuardedResponse, now: number, safe: boolean): ChannelError {
  const body = recordOf(answer.json);
  const first = recordOf(listOf(body['errors'])[0]);
  const said = textOf(first['message']) ?? textOf(body['detail']) ?? textOf(body['title']);
  const type = textOf(body['type'])?.split('/').at(-1);
  const code = type === undefined || type === 'blank' || type === 'about:blank' ? undefined : type;
  const more = { status: answer.status, code: code ?? `http_${answer.status}` };
  if (answer.status === 402)
    return new ChannelError(
      'auth',
      'X says that this account has no API credits left. Buy credits in the X developer console; everything waits until then.',
      { ...more, code: 'credits' },
    );
  if (answer.status === 403 && (/duplicate content/i.test(said ?? '') || first['code'] === 187))
    return new ChannelError(
      'rejected',
      'X refused these words because this account has posted them already. Change the words, or look at the account.',
      { ...more, code: 'duplicate', duplicate: true },
    );
  if (answer.status === 403 && (ABOUT_US.test(type ?? '') || SUSPENDED.test(said ?? '')))
    return new ChannelError(
      'auth',
      `X does not let this account or app do that.${itSaid(said)} Check the app's permissions in the X developer console.`,
      more,
    );
  // Without a time to come back, a 503 from X has been seen after a post was stored.
  if (answer.status === 503 && !safe && retryAfter(answer.headers, body, now) === undefined)
    return new ChannelError('unknown', 'X answered 503, which does not say whether it was done.', more);
  return failureOfAnswer(answer, { network: NETWORK, now, safe, said, code });
}
