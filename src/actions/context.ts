import { createHash } from 'node:crypto';
import { appendAudit, appendEvents, type NewEvent } from '../../db/queries/log.ts';
import type { Store, TransactOptions, Writer } from '../../db/store.ts';
import { DomainError, forbidden } from '../domain/error.ts';
import type { LetIn } from '../domain/hands.ts';
import type { Role, Scope } from '../domain/words.ts';

/** Who acts. Programs act for the person who made their token, never with more than its scopes. */
export interface Actor {
  kind: 'person' | 'token' | 'timer' | 'system' | 'cli';
  /** Person id for people and tokens; the name of the timer or command otherwise. */
  id: string;
  roles: readonly Role[];
  /** Roles on single pages instead; see `rolesOn`. */
  pageRoles?: Readonly<Record<string, readonly Role[]>> | null;
  /** Only for tokens: what the token may be used for. */
  scopes?: readonly Scope[];
  /** Who made the way in of this session, when it was not the person themselves; see `hands.ts`. */
  letIn?: LetIn | null;
}

/** Everything an action may touch, passed in: the database, the clock, ids, and the installation's own hand. */
export interface Ctx {
  store: Store;
  now(): number;
  newId(): string;
  /** HMAC of an audit row with the installation's key. */
  auditHash(text: string): string;
  /** An exercise: its words must say so, and nothing real may be reached. */
  exercise?: boolean;
  /** Where the desk is, without a trailing slash: for links in what people are sent. */
  deskUrl?: string;
  actor: Actor;
}

export interface AuditEntry {
  action: string;
  subjectKind: string;
  subjectId: string;
  detail?: Record<string, unknown>;
}

/** The hands of one decision: write facts, say what happened, account for it. */
export interface Decision {
  w: Writer;
  now: number;
  /** Appends to the event log; the seq it got. */
  say(event: Omit<NewEvent, 'at' | 'detail'> & { detail?: Record<string, unknown> }): Promise<number>;
  account(entry: AuditEntry): Promise<void>;
}

/**
 * One decision in one transaction, its events and audit rows included. A refusal that must itself be remembered (a
 * voided approval) is returned as `{ refused }`: it is committed first and thrown afterwards.
 */
export async function decide<T>(
  ctx: Ctx,
  work: (d: Decision) => Promise<T | { refused: DomainError }>,
  options?: TransactOptions,
): Promise<T> {
  const out = await ctx.store.transact(async (w) => {
    const now = ctx.now();
    return work({
      w,
      now,
      async say(event) {
        const [seq] = await appendEvents(w, [{ ...event, at: now, detail: event.detail ?? {} }]);
        return seq!;
      },
      async account(entry) {
        await appendAudit(
          w,
          {
            at: now,
            actorKind: ctx.actor.kind,
            actorId: ctx.actor.id,
            action: entry.action,
            subjectKind: entry.subjectKind,
            subjectId: entry.subjectId,
            detail: JSON.stringify({
              ...entry.detail,
              // Whoever made the way in could have done it as well.
              ...(ctx.actor.letIn ? { letInBy: ctx.actor.letIn.by } : {}),
            }),
          },
          ctx.auditHash,
        );
      },
    });
  }, options);
  if (typeof out === 'object' && out !== null && 'refused' in out && out.refused instanceof DomainError)
    throw out.refused;
  return out as T;
}

/** Throws `forbidden` unless the actor has one of the roles (admins have all) and, for a token, the scope. */
export function mustBe(actor: Actor, roles: readonly Role[], scope: Scope): void {
  if (actor.kind === 'cli' || actor.kind === 'system' || actor.kind === 'timer') return;
  if (!actor.roles.includes('admin') && !actor.roles.some((r) => roles.includes(r)))
    throw forbidden(`You need the role "${roles[0]}" for this. An admin can give it to you.`);
  if (actor.kind === 'token' && !(actor.scopes ?? []).includes(scope))
    throw forbidden(`This token lacks the scope "${scope}". Make one that has it.`);
}

export const sha256 = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');
