import { findCredentials, insertPasskey, setPasswordHash } from '../../../db/queries/credentials.ts';
import {
  changePerson,
  findTokenByHash,
  getPerson,
  insertToken,
  type Person,
  revokeToken,
  revokeTokensOf,
  type Token,
} from '../../../db/queries/people.ts';
import { conflict, DomainError, invalid } from '../../domain/error.ts';
import { type Ctx, decide, mustBe, sha256 } from '../context.ts';
import { behindOf } from '../people.ts';
import type { Locks, Visit } from './locks.ts';
import { readNewPasskey } from './passkeys.ts';
import { openSession } from './session.ts';
import { tellOwner } from './tell-owner.ts';

/** An invitation waits over a weekend. */
const INVITATION_MS = 72 * 60 * 60_000;

const spent = () =>
  new DomainError(
    'unauthorized',
    'This invitation was used or has run out. Ask the admin who sent it for a new one.',
  );

/** Makes the one link by which a person who was added comes in for the first time. Earlier ones end. */
export async function invitePerson(ctx: Ctx, personId: string, secret: string): Promise<Token> {
  mustBe(ctx.actor, ['admin'], 'admin');
  return decide(ctx, async ({ w, now, account }) => {
    const person = await getPerson(w, personId);
    if (person.disabledAt !== null)
      throw conflict('This person is switched off. Switch them on first, then invite them.');
    const { passwordHash, passkeys } = await findCredentials(w, person.id);
    // An invitation chooses a password: for somebody who has one it would be a way around it and the second factor.
    if (passwordHash !== null || passkeys.length > 0)
      throw conflict('They have a way in already. Make a sign-in link, or reset their sign-in first.');
    await revokeTokensOf(w, person.id, ['invite'], now);
    const token: Token = {
      id: ctx.newId(),
      kind: 'invite',
      hash: sha256(secret),
      personId: person.id,
      name: 'Invitation',
      scopes: [],
      createdAt: now,
      expiresAt: now + INVITATION_MS,
      lastUsedAt: null,
      revokedAt: null,
      secondFactorAt: null,
      behind: behindOf(ctx.actor, person.id),
      userAgent: null,
      address: null,
    };
    await insertToken(w, token);
    await account({
      action: 'person.invite',
      subjectKind: 'person',
      subjectId: person.id,
      detail: { tokenId: token.id },
    });
    return token;
  });
}

/** Whose invitation this is. Throws `unauthorized` when it does not stand any more. */
export async function openInvitation(ctx: Ctx, secret: string): Promise<{ token: Token; person: Person }> {
  const found = await findTokenByHash(ctx.store.read, sha256(secret));
  if (found?.token.kind !== 'invite' || found.person.disabledAt !== null) throw spent();
  if (found.token.revokedAt !== null || (found.token.expiresAt ?? 0) <= ctx.now()) throw spent();
  return found;
}

/** Takes an invitation up, by a password, a passkey, or both, and signs in. The link works once, whoever is faster. */
export async function acceptInvitation(
  ctx: Ctx,
  locks: Locks,
  input: { invitation: string; name: string; password: string; passkey: string },
  visit: Visit,
): Promise<{ person: Person; session: Token }> {
  const { token, person } = await openInvitation(ctx, input.invitation);
  const name = input.name.trim();
  if (name === '' || name.length > 100) throw invalid('name', 'Give your name, in 1 to 100 characters.');
  if (input.password === '' && input.passkey === '')
    throw invalid('password', 'Choose a password, or add a passkey.');
  const hash =
    input.password === '' ? null : await locks.passwords.hash(input.password, [name, person.email]);
  const passkey =
    input.passkey === ''
      ? null
      : await readNewPasskey(ctx, locks, { answer: input.passkey, name: '', person, boundTo: token.id });
  return decide(ctx, async (d) => {
    const { w, now } = d;
    const invited = await getPerson(w, person.id);
    if (invited.disabledAt !== null || !(await revokeToken(w, token.id, now))) throw spent();
    await changePerson(w, person.id, { name, updatedAt: now });
    const held = await findCredentials(w, person.id);
    if (held.passwordHash !== null || held.passkeys.length > 0) throw spent();
    if (hash !== null) await setPasswordHash(w, person.id, hash, now);
    if (passkey) await insertPasskey(w, passkey);
    await d.account({
      action: 'person.accept',
      subjectKind: 'person',
      subjectId: person.id,
      detail: { password: hash !== null, passkey: passkey?.id ?? null },
    });
    const session = await openSession(ctx, d, invited, visit, sha256(visit.secret), {
      by: 'invitation',
      kind: 'session',
      secondFactor: passkey !== null,
      behind: token.behind,
    });
    await tellOwner(
      ctx,
      d,
      invited,
      'Your invitation was used just now: you have a way in. If that was not you, tell another admin at once.',
    );
    return { person: { ...invited, name }, session };
  });
}
