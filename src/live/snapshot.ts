import { openRounds } from '../domain/rounds.ts';
import { renderPage } from '../templates/page.ts';
import type { PageView } from '../templates/views.ts';
import { buildDocument, type Document, squeeze } from './document.ts';
import type { Mirror } from './mirror.ts';
import { asCopy } from './subscribe-links.ts';

/** The pages as they are served: bytes that were made after the last event, not when somebody asks. */
export interface Snapshot {
  find(pageId: string, language: string): Document | undefined;
  /** Has the page drawn from these words, soon; a newer call overtakes one that has not begun. */
  renew(pageId: string, language: string, view: PageView, folder: string): void;
  remove(pageId: string): void;
  /** Resolves when everything asked for so far is there. */
  settled(): Promise<void>;
}

/** One page in one language. */
interface Sheet {
  document: Document | undefined;
  /** Newest words that are not drawn yet. */
  wanted: PageView | undefined;
  squeezing: NodeJS.Timeout | undefined;
  /** Where its static copy stands. */
  folder: string;
}

/** How long a page must have stayed as it is before its smallest form is worth making, ms. */
const QUIET_MS = 5_000;

export function buildSnapshot(
  report: (error: unknown, doing: string) => void,
  mirror: Mirror | undefined,
): Snapshot {
  // By page, then language: no key has to be put together for a request.
  const pages = new Map<string, Map<string, Sheet>>();
  const line = new Set<Sheet>();
  async function work(): Promise<void> {
    for (;;) {
      const [sheet] = line;
      if (!sheet) return;
      line.delete(sheet);
      const view = sheet.wanted;
      if (!view) continue;
      const { home } = view.page.links;
      try {
        sheet.document = await buildDocument(renderPage(view), view.page.style?.csp);
        later(sheet, home);
        if (view.page.isPrivate) await mirror?.drop(sheet.folder);
        else if (mirror)
          await mirror.keep(
            sheet.folder,
            await buildDocument(renderPage(asCopy(view)), view.page.style?.csp),
          );
      } catch (error) {
        report(error, `drawing or mirroring page ${home}`);
      }
    }
  }

  const rounds = openRounds(work);

  function later(sheet: Sheet, home: string): void {
    clearTimeout(sheet.squeezing);
    sheet.squeezing = setTimeout(async () => {
      const before = sheet.document;
      if (!before) return;
      try {
        const after = await squeeze(before);
        if (sheet.document === before) sheet.document = after;
      } catch (error) {
        report(error, `squeezing page ${home}`);
      }
    }, QUIET_MS).unref();
  }

  return {
    find: (pageId, language) => pages.get(pageId)?.get(language)?.document,
    renew(pageId, language, view, folder) {
      const languages = pages.get(pageId) ?? new Map<string, Sheet>();
      pages.set(pageId, languages);
      const sheet = languages.get(language) ?? {
        document: undefined,
        wanted: undefined,
        squeezing: undefined,
        folder,
      };
      languages.set(language, sheet);
      sheet.wanted = view;
      sheet.folder = folder;
      line.add(sheet);
      void rounds.ask();
    },
    remove(pageId) {
      for (const sheet of pages.get(pageId)?.values() ?? []) {
        clearTimeout(sheet.squeezing);
        line.delete(sheet);
      }
      pages.delete(pageId);
    },
    settled: rounds.rest,
  };
}
