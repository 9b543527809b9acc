import { ChannelError } from './contract.ts';

/** How long a renewal may take, ms. */
const RENEW_MS = 20_000;

export interface Renewable<T> {
  /** The credential to use now: saved, and another one than `stale`. Throws `unsent` when there is none to be had. */
  current(signal: AbortSignal, stale?: T): Promise<T>;
}

/**
 * A credential that is exchanged for a newer one from time to time. Whoever finds it old asks for the next; the first
 * of them fetches it, the others wait for the same one, and nobody uses it before it is saved: a refresh token works
 * once, so one that is lost between the network and the disk would end the connection. For the same reason a renewal
 * that has begun is not broken off when its caller is.
 */
export function openCredential<T>(parts: {
  first: T;
  renew(old: T, signal: AbortSignal): Promise<T>;
  save(fresh: T): Promise<void>;
}): Renewable<T> {
  let held = parts.first;
  let isSaved = true;
  let renewing: Promise<T> | undefined;

  async function replace(): Promise<T> {
    if (isSaved) {
      held = await parts.renew(held, AbortSignal.timeout(RENEW_MS));
      isSaved = false;
    }
    try {
      await parts.save(held);
    } catch (cause) {
      throw new ChannelError('unsent', 'A new token could not be saved, so it was not used.', {
        code: 'not_saved',
        cause,
      });
    }
    isSaved = true;
    return held;
  }

  return {
    current(signal, stale) {
      if (isSaved && held !== stale) return Promise.resolve(held);
      renewing ??= replace().finally(() => {
        renewing = undefined;
      });
      return unlessAborted(renewing, signal);
    },
  };
}

/** The outcome of some work, or a failure as soon as the signal says stop; the work itself goes on. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () =>
      reject(new ChannelError('unsent', 'Called off before anything was sent.', { code: 'aborted' }));
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
