import { getIncident, listPublishedUpdates, type Update } from '../../db/queries/incidents.ts';
import { lastSaidSeq, listNewestSaid } from '../../db/queries/public.ts';
import type { Rendition } from '../../db/queries/words.ts';
import type { Reader } from '../../db/store.ts';
import { openProvenance, type Provenance, type Published } from '../domain/provenance.ts';
import { standings, takesBack } from '../domain/versions.ts';
import { sentences } from '../templates/sentences.ts';
import { paragraphs } from './words.ts';

/** Whether a message is ours, for somebody who holds one and cannot tell. */
export interface OurWords {
  /** Throws when the database does not answer. `text` as it was pasted, in any of the page's languages. */
  judge(pageId: string, text: string, language: string): Promise<Judged>;
}

export type Judged =
  | { is: 'short' | 'nothing yet' }
  /** Published since `since`, ms, is all that was looked at. */
  | { is: 'unknown'; since: number }
  | {
      is: 'ours' | 'changed' | 'taken back' | 'close';
      incidentId: string;
      updateId: string;
      publishedAt: number;
      said: string[];
      /** What is said now instead; empty where nothing is. */
      now: string[];
      strange: readonly string[];
    };

/** How many of a page's newest updates a message is held against. */
const NEWEST = 150;
/** Pages whose words are kept ready. */
const KEPT = 50;

interface Shelf {
  seq: number;
  said: Map<string, Update>;
  published: Map<string, Published>;
  provenance: Provenance;
}

export function openOurWords(r: Reader): OurWords {
  const shelves = new Map<string, Shelf>();
  const building = new Map<string, Promise<Shelf>>();

  /** Built once for however many ask, and anew only when something was said: a crowd asks while posts still arrive. */
  async function shelfOf(pageId: string): Promise<Shelf> {
    const seq = await lastSaidSeq(r, pageId);
    const known = shelves.get(pageId);
    if (known && known.seq === seq) return known;
    const key = `${pageId} ${seq}`;
    const under = building.get(key);
    if (under) return under;
    const made = build(pageId, seq).finally(() => building.delete(key));
    building.set(key, made);
    return made;
  }

  async function build(pageId: string, seq: number): Promise<Shelf> {
    const said = await listNewestSaid(r, pageId, NEWEST);
    const before = shelves.get(pageId)?.published;
    const published = new Map(
      said.map(({ update, renditions }) => [
        update.id,
        before?.get(update.id) ?? publishedAs(update, renditions),
      ]),
    );
    const shelf = {
      seq,
      said: new Map(said.map(({ update }) => [update.id, update])),
      published,
      provenance: openProvenance([...published.values()]),
    };
    shelves.delete(pageId);
    shelves.set(pageId, shelf);
    const [oldest] = shelves.keys();
    if (shelves.size > KEPT && oldest !== undefined) shelves.delete(oldest);
    return shelf;
  }

  return {
    async judge(pageId, text, language) {
      const { said, provenance } = await shelfOf(pageId);
      const verdict = provenance.judge(
        text,
        sentences(text, language).map((s) => s.text),
      );
      if (verdict.is === 'short') return { is: 'short' };
      const oldest = [...said.values()].at(-1)?.publishedAt ?? null;
      if (oldest === null) return { is: 'nothing yet' };
      if (verdict.is === 'unknown') return { is: 'unknown', since: oldest };
      const update = said.get(verdict.id)!;
      const incident = await getIncident(r, update.incidentId);
      const standing = standings(await listPublishedUpdates(r, [incident.id])).find((s) =>
        [s.root, s.words, ...s.before].some((u) => u.id === update.id),
      );
      const back = standing?.retracted !== undefined && !takesBack(update.amends);
      const later = standing !== undefined && standing.words.id !== update.id ? standing.words : undefined;
      return {
        is: back ? 'taken back' : verdict.is === 'close' ? 'close' : later ? 'changed' : 'ours',
        incidentId: incident.id,
        updateId: (standing?.root ?? update).id,
        publishedAt: update.publishedAt ?? update.updatedAt,
        said: paragraphs(update),
        now: later && !back ? paragraphs(later) : [],
        strange: verdict.is === 'close' ? verdict.strange : [],
      };
    },
  };
}

/** An update in each form in which it reached somebody: on the page, and as a network may have shown it. */
function publishedAs(update: Update, renditions: readonly Rendition[]): Published {
  const forms = [
    paragraphs(update).join('\n\n'),
    ...renditions.flatMap(({ parts, ways }) =>
      [...parts, ...(ways?.say ?? []), ...(ways?.plain ?? [])].flatMap(({ text, subject }) => [
        text,
        subject ?? '',
      ]),
    ),
  ];
  const texts = [...new Set(forms)].map((text) => sentences(text, update.language).map((s) => s.text));
  return { id: update.id, texts };
}
