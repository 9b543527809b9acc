import type { EventRow } from '../../../db/queries/log.ts';
import type { Store } from '../../../db/store.ts';
import { openRounds } from '../../domain/rounds.ts';
import type { ProgramModel } from '../../templates/feeds/model.ts';
import type { Document } from '../document.ts';
import type { PageState } from '../follow.ts';
import { programModel, type Source } from './model.ts';
import type { Painter } from './painter.ts';
import { type Records, readRecords, renewRecords } from './records.ts';
import { openShelf, type Shelf } from './shelf.ts';

/** What programs read, ready before they ask: made after each event from facts that are kept, never per request. */
export interface Programs {
  /** Undefined when there is no such page, language or thing. */
  find(pageId: string, language: string, path: string): Served | undefined | Promise<Served | undefined>;
  model(pageId: string, language: string): ProgramModel | undefined;
  renewed(state: PageState, events: readonly EventRow[]): void;
  remove(pageId: string): void;
  /** Resolves when everything asked for so far is there. */
  settled(): Promise<void>;
}

export interface Served {
  document: Document;
  type: string;
}

interface Kept {
  state: PageState;
  records: Records | undefined;
  /** Incidents that changed since they were read. */
  touched: Set<string>;
  /** Page, groups and components that the shelves were last made from, as text. */
  around: string;
  made: Source['made'];
  shelves: Map<string, Shelf>;
  due: boolean;
}

export function buildPrograms(parts: {
  store: Store;
  now(): number;
  report(error: unknown, doing: string): void;
  painter: Painter;
  exercise: boolean;
  /** Resolves when what people read is there: it comes first. */
  after(): Promise<void>;
}): Programs {
  const { store, now, report, painter, exercise } = parts;
  const pages = new Map<string, Kept>();
  let failing = false;

  async function renew(kept: Kept): Promise<void> {
    const touched = [...kept.touched];
    const before = kept.records;
    const records =
      before === undefined
        ? await readRecords(store.read, kept.state.page.id)
        : touched.length > 0
          ? await renewRecords(store.read, before, touched)
          : before;
    for (const id of touched) kept.touched.delete(id);
    kept.records = records;
    const { page, groups, components } = kept.state.facts;
    // Most events are about deliveries: what programs read is then the same, and is not made again.
    const around = JSON.stringify([page, groups, components]);
    const text = (of: Records | undefined, id: string) => JSON.stringify(of?.get(id));
    if (around === kept.around && touched.every((id) => text(before, id) === text(records, id))) return;
    if (around !== kept.around) kept.made = new Map();
    kept.around = around;
    const source = { page, groups, components, records, exercise, made: kept.made };
    for (const language of [...kept.shelves.keys()])
      if (!page.languages.includes(language)) kept.shelves.delete(language);
    for (const [i, language] of page.languages.entries()) {
      const model = programModel(source, language);
      const shelf = kept.shelves.get(language);
      if (shelf) await shelf.renew(model);
      else kept.shelves.set(language, await openShelf(model, { now, painter, first: i === 0 }));
    }
  }

  async function work(): Promise<void> {
    for (;;) {
      const next = [...pages.values()].find((kept) => kept.due);
      if (!next) return;
      next.due = false;
      try {
        await parts.after();
        await renew(next);
        failing = false;
      } catch (error) {
        // What was there stays; the next event or the clock tries again.
        if (!failing) report(error, `what programs read of ${next.state.page.slug || '/'}`);
        failing = true;
      }
    }
  }

  const rounds = openRounds(work);
  return {
    find: (pageId, language, path) => pages.get(pageId)?.shelves.get(language)?.find(path),
    model: (pageId, language) => pages.get(pageId)?.shelves.get(language)?.model(),
    renewed(state, events) {
      let kept = pages.get(state.page.id);
      if (!kept) {
        kept = {
          state,
          records: undefined,
          touched: new Set(),
          around: '',
          made: new Map(),
          shelves: new Map(),
          due: true,
        };
        pages.set(state.page.id, kept);
      }
      kept.state = state;
      kept.due = true;
      for (const { incidentId } of events) if (incidentId !== null) kept.touched.add(incidentId);
      void rounds.ask();
    },
    remove: (pageId) => void pages.delete(pageId),
    settled: rounds.rest,
  };
}
