import type { Incident, Update } from '../db/queries/incidents.ts';
import type { Store } from '../db/store.ts';

const BATCH = 500;

export interface Story {
  id: string;
  title?: string;
  at: number;
  endedAt: number;
}

/**
 * Ended incidents with one update each, oldest first, written straight into the database as copies of a real one. Their
 * places in the log are before its beginning.
 */
export async function tellStories(
  store: Store,
  model: { incident: Incident; update: Update },
  stories: Story[],
): Promise<void> {
  const ended = { status: 'resolved' } as const;
  for (let from = 0; from < stories.length; from += BATCH)
    await store.transact(async (w) => {
      const some = stories.slice(from, from + BATCH);
      await w.sql.insert(w.t.incidents).values(
        some.map(({ id, title = model.incident.title, at, endedAt }) => ({
          ...model.incident,
          ...ended,
          id,
          title,
          startedAt: at,
          publishedAt: at,
          resolvedAt: endedAt,
        })),
      );
      await w.sql.insert(w.t.updates).values(
        some.map(({ id, at }, i) => ({
          ...model.update,
          ...ended,
          id: `${id}u`,
          incidentId: id,
          state: 'published' as const,
          publishedAt: at,
          publishedSeq: from + i - stories.length,
        })),
      );
    });
}
