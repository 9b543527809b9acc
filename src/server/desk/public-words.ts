import type { Connection } from '../../../db/queries/connections.ts';
import { listBehind } from '../../../db/queries/deliveries.ts';
import { listOpenIncidents, listPublishedUpdates } from '../../../db/queries/incidents.ts';
import type { Page } from '../../../db/queries/pages.ts';
import { findNewestReceipt } from '../../../db/queries/receipts.ts';
import { getRendition } from '../../../db/queries/words.ts';
import type { Reader } from '../../../db/store.ts';
import type { BoardView, PublicWords } from '../../templates/desk-board-views.ts';
import type { StateView } from '../../templates/desk-views.ts';
import { age } from './moments.ts';
import { deliveryState, linkTo, lower, tally, textOf } from './words.ts';

/** Rows that are seen without asking for more, where there are more than half as many again. */
const AT_ONCE = 8;

/** What the public sees everywhere. Where old words still stand comes first: nobody looks for it among forty. */
export async function publicSays(
  r: Reader,
  pages: readonly Page[],
  connections: readonly Connection[],
  now: number,
): Promise<Pick<BoardView, 'sees' | 'seesMore' | 'seesMoreText'>> {
  const own = await pagesSay(r, pages, now);
  const theirs = await Promise.all(connections.map((c) => networkSays(r, c, now)));
  const behind = theirs.filter((w) => w.behind);
  const well = theirs.filter((w) => !w.behind);
  const some = Math.max(0, AT_ONCE - own.length - behind.length);
  const first = well.length - some > AT_ONCE / 2 ? some : well.length;
  const more = well.slice(first);
  const words = Map.groupBy(more, (w) => lower(w.state.word));
  return {
    sees: [...own, ...behind, ...well.slice(0, first)],
    seesMore: more,
    seesMoreText: `The other ${more.length}: ${[...words]
      .map(([word, of]) => (of.length === more.length ? word : `${of.length} ${word}`))
      .join(', ')}`,
  };
}

/** What each page says now: its newest words in an open incident. */
async function pagesSay(r: Reader, pages: readonly Page[], now: number): Promise<PublicWords[]> {
  return Promise.all(
    pages.map(async (page) => {
      const open = (await listOpenIncidents(r, page.id)).filter((i) => i.publishedAt !== null);
      const newest = (
        await listPublishedUpdates(
          r,
          open.map((i) => i.id),
        )
      ).at(-1);
      return {
        network: 'Status page',
        account: page.url.replace(/^https?:\/\//, ''),
        words: newest ? textOf(newest, ' ') : 'No open incident.',
        href: page.url,
        age: newest?.publishedAt ? `${age(now - newest.publishedAt)} ago` : 'now',
        state: { icon: 'ok', tone: 'good', word: newest ? 'Published' : 'Calm' } satisfies StateView,
        behind: false,
      };
    }),
  );
}

/**
 * What a network showed us when we last looked at our newest post there. Where newer words did not arrive, the state is
 * theirs: old words that were delivered well are not what the public should be reading.
 */
async function networkSays(r: Reader, c: Connection, now: number): Promise<PublicWords> {
  const found = await findNewestReceipt(r, c.id);
  const missing = tally(await listBehind(r, c.id, found?.delivery.ord ?? -1));
  const behind: StateView | null = missing[0]
    ? { ...missing[0], word: `Behind: ${missing.map((s) => s.word).join(', ')}` }
    : null;
  const base = { network: c.name, account: c.account, behind: behind !== null };
  if (!found)
    return {
      ...base,
      words: null,
      href: linkTo(c.url),
      age: '',
      state: behind ?? { icon: 'skip', tone: '', word: 'Nothing yet' },
    };
  const { delivery, receipt } = found;
  const seen = receipt.textRead !== null && receipt.readAt !== null;
  return {
    ...base,
    words:
      receipt.textRead ?? (await getRendition(r, delivery.renditionId))?.parts[delivery.part]?.text ?? '',
    href: linkTo(receipt.url),
    age: seen
      ? `${age(now - (receipt.readAt ?? now))} ago`
      : `not read; taken ${age(now - receipt.acceptedAt)} ago`,
    state: behind ?? deliveryState(delivery),
  };
}
