import { changeFact, type FactRow, getFact } from '../../../db/queries/facts.ts';
import { conflict, invalid } from '../../domain/error.ts';
import { checkText } from '../../domain/update.ts';
import { type Ctx, decide, mustBe } from '../context.ts';
import { note } from './add-fact.ts';

/**
 * Says that a fact is disputed, or takes it back. What was approved with it and is not out yet must be approved again;
 * what was published with it is shown to be corrected.
 */
export async function doubtFact(
  ctx: Ctx,
  factId: string,
  version: number,
  to: 'disputed' | 'withdrawn',
  reason: string,
): Promise<FactRow> {
  mustBe(ctx.actor, ['responder', 'author', 'approver'], 'draft');
  const why = reason.trim();
  if (why === '')
    throw invalid('reason', to === 'disputed' ? 'Say who doubts it, and why.' : 'Say why it is not so.');
  checkText('reason', why, 500);
  return decide(ctx, async (d) => {
    const before = await getFact(d.w, factId);
    if (before.state === 'withdrawn') throw conflict('This was withdrawn already.');
    if (before.state === to) throw conflict(`This is ${to} already.`);
    const after = await changeFact(
      d.w,
      { id: factId, version },
      {
        state: to,
        reason: why,
        verifierId: null,
        confirmedAt: null,
        updatedAt: d.now,
      },
    );
    await note(d, ctx, after, `fact.${to}`, to === 'disputed' ? 'fact.dispute' : 'fact.withdraw', {
      reason: why,
    });
    return after;
  });
}
