import { listDeliveriesOfUpdates } from '../../db/queries/deliveries.ts';
import type { Update } from '../../db/queries/incidents.ts';
import { type DatabaseKind, MINUTE, NETWORKS, wordsAt } from '../house.ts';
import { type Desk, type DeskOptions, openDesk } from './scripted.ts';

export const EDITS = { ...NETWORKS.findable, edit: 'in_place' } as const;
export const NEW_IDS = { ...EDITS, edit: 'new_id', editWindowMs: 30 * MINUTE } as const;
export const WRONG = 'All card payments fail.';
export const RIGHT = 'Some card payments fail.';
export const LEAD = 'Correction: We said all cards; it is some.';

export const open = (
  test: Parameters<typeof openDesk>[0],
  database: DatabaseKind,
  more: Omit<DeskOptions, 'database'>,
) => openDesk(test, { database, ...more });

export const rowsOf = (desk: Desk, u: Pick<Update, 'id'>) =>
  listDeliveriesOfUpdates(desk.house.store.read, [u.id]);
/** Each of its deliveries on a line: what is done, which part, in which way, how it stands. */
export const brief = async (desk: Desk, u: Pick<Update, 'id'>) =>
  (await rowsOf(desk, u)).map((d) => `${d.op} ${d.part} ${d.way} ${d.state}`);

/** Says the wrong words and lets the network take them. */
export async function sayWrong(desk: Desk, known = WRONG) {
  const { update, incident } = await desk.say(undefined, wordsAt(desk.house.clock.now(), known));
  await desk.rest();
  await desk.pass(5_000);
  return { update, incident };
}
