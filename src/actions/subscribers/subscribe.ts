import { getIncident } from '../../../db/queries/incidents.ts';
import { getPage, listComponents, type Page } from '../../../db/queries/pages.ts';
import { holdTries, setTries } from '../../../db/queries/sign-in.ts';
import {
  changeSubscriber,
  countLettersSince,
  deleteLettersOf,
  findByAddress,
  insertLetter,
  insertSubscriber,
  insertTicket,
  type Letter,
  replaceTargets,
  type Subscriber,
} from '../../../db/queries/subscribers.ts';
import type { Writer } from '../../../db/store.ts';
import { DomainError, invalid } from '../../domain/error.ts';
import { isEnded } from '../../domain/incident.ts';
import {
  CODE_MS,
  CODES_A_DAY,
  CONTACT_EVERY_MS,
  LETTER_EVERY_MS,
  LETTERS_AN_HOUR,
  LETTERS_AN_HOUR_IN_ALL,
  type LetterKind,
  MUST_CONFIRM,
  type SubscriberKind,
} from '../../domain/subscriber.ts';
import type { Ctx } from '../context.ts';
import { ensureLine, listKindsOffered } from './line.ts';
import {
  addressHash,
  addressPlace,
  codeHash,
  contactPlace,
  letterPlace,
  type SubscriberLocks,
  ticketHash,
  ticketPlace,
} from './locks.ts';

export interface Wish {
  language?: string | undefined;
  /** Every incident; else only the targets. */
  everything: boolean;
  /** Ids of components of the page. */
  componentIds?: readonly string[];
  /** One incident to follow until it is over. */
  incidentId?: string | undefined;
}

export interface Request extends Wish {
  pageId: string;
  kind: SubscriberKind;
  /** As `readRecipient` has put it: the same for every way of writing it. */
  address: string;
  /** Of a program's owner, to be told when its address fails. */
  contact?: string | undefined;
  source: 'page' | 'api';
  /** For a program: the id it is told, and the answer it gets, to be read again by that id. */
  ticket?: { id: string; answer: string } | undefined;
}

/**
 * Somebody asks to be told. What they see next is the same whether or not the address is known: a new one gets a letter
 * to confirm, a known one a letter with its private link, and one that was written to a moment ago none. Returns the
 * row, which is for programs of ours (web push) and never for the page.
 */
export async function subscribe(ctx: Ctx, locks: SubscriberLocks, request: Request): Promise<Subscriber> {
  return ctx.store.transact(
    async (w) => {
      const now = ctx.now();
      const page = await getPage(w, request.pageId);
      const { kind, address } = request;
      if (!(await listKindsOffered(w, page.id)).includes(kind))
        throw invalid('kind', 'This page does not send updates that way. Choose another.');
      const targets = await targetsOf(w, page, request);
      await ensureLine(w, locks, page, kind, { newId: ctx.newId, now });
      const hash = addressHash(locks, page.id, kind, address);
      const known = await findByAddress(w, page.id, kind, hash);
      await assertNotFlooded(w, page.id, kind, now);
      const ticket = request.ticket && ticketHash(locks, request.ticket.id);
      if (ticket !== undefined && request.ticket)
        await insertTicket(w, {
          id: ticket,
          pageId: page.id,
          kind,
          addressHash: hash,
          sealed: locks.seal(ticketPlace(request.ticket.id), request.ticket.answer),
          createdAt: now,
        });
      const mayWrite =
        known?.letterAt == null || now - known.letterAt >= LETTER_EVERY_MS || known.letterAt > now;
      const mustConfirm = MUST_CONFIRM.includes(kind);
      // Another has asked as well, so that no ticket speaks for it any more.
      const settled = known?.state === 'active' || (known?.state === 'unconfirmed' && !mayWrite);
      if (settled) await changeSubscriber(w, known.id, { ticket: null });
      if (known?.state === 'active') {
        const letter = kind === 'web_push' ? null : 'manage';
        if (letter && mayWrite) await write(ctx, w, locks, known, letter, request.incidentId);
        return known;
      }
      // A stranger must not change what somebody else has asked for a moment ago.
      if (known?.state === 'unconfirmed' && !mayWrite) return known;
      const id = known?.id ?? ctx.newId();
      const row: Subscriber = {
        id,
        pageId: page.id,
        kind,
        state: mustConfirm ? 'unconfirmed' : 'active',
        addressHash: hash,
        sealed: locks.seal(addressPlace(id), address),
        contact: request.contact === undefined ? null : locks.seal(contactPlace(id), request.contact),
        contactAt: null,
        language: languageOf(page, request.language),
        everything: request.everything,
        code: null,
        codeUntil: null,
        codeTries: 0,
        letterAt: known?.letterAt ?? null,
        failures: 0,
        timeouts: 0,
        softBounces: 0,
        softAt: null,
        ticket: ticket ?? null,
        reason: null,
        source: request.source,
        basis: null,
        createdAt: known?.createdAt ?? now,
        confirmedAt: mustConfirm ? null : now,
        quarantinedAt: null,
        // Until it is confirmed they are who they were: somebody who wants nothing.
        endedAt: mustConfirm ? (known?.endedAt ?? null) : null,
        updatedAt: now,
      };
      if (known) await changeSubscriber(w, id, row);
      else await insertSubscriber(w, row);
      await replaceTargets(w, id, targets);
      if (kind !== 'web_push' && mayWrite)
        await write(ctx, w, locks, row, mustConfirm ? 'confirm' : 'welcome');
      if (request.contact !== undefined && (await mayAskContact(w, locks, request.contact, now)))
        await insertLetter(w, letterOf(ctx, locks, row, 'contact', {}));
      return row;
    },
    { appends: false },
  );
}

/** Components of the page, and an incident that is still open. Throws `invalid` for anything else, and for nothing at all. */
export async function targetsOf(w: Writer, page: Page, wish: Wish): Promise<string[]> {
  if (wish.everything) return [];
  const components = await listComponents(w, page.id);
  const wanted = [...new Set(wish.componentIds ?? [])];
  for (const id of wanted)
    if (!components.some((c) => c.id === id))
      throw invalid('components', 'One of the parts you chose is not on this page any more. Choose again.');
  if (wish.incidentId !== undefined) {
    const incident = await getIncident(w, wish.incidentId);
    if (incident.pageId !== page.id || incident.publishedAt === null)
      throw invalid('incident', 'There is no such incident on this page.');
    if (incident.status !== null && isEnded(incident.status))
      throw invalid('incident', 'This incident is over, so there is nothing more to come of it.');
    wanted.push(incident.id);
  }
  if (wanted.length === 0) throw invalid('scope', 'Choose everything, or at least one part of the service.');
  return wanted;
}

export const languageOf = (page: Page, asked: string | undefined): string =>
  asked !== undefined && page.languages.includes(asked) ? asked : (page.languages[0] ?? 'en');

/** The same for everybody, known or not. Throws `limited`. */
export async function assertNotFlooded(
  w: Writer,
  pageId: string,
  kind: SubscriberKind,
  now: number,
): Promise<void> {
  const hour = 60 * 60_000;
  const many =
    (await countLettersSince(w, now - hour, { pageId })) >= LETTERS_AN_HOUR ||
    (await countLettersSince(w, now - hour)) >= LETTERS_AN_HOUR_IN_ALL;
  // Whoever pays for them does so for all pages.
  const dear =
    kind === 'sms' && (await countLettersSince(w, now - 24 * hour, { kind: 'sms' })) >= CODES_A_DAY;
  if (many || dear)
    throw new DomainError(
      'limited',
      'Very many people are subscribing just now. Try again in an hour; the page itself has all the news.',
      { retryAfterMs: hour },
    );
}

/** Puts a letter about the subscription in the outbox's tray. A newer one replaces what was not sent yet. */
export async function write(
  ctx: Pick<Ctx, 'newId' | 'now'>,
  w: Writer,
  locks: SubscriberLocks,
  s: Pick<Subscriber, 'id' | 'pageId' | 'kind'>,
  kind: LetterKind,
  incidentId?: string,
): Promise<void> {
  const now = ctx.now();
  const inside: { code?: string; incidentId?: string } = incidentId === undefined ? {} : { incidentId };
  const patch: Partial<Subscriber> = { letterAt: now };
  if (s.kind === 'sms' && kind === 'confirm') {
    inside.code = locks.newCode();
    Object.assign(patch, {
      code: codeHash(locks, s.id, inside.code),
      codeUntil: now + CODE_MS,
      codeTries: 0,
    });
  }
  await deleteLettersOf(w, s.id);
  await insertLetter(w, letterOf(ctx, locks, s, kind, inside));
  await changeSubscriber(w, s.id, patch);
}

function letterOf(
  ctx: Pick<Ctx, 'newId' | 'now'>,
  locks: SubscriberLocks,
  s: Pick<Subscriber, 'id' | 'pageId'>,
  kind: LetterKind,
  inside: object,
): Letter {
  const id = ctx.newId();
  const now = ctx.now();
  const sealed = locks.seal(letterPlace(id), JSON.stringify(inside));
  return { id, pageId: s.pageId, subscriberId: s.id, kind, sealed, tries: 0, nextAt: now, createdAt: now };
}

/** Whoever names a contact may name a stranger, with another program every time: one letter a day to each. */
async function mayAskContact(w: Writer, locks: SubscriberLocks, contact: string, now: number) {
  const key = `contact:${locks.sign('subscriber visit', contact)}`;
  const { times } = await holdTries(w, key, now);
  if (times.some((at) => at > now - CONTACT_EVERY_MS && at <= now)) return false;
  await setTries(w, { key, times: [now], strikes: 0, waitUntil: 0, updatedAt: now });
  return true;
}
