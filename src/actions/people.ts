import {
  findPersonByEmail,
  findTokenByHash,
  getPerson,
  insertPerson,
  insertToken,
  type Person,
  revokeToken,
  type Token,
  touchToken,
} from '../../db/queries/people.ts';
import type { Store } from '../../db/store.ts';
import { DomainError, forbidden, invalid } from '../domain/error.ts';
import { handsOf } from '../domain/hands.ts';
import type { Role, Scope } from '../domain/words.ts';
import { type Actor, type Ctx, decide, mustBe, sha256 } from './context.ts';
import { listLeft, tellAway } from './hand-over/owner-away.ts';
import type { Visit } from './sign-in/locks.ts';
import { needsSecond, openSession, SESSION_MS } from './sign-in/session.ts';
import { tellOwner } from './sign-in/tell-owner.ts';

const DAY = 24 * 60 * 60_000;
export const SIGN_IN_LINK_MS = 30 * 60_000;

/** Adds a person. Their email address identifies them and must be new. */
export async function addPerson(
  ctx: Ctx,
  input: { name: string; email: string; roles: readonly Role[] },
): Promise<Person> {
  mustBe(ctx.actor, ['admin'], 'admin');
  const email = input.email.trim().toLowerCase();
  if (!/^[^\s@]+@[^\s@]+$/.test(email) || email.length > 254)
    throw invalid('email', 'This is not an email address. Write it like name@company.example.');
  const name = input.name.trim();
  if (name === '' || name.length > 100) throw invalid('name', 'Give a name of 1 to 100 characters.');
  return decide(ctx, async ({ w, now, account }) => {
    if (await findPersonByEmail(w, email))
      throw new DomainError('conflict', 'Somebody with this email address is here already.', {
        field: 'email',
      });
    const person: Person = {
      id: ctx.newId(),
      name,
      email,
      roles: [...input.roles],
      pageRoles: null,
      phone: null,
      offices: null,
      voice: null,
      disabledAt: null,
      createdAt: now,
      updatedAt: now,
    };
    await insertPerson(w, person);
    await account({
      action: 'person.add',
      subjectKind: 'person',
      subjectId: person.id,
      detail: { email, roles: person.roles },
    });
    return person;
  });
}

export interface Issued {
  token: Token;
  /** The only time the secret is seen; only its SHA-256 is kept. */
  secret: string;
}

/**
 * Whoever may make a token of these scopes for this person. Nobody but themselves lets a program say yes in a person's
 * name, or two people's approval would be one admin's; and a program gives no other what it has not got.
 */
function mustMint(actor: Actor, personId: string, scopes: readonly Scope[]): void {
  mustBe(actor, ['admin'], 'admin');
  if (actor.kind !== 'person' && actor.kind !== 'token') return;
  if (scopes.includes('approve') && actor.id !== personId)
    throw forbidden(
      'A token that approves can only be made by the person it approves for. Ask them to make it, or leave “approve” out.',
    );
  const lacking = actor.kind === 'token' ? scopes.find((s) => !actor.scopes?.includes(s)) : undefined;
  if (lacking !== undefined)
    throw forbidden(`This token lacks the scope "${lacking}", so it cannot make one that has it.`);
}

/** Who besides this person may be behind what `actor` makes for them; null when nobody. */
export function behindOf(actor: Actor, personId: string): string[] | null {
  if (actor.kind !== 'person' && actor.kind !== 'token') return null;
  const hands = handsOf(actor).filter((id) => id !== personId);
  return hands.length === 0 ? null : hands;
}

/** Makes a secret that lets a person in: an API token, a browser session, or a one-time sign-in link. */
export async function issueToken(
  ctx: Ctx,
  input: {
    kind: Token['kind'];
    personId: string;
    name: string;
    scopes?: readonly Scope[];
    secret: string;
    expiresInMs?: number;
  },
): Promise<Issued> {
  if (input.kind === 'api') mustMint(ctx.actor, input.personId, input.scopes ?? []);
  return decide(ctx, async (d) => {
    const { w, now, account } = d;
    const person = await getPerson(w, input.personId);
    if (person.disabledAt !== null) throw new DomainError('forbidden', 'This person has been switched off.');
    const lifetime =
      input.expiresInMs ??
      (input.kind === 'session' ? SESSION_MS : input.kind === 'sign_in' ? SIGN_IN_LINK_MS : 365 * DAY);
    const token: Token = {
      id: ctx.newId(),
      kind: input.kind,
      hash: sha256(input.secret),
      personId: person.id,
      name: input.name,
      scopes: [...(input.scopes ?? [])],
      createdAt: now,
      expiresAt: now + lifetime,
      lastUsedAt: null,
      revokedAt: null,
      // Whoever may run commands on the server needs no second factor to be let in by one of them.
      secondFactorAt: input.kind === 'sign_in' && ctx.actor.kind === 'cli' ? now : null,
      // A program's own token says what it is; a session's hands go on into what it makes.
      behind: behindOf(input.kind === 'api' ? { ...ctx.actor, id: person.id } : ctx.actor, person.id),
      userAgent: null,
      address: null,
    };
    await insertToken(w, token);
    await account({
      action: `token.${input.kind}`,
      subjectKind: 'person',
      subjectId: person.id,
      detail: {
        tokenId: token.id,
        name: token.name,
        scopes: token.scopes,
        for: ctx.actor.id === person.id ? 'self' : 'other',
      },
    });
    if (token.kind === 'sign_in' && token.behind !== null) {
      const maker = await getPerson(w, ctx.actor.id);
      await tellOwner(
        ctx,
        d,
        person,
        `${maker.name} made a sign-in link for you. If you did not ask for one, tell another admin, and end your sessions under “Your sign-in”.`,
      );
    }
    return { token, secret: input.secret };
  });
}

/**
 * Turns a one-time link into a session, or a half session when its person has a second factor and the link does not
 * stand for both. The link works once, whoever is faster.
 */
export async function signIn(
  ctx: Ctx,
  linkSecret: string,
  sessionSecret: string,
  from: Omit<Visit, 'secret'> = { replaces: null, userAgent: null, address: '' },
): Promise<{ person: Person; session: Token }> {
  return decide(ctx, async (d) => {
    const { w, now } = d;
    const found = await findTokenByHash(w, sha256(linkSecret));
    const spent = new DomainError(
      'unauthorized',
      'This sign-in link has been used or has run out. Ask for a new one.',
    );
    if (found?.token.kind !== 'sign_in' || found.person.disabledAt !== null) throw spent;
    if ((found.token.expiresAt ?? 0) <= now) throw spent;
    if (!(await revokeToken(w, found.token.id, now))) throw spent;
    const { person, token } = found;
    const stands = token.secondFactorAt !== null;
    const half = !stands && (await needsSecond(d, person.id));
    const visit = { ...from, secret: sessionSecret };
    const session = await openSession(ctx, d, person, visit, sha256(sessionSecret), {
      by: 'link',
      kind: half ? 'half' : 'session',
      secondFactor: stands,
      behind: token.behind,
    });
    return { person, session };
  });
}

/** Ends the session. What its person would leave to nobody (see `listLeft`) is told to those who can take it over. */
export async function signOut(ctx: Ctx, sessionId: string): Promise<void> {
  await decide(ctx, async (d) => {
    const left = await listLeft(d.w, ctx.actor.id, sessionId, d.now);
    await revokeToken(d.w, sessionId, d.now);
    await d.account({
      action: 'person.sign_out',
      subjectKind: 'token',
      subjectId: sessionId,
      ...(left.length === 0 ? {} : { detail: { left: left.map((i) => i.id) } }),
    });
    for (const incident of left) await tellAway(ctx, d, incident, 'has signed out');
  });
}

/** Remembers that a token was used just now. No decision of anybody's: it leaves no audit row and may be lost. */
export async function noteTokenUse(store: Store, tokenId: string, now: number): Promise<void> {
  await store.transact((w) => touchToken(w, tokenId, now), { appends: false }).catch(() => undefined);
}
