import { findInstallation, removeInstallation, setInstallation } from '../../../db/queries/installation.ts';
import { getPerson } from '../../../db/queries/people.ts';
import type { Reader } from '../../../db/store.ts';
import { forbidden, invalid } from '../../domain/error.ts';
import type { Role } from '../../domain/words.ts';
import { type Ctx, decide, mustBe } from '../context.ts';
import { waysOf } from './prove.ts';

/** Whether approvers and admins of this installation must have a second factor. */
export const isSecondRequired = async (r: Reader): Promise<boolean> =>
  (await findInstallation(r, 'second_factor_required')) !== undefined;

/**
 * Whether this person has to set up a passkey or an app before anything else. They are let in to do just that; what
 * they hold on any page counts.
 */
export async function mustEnrol(
  r: Reader,
  person: { id: string; roles: readonly Role[]; pageRoles: Readonly<Record<string, readonly Role[]>> | null },
): Promise<boolean> {
  const held = [...person.roles, ...Object.values(person.pageRoles ?? {}).flat()];
  if (!held.includes('approver') && !held.includes('admin')) return false;
  if (!(await isSecondRequired(r))) return false;
  const { passkey, code } = await waysOf(r, person.id);
  return !passkey && !code;
}

/** Throws where a second factor is required and this person, or their program's owner, has none. */
export async function assertSecondFactor(r: Reader, personId: string): Promise<void> {
  if (await mustEnrol(r, await getPerson(r, personId)))
    throw forbidden('Approvers and admins here need a second factor. Set up a passkey or an app first.');
}

/** Requires a second factor of approvers and admins, or stops to. Whoever requires it has one. */
export async function requireSecondFactor(ctx: Ctx, on: boolean): Promise<void> {
  mustBe(ctx.actor, ['admin'], 'admin');
  await decide(ctx, async ({ w, now, account }) => {
    if (on === (await isSecondRequired(w))) return;
    const { passkey, code } = await waysOf(w, ctx.actor.id);
    if (on && ctx.actor.kind !== 'cli' && !passkey && !code)
      throw invalid('second', 'Set up a passkey or an app for yourself first: otherwise it locks you out.');
    if (on) await setInstallation(w, 'second_factor_required', String(now), now);
    else await removeInstallation(w, 'second_factor_required');
    await account({
      action: on ? 'second_factor.require' : 'second_factor.release',
      subjectKind: 'installation',
      subjectId: 'self',
    });
  });
}
