import {
  deleteSubscriber,
  deleteTicket,
  findByAddress,
  findTicket,
  type Subscriber,
  type Ticket,
} from '../../../db/queries/subscribers.ts';
import type { Reader, Writer } from '../../../db/store.ts';
import { LETTER_EVERY_MS, type LetterKind, TICKET_MS } from '../../domain/subscriber.ts';
import type { Ctx } from '../context.ts';
import { type SubscriberLocks, ticketHash, ticketPlace } from './locks.ts';
import { endSubscription } from './settle.ts';
import { assertNotFlooded, write } from './subscribe.ts';

/**
 * A ticket is what a program gets for subscribing somebody: it proves that somebody knew an address, and not that the
 * address is theirs. So it takes back only a wish that is still its own; about everything else the owner is written to.
 * See docs/decisions/0014.
 */

async function find(
  ctx: Pick<Ctx, 'now'>,
  r: Reader,
  locks: Pick<SubscriberLocks, 'sign'>,
  pageId: string,
  id: string,
): Promise<Ticket | undefined> {
  const ticket = await findTicket(r, ticketHash(locks, id));
  return ticket && ticket.pageId === pageId && ctx.now() - ticket.createdAt < TICKET_MS ? ticket : undefined;
}

/** What the program was answered when it asked; undefined for an id that we have not made, or that has had its time. */
export async function readTicket(
  ctx: Pick<Ctx, 'store' | 'now'>,
  locks: Pick<SubscriberLocks, 'sign' | 'open'>,
  pageId: string,
  id: string,
): Promise<string | undefined> {
  const ticket = await find(ctx, ctx.store.read, locks, pageId, id);
  return ticket && locks.open(ticketPlace(id), ticket.sealed);
}

/** Takes the wish back, and spends the ticket. What the program was answered, as `readTicket` has it. */
export async function withdrawByTicket(
  ctx: Ctx,
  locks: SubscriberLocks,
  pageId: string,
  id: string,
): Promise<string | undefined> {
  return use(ctx, locks, pageId, id, async (w, ticket, s) => {
    await deleteTicket(w, ticket.id);
    if (s?.ticket !== ticket.id) return s?.state === 'active' ? 'manage' : undefined;
    // Somebody who had unsubscribed before stays so: no import brings them back.
    if (s.state === 'unconfirmed' && s.endedAt === null) await deleteSubscriber(w, s.id);
    else await endSubscription(w, s.id, ctx.now());
    return undefined;
  });
}

/** Sends the letter to confirm once more, or, where there is nothing of its own to confirm, the private link. */
export async function resendByTicket(
  ctx: Ctx,
  locks: SubscriberLocks,
  pageId: string,
  id: string,
): Promise<string | undefined> {
  return use(ctx, locks, pageId, id, async (_w, ticket, s) => {
    if (s?.state === 'active') return 'manage';
    return s?.state === 'unconfirmed' && s.ticket === ticket.id ? 'confirm' : undefined;
  });
}

/** One road for both, whether or not the address is known: the same reads, one commit. Throws `limited`. */
function use(
  ctx: Ctx,
  locks: SubscriberLocks,
  pageId: string,
  id: string,
  move: (w: Writer, ticket: Ticket, s: Subscriber | undefined) => Promise<LetterKind | undefined>,
): Promise<string | undefined> {
  return ctx.store.transact(
    async (w) => {
      const now = ctx.now();
      const ticket = await find(ctx, w, locks, pageId, id);
      if (!ticket) return undefined;
      await assertNotFlooded(w, pageId, ticket.kind, now);
      const s = await findByAddress(w, pageId, ticket.kind, ticket.addressHash);
      const letter = await move(w, ticket, s);
      const mayWrite = s?.letterAt == null || now - s.letterAt >= LETTER_EVERY_MS || s.letterAt > now;
      if (s && letter && mayWrite && s.kind !== 'web_push') await write(ctx, w, locks, s, letter);
      return locks.open(ticketPlace(id), ticket.sealed);
    },
    { appends: false },
  );
}
