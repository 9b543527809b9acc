import { findInstallation, setInstallation } from '../../../db/queries/installation.ts';
import { listForSearch, setSearchText } from '../../../db/queries/search.ts';
import { searchText } from '../../domain/search.ts';
import type { Ctx } from '../context.ts';

/** The way in which words are folded; changes with `searchText`. */
const WAY = '2';
/** Updates in one transaction: others have their turn between two. */
const AT_ONCE = 200;

/**
 * Makes words that were published before search read them this way findable as new ones are, once. A migration cannot: how
 * words are folded is not the database's to know. Nothing of what was said changes.
 */
export async function foldWords({ store, now }: Pick<Ctx, 'store' | 'now'>): Promise<void> {
  if ((await findInstallation(store.read, 'search_folded')) === WAY) return;
  for (let after = ''; ; ) {
    const batch = await listForSearch(store.read, after, AT_ONCE);
    await store.transact(
      async (w) => {
        for (const { update, title } of batch) await setSearchText(w, update.id, searchText(title, update));
        if (batch.length < AT_ONCE) await setInstallation(w, 'search_folded', WAY, now());
      },
      { appends: false },
    );
    if (batch.length < AT_ONCE) return;
    after = batch.at(-1)?.update.id ?? after;
  }
}
