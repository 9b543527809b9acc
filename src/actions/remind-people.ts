import { remindApprovers } from './approval/ask-approvers.ts';
import { remindReviews } from './approval/review-override.ts';
import type { Ctx } from './context.ts';
import { remindHandOvers } from './hand-over/remind-hand-overs.ts';
import { beatDueHearts } from './heartbeat/send-heartbeat.ts';

/** Everything that people owe each other and have not answered. Each is told of once, whichever node is faster. */
export async function remindPeople(ctx: Ctx): Promise<void> {
  await remindApprovers(ctx);
  await remindHandOvers(ctx);
  await remindReviews(ctx);
  await beatDueHearts(ctx);
}
