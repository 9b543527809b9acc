import { getUpdate } from '../../../db/queries/incidents.ts';
import { findRenditionByCode } from '../../../db/queries/words.ts';
import type { Store } from '../../../db/store.ts';
import type { ProgramModel } from '../../templates/feeds/model.ts';
import { updateCard } from '../../templates/feeds/picture.ts';
import { type Document, storeDocument } from '../document.ts';
import type { Painter, PictureFormat } from './painter.ts';

/** Pictures of single updates, by the code of a rendition: what a post shows that needs a picture. */
export interface Cards {
  /** Undefined when no published update has this code, or it is an old one. Reads the database. */
  find(code: string, format: PictureFormat): Promise<Document | undefined>;
}

const KEPT = 100;

export function buildCards(parts: {
  store: Store;
  painter: Painter;
  model(pageId: string, language: string): ProgramModel | undefined;
}): Cards {
  const { store, painter, model } = parts;
  /** By what they say, the oldest first: drawing one takes longer than anything else that is served. */
  const drawn = new Map<string, Document>();

  return {
    async find(code, format) {
      const rendition = await findRenditionByCode(store.read, code);
      if (!rendition) return undefined;
      const { publishedAt, pageId, incidentId, id, language } = await getUpdate(
        store.read,
        rendition.updateId,
      );
      if (publishedAt === null) return undefined;
      for (const tongue of new Set([rendition.language, language])) {
        const of = model(pageId, tongue);
        const incident = of && [...of.incidents, ...of.maintenance].find((i) => i.id === incidentId);
        const update = incident?.updates.find((u) => u.id === id);
        if (!of || !incident || !update) continue;
        const card = updateCard(of, incident, update);
        const key = `${format} ${JSON.stringify(card)}`;
        const known = drawn.get(key);
        if (known) return known;
        const made = storeDocument(await painter.paint(card, format));
        drawn.set(key, made);
        for (const [oldest] of drawn) {
          if (drawn.size <= KEPT) break;
          drawn.delete(oldest);
        }
        return made;
      }
      return undefined;
    },
  };
}
