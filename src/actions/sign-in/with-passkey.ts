import { listPasskeys, notePasskeyUse } from '../../../db/queries/credentials.ts';
import { getPerson, type Person, type Token } from '../../../db/queries/people.ts';
import { DomainError } from '../../domain/error.ts';
import { type Ctx, decide, sha256 } from '../context.ts';
import type { Locks, Visit } from './locks.ts';
import { readPasskey } from './passkeys.ts';
import { openSession } from './session.ts';

/** Signs in by passkey. The authenticator has checked its owner (PIN, finger, face), so it counts as both factors. */
export async function signInWithPasskey(
  ctx: Ctx,
  locks: Locks,
  input: { answer: string; boundTo: string },
  visit: Visit,
): Promise<{ person: Person; session: Token }> {
  const { passkey, counter } = await readPasskey(ctx, locks, { ...input, kind: 'passkey_sign_in' });
  return decide(ctx, async (d) => {
    const person = await getPerson(d.w, passkey.personId);
    const stillTheirs = (await listPasskeys(d.w, person.id)).some((k) => k.id === passkey.id);
    if (!stillTheirs || person.disabledAt !== null)
      throw new DomainError(
        'unauthorized',
        'The passkey could not be checked. Try again, or come in another way.',
      );
    await notePasskeyUse(d.w, passkey.id, counter, d.now);
    const session = await openSession(ctx, d, person, visit, sha256(visit.secret), {
      by: 'passkey',
      kind: 'session',
      secondFactor: true,
    });
    return { person, session };
  });
}
