import { findPasswordByEmail } from '../../../db/queries/credentials.ts';
import { getPerson, type Person, type Token } from '../../../db/queries/people.ts';
import { DomainError } from '../../domain/error.ts';
import { type Ctx, decide, sha256 } from '../context.ts';
import { countTry, forgive } from './limits.ts';
import type { Locks, Visit } from './locks.ts';
import { needsSecond, openSession } from './session.ts';

/** The one answer to every wrong pair, whichever half was wrong. */
const wrong = () =>
  new DomainError(
    'unauthorized',
    'This address and password do not belong together. Try again, or ask for a link.',
  );

/**
 * Signs in by password: a session, or a half session when the person has a second factor. Nobody, somebody without a
 * password and somebody who was switched off get the same answer after the same work.
 */
export async function signInWithPassword(
  ctx: Ctx,
  locks: Locks,
  input: { email: string; password: string },
  visit: Visit,
): Promise<{ person: Person; session: Token }> {
  const email = input.email.trim().toLowerCase().slice(0, 254);
  await countTry(ctx, locks, [{ address: visit.address }, { account: email }]);
  const found = await findPasswordByEmail(ctx.store.read, email);
  const right = await locks.passwords.matches(input.password, found?.hash ?? null);
  if (!found || !right || found.person.disabledAt !== null) throw wrong();
  return decide(ctx, async (d) => {
    const person = await getPerson(d.w, found.person.id);
    // Between the comparison and now the password may have been changed, or the person switched off.
    const now = await findPasswordByEmail(d.w, email);
    if (person.disabledAt !== null || now?.hash !== found.hash) throw wrong();
    const half = await needsSecond(d, person.id);
    if (!half) await forgive(d.w, locks, { account: email }, d.now);
    const session = await openSession(ctx, d, person, visit, sha256(visit.secret), {
      by: 'password',
      kind: half ? 'half' : 'session',
      secondFactor: false,
    });
    return { person, session };
  });
}
