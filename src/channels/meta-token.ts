import { recordOf, textOf } from './classify.ts';
import type { ChannelTools } from './contract.ts';
import { openCredential } from './credential.ts';
import { failureOfGraph } from './graph.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** With so much left of its 60 days a token is extended, ms. */
const EARLY_MS = 30 * DAY;
/** How long after a try that failed the next one is made, ms. */
const PAUSE_MS = HOUR;

interface LongToken {
  accessToken: string;
  expiresAt: number | undefined;
}

export interface ExtendedToken {
  token(signal: AbortSignal): Promise<string>;
  /** When it ends, ms; asks for an extension when nobody has told us yet. */
  expiresAt(signal: AbortSignal): Promise<number | undefined>;
}

/**
 * The tokens of Threads and Instagram, which live for 60 days and are extended while they live, once a day at most:
 * https://developers.facebook.com/docs/instagram-platform/reference/refresh_access_token. An extension that fails is
 * no reason not to send: the old token is good to its end, and we have a month for the next try.
 */
export function openLongToken(parts: {
  network: string;
  /** Where tokens are extended, without a version. */
  root: string;
  grant: 'th_refresh_token' | 'ig_refresh_token';
  values: Record<string, string>;
  tools: ChannelTools;
}): ExtendedToken {
  const { network, root, grant, values, tools } = parts;
  let triedAt = Number.NEGATIVE_INFINITY;
  const credential = openCredential<LongToken>({
    first: {
      accessToken: values['accessToken']?.trim() ?? '',
      expiresAt: Number(values['expiresAt']) || undefined,
    },
    async renew(old, signal) {
      const query = new URLSearchParams({ grant_type: grant, access_token: old.accessToken });
      const answer = await tools.fetch(`${root}/refresh_access_token?${query}`, { signal, safe: true });
      const body = recordOf(answer.json);
      const accessToken = textOf(body['access_token']);
      const seconds = Number(body['expires_in']);
      if (answer.status !== 200 || accessToken === undefined || !(seconds > 0))
        throw failureOfGraph(answer, { network, now: tools.now(), safe: true, token: old.accessToken });
      return { accessToken, expiresAt: tools.now() + seconds * 1000 };
    },
    save: ({ accessToken, expiresAt }) =>
      tools.saveSecrets({
        accessToken,
        ...(expiresAt === undefined ? {} : { expiresAt: String(expiresAt) }),
      }),
  });

  async function current(signal: AbortSignal, isDue: (token: LongToken) => boolean): Promise<LongToken> {
    const held = await credential.current(signal);
    if (!isDue(held) || tools.now() - triedAt < PAUSE_MS) return held;
    triedAt = tools.now();
    return credential.current(signal, held).catch(() => held);
  }

  return {
    token: async (signal) => {
      const { accessToken } = await current(
        signal,
        ({ expiresAt }) => expiresAt !== undefined && expiresAt - tools.now() < EARLY_MS,
      );
      return accessToken;
    },
    expiresAt: async (signal) =>
      (
        await current(
          signal,
          ({ expiresAt }) => expiresAt === undefined || expiresAt - tools.now() < EARLY_MS,
        )
      ).expiresAt,
  };
}
