import { createHash } from 'node:crypto';
import type { ProgramModel } from '../../templates/feeds/model.ts';
import { buildDocument, type Document, storeDocument } from '../document.ts';
import { AT_ONCE, entryAt } from './catalogue.ts';
import type { Painter } from './painter.ts';
import type { Served } from './programs.ts';

/** Everything programs can read of one page in one language, as bytes. */
export interface Shelf {
  model(): ProgramModel;
  find(path: string): Served | undefined | Promise<Served | undefined>;
  /** Makes anew what is wanted, from these words. Throws when something could not be made; the rest was. */
  renew(model: ProgramModel): Promise<void>;
}

interface Place {
  type: string;
  document: Document | undefined;
  /** Of what it was drawn from: the same words keep their bytes and their tag. */
  hash: string;
  usedAt: number;
  stale: boolean;
  building: Promise<Served | undefined> | undefined;
}

/** What nobody has asked for so long is made when it is asked for, ms. */
const WANTED_MS = 10 * 60_000;
/** Most things kept that were only made on demand. */
const KEPT = 300;

export interface ShelfParts {
  now(): number;
  painter: Painter;
  /** The page's first language, whose things are made before anybody asks. */
  first: boolean;
}

export async function openShelf(start: ProgramModel, { now, painter, first }: ShelfParts): Promise<Shelf> {
  let model = start;
  /** Least recently asked for first. */
  const places = new Map<string, Place>();

  async function build(path: string, place: Place): Promise<Served | undefined> {
    place.stale = false;
    const drawn = entryAt(path)?.draw(model);
    if (drawn === undefined) {
      places.delete(path);
      return undefined;
    }
    const isText = typeof drawn === 'string';
    const hash = createHash('sha256')
      .update(isText ? drawn : JSON.stringify(drawn))
      .digest('base64');
    if (place.document && hash === place.hash) return { document: place.document, type: place.type };
    const document = isText ? await buildDocument(drawn) : storeDocument(await painter.paint(drawn, 'png'));
    Object.assign(place, { document, hash });
    return { document, type: place.type };
  }

  /** Words that come while it is being made are in what it ends with. */
  function rebuild(path: string, place: Place): Promise<Served | undefined> {
    place.building ??= make(path, place).finally(() => {
      place.building = undefined;
    });
    return place.building;
  }

  async function make(path: string, place: Place): Promise<Served | undefined> {
    try {
      for (;;) {
        const made = await build(path, place);
        if (!place.stale) return made;
      }
    } catch (error) {
      place.stale = true;
      throw error;
    }
  }

  const served = (place: Place): Served | undefined =>
    place.document && { document: place.document, type: place.type };

  function placeOf(path: string): Place | undefined {
    const known = places.get(path);
    if (known) return known;
    const entry = entryAt(path);
    if (!entry) return undefined;
    const place = {
      type: entry.type,
      document: undefined,
      hash: '',
      usedAt: Number.NEGATIVE_INFINITY,
      stale: true,
      building: undefined,
    };
    places.set(path, place);
    return place;
  }

  async function renew(fresh: ProgramModel): Promise<void> {
    model = fresh;
    if (first) for (const path of AT_ONCE) placeOf(path);
    for (const place of places.values()) place.stale = true;
    const failed: unknown[] = [];
    for (const [path, place] of [...places]) {
      const when = entryAt(path)?.made;
      const isWanted = now() - place.usedAt < WANTED_MS;
      if ((when === 'at once' && first) || (when !== 'on request' && isWanted))
        await rebuild(path, place).catch((error: unknown) => failed.push(error));
    }
    if (failed.length > 0) throw failed[0];
  }

  /** Lets go of what was asked for longest ago. */
  function forget(): void {
    for (const path of places.keys()) {
      if (places.size <= KEPT) return;
      if (!AT_ONCE.includes(path)) places.delete(path);
    }
  }

  await renew(start);
  return {
    model: () => model,
    renew,
    find(path) {
      const place = placeOf(path);
      if (!place) return undefined;
      place.usedAt = now();
      places.delete(path);
      places.set(path, place);
      forget();
      return place.stale ? rebuild(path, place) : served(place);
    },
  };
}
