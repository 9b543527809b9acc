import { createHash, randomBytes } from 'node:crypto';
import { invalid } from '../../domain/error.ts';
import { brief, itSaid, listOf, recordOf, textOf } from '../classify.ts';
import {
  ChannelError,
  type ChannelKind,
  type ChannelTools,
  type Granted,
  type GuardedResponse,
  type SignedInAccount,
  type SignIn,
} from '../contract.ts';

/** What must be kept, sealed, until the browser comes back. */
export interface Begun {
  channel: string;
  /** What was entered, and what the network gave us for it (`clientId` of an app that was made just now). */
  values: Record<string, string>;
  /** PKCE verifier; empty where the network has none. */
  verifier: string;
  /** The very address that was asked with: the exchange must name the same. */
  redirect: string;
}

const signInOf = (kind: ChannelKind): SignIn => {
  if (kind.signIn) return kind.signIn;
  throw invalid('channel', `${kind.name} is connected with a key that you copy, not by signing in there.`);
};

/** The address to send a browser to, and what to keep. Makes our app on the network first, where programs may. */
export async function beginSignIn(
  kind: ChannelKind,
  entered: Record<string, string>,
  about: { redirect: string; state: string },
  tools: ChannelTools,
  signal: AbortSignal,
): Promise<{ url: string; begun: Begun }> {
  const signIn = signInOf(kind);
  for (const f of signIn.fields)
    if (f.required && (entered[f.name] ?? '').trim() === '')
      throw invalid(f.name, `${f.label} is missing. ${f.help}`);
  const made =
    signIn.register === undefined ? {} : await signIn.register(entered, about.redirect, tools, signal);
  const values = { ...entered, ...made };
  const at = signIn.authorizeAt(values);
  if (!URL.canParse(at)) throw invalid(signIn.fields[0]?.name ?? 'api', `"${at}" is not an address.`);
  const verifier = signIn.pkce ? randomBytes(32).toString('base64url') : '';
  const url = new URL(at);
  const asked: Record<string, string> = {
    response_type: 'code',
    client_id: values['clientId'] ?? '',
    redirect_uri: about.redirect,
    scope: signIn.scopes.join(signIn.scopeSeparator),
    state: about.state,
    ...(verifier === ''
      ? {}
      : {
          code_challenge: createHash('sha256').update(verifier).digest('base64url'),
          code_challenge_method: 'S256',
        }),
    ...signIn.ask,
  };
  for (const [name, value] of Object.entries(asked)) url.searchParams.set(name, value);
  return { url: url.href, begun: { channel: kind.kind, values, verifier, redirect: about.redirect } };
}

/** What a browser brings back. */
export interface Returned {
  code?: string | undefined;
  error?: string | undefined;
  errorDescription?: string | undefined;
}

/** Exchanges the code and lists what it can speak for. Throws `rejected` or `auth` that names the fix. */
export async function finishSignIn(
  kind: ChannelKind,
  begun: Begun,
  returned: Returned,
  tools: ChannelTools,
  signal: AbortSignal,
): Promise<readonly SignedInAccount[]> {
  const signIn = signInOf(kind);
  if (returned.error !== undefined) throw refusedBy(kind.name, returned);
  // Meta's login adds a fragment to the address that some browsers make part of the code.
  const code = returned.code?.replace(/#_$/, '') ?? '';
  if (code === '')
    throw new ChannelError('rejected', `${kind.name} sent you back without a code. Start again.`, {
      code: 'no_code',
    });
  const granted = await exchange(kind.name, signIn, begun, code, tools, signal);
  mustHaveScopes(kind.name, signIn, granted);
  const accounts = await signIn.accounts(granted, begun.values, tools, signal);
  if (accounts.length > 0)
    return accounts.map((one) => ({ ...one, values: { ...begun.values, ...one.values } }));
  throw new ChannelError(
    'auth',
    `${kind.name} let you in, but you may speak for nothing there. Sign in as somebody who runs the page or channel, and tick it when ${kind.name} asks.`,
    { code: 'no_account' },
  );
}

async function exchange(
  network: string,
  signIn: SignIn,
  begun: Begun,
  code: string,
  tools: ChannelTools,
  signal: AbortSignal,
): Promise<Granted> {
  const { values } = begun;
  const id = values['clientId'] ?? '';
  const secret = values[signIn.clientSecret] ?? '';
  const isBasic = signIn.client === 'basic' && secret !== '';
  const answer = await tools.fetch(signIn.tokenAt(values), {
    method: 'POST',
    signal,
    // Publishes nothing, whatever becomes of it.
    safe: true,
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      accept: 'application/json',
      ...(isBasic ? { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` } : {}),
    },
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code,
      redirect_uri: begun.redirect,
      ...(begun.verifier === '' ? {} : { code_verifier: begun.verifier }),
      ...(isBasic ? {} : { client_id: id, ...(secret === '' ? {} : { client_secret: secret }) }),
    }).toString(),
  });
  const granted = grantedBy(answer, tools.now());
  if (granted !== undefined) return granted;
  throw notExchanged(network, answer);
}

/** A token endpoint's answer as what it gave; undefined when it gave nothing. */
export function grantedBy(answer: GuardedResponse, now: number): Granted | undefined {
  const body = recordOf(answer.json);
  // Instagram wraps its answer in a list.
  const given = { ...body, ...recordOf(listOf(body['data'])[0]) };
  const accessToken = textOf(given['access_token']);
  if (answer.status !== 200 || accessToken === undefined || body['ok'] === false) return undefined;
  const seconds = Number(given['expires_in']);
  return {
    accessToken,
    refreshToken: textOf(given['refresh_token']),
    expiresAt: seconds > 0 ? now + seconds * 1_000 : undefined,
    answer: given,
  };
}

/** A network that says which scopes it gave must have given them all; one that says nothing is asked by `verify`. */
function mustHaveScopes(network: string, signIn: SignIn, { answer }: Granted): void {
  const said = answer['scope'] ?? answer['permissions'];
  const given = Array.isArray(said) ? said.map(String) : (textOf(said)?.split(/[\s,]+/) ?? undefined);
  if (given === undefined || given.join('') === '') return;
  const missing = signIn.scopes.filter((scope) => !given.includes(scope));
  if (missing.length === 0) return;
  throw new ChannelError(
    'auth',
    `${network} did not give us ${missing.join(', ')}. Start again and leave everything ticked; if ${network} did not offer it, add it to your app there first.`,
    { code: 'missing_scope' },
  );
}

function refusedBy(network: string, { error = '', errorDescription = '' }: Returned): ChannelError {
  const said = brief(errorDescription);
  if (/access_denied|user_denied|user_cancelled|consent_required/i.test(error))
    return new ChannelError(
      'rejected',
      `You did not allow it on ${network}, so nothing was connected. Start again and choose “Allow”.`,
      { code: 'access_denied' },
    );
  const more = itSaid(said);
  const fix = /scope/i.test(error)
    ? 'Add the permissions that are listed to your app there, and start again.'
    : /redirect/i.test(`${error} ${said}`)
      ? 'Copy the address that is shown into your app there, letter for letter, and start again.'
      : 'Check the app there, and start again.';
  return new ChannelError('rejected', `${network} did not let you in (${brief(error)}).${more} ${fix}`, {
    code: brief(error),
  });
}

function notExchanged(network: string, answer: GuardedResponse): ChannelError {
  const body = recordOf(answer.json);
  const inner = recordOf(body['error']);
  const code = textOf(body['error']) ?? textOf(inner['type']) ?? `http_${answer.status}`;
  const said = textOf(body['error_description']) ?? textOf(inner['message']) ?? textOf(body['message']) ?? '';
  const all = `${code} ${said}`;
  const fix = /redirect/i.test(all)
    ? 'Copy the address that is shown into your app there, letter for letter.'
    : /client|secret|unauthorized/i.test(all) || answer.status === 401
      ? 'Copy the app’s ID and secret again.'
      : 'Start again; each sign-in works once and for a few minutes.';
  const quote = itSaid(said);
  return new ChannelError('auth', `${network} did not give us a token (${brief(code)}).${quote} ${fix}`, {
    status: answer.status,
    code: brief(code),
  });
}
