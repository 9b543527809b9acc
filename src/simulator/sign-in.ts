/** The sign-in pages of the stand-in networks: OAuth 2 with authorization codes, as far as their clients can tell. */
import { createHash } from 'node:crypto';
import type { Account } from './facts.ts';
import { type Answer, type Call, json, type OpenRoute, textField } from './network.ts';
import { escaped } from './page.ts';
import { seededWord } from './random.ts';
import type { World } from './world.ts';

/** What a person said yes to; a code stands for it, once. */
export interface Consent {
  account: Account;
  scopes: readonly string[];
}

export interface SignInOptions {
  network: string;
  /** Where people say yes, and where codes are exchanged. */
  authorize: string;
  token: string;
  /** Codes that come without the verifier of their challenge are refused. */
  pkce?: boolean;
  scopeSeparator: ' ' | ',';
  /** How long a code is good, ms. */
  codeMs: number;
  /** An app of ours there: whether this is its name, and its secret when one is given. */
  isClient?(id: string, secret: string | undefined): boolean;
  /** The network's answer to a good code. */
  issue(consent: Consent, call: Call): Answer;
  /** Other grants of the token endpoint (`refresh_token`); undefined for one that it does not know. */
  otherwise?(call: Call, client: { id: string; secret: string | undefined }): Answer | undefined;
}

/** Name and secret of the app that an account's owner has made on its network. */
export const clientOf = (account: Account): { id: string; secret: string } => ({
  id: account.settings['clientId'] ?? account.extra['clientId'] ?? '',
  secret:
    account.secrets['clientSecret'] ??
    account.secrets['appSecret'] ??
    account.extra['appSecret'] ??
    account.extra['clientSecret'] ??
    '',
});

/** How a call to the token endpoint says who it is: in the form, or by Basic. */
export function clientIn(call: Call): { id: string; secret: string | undefined } {
  const [, given] = /^Basic\s+(\S+)$/i.exec(call.headers.authorization ?? '') ?? [];
  if (given === undefined)
    return { id: textField(call.body, 'client_id') ?? '', secret: textField(call.body, 'client_secret') };
  const [id = '', ...secret] = Buffer.from(given, 'base64').toString('utf8').split(':');
  return { id, secret: secret.join(':') };
}

/**
 * The two routes. The page lists the accounts one can say yes with: `&choose=<handle>` is that click, `&deny=1` the
 * other one, and `&without=<scope>` unticks a permission.
 */
export function signInRoutes(world: World, options: SignInOptions): OpenRoute[] {
  const codes = new Map<
    string,
    Consent & { client: string; redirect: string; challenge: string | null; until: number }
  >();
  let made = 0;
  const own = () => world.accounts.filter((one) => one.network === options.network);
  const isClient =
    options.isClient ??
    ((id, secret) =>
      own().some((one) => {
        const client = clientOf(one);
        return client.id === id && id !== '' && (secret === undefined || client.secret === secret);
      }));
  const complain = (error: string, error_description: string, status = 400): Answer =>
    json(status, { error, error_description });

  function ask(call: Call): Answer {
    const { query } = call;
    const redirect = query.get('redirect_uri') ?? '';
    const client = query.get('client_id') ?? '';
    // Before both are known to be right nobody is sent anywhere.
    if (!isClient(client, undefined)) return complain('invalid_client', 'There is no app of this name.');
    if (!URL.canParse(redirect)) return complain('invalid_request', 'The redirect_uri is not registered.');
    const back = (answer: Record<string, string>): Answer => {
      const url = new URL(redirect);
      for (const [name, value] of Object.entries({ ...answer, state: query.get('state') ?? '' }))
        url.searchParams.set(name, value);
      return { status: 302, headers: { location: url.href } };
    };
    const challenge = query.get('code_challenge');
    if (options.pkce === true && (challenge === null || query.get('code_challenge_method') !== 'S256'))
      return back({ error: 'invalid_request', error_description: 'A code_challenge (S256) is required.' });
    if (query.get('deny') !== null)
      return back({ error: 'access_denied', error_description: 'The user denied the request.' });
    const account = own().find((one) => one.handle === query.get('choose'));
    if (account === undefined) return page(call);
    made += 1;
    const code = seededWord(world.seed, `${options.network} code ${made}`, 32);
    codes.set(code, {
      account,
      client,
      redirect,
      challenge,
      scopes: (query.get('scope') ?? '')
        .split(options.scopeSeparator)
        .filter((scope) => scope !== '' && scope !== query.get('without')),
      until: call.now + options.codeMs,
    });
    return back({ code });
  }

  function page(call: Call): Answer {
    const to = (more: Record<string, string>) => {
      const query = new URLSearchParams(call.query);
      for (const [name, value] of Object.entries(more)) query.set(name, value);
      return escaped(`${call.address}?${query}`);
    };
    const scopes = (call.query.get('scope') ?? '').split(options.scopeSeparator);
    return {
      status: 200,
      headers: { 'content-type': 'text/html; charset=utf-8' },
      body: `<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="color-scheme" content="light dark">
<title>Sign in (stand-in)</title><style>${STYLE}</style></head><body><main>
<p class="where">A stand-in of ${escaped(options.network)}, on this machine. Nothing is real here.</p>
<h1>Tocsin wants to use your account</h1><p>It may then:</p>
<ul>${scopes.map((one) => `<li><code>${escaped(one)}</code></li>`).join('')}</ul>
${own()
  .map(
    (one) =>
      `<p><a class="yes" href="${to({ choose: one.handle })}">Allow as @${escaped(one.handle)}</a></p>`,
  )
  .join('')}<p><a href="${to({ deny: '1' })}">Do not allow</a></p></main></body></html>`,
    };
  }

  function exchange(call: Call): Answer {
    const client = clientIn(call);
    if (!isClient(client.id, client.secret))
      return complain('invalid_client', 'Client authentication failed', 401);
    const grant = textField(call.body, 'grant_type') ?? 'authorization_code';
    if (grant !== 'authorization_code')
      return (
        options.otherwise?.(call, client) ?? complain('unsupported_grant_type', `Unsupported grant: ${grant}`)
      );
    const code = textField(call.body, 'code') ?? '';
    const consent = codes.get(code);
    codes.delete(code);
    if (consent === undefined || consent.client !== client.id || call.now > consent.until)
      return complain('invalid_grant', 'The authorization code is invalid, expired, or was used already.');
    if (textField(call.body, 'redirect_uri') !== consent.redirect)
      return complain('invalid_grant', 'The redirect_uri does not match the one of the authorization.');
    const verifier = textField(call.body, 'code_verifier') ?? '';
    const holds = createHash('sha256').update(verifier).digest('base64url') === consent.challenge;
    if (consent.challenge !== null && options.pkce !== undefined && !holds)
      return complain('invalid_grant', 'The code_verifier does not match the code_challenge.');
    return options.issue(consent, call);
  }

  return [
    { method: 'GET', path: options.authorize, does: ['session'], run: ask },
    {
      method: 'POST',
      path: options.token,
      does: ['session'],
      about: (call) => own().find((one) => clientOf(one).id === clientIn(call).id),
      run: exchange,
    },
  ];
}

/** Of the page that asks: large enough for a thumb, and readable without zooming. */
const STYLE = `body{margin:0;font:1rem/1.5 system-ui,sans-serif;background:Canvas;color:CanvasText}
main{max-width:28rem;margin:0 auto;padding:1.5rem 1rem}h1{font-size:1.375rem;line-height:1.25;margin:.5rem 0 1rem}
p{margin:.75rem 0}.where{font-size:.875rem}ul{padding-left:1.25rem}li{margin:.25rem 0}
code{font-size:.9375rem;overflow-wrap:anywhere}
main p a{display:flex;align-items:center;justify-content:center;min-height:3rem;padding:.25rem 1rem;border:1px solid;
border-radius:6px;color:inherit;text-decoration:none;overflow-wrap:anywhere}
main p a.yes{background:CanvasText;color:Canvas;font-weight:600}
a:focus-visible{outline:3px solid Highlight;outline-offset:2px}`;
