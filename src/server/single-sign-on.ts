import * as oidc from 'openid-client';
import type { Claims } from '../actions/sign-in/with-single-sign-on.ts';
import { DomainError } from '../domain/error.ts';
import { cut } from '../domain/storable.ts';

/** Signing in at an OpenID Connect issuer: authorization code with PKCE, state and nonce. */
export interface SingleSignOn {
  /** How people know it: the issuer's host. */
  name: string;
  /** Where to send the browser, and what must be kept until it comes back. Throws `unavailable`. */
  start(): Promise<{ url: string; state: string; secret: string }>;
  /** Reads what the browser brought back. Throws `unauthorized` or `unavailable`. */
  finish(query: string, state: string, secret: string): Promise<Claims>;
}

export interface SingleSignOnOptions {
  issuer: string;
  clientId: string;
  clientSecret: string;
  /** Where the issuer sends people back to. */
  back: string;
  /** Told why it did not come about, for whoever looks after the installation; never a secret. */
  failed(why: string): void;
}

/** A person waits for each of these requests. */
const DEADLINE_S = 5;

export function openSingleSignOn(options: SingleSignOnOptions): SingleSignOn {
  const issuer = new URL(options.issuer);
  let known: oidc.Configuration | undefined;

  const silent = () =>
    new DomainError(
      'unavailable',
      `Single sign-on (${issuer.host}) does not answer just now. Sign in with your password, a passkey or a link instead.`,
      { retryAfterMs: 30_000 },
    );

  async function discover(): Promise<oidc.Configuration> {
    known ??= await oidc
      .discovery(issuer, options.clientId, options.clientSecret, undefined, {
        timeout: DEADLINE_S,
        // Without these checks a token that came over the wire is believed unsigned.
        execute: [
          oidc.enableNonRepudiationChecks,
          ...(issuer.protocol === 'http:' ? [oidc.allowInsecureRequests] : []),
        ],
      })
      .catch((error: unknown) => {
        options.failed(whyOf(error));
        throw silent();
      });
    return known;
  }

  return {
    name: issuer.host,
    async start() {
      const config = await discover();
      const verifier = oidc.randomPKCECodeVerifier();
      const state = oidc.randomState();
      const nonce = oidc.randomNonce();
      const url = oidc.buildAuthorizationUrl(config, {
        redirect_uri: options.back,
        scope: 'openid email profile',
        code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        state,
        nonce,
      });
      return { url: url.href, state, secret: JSON.stringify({ verifier, nonce }) };
    },
    async finish(query, state, secret) {
      const config = await discover();
      const { verifier, nonce } = JSON.parse(secret) as { verifier: string; nonce: string };
      const answer = await oidc
        .authorizationCodeGrant(config, new URL(`${options.back}?${query}`), {
          pkceCodeVerifier: verifier,
          expectedNonce: nonce,
          expectedState: state,
          idTokenExpected: true,
        })
        .catch((error: unknown) => {
          options.failed(whyOf(error));
          throw isRefusal(error) ? notVouched() : silent();
        });
      const claims = answer.claims();
      if (!claims) throw notVouched();
      const told =
        claims['email'] === undefined && config.serverMetadata().userinfo_endpoint !== undefined
          ? await oidc.fetchUserInfo(config, answer.access_token, claims.sub).catch(() => undefined)
          : claims;
      return {
        issuer: claims.iss,
        subject: claims.sub,
        email: typeof told?.['email'] === 'string' ? told['email'] : null,
        emailVerified: told?.['email_verified'] === true,
      };
    },
  };
}

const notVouched = () =>
  new DomainError('unauthorized', 'Single sign-on did not let you in. Try again, or sign in another way.');

/** What the library, the issuer and the network say of it, on one line. Their texts carry no secrets; bodies are left out. */
function whyOf(error: unknown): string {
  const said: unknown[] = [];
  for (let at: unknown = error; at instanceof Error && said.length < 9; at = at.cause) {
    const { code, error: word, error_description: words } = at as { [name: string]: unknown } & Error;
    said.push(at.message, code, word, words);
  }
  const texts = said.filter((text): text is string => typeof text === 'string' && text !== '');
  return cut([...new Set(texts)].join(': ').replace(/\s+/g, ' '), 500);
}

/** An answer that says no, or that cannot be believed; anything else is an issuer that cannot be reached. */
function isRefusal(error: unknown): boolean {
  if (error instanceof oidc.AuthorizationResponseError || error instanceof oidc.ResponseBodyError)
    return true;
  const { code } = error as { code?: unknown };
  return (
    typeof code === 'string' &&
    code.startsWith('OAUTH_') &&
    !/TIMEOUT|ABORT|HTTP_RESPONSE|RESPONSE_IS_NOT/.test(code)
  );
}
