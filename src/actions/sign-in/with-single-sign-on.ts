import {
  findPersonByEmail,
  getPerson,
  listLiveTokens,
  type Person,
  revokeToken,
  type Token,
} from '../../../db/queries/people.ts';
import {
  findIdentity,
  insertIdentity,
  listIdentities,
  noteIdentityUse,
} from '../../../db/queries/sign-in.ts';
import { conflict, DomainError } from '../../domain/error.ts';
import { assertOwnWay } from '../../domain/hands.ts';
import { type Ctx, type Decision, decide, sha256 } from '../context.ts';
import type { Visit } from './locks.ts';
import { openSession } from './session.ts';

/** What the issuer says, its signature checked. */
export interface Claims {
  issuer: string;
  subject: string;
  email: string | null;
  emailVerified: boolean;
}

/**
 * Signs in whom the issuer vouches for. A person is known by (issuer, subject) alone; the first time, somebody with an
 * open invitation is recognised by a verified address. Nobody else is: an address is not a person.
 */
export async function signInWithSingleSignOn(
  ctx: Ctx,
  claims: Claims,
  visit: Visit,
): Promise<{ person: Person; session: Token }> {
  return decide(ctx, async (d) => {
    const found = await findIdentity(d.w, claims.issuer, claims.subject);
    const person = found ? found.person : await meetInvited(ctx, d, claims);
    if (person.disabledAt !== null) throw unknown();
    if (found) await noteIdentityUse(d.w, found.identity.id, d.now);
    const session = await openSession(ctx, d, person, visit, sha256(visit.secret), {
      by: 'single sign-on',
      kind: 'session',
      // How many factors the issuer asks for is its own affair.
      secondFactor: true,
    });
    return { person, session };
  });
}

const unknown = () =>
  new DomainError(
    'unauthorized',
    'Single sign-on knows you, but this desk does not. Ask an admin to invite your address, or, if you are here already, sign in as before and connect it under “Your sign-in”.',
  );

async function meetInvited(ctx: Ctx, d: Decision, claims: Claims): Promise<Person> {
  if (!claims.emailVerified || claims.email === null) throw unknown();
  const person = await findPersonByEmail(d.w, claims.email.trim().toLowerCase());
  if (!person) throw unknown();
  const [invitation] = await listLiveTokens(d.w, ['invite'], d.now, person.id);
  if (!invitation || !(await revokeToken(d.w, invitation.id, d.now))) throw unknown();
  await connect(ctx, d, person.id, claims);
  return person;
}

/** Connects the identity to the person who asks, who is signed in. */
export async function connectSingleSignOn(ctx: Ctx, claims: Claims): Promise<void> {
  assertOwnWay(ctx.actor);
  await decide(ctx, async (d) => {
    const person = await getPerson(d.w, ctx.actor.id);
    const found = await findIdentity(d.w, claims.issuer, claims.subject);
    if (found?.person.id === person.id) return;
    if (found) throw conflict('Somebody else at this desk is connected to that account.');
    if ((await listIdentities(d.w, person.id)).some((i) => i.issuer === claims.issuer))
      throw conflict('You are connected to another account of this issuer already.');
    await connect(ctx, d, person.id, claims);
  });
}

async function connect(ctx: Ctx, d: Decision, personId: string, claims: Claims): Promise<void> {
  await insertIdentity(d.w, {
    id: ctx.newId(),
    personId,
    issuer: claims.issuer,
    subject: claims.subject,
    createdAt: d.now,
    lastUsedAt: d.now,
  });
  await d.account({
    action: 'identity.connect',
    subjectKind: 'person',
    subjectId: personId,
    detail: { issuer: claims.issuer, subject: claims.subject },
  });
}
