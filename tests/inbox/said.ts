import { keepMention } from '../../db/queries/mentions.ts';
import type { Store } from '../../db/store.ts';
import { newId } from '../../src/ids.ts';

let count = 0;

/** Somebody new says this to an account, at `at` and heard at `now` (ms): the mention's id. */
export async function said(
  store: Store,
  account: Parameters<typeof keepMention>[2],
  text: string,
  now: number,
  at = now,
): Promise<string> {
  count += 1;
  const id = newId();
  const remote = `said-${count}`;
  await store.transact((w) =>
    keepMention(
      w,
      id,
      account,
      {
        id: remote,
        url: `https://social.example/${remote}`,
        at,
        author: { id: `person-${count}`, handle: `@person${count}` },
        text,
        post: { id: remote, url: null, raw: {} },
      },
      now,
    ),
  );
  return id;
}
