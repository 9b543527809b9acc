import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import { failureOfAnswer, recordOf, textOf } from './classify.ts';
import { ChannelError, type ChannelTools } from './contract.ts';

const HOUR_S = 3600;
/** A token is renewed this long before it ends, in ms. */
const EARLY_MS = 60_000;

interface ServiceAccount {
  email: string;
  key: KeyObject;
  tokenUri: string;
}

/** Gives an access token; with `stale` another one than that. */
export type GoogleToken = (signal: AbortSignal, stale?: string) => Promise<string>;

/**
 * Access tokens for a service account: we sign who we are, Google gives a token for an hour
 * (https://developers.google.com/identity/protocols/oauth2/service-account). `json` is the key file as downloaded. Asking
 * publishes nothing, so what goes wrong here is never unknown.
 */
export function openGoogleToken(json: string, scope: string, tools: ChannelTools): GoogleToken {
  let current: { token: string; until: number } | undefined;
  let asking: Promise<{ token: string; until: number }> | undefined;

  async function ask(signal: AbortSignal): Promise<{ token: string; until: number }> {
    const account = readAccount(json);
    const now = tools.now();
    const answer = await tools.fetch(account.tokenUri, {
      method: 'POST',
      signal,
      safe: true,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({
        grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
        assertion: assertionFor(account, scope, now),
      }).toString(),
    });
    const body = recordOf(answer.json);
    const token = textOf(body['access_token']);
    if (answer.status === 200 && token !== undefined) {
      const seconds = typeof body['expires_in'] === 'number' ? body['expires_in'] : HOUR_S;
      return { token, until: now + seconds * 1000 - EARLY_MS };
    }
    const code = textOf(body['error']);
    if (code !== undefined && (answer.status === 400 || answer.status === 401))
      throw new ChannelError(
        'auth',
        `Google did not accept the service account (${code}). Make a new key for it and connect again.`,
        { status: answer.status, code },
      );
    throw failureOfAnswer(answer, { network: 'Google', now, safe: true, said: code });
  }

  return async (signal, stale) => {
    if (current !== undefined && current.token !== stale && current.until > tools.now()) return current.token;
    asking ??= ask(signal).finally(() => {
      asking = undefined;
    });
    current = await asking;
    return current.token;
  };
}

function readAccount(json: string): ServiceAccount {
  try {
    const file = recordOf(JSON.parse(json));
    const email = textOf(file['client_email']);
    const pem = textOf(file['private_key']);
    if (email !== undefined && pem !== undefined)
      return {
        email,
        key: createPrivateKey(pem),
        tokenUri: textOf(file['token_uri']) ?? 'https://oauth2.googleapis.com/token',
      };
  } catch {
    // Whatever is wrong with it, its text must not get into a message.
  }
  throw new ChannelError(
    'auth',
    'Service account key: paste the whole JSON file, from { to }, as Google gave it.',
    { code: 'bad_key' },
  );
}

function assertionFor({ email, key, tokenUri }: ServiceAccount, scope: string, now: number): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const iat = Math.floor(now / 1000);
  const head = part({ alg: 'RS256', typ: 'JWT' });
  const claims = part({ iss: email, scope, aud: tokenUri, iat, exp: iat + HOUR_S });
  const signed = `${head}.${claims}`;
  return `${signed}.${sign('RSA-SHA256', Buffer.from(signed), key).toString('base64url')}`;
}
