import { getPage } from '../../../db/queries/pages.ts';
import { insertNewSubscribers, listSubscribers, type Subscriber } from '../../../db/queries/subscribers.ts';
import { invalid } from '../../domain/error.ts';
import type { SubscriberKind } from '../../domain/subscriber.ts';
import { type Ctx, decide, mustBe } from '../context.ts';
import { ensureLine, listKindsOffered } from './line.ts';
import { addressHash, addressPlace, type SubscriberLocks } from './locks.ts';
import { languageOf } from './subscribe.ts';

/** In one transaction: few enough that nobody waits for it. */
const BATCH = 500;
const MOST = 200_000;

export interface Import {
  pageId: string;
  kind: Extract<SubscriberKind, 'email' | 'sms'>;
  /** As `readRecipient` has put them. */
  people: readonly { address: string; language?: string | undefined }[];
  /** On what ground they may be written to, in the admin's own words: it is kept with each of them. */
  basis: string;
}

/**
 * Takes in people who have agreed elsewhere. Whoever is known already, has unsubscribed or is in quarantine stays as
 * they are. Returns how many are new.
 */
export async function importSubscribers(ctx: Ctx, locks: SubscriberLocks, input: Import): Promise<number> {
  mustBe(ctx.actor, ['admin'], 'admin');
  const basis = input.basis.trim();
  if (basis.length < 10 || basis.length > 500)
    throw invalid('basis', 'Say in a sentence why you may write to these people: when and how they agreed.');
  if (input.people.length === 0) throw invalid('list', 'There is no address in this list.');
  if (input.people.length > MOST)
    throw invalid(
      'list',
      `At most ${MOST.toLocaleString('en')} addresses at a time. Cut the list in pieces.`,
    );
  if (!(await listKindsOffered(ctx.store.read, input.pageId)).includes(input.kind))
    throw invalid(
      'kind',
      'This page has no account to write to them from. Connect one under Networks first.',
    );
  const page = await getPage(ctx.store.read, input.pageId);
  let added = 0;
  for (let from = 0; from < input.people.length; from += BATCH) {
    const rows = input.people.slice(from, from + BATCH).map(({ address, language }): Subscriber => {
      const id = ctx.newId();
      const now = ctx.now();
      return {
        id,
        pageId: page.id,
        kind: input.kind,
        state: 'active',
        addressHash: addressHash(locks, page.id, input.kind, address),
        sealed: locks.seal(addressPlace(id), address),
        contact: null,
        contactAt: null,
        language: languageOf(page, language),
        everything: true,
        code: null,
        codeUntil: null,
        codeTries: 0,
        letterAt: null,
        failures: 0,
        timeouts: 0,
        softBounces: 0,
        softAt: null,
        ticket: null,
        reason: null,
        source: 'import',
        basis,
        createdAt: now,
        confirmedAt: now,
        quarantinedAt: null,
        endedAt: null,
        updatedAt: now,
      };
    });
    added += await ctx.store.transact(
      async (w) => {
        await ensureLine(w, locks, page, input.kind, { newId: ctx.newId, now: ctx.now() });
        return insertNewSubscribers(w, rows);
      },
      { appends: false },
    );
  }
  await decide(ctx, ({ account }) =>
    account({
      action: 'subscribers.import',
      subjectKind: 'page',
      subjectId: page.id,
      detail: { kind: input.kind, given: input.people.length, added, basis },
    }),
  );
  return added;
}

/** Everybody of one kind who is or was subscribed, for an admin to take along; accounted for. `each` gets them in batches. */
export async function exportSubscribers(
  ctx: Ctx,
  of: { pageId: string; kind: SubscriberKind },
  each: (rows: readonly Subscriber[]) => void,
): Promise<void> {
  mustBe(ctx.actor, ['admin'], 'admin');
  let count = 0;
  for (let after = ''; ; ) {
    const rows = await listSubscribers(ctx.store.read, of.pageId, { kind: of.kind, after }, BATCH);
    each(rows);
    count += rows.length;
    const last = rows.at(-1);
    if (!last || rows.length < BATCH) break;
    after = last.id;
  }
  await decide(ctx, ({ account }) =>
    account({
      action: 'subscribers.export',
      subjectKind: 'page',
      subjectId: of.pageId,
      detail: { kind: of.kind, count },
    }),
  );
}
