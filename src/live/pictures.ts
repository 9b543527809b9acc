import { listPublishedUpdates } from '../../db/queries/incidents.ts';
import type { EventRow } from '../../db/queries/log.ts';
import { findPicture } from '../../db/queries/pictures.ts';
import type { Store } from '../../db/store.ts';
import { type Attached, pictureName } from '../domain/media.ts';
import { standings } from '../domain/versions.ts';
import { type Document, storeDocument } from './document.ts';
import type { PageState } from './follow.ts';
import { isTakenBack, type Thing } from './words.ts';

/** Bytes of pictures that are kept ready. */
const KEPT = 48 * 1024 * 1024;

/** Pictures that the public sees with updates: read when they are asked for, kept ready while their words stand. */
export interface Pictures {
  /** Undefined when there is none of this name that anybody may see. Reads the database for one that is not ready. */
  find(name: string): Promise<Shown | undefined>;
  /** What events changed is looked at again, and what the page shows now is made ready. */
  renewed(state: PageState, events: readonly EventRow[]): void;
  settled(): Promise<void>;
}

interface Shown {
  document: Document;
  type: string;
  pageId: string;
}
interface Entry extends Shown {
  incidentId: string;
  size: number;
}

/** Pictures of what stands now: those of words that were put right or taken back are nobody's any more. */
export const standingPictures = (things: readonly Thing[]): Attached[] =>
  things.filter((s) => !isTakenBack(s)).flatMap((s) => s.words.media ?? []);

export function buildPictures(store: Store, report: (error: unknown, doing: string) => void): Pictures {
  /** Least recently asked for first. */
  const ready = new Map<string, Entry>();
  const reading = new Map<string, Promise<Entry | undefined>>();
  let bytes = 0;
  /** Counts changes, so that what was read before one is not kept after it. */
  let changes = 0;
  let line: Promise<unknown> = Promise.resolve();

  const forget = (name: string) => {
    bytes -= ready.get(name)?.size ?? 0;
    ready.delete(name);
  };

  async function read(name: string): Promise<Entry | undefined> {
    const id = /^([0-9a-f]{40})\.(?:png|jpg|webp|gif)$/.exec(name)?.[1];
    const before = changes;
    const found = id === undefined ? undefined : await findPicture(store.read, id);
    if (!found || pictureName(found) !== name) return undefined;
    const things = standings(await listPublishedUpdates(store.read, [found.incidentId]));
    if (!standingPictures(things).some((m) => m.id === id)) return undefined;
    const { pageId, incidentId, type, size } = found;
    const document = storeDocument(Buffer.from(found.body, 'base64'));
    const entry: Entry = { document, type, pageId, incidentId, size };
    if (before === changes) {
      forget(name);
      ready.set(name, entry);
      bytes += size;
      for (const [oldest] of ready) {
        if (bytes <= KEPT) break;
        forget(oldest);
      }
    }
    return entry;
  }

  function find(name: string): Promise<Entry | undefined> {
    const known = ready.get(name);
    if (known) {
      ready.delete(name);
      ready.set(name, known);
      return Promise.resolve(known);
    }
    const begun = reading.get(name) ?? read(name).finally(() => reading.delete(name));
    reading.set(name, begun);
    return begun;
  }

  return {
    find,
    renewed({ facts }, events) {
      const touched = new Set(events.map((e) => e.incidentId));
      if (touched.size > 0) {
        changes += 1;
        for (const [name, { incidentId }] of ready) if (touched.has(incidentId)) forget(name);
        reading.clear();
      }
      const shown = [...facts.shown, ...facts.maintenance].flatMap((x) =>
        standingPictures(standings(x.updates)),
      );
      const missing = shown.map(pictureName).filter((name) => !ready.has(name));
      // The newest come first, and what does not fit is read when it is asked for.
      if (missing.length === 0 || bytes > KEPT / 2) return;
      line = line
        .then(async () => {
          for (const name of missing) if (bytes <= KEPT / 2) await find(name);
        })
        .catch((error: unknown) => report(error, 'reading pictures'));
    },
    async settled() {
      await line;
    },
  };
}
