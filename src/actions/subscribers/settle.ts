import { getPage } from '../../../db/queries/pages.ts';
import {
  changeSubscriber,
  deleteLettersOf,
  deleteSubscriber,
  deleteTicketsOf,
  findByAddress,
  findSubscriber,
  replaceTargets,
  type Subscriber,
} from '../../../db/queries/subscribers.ts';
import type { Writer } from '../../../db/store.ts';
import { DomainError, invalid, notFound } from '../../domain/error.ts';
import { CODE_TRIES, CONFIRM_MS } from '../../domain/subscriber.ts';
import { type Ctx, decide, mustBe } from '../context.ts';
import { addressHash, codeHash, equal, type SubscriberLocks } from './locks.ts';
import { languageOf, targetsOf, type Wish } from './subscribe.ts';

const QUIET = { appends: false } as const;

async function getSubscriber(w: Writer, id: string): Promise<Subscriber> {
  const row = await findSubscriber(w, id);
  if (!row) throw notFound('subscription');
  return row;
}

/** Whoever has the letter says yes. Doing it again changes nothing. Throws `gone` when the letter is too old. */
export async function confirmSubscription(ctx: Ctx, id: string): Promise<Subscriber> {
  return ctx.store.transact(async (w) => {
    const row = await getSubscriber(w, id);
    if (row.state === 'active') return row;
    const now = ctx.now();
    if (row.state !== 'unconfirmed' || now - row.updatedAt > CONFIRM_MS)
      throw new DomainError(
        'gone',
        'This link is too old. Subscribe again on the page, and we send you a new one.',
      );
    return activate(w, row, now);
  }, QUIET);
}

/** Whoever reads the mail of a program's contact says that it is theirs. False when there is none to confirm. */
export async function confirmContact(ctx: Ctx, id: string): Promise<boolean> {
  return ctx.store.transact(async (w) => {
    const row = await findSubscriber(w, id);
    if (!row || row.contact === null) return false;
    const now = ctx.now();
    if (row.contactAt === null) await changeSubscriber(w, id, { contactAt: now });
    return true;
  }, QUIET);
}

async function activate(w: Writer, row: Subscriber, now: number): Promise<Subscriber> {
  const patch = {
    state: 'active',
    confirmedAt: now,
    code: null,
    codeUntil: null,
    codeTries: 0,
    failures: 0,
    endedAt: null,
    // Its owner has spoken, so nobody else's ticket does.
    ticket: null,
    updatedAt: now,
  } as const;
  await changeSubscriber(w, row.id, patch);
  await deleteLettersOf(w, row.id);
  return { ...row, ...patch };
}

const wrongCode = () =>
  invalid('code', 'This code is not right, or too old. Look at the newest message, or ask for another code.');

/** The owner of a phone types the code they were sent. One answer for every reason why it does not hold. */
export async function confirmCode(
  ctx: Ctx,
  locks: SubscriberLocks,
  typed: { pageId: string; address: string; code: string },
): Promise<Subscriber> {
  const out = await ctx.store.transact(async (w) => {
    const now = ctx.now();
    const row = await findByAddress(
      w,
      typed.pageId,
      'sms',
      addressHash(locks, typed.pageId, 'sms', typed.address),
    );
    if (row?.code == null || row.codeUntil === null || row.codeUntil < now || row.codeTries >= CODE_TRIES)
      return undefined;
    if (equal(codeHash(locks, row.id, typed.code.replace(/\D/g, '')), row.code)) return activate(w, row, now);
    await changeSubscriber(w, row.id, { codeTries: row.codeTries + 1 });
    return undefined;
  }, QUIET);
  if (!out) throw wrongCode();
  return out;
}

/** The owner of the private link wants something else. */
export async function changeSubscription(ctx: Ctx, id: string, wish: Wish): Promise<void> {
  await ctx.store.transact(async (w) => {
    const row = await getSubscriber(w, id);
    if (row.state === 'unsubscribed') throw ended();
    const page = await getPage(w, row.pageId);
    await replaceTargets(w, id, await targetsOf(w, page, wish));
    await changeSubscriber(w, id, {
      everything: wish.everything,
      language: languageOf(page, wish.language),
      updatedAt: ctx.now(),
    });
  }, QUIET);
}

const ended = () =>
  new DomainError('gone', 'You are not subscribed any more. To get updates again, subscribe on the page.');

/** One act stops everything, and the address is forgotten with it. Doing it again changes nothing. */
export async function stopSubscription(ctx: Ctx, id: string): Promise<void> {
  await ctx.store.transact(async (w) => {
    const row = await findSubscriber(w, id);
    if (!row || row.state === 'unsubscribed') return;
    const now = ctx.now();
    await endSubscription(w, id, now);
  }, QUIET);
}

/** Keeps of a subscriber only the keyed hash, so that no import writes to them again. */
export async function endSubscription(w: Writer, id: string, now: number): Promise<void> {
  await changeSubscriber(w, id, {
    state: 'unsubscribed',
    sealed: '',
    contact: null,
    contactAt: null,
    ticket: null,
    code: null,
    codeUntil: null,
    reason: null,
    basis: null,
    endedAt: now,
    updatedAt: now,
  });
  await deleteLettersOf(w, id);
  await replaceTargets(w, id, []);
}

/** Forgets somebody altogether, by an admin's hand: not even the hash stays. */
export async function eraseSubscriber(ctx: Ctx, id: string): Promise<void> {
  mustBe(ctx.actor, ['admin'], 'admin');
  await decide(ctx, async ({ w, account }) => {
    const row = await getSubscriber(w, id);
    await deleteSubscriber(w, id);
    await deleteTicketsOf(w, row.addressHash);
    await account({
      action: 'subscriber.erase',
      subjectKind: 'subscriber',
      subjectId: id,
      detail: { kind: row.kind },
    });
  });
}
