import type { ChannelTools } from './contract.ts';
import type { Mail } from './mail-message.ts';
import { failureOfSmtp, handOver, type MailServer, openTalk, type Talk } from './smtp.ts';

/** A talk takes no further mail after this many, as servers that count expect, nor after this long, ms. */
const MOST_MAILS = 100;
const OLDEST_MS = 10_000;
/** A server that sees nothing for this long is let go, ms. */
const IDLE_MS = 2_000;

export interface SmtpPool {
  /** Hands one mail over, in a talk that is open already where there is one. */
  send(mail: Mail, signal: AbortSignal): Promise<void>;
  close(): void;
}

interface Held {
  talk: Talk;
  since: number;
  mails: number;
  rest: NodeJS.Timeout | undefined;
}

/**
 * Talks with one mail server that stay open between mails, for those who write to many people one by one. There are as
 * many as mails are on their way at once. What goes wrong in one ends that one alone.
 */
export function openSmtpPool(server: MailServer, tools: Pick<ChannelTools, 'connect'>): SmtpPool {
  const idle: Held[] = [];
  let closed = false;

  function end(held: Held): void {
    clearTimeout(held.rest);
    held.talk.end();
  }

  function takeIdle(): Held | undefined {
    for (let held = idle.pop(); held; held = idle.pop()) {
      clearTimeout(held.rest);
      if (held.talk.isOpen() && held.mails < MOST_MAILS && performance.now() - held.since < OLDEST_MS)
        return held;
      end(held);
    }
    return undefined;
  }

  function giveBack(held: Held): void {
    if (closed || !held.talk.isOpen()) {
      end(held);
      return;
    }
    held.rest = setTimeout(() => {
      const at = idle.indexOf(held);
      if (at !== -1) idle.splice(at, 1);
      end(held);
    }, IDLE_MS);
    held.rest.unref();
    idle.push(held);
  }

  return {
    async send(mail, signal) {
      const known = takeIdle();
      const held: Held =
        known ??
        ({
          talk: await openTalk(server, tools, signal),
          since: performance.now(),
          mails: 0,
          rest: undefined,
        } satisfies Held);
      const cut = () => held.talk.cut();
      signal.addEventListener('abort', cut);
      try {
        await handOver(held.talk, mail);
        held.mails += 1;
        giveBack(held);
      } catch (error) {
        held.talk.cut();
        const failure = failureOfSmtp(error, server, held.talk.dotLeft());
        // A server may hang up on a talk that has rested; then nothing has left, and a fresh one tells more.
        if (
          known !== undefined &&
          failure.failure === 'unsent' &&
          failure.status === undefined &&
          !signal.aborted
        )
          return await this.send(mail, signal);
        throw failure;
      } finally {
        signal.removeEventListener('abort', cut);
      }
    },
    close() {
      closed = true;
      for (const held of idle.splice(0)) end(held);
    },
  };
}
