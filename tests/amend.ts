import type { Update } from '../db/queries/incidents.ts';
import { correctUpdate } from '../src/actions/amend/correct-update.ts';
import { retractUpdate } from '../src/actions/amend/retract-update.ts';
import { approveUpdate } from '../src/actions/approve-update.ts';
import type { UpdateWords } from '../src/actions/draft-update.ts';
import { requestApproval } from '../src/actions/request-approval.ts';
import type { House } from './house.ts';

/** The whole road of a correction: begun, asked for, and the approver says yes. */
export async function correct(
  house: House,
  wrong: Pick<Update, 'id'>,
  known: string,
  note = 'We said all cards; it is some.',
  more: Pick<UpdateWords, 'blocks'> = {},
): Promise<Update> {
  const draft = await correctUpdate(house.ctx(house.author), wrong.id, note, { blocks: { known }, ...more });
  return release(house, draft);
}

/** The same for taking words back; with `remove` off the networks, which an approver has to ask for. */
export async function retract(
  house: House,
  wrong: Pick<Update, 'id'>,
  note = 'This was a draft, sent by mistake.',
  remove = false,
): Promise<Update> {
  const who = remove ? house.second : house.author;
  return release(house, await retractUpdate(house.ctx(who), wrong.id, note, remove));
}

async function release(house: House, draft: Update): Promise<Update> {
  const asked = await requestApproval(house.ctx(house.author), draft.id, draft.version);
  return approveUpdate(house.ctx(house.approver), asked.id, asked.hash!);
}
