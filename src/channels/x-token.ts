import { recordOf, textOf } from './classify.ts';
import { ChannelError, type ChannelTools, type Granted } from './contract.ts';
import { openCredential, type Renewable } from './credential.ts';
import { grantedBy } from './sign-in/oauth.ts';
import { tokensOf } from './sign-in/tokens.ts';

/** With less than this left a token is renewed before it is used, ms. */
const EARLY_MS = 60_000;

export type XToken = Pick<Granted, 'accessToken' | 'refreshToken' | 'expiresAt'>;

/**
 * The token of somebody who signed in on X: good for two hours, with a refresh token that works once. Whatever goes
 * wrong with a renewal, nothing was posted.
 */
export function openXToken(
  api: string,
  values: Record<string, string>,
  tools: ChannelTools,
): { current(signal: AbortSignal): Promise<XToken>; after: Renewable<XToken>['current'] } {
  const id = values['clientId']?.trim() ?? '';
  const secret = values['clientSecret']?.trim() ?? '';
  const credential = openCredential<XToken>({
    first: {
      accessToken: values['accessToken'] ?? '',
      refreshToken: values['refreshToken'],
      expiresAt: Number(values['expiresAt']) || undefined,
    },
    async renew(old, signal) {
      const answer = await tools.fetch(`${api}/2/oauth2/token`, {
        method: 'POST',
        signal,
        safe: true,
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          ...(secret === ''
            ? {}
            : { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` }),
        },
        body: new URLSearchParams({
          grant_type: 'refresh_token',
          refresh_token: old.refreshToken ?? '',
          ...(secret === '' ? { client_id: id } : {}),
        }).toString(),
      });
      const granted = grantedBy(answer, tools.now());
      if (granted !== undefined)
        return { ...granted, refreshToken: granted.refreshToken ?? old.refreshToken };
      const code = textOf(recordOf(answer.json)['error']) ?? `http_${answer.status}`;
      if (answer.status === 400 || answer.status === 401)
        throw new ChannelError(
          'auth',
          'X did not renew our token: it was revoked, or the app’s secret is another one now. Sign in again from Networks.',
          { status: answer.status, code },
        );
      throw new ChannelError('unsent', 'X did not renew our token just now.', {
        status: answer.status,
        code,
      });
    },
    save: (fresh) => tools.saveSecrets(tokensOf(fresh)),
  });
  return {
    async current(signal) {
      const held = await credential.current(signal);
      const isOld = held.expiresAt !== undefined && held.expiresAt - tools.now() < EARLY_MS;
      return isOld ? credential.current(signal, held) : held;
    },
    after: credential.current,
  };
}
