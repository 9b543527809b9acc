import { findInstallation, removeInstallation, setInstallation } from '../../db/queries/installation.ts';
import { deleteOldAlerts, deleteOldAttempts, forgetMentions, listOldMentions } from '../../db/queries/old.ts';
import { type Ctx, decide } from './context.ts';

/** How long to keep what nobody needs any more, ms; 0 is for ever. */
export interface Keep {
  /** What people said to us, once it was dealt with, and our answers. */
  mentionsMs: number;
  /** Single tries of deliveries. */
  attemptsMs: number;
}

/** How often to look, ms. */
export const FORGET_OLD_EVERY_MS = 60 * 60_000;
/** Rows of a kind in one transaction: few enough that nobody waits for it. */
const BATCH = 200;

interface Tally {
  mentions: number;
  alerts: number;
  attempts: number;
}

/**
 * Forgets some of what is older than it is kept. Returns whether there was no more; then one line in the audit log says
 * how many went, and older than when. What was counted before a crash is in that line too.
 */
export async function forgetOld(given: Ctx, keep: Keep): Promise<boolean> {
  if (keep.mentionsMs === 0 && keep.attemptsMs === 0) return true;
  const ctx: Ctx = { ...given, actor: { kind: 'timer', id: 'retention', roles: [] } };
  return decide(ctx, async ({ w, now, account }) => {
    const saved = await findInstallation(w, 'forgotten');
    const so: Tally = saved === undefined ? { mentions: 0, alerts: 0, attempts: 0 } : JSON.parse(saved);
    const before = (ms: number) => (ms === 0 ? null : now - ms);
    const [talk, tries] = [before(keep.mentionsMs), before(keep.attemptsMs)];
    const ids = talk === null ? [] : await listOldMentions(w, talk, BATCH);
    await forgetMentions(w, ids);
    const alerts = talk === null ? 0 : await deleteOldAlerts(w, talk, BATCH);
    const attempts = tries === null ? 0 : await deleteOldAttempts(w, tries, BATCH);
    const sum: Tally = {
      mentions: so.mentions + ids.length,
      alerts: so.alerts + alerts,
      attempts: so.attempts + attempts,
    };
    if (Math.max(ids.length, alerts, attempts) === BATCH) {
      await setInstallation(w, 'forgotten', JSON.stringify(sum), now);
      return false;
    }
    if (saved !== undefined) await removeInstallation(w, 'forgotten');
    const day = (at: number | null) => (at === null ? null : new Date(at).toISOString());
    if (sum.mentions + sum.alerts + sum.attempts > 0)
      await account({
        action: 'retention.forget',
        subjectKind: 'installation',
        subjectId: 'self',
        detail: { ...sum, saidBefore: day(talk), triedBefore: day(tries) },
      });
    return true;
  });
}
