import { changeFact, type FactRow, getFact } from '../../../db/queries/facts.ts';
import { assertMayConfirm, MAX_SOURCE } from '../../domain/fact.ts';
import { checkText } from '../../domain/update.ts';
import { type Ctx, decide, mustBe } from '../context.ts';
import { note } from './add-fact.ts';

/**
 * Says that a fact is so. Another person than who wrote it down, or anybody with a named source; what was found on a
 * network needs another person, two sources and a grade.
 */
export async function confirmFact(
  ctx: Ctx,
  factId: string,
  version: number,
  with_: { source?: string; secondSource?: string; grade?: string } = {},
): Promise<FactRow> {
  mustBe(ctx.actor, ['responder', 'author', 'approver'], 'draft');
  for (const name of ['source', 'secondSource'] as const) checkText(name, with_[name] ?? '', MAX_SOURCE);
  return decide(ctx, async (d) => {
    const before = await getFact(d.w, factId);
    const given = {
      source: with_.source?.trim() || before.source,
      secondSource: with_.secondSource?.trim() || before.secondSource,
      grade: with_.grade?.trim().toUpperCase() || before.grade,
    };
    assertMayConfirm({ ...before, ...given }, ctx.actor);
    const after = await changeFact(
      d.w,
      { id: factId, version },
      {
        ...given,
        state: 'confirmed',
        verifierId: ctx.actor.id,
        confirmedAt: d.now,
        reason: null,
        updatedAt: d.now,
      },
    );
    await note(d, ctx, after, 'fact.confirmed', 'fact.confirm', { source: after.source });
    return after;
  });
}
