import { conflict, forbidden, invalid } from './error.ts';
import type { Office } from './office.ts';

/** The gate before deaths and names: everybody close was told in person or by phone, or two people answer for not waiting. */

/** Whether everybody was told, or it was waived. */
export type GateHow = 'told' | 'waived';

/** Half of a waiver. */
export interface GateWaiver {
  by: string;
  at: number;
  reason: string;
  /** As which of the two. */
  as: 'owner' | 'executive';
}

/** Throws unless everybody was told. */
export function assertTold(told: number, of: number): void {
  if (!Number.isInteger(of) || of < 1 || of > 100_000)
    throw invalid('of', 'Say how many families or people there are to tell, as a number.');
  if (!Number.isInteger(told) || told < 0 || told > of)
    throw invalid('told', `Say how many of the ${of} were told, as a number.`);
  if (told < of)
    throw conflict(
      `${of - told} of ${of} have not been told yet. Tell them first, or let the owner and an executive waive it together.`,
      'told',
    );
}

/**
 * What this person's word makes of a waiver: its first half, or the whole. It takes the owner of the incident and an
 * executive, two people; where one person may do everything alone (solo), one.
 */
export function decideWaiver(q: {
  person: { id: string; offices: readonly Office[] | null };
  ownerId: string | null;
  before: GateWaiver | null;
  /** Who made the way in of this session besides the person; see `hands.ts`. */
  behind: readonly string[];
  solo: boolean;
}): { as: GateWaiver['as']; complete: boolean } {
  const isOwner = q.ownerId === q.person.id;
  const isExecutive = q.person.offices?.includes('executive') ?? false;
  if (!isOwner && !isExecutive && !q.solo)
    throw forbidden('Only the owner of the incident and an executive can waive this, together.');
  const { before } = q;
  if (before === null || q.solo) return { as: isOwner ? 'owner' : 'executive', complete: q.solo };
  const other = before.as === 'owner' ? 'executive' : 'owner';
  if (
    before.by === q.person.id ||
    q.behind.includes(before.by) ||
    !(other === 'owner' ? isOwner : isExecutive)
  )
    throw forbidden(
      other === 'owner'
        ? 'An executive has waived it. Now it takes the owner of the incident, another person.'
        : 'The owner has waived it. Now it takes an executive, another person.',
    );
  return { as: other, complete: true };
}
