import { renderPage } from '../templates/page.ts';
import type { PageView } from '../templates/views.ts';
import { buildDocument, type Document, squeeze } from './document.ts';
import type { Mirror } from './mirror.ts';

/** The pages as they are served: bytes that were made after the last event, not when somebody asks. */
export interface Snapshot {
  find(pageId: string, language: string): Document | undefined;
  /** Has the page drawn from these words, soon; a newer call overtakes one that has not begun. */
  renew(pageId: string, language: string, view: PageView): void;
  remove(pageId: string): void;
  /** Resolves when everything asked for so far is there. */
  settled(): Promise<void>;
}

/** How long a page must have stayed as it is before its smallest form is worth making, ms. */
const QUIET_MS = 5_000;

export function buildSnapshot(
  report: (error: unknown, doing: string) => void,
  mirror: Mirror | undefined,
): Snapshot {
  const documents = new Map<string, Document>();
  const wanted = new Map<string, PageView>();
  const keyOf = (pageId: string, language: string) => `${pageId} ${language}`;
  let working: Promise<void> | undefined;
  const squeezing = new Map<string, NodeJS.Timeout>();

  async function work(): Promise<void> {
    for (;;) {
      const [next] = wanted;
      if (!next) return;
      const [key, view] = next;
      wanted.delete(key);
      try {
        const document = await buildDocument(renderPage(view));
        documents.set(key, document);
        later(key);
        await mirror?.keep(view.page.links.home, document);
      } catch (error) {
        report(error, `drawing or mirroring page ${view.page.links.home}`);
      }
    }
  }

  function later(key: string): void {
    clearTimeout(squeezing.get(key));
    const timer = setTimeout(async () => {
      squeezing.delete(key);
      const before = documents.get(key);
      if (!before) return;
      const after = await squeeze(before);
      if (documents.get(key) === before) documents.set(key, after);
    }, QUIET_MS);
    timer.unref();
    squeezing.set(key, timer);
  }

  return {
    find: (pageId, language) => documents.get(keyOf(pageId, language)),
    renew(pageId, language, view) {
      wanted.set(keyOf(pageId, language), view);
      working ??= work().finally(() => {
        working = undefined;
      });
    },
    remove(pageId) {
      for (const map of [documents, wanted])
        for (const key of map.keys()) if (key.startsWith(`${pageId} `)) map.delete(key);
    },
    async settled() {
      while (working) await working;
    },
  };
}
