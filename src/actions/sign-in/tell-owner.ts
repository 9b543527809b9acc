import { insertAlert } from '../../../db/queries/alerts.ts';
import { listPages } from '../../../db/queries/pages.ts';
import type { Person } from '../../../db/queries/people.ts';
import type { Ctx, Decision } from '../context.ts';

/** Tells a person, by their own mail and phone, that somebody else made or used a way in as them. */
export async function tellOwner(ctx: Ctx, d: Decision, person: Person, message: string): Promise<void> {
  const [page] = await listPages(d.w);
  if (!page) return;
  await insertAlert(d.w, {
    id: ctx.newId(),
    pageId: page.id,
    kind: 'way_in',
    message,
    raisedAt: d.now,
    personId: person.id,
  });
}
