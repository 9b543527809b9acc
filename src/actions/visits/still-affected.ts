import { countForGood, keepStillAffected, listUncounted } from '../../../db/queries/still-affected.ts';
import type { Ctx } from '../context.ts';

/** How often to look for incidents whose people can be forgotten, ms; and how long after the end that is. */
export const FORGET_EVERY_MS = 60 * 60_000;
const KEPT_MS = 24 * 60 * 60_000;
const MOST = 50;

export interface Press {
  incidentId: string;
  /** Keyed hash of where they come from and of the incident: two incidents never know the same visitor. */
  visitor: string;
}

/** Counts presses of “I’m still affected”, many in one transaction. */
export async function sayStillAffected(
  ctx: Pick<Ctx, 'store' | 'now'>,
  presses: readonly Press[],
): Promise<void> {
  const at = ctx.now();
  const each = new Map(presses.map((p) => [`${p.incidentId} ${p.visitor}`, { ...p, at }]));
  await ctx.store.transact((w) => keepStillAffected(w, [...each.values()]), { appends: false });
}

/** A day after an incident ended only the number is left of those who had trouble. */
export async function forgetAffected({ store, now }: Pick<Ctx, 'store' | 'now'>): Promise<void> {
  for (const id of await listUncounted(store.read, now() - KEPT_MS, MOST))
    await store.transact((w) => countForGood(w, id), { appends: false });
}
