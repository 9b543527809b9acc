import { remindApprovers } from './approval/ask-approvers.ts';
import { remindReviews } from './approval/review-override.ts';
import type { Ctx } from './context.ts';
import { each } from './each.ts';
import { remindHandOvers } from './hand-over/remind-hand-overs.ts';
import { beatDueHearts } from './heartbeat/send-heartbeat.ts';

/** Everything that people owe each other and have not answered. Each is told of once, whichever node is faster. */
export async function remindPeople(ctx: Ctx): Promise<void> {
  await each([remindApprovers, remindHandOvers, remindReviews, beatDueHearts], (remind) => remind(ctx));
}
