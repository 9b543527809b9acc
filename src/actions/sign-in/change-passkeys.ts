import { deletePasskey, insertPasskey, type Passkey } from '../../../db/queries/credentials.ts';
import { getPerson } from '../../../db/queries/people.ts';
import { notFound } from '../../domain/error.ts';
import { assertOwnWay } from '../../domain/hands.ts';
import { type Ctx, decide } from '../context.ts';
import type { Locks } from './locks.ts';
import { readNewPasskey } from './passkeys.ts';

/** Adds a passkey to the person who asks. `boundTo` is the session that asked for it. */
export async function addPasskey(
  ctx: Ctx,
  locks: Locks,
  input: { answer: string; name: string; boundTo: string },
): Promise<Passkey> {
  assertOwnWay(ctx.actor);
  const person = await getPerson(ctx.store.read, ctx.actor.id);
  const passkey = await readNewPasskey(ctx, locks, { ...input, person });
  return decide(ctx, async ({ w, account }) => {
    await insertPasskey(w, passkey);
    await account({
      action: 'passkey.add',
      subjectKind: 'person',
      subjectId: person.id,
      detail: { passkeyId: passkey.id, name: passkey.name },
    });
    return passkey;
  });
}

/** Removes a passkey of the person who asks; nobody can remove another's. */
export async function removePasskey(ctx: Ctx, id: string): Promise<void> {
  assertOwnWay(ctx.actor);
  await decide(ctx, async ({ w, account }) => {
    if (!(await deletePasskey(w, ctx.actor.id, id))) throw notFound('passkey');
    await account({
      action: 'passkey.remove',
      subjectKind: 'person',
      subjectId: ctx.actor.id,
      detail: { passkeyId: id },
    });
  });
}
