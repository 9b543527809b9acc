import type { Connection } from '../../../db/queries/connections.ts';
import type { Update } from '../../../db/queries/incidents.ts';
import { listIncidentEvents } from '../../../db/queries/log.ts';
import type { Page } from '../../../db/queries/pages.ts';
import { BLOCKS } from '../../domain/words.ts';
import type { ComposeView } from '../../templates/desk-update-views.ts';
import { type Typed, typedOf } from './compose-form.ts';
import type { Desk } from './frame.ts';
import { BLOCK } from './words.ts';

/** Where what is saved differs from what was typed. */
export function conflictOf(
  update: Update,
  typed: Typed,
  page: Page,
  connections: readonly Connection[],
  writer: string,
  now: number,
): ComposeView['conflict'] {
  const saved = typedOf(update, page, connections, now);
  const pairs = [
    ...BLOCKS.map((b) => ({ label: BLOCK[b].label, text: saved.blocks[b], mine: typed.blocks[b] })),
    { label: 'Plain text', text: saved.body, mine: typed.body },
    { label: 'Next update by', text: saved.nextUpdateBy, mine: typed.nextUpdateBy },
    { label: 'Status', text: saved.status, mine: typed.status },
  ];
  return {
    by: writer,
    theirs: pairs
      .filter((p) => p.text.trim() !== p.mine.trim())
      .map((p) => ({ label: p.label, text: p.text || '(nothing)', mine: p.mine || '(nothing)' })),
    theirsHref: `/desk/updates/${update.id}?edit`,
  };
}

/** Who saved an update last, by the log; its first author when the log does not reach back that far. */
export async function lastWriter({ r }: Desk, update: Update): Promise<string | undefined> {
  const events = await listIncidentEvents(r, update.incidentId, 200);
  const saved = events.find(
    (e) => e.updateId === update.id && (e.kind === 'update.edited' || e.kind === 'update.drafted'),
  );
  const by = saved?.detail['by'];
  return typeof by === 'string' ? by : update.authorIds[0];
}
