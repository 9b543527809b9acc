import { listPages } from '../../../db/queries/pages.ts';
import type { PageAccess } from '../../../db/shapes.ts';
import { DomainError, invalid, notFound } from '../../domain/error.ts';
import type { Ctx } from '../context.ts';
import { keepChallenge, spendChallenge } from '../sign-in/challenge.ts';
import { countTry, forgive, type TryKey } from '../sign-in/limits.ts';
import type { Locks } from '../sign-in/locks.ts';

/** Visitors of a private page: they show a password, or that they read the mail of an address we know. */

async function doorOf(ctx: Ctx, pageId: string): Promise<PageAccess> {
  const page = (await listPages(ctx.store.read)).find((p) => p.id === pageId);
  if (!page?.access) throw notFound('page');
  return page.access;
}

/** Counted by page and by who guesses, or who would get the mail: nobody keeps anybody else out. */
async function count(ctx: Ctx, locks: Locks, from: string, key: TryKey): Promise<void> {
  try {
    await countTry(ctx, locks, [{ address: `visit ${from}` }, key]);
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== 'limited') throw error;
    throw new DomainError('limited', 'Too many tries. Wait a few minutes.', {
      ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
    });
  }
}

/** Throws `invalid` (field `password`) when it is not right, `limited` when too many were tried from `from`. */
export async function enterByPassword(
  ctx: Ctx,
  locks: Locks,
  pageId: string,
  password: string,
  from: string,
): Promise<void> {
  const access = await doorOf(ctx, pageId);
  const key = { account: `visit ${pageId} ${from}` };
  await count(ctx, locks, from, key);
  if (!(await locks.passwords.matches(password, access.password)))
    throw invalid('password', 'This password is not right.');
  // A whole office may read it from one address: who knows the password has guessed nothing.
  await ctx.store.transact((w) => forgive(w, locks, key, ctx.now()), { appends: false });
}

/** Whether an address may have a link: it is named itself, or by its domain. */
export function isInvited(email: string, invited: readonly string[]): boolean {
  const given = email.trim().toLowerCase();
  const at = given.lastIndexOf('@');
  if (at < 1 || /[\s<>,;"\\]/.test(given)) return false;
  return invited.some((one) => one === given || (one.startsWith('@') && given.slice(at) === one));
}

/**
 * The secret of a link that lets the reader of this mail in once, or undefined when the address may have none: whoever
 * asked is told the same either way. Throws `limited`.
 */
export async function askForLink(
  ctx: Ctx,
  locks: Locks,
  pageId: string,
  email: string,
  from: string,
): Promise<string | undefined> {
  const access = await doorOf(ctx, pageId);
  await count(ctx, locks, from, { account: `visit link ${pageId} ${email.trim().toLowerCase()}` });
  if (!isInvited(email, access.emails)) return undefined;
  const value = locks.newSecret();
  await keepChallenge(ctx, locks, {
    kind: 'visit',
    value,
    boundTo: `${pageId}|${access.version}`,
    personId: null,
  });
  return value;
}

/** Spends a link. Throws `unauthorized` when it is too old, was used, or the door has changed since. */
export async function enterByLink(ctx: Ctx, locks: Locks, pageId: string, secret: string): Promise<void> {
  const access = await doorOf(ctx, pageId);
  await spendChallenge(ctx, locks, {
    kinds: ['visit'],
    value: secret,
    boundTo: `${pageId}|${access.version}`,
  });
}
