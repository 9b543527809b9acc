import { findInstallation, removeInstallation, setInstallation } from '../../db/queries/installation.ts';
import { listPages } from '../../db/queries/pages.ts';
import { invalid } from '../domain/error.ts';
import { type Ctx, decide, mustBe } from './context.ts';

/** Whether anything leaves for the networks, and why not. */
export interface Sending {
  on: boolean;
  reason: string | null;
}

const LONGEST_REASON = 300;

/**
 * The kill switch for every network at once. Off: no post leaves, every queue is kept, the status page goes on, and our
 * own people still get alerts. Only a request that has left already cannot be called back. Said on every page, because
 * its readers must know that our accounts are silent. A switch that stands so already changes nothing.
 */
export async function switchSending(ctx: Ctx, on: boolean, reason = ''): Promise<Sending> {
  mustBe(ctx.actor, ['approver'], 'admin');
  const why = reason.trim();
  if (why.length > LONGEST_REASON)
    throw invalid('reason', `Give a reason of at most ${LONGEST_REASON} characters.`);
  if (!on && why === '') throw invalid('reason', 'Say why, so that others know when to switch it on again.');
  return decide(ctx, async ({ w, now, say, account }) => {
    const before = await findInstallation(w, 'sending_off');
    if (on === (before === undefined)) return { on, reason: before ?? null };
    if (on) await removeInstallation(w, 'sending_off');
    else await setInstallation(w, 'sending_off', why, now);
    const kind = on ? 'sending.on' : 'sending.off';
    for (const page of await listPages(w))
      await say({ pageId: page.id, kind, public: true, incidentId: null, updateId: null });
    await account({
      action: kind,
      subjectKind: 'installation',
      subjectId: 'self',
      detail: { reason: why, ...(on ? { was: before } : {}) },
    });
    return { on, reason: on ? null : why };
  });
}
