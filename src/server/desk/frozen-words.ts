import type { Connection } from '../../../db/queries/connections.ts';
import type { Update } from '../../../db/queries/incidents.ts';
import { listRenditions } from '../../../db/queries/words.ts';
import { formOf as formIn } from '../../domain/amend.ts';
import type { DiffView } from '../../templates/desk-lint-views.ts';
import { diffWords } from '../../templates/diff.ts';
import { plannedWay } from './amend/words.ts';
import type { Desk } from './frame.ts';
import { renditionView } from './previews.ts';
import { textOf } from './words.ts';

/** The frozen words, strictest network first, each with what changed since it last spoke in this incident. */
export async function frozenWords(
  { r, ports }: Desk,
  update: Update,
  before: Update | undefined,
  connections: ReadonlyMap<string, Connection>,
) {
  const old = new Map(
    before
      ? (await listRenditions(r, before.id)).map((x) => [
          x.connectionId,
          x.parts.map((p) => p.text).join('\n\n'),
        ])
      : [],
  );
  return (await listRenditions(r, update.id))
    .flatMap((x) => {
      const connection = connections.get(x.connectionId);
      // Of the languages that subscribers read us in, one stands for all.
      return connection && x.language === connection.language ? [{ x, connection }] : [];
    })
    .sort((a, b) => a.connection.limits.max - b.connection.limits.max)
    .map(({ x, connection }) => {
      const was = old.get(connection.id);
      const parts = [...formIn(x, plannedWay(update, connection.id))];
      const now = parts.map((p) => p.text).join('\n\n');
      const changed: DiffView[] = was === undefined ? [] : diffWords(was, now);
      return {
        ...renditionView(
          { connection, parts, dropped: x.dropped, max: x.max, unit: x.unit, pictures: update.media },
          ports.channels,
        ),
        changed,
        hasChanged: changed.some((d) => d.added || d.removed),
      };
    });
}

/** What an update says on the page, as one text. */
export const pageText = (u: Update): string => textOf(u) || (u.note ?? '');
