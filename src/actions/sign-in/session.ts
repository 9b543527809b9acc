import { findCredentials } from '../../../db/queries/credentials.ts';
import { insertToken, type Person, revokeToken, type Token } from '../../../db/queries/people.ts';
import type { LetIn } from '../../domain/hands.ts';
import type { Ctx, Decision } from '../context.ts';
import type { Visit } from './locks.ts';

/** Browser sessions end after this, whatever happens. ASVS: absolute limit for an administrative console. */
export const SESSION_MS = 12 * 60 * 60_000;
/** And after this long without a request. */
const IDLE_MS = 60 * 60_000;

/** When a session ended, or will if nothing is done with it. */
export const endsAt = (s: Pick<Token, 'revokedAt' | 'expiresAt' | 'lastUsedAt' | 'createdAt'>): number =>
  Math.min(
    s.revokedAt ?? Number.MAX_VALUE,
    s.expiresAt ?? Number.MAX_VALUE,
    (s.lastUsedAt ?? s.createdAt) + IDLE_MS,
  );

/** How long somebody may look for the second factor, ms. */
const HALF_MS = 10 * 60_000;

export type Way =
  | 'link'
  | 'password'
  | 'passkey'
  | 'single sign-on'
  | 'code'
  | 'recovery code'
  | 'invitation';

/** Who made the way in that a session or a token comes from, when it was not its own person. */
export const letInOf = ({ behind, kind, name }: Token): LetIn | null =>
  behind === null
    ? null
    : { by: behind, how: kind === 'api' ? 'token' : name === 'invitation' ? 'invitation' : 'link' };

/** True when the person has set up a second factor, so that a password or a link alone is not enough. */
export async function needsSecond(d: Decision, personId: string): Promise<boolean> {
  const { totp, passkeys } = await findCredentials(d.w, personId);
  return totp !== null || passkeys.length > 0;
}

/**
 * Opens a session with a new secret and ends the one that the browser had. A `half` session lets its holder do nothing
 * but show the second factor. `behind` is who made the link it comes from.
 */
export async function openSession(
  ctx: Pick<Ctx, 'newId'>,
  d: Decision,
  person: Person,
  visit: Visit,
  hash: string,
  how: { by: Way; kind: 'session' | 'half'; secondFactor: boolean; behind?: string[] | null },
): Promise<Token> {
  const { w, now } = d;
  if (visit.replaces !== null) await revokeToken(w, visit.replaces, now);
  const session: Token = {
    id: ctx.newId(),
    kind: how.kind,
    hash,
    personId: person.id,
    name: how.by,
    scopes: [],
    createdAt: now,
    expiresAt: now + (how.kind === 'half' ? HALF_MS : SESSION_MS),
    lastUsedAt: now,
    revokedAt: null,
    secondFactorAt: how.secondFactor ? now : null,
    behind: how.behind ?? null,
    userAgent: visit.userAgent?.slice(0, 300) ?? null,
    address: visit.address,
  };
  await insertToken(w, session);
  await d.account({
    action: how.kind === 'half' ? 'person.first_factor' : 'person.sign_in',
    subjectKind: 'person',
    subjectId: person.id,
    detail: { sessionId: session.id, by: how.by, ...(session.behind ? { behind: session.behind } : {}) },
  });
  return session;
}
