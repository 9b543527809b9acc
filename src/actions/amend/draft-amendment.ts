import {
  getIncident,
  getUpdate,
  insertUpdate,
  listUpdates,
  type Update,
} from '../../../db/queries/incidents.ts';
import { conflict, forbidden } from '../../domain/error.ts';
import { handsOf } from '../../domain/hands.ts';
import { checkWords, moveUpdate, unasked } from '../../domain/update.ts';
import { newestOf, standings, takesBack } from '../../domain/versions.ts';
import type { Amends } from '../../domain/words.ts';
import { type Ctx, decide, mustBe } from '../context.ts';
import { tidy, type UpdateWords } from '../draft-update.ts';
import { checkNote } from './check-note.ts';

/**
 * Starts an update that puts a published one right: `what` corrects its words, or takes them back, or takes them off
 * the networks as well. It is prefilled with the words that stand, inherits the running promise, and goes the same way
 * to the same approvers as any other.
 */
export async function draftAmendment(
  ctx: Ctx,
  updateId: string,
  what: Amends,
  note: string,
  words: Pick<UpdateWords, 'blocks' | 'body'> = {},
): Promise<Update> {
  mustBe(ctx.actor, ['author', 'approver'], 'draft');
  checkNote(note);
  return decide(ctx, async ({ w, now, say, account }) => {
    const asked = await getUpdate(w, updateId);
    const updates = await listUpdates(w, asked.incidentId);
    const standing = standings(updates).find(
      (s) => s.root.id === asked.id || s.words.id === asked.id || s.before.some((u) => u.id === asked.id),
    );
    if (!standing)
      throw conflict(
        asked.amends === null
          ? 'Only what has been published can be put right. This update can still be changed.'
          : 'This is a retraction. Write a new update instead.',
      );
    // Whoever opened the page before the last correction means the words, not that version of them.
    const wrong = standing.words;
    if (standing.retracted) throw conflict('These words have been taken back already.');
    moveUpdate(wrong.state, takesBack(what) ? 'retract' : 'correct');
    const begun = updates.find((u) => u.correctsId === wrong.id && u.publishedSeq === null && isOpen(u));
    if (begun)
      throw conflict('Somebody has begun to put these words right already. Go on there, or withdraw it.');
    const incident = await getIncident(w, asked.incidentId);
    const isNewest = newestOf(updates)?.words.id === wrong.id;
    const before = isNewest ? newestOf(updates.filter((u) => u.id !== standing.root.id)) : undefined;
    const update: Update = {
      ...wrong,
      ...unasked(now),
      id: ctx.newId(),
      class: 'D',
      // What is taken back was never so: the incident is again what it was said to be before.
      status:
        takesBack(what) && before !== undefined
          ? before.words.status
          : isNewest
            ? (incident.status ?? wrong.status)
            : wrong.status,
      blocks: takesBack(what) ? {} : words.body ? {} : tidy(words.blocks ?? wrong.blocks),
      body: takesBack(what) ? '' : (words.body ?? (words.blocks ? '' : wrong.body)).trim(),
      nextUpdateBy: null,
      components: {},
      connectionIds: null,
      // What somebody wrote for one network alone is as wrong as the rest, and easily overlooked.
      overrides: {},
      authorIds: handsOf(ctx.actor),
      correctsId: wrong.id,
      amends: what,
      note: note.trim(),
      // Taking words back says nothing in anybody's own voice, so it waits for nobody's consent.
      voiceOf: takesBack(what) ? null : wrong.voiceOf,
      // What was shown with the wrong words stays with the right ones, unless their author takes it away.
      media: takesBack(what) ? null : wrong.media,
    };
    if (!takesBack(what)) checkWords(update);
    await insertUpdate(w, update);
    await say({
      pageId: update.pageId,
      kind: 'update.drafted',
      public: false,
      incidentId: update.incidentId,
      updateId: update.id,
      detail: { by: ctx.actor.id, amends: what, of: wrong.id },
    });
    await account({
      action: 'update.draft',
      subjectKind: 'update',
      subjectId: update.id,
      detail: { incidentId: update.incidentId, amends: what, of: wrong.id },
    });
    return update;
  });
}

const isOpen = (u: Pick<Update, 'state'>): boolean =>
  ['draft', 'in_review', 'returned', 'approved', 'expired'].includes(u.state);

/** Whether this page lets wrong posts be taken off the networks, and this person ask for it. */
export function mustRemove(ctx: Ctx, policy: { mayRemove?: boolean }): void {
  if (policy.mayRemove !== true)
    throw forbidden(
      'This page does not take posts off networks. An admin can allow it under “Approval policy”; a retraction says it in place.',
    );
  mustBe(ctx.actor, ['approver'], 'approve');
}
