import { findPasswordHash, setPasswordHash } from '../../../db/queries/credentials.ts';
import { getPerson, revokeTokensOf, type Token } from '../../../db/queries/people.ts';
import { invalid } from '../../domain/error.ts';
import { assertOwnWay } from '../../domain/hands.ts';
import { type Ctx, decide } from '../context.ts';
import { countTry, forgive } from './limits.ts';
import type { Locks } from './locks.ts';

/** Whoever came in by a passkey or by the server's command has shown more than a password, and may have forgotten it. */
export const isStrong = (session: Pick<Token, 'name' | 'secondFactorAt'>): boolean =>
  session.secondFactorAt !== null && (session.name === 'passkey' || session.name === 'link');

/** Changes the password of the person who asks; every session but the one they ask from ends. */
export async function changePassword(
  ctx: Ctx,
  locks: Locks,
  input: { current: string; password: string; session: Token },
): Promise<void> {
  assertOwnWay(ctx.actor);
  const person = await getPerson(ctx.store.read, ctx.actor.id);
  const known = await findPasswordHash(ctx.store.read, person.id);
  if (known !== null && !isStrong(input.session)) {
    await countTry(ctx, locks, [{ second: person.id }]);
    if (!(await locks.passwords.matches(input.current, known)))
      throw invalid('current', 'This is not your password of now.');
  }
  const hash = await locks.passwords.hash(input.password, [person.name, person.email]);
  await decide(ctx, async ({ w, now, account }) => {
    if ((await findPasswordHash(w, person.id)) !== known)
      throw invalid('current', 'The password was changed meanwhile. Load the page again.');
    await setPasswordHash(w, person.id, hash, now);
    await forgive(w, locks, { second: person.id }, now);
    const ended = await revokeTokensOf(
      w,
      person.id,
      ['session', 'half', 'sign_in', 'invite'],
      now,
      input.session.id,
    );
    await account({
      action: 'password.change',
      subjectKind: 'person',
      subjectId: person.id,
      detail: { sessionsEnded: ended },
    });
  });
}
