import { listUpdatesInState } from '../../db/queries/incidents.ts';
import { getPage } from '../../db/queries/pages.ts';
import { settleAnswered } from '../actions/answer-mention.ts';
import type { Ctx } from '../actions/context.ts';
import { escalatePromises } from '../actions/escalate-promise.ts';
import { FORGET_OLD_EVERY_MS, forgetOld, type Keep } from '../actions/forget-old.ts';
import { noteAwayOwners } from '../actions/hand-over/owner-away.ts';
import { remindMentions } from '../actions/inbox/remind-mentions.ts';
import { noteOverdue, publishPlanned } from '../actions/maintenance/run-plan.ts';
import { CLEAN_EVERY_MS, cleanPictures } from '../actions/pictures/clean-pictures.ts';
import { publishUpdate } from '../actions/publish-update.ts';
import { remindPeople } from '../actions/remind-people.ts';
import { expireUpdate } from '../actions/return-update.ts';
import { FORGET_EVERY_MS, forgetAffected } from '../actions/visits/still-affected.ts';
import { DomainError } from '../domain/error.ts';
import { openRounds } from '../domain/rounds.ts';
import { ringAnew } from '../domain/update.ts';

/** How often to look for what is due, ms. A release ring counts in seconds. */
const BEAT_MS = 500;
/** How often to look whether somebody is still at what is open, ms. */
const AWAY_MS = 10_000;

/**
 * Wakes what is due. Each duty is one action, and a conflict means that another node was faster. `beat` looks now, after
 * the look that may be under way: what is due when it is called has been seen when it resolves. `close` waits for that
 * look too.
 */
export function openTimers(parts: {
  base: Omit<Ctx, 'actor'>;
  report(error: unknown, where: string): void;
  /** How long to keep what is done with; all of it for ever when left out. */
  keep?: Keep | undefined;
}): { close(): Promise<void>; beat(): Promise<void> } {
  const ctx: Ctx = { ...parts.base, actor: { kind: 'timer', id: 'release', roles: [] } };
  let lookedAt = 0;
  let cleanedAt = 0;
  let forgottenAt = 0;
  let oldAt = 0;
  /** What was reported; a duty that fails does so at every beat. */
  const reported = new Set<string>();

  /** One duty that cannot be done keeps no other from being done. */
  async function duty(act: Promise<unknown>): Promise<void> {
    try {
      await act;
    } catch (error) {
      const usual =
        error instanceof DomainError && (error.code === 'conflict' || error.code === 'unavailable');
      const text = String(error);
      if (usual || reported.has(text)) return;
      reported.add(text);
      parts.report(error, 'timers');
    }
  }

  async function look(): Promise<void> {
    try {
      const now = ctx.now();
      const waiting = await listUpdatesInState(ctx.store.read, ['approved', 'in_review']);
      // What was due first is said first, however long nobody was there to say it.
      for (const update of waiting.toSorted((a, b) => (a.releaseAt ?? 0) - (b.releaseAt ?? 0))) {
        if (update.state === 'approved') {
          const isOver = update.releaseAt !== null && update.releaseAt <= now;
          if (isOver || (update.plannedOf === null && ringAnew(update, 0, now) !== undefined))
            await duty((update.plannedOf === null ? publishUpdate : publishPlanned)(ctx, update.id));
          continue;
        }
        const page = await getPage(ctx.store.read, update.pageId);
        if (update.requestedAt !== null && now - update.requestedAt > page.policy.expiresMs)
          await duty(expireUpdate(ctx, update.id));
      }
      await duty(noteOverdue(ctx));
      await duty(escalatePromises(ctx));
      await duty(settleAnswered(ctx));
      await duty(remindMentions(ctx));
      await duty(remindPeople(ctx));
      if (now - lookedAt >= AWAY_MS || now < lookedAt) {
        lookedAt = now;
        await duty(noteAwayOwners(ctx));
      }
      if (now - cleanedAt >= CLEAN_EVERY_MS || now < cleanedAt) {
        cleanedAt = now;
        await duty(cleanPictures(ctx));
      }
      if (now - forgottenAt >= FORGET_EVERY_MS || now < forgottenAt) {
        forgottenAt = now;
        await duty(forgetAffected(ctx));
      }
      // A little at each beat, until there is no more: what is due to go out waits for nothing else.
      if (parts.keep && (now - oldAt >= FORGET_OLD_EVERY_MS || now < oldAt)) {
        const forgetting = forgetOld(ctx, parts.keep);
        await duty(forgetting);
        if (await forgetting.catch(() => false)) oldAt = now;
      }
    } catch (error) {
      if (!(error instanceof DomainError && error.code === 'unavailable')) parts.report(error, 'timers');
    }
  }

  const rounds = openRounds(look);
  const timer = setInterval(() => {
    if (!rounds.busy()) void rounds.ask();
  }, BEAT_MS);
  return {
    beat: rounds.ask,
    async close() {
      clearInterval(timer);
      await rounds.rest();
    },
  };
}
