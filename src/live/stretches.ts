import type { Incident } from '../../db/queries/incidents.ts';

/**
 * A page's past in stretches of twenty-five, numbered from the oldest, so that what happens today changes the last one
 * and leaves the others as they are. The newest twenty-five stand on a page of their own, the one without a number.
 */
export interface Stretch {
  /** Its number; empty for the newest. */
  name: string;
  newer: string | null;
  older: string | null;
}

/** Incidents after an id, at most so many: those that follow it, the newest first. */
export type ReadAfter = (pageId: string, after: string, limit: number) => Promise<Incident[]>;

export interface Stretches {
  /**
   * Stretches that have to be written: all of them the first time, the newest first; then those in which one of these
   * public incidents stands, and always the newest.
   */
  changed(
    read: ReadAfter,
    ids: readonly string[],
  ): AsyncGenerator<{ stretch: Stretch; incidents: Incident[] }>;
}

const SIZE = 25;

interface Bounds {
  /** Newest id before it. */
  after: string;
  ids: string[];
}

export function buildStretches(pageId: string): Stretches {
  let known: Bounds[] | undefined;

  async function walk(read: ReadAfter): Promise<Bounds[]> {
    const found: Bounds[] = [];
    for (let after = ''; ; ) {
      const rows = await read(pageId, after, SIZE);
      if (rows.length === 0) return found;
      found.push({ after, ids: rows.map((i) => i.id).reverse() });
      after = rows[0]!.id;
    }
  }

  /** Takes in an incident that may be new; tells in which stretches that shows. */
  function place(all: Bounds[], id: string): number[] {
    let at = all.findLastIndex((b) => b.after < id);
    if (at < 0) {
      all.push({ after: '', ids: [] });
      at = 0;
    }
    const bounds = all[at]!;
    if (bounds.ids.includes(id)) return [at];
    const last = bounds.ids.at(-1);
    if (at === all.length - 1 && bounds.ids.length >= SIZE && last !== undefined && last < id) {
      all.push({ after: last, ids: [id] });
      return [at, at + 1];
    }
    bounds.ids = [...bounds.ids, id].sort();
    return [at];
  }

  const nameOf = (at: number): string => String(at + 1);

  return {
    async *changed(read, ids) {
      const first = known === undefined;
      known ??= await walk(read);
      const all = known;
      const due = new Set<number>(first ? all.keys() : []);
      for (const id of ids) for (const at of place(all, id)) due.add(at);
      yield await newest(read, all);
      for (const at of [...due].sort((a, b) => b - a)) {
        const bounds = all[at]!;
        yield {
          stretch: {
            name: nameOf(at),
            newer: at === all.length - 1 ? '' : nameOf(at + 1),
            older: at === 0 ? null : nameOf(at - 1),
          },
          incidents: await read(pageId, bounds.after, bounds.ids.length),
        };
      }
    },
  };

  async function newest(read: ReadAfter, all: readonly Bounds[]) {
    const ids = all.slice(-2).flatMap((b) => b.ids);
    const shown = Math.min(SIZE, ids.length);
    const from = ids.at(-shown - 1);
    const after = from ?? all.at(-2)?.after ?? '';
    const oldest = ids.at(-shown);
    const at = all.findLastIndex((b) => oldest !== undefined && b.ids.includes(oldest));
    const rest = at < 0 ? -1 : all[at]!.ids[0] === oldest ? at - 1 : at;
    return {
      stretch: { name: '', newer: null, older: rest < 0 ? null : nameOf(rest) },
      incidents: await read(pageId, after, shown),
    };
  }
}
