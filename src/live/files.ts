import { listPageFiles, type Page } from '../../db/queries/pages.ts';
import type { Store } from '../../db/store.ts';
import { type Document, storeDocument } from './document.ts';
import type { Mirror } from './mirror.ts';
import { filePath } from './place.ts';

/** Pictures of pages' own, kept ready like the pages: they are there while the database is not. */
export interface Files {
  find(name: string): { document: Document; type: string; pageId: string } | undefined;
  renewed(page: Page): void;
  remove(pageId: string): void;
  settled(): Promise<void>;
}

export function buildFiles(
  store: Store,
  mirror: Mirror | undefined,
  report: (error: unknown, doing: string) => void,
): Files {
  const files = new Map<string, { document: Document; type: string; pageId: string }>();
  /** Whether the mirror has a picture, as far as we have seen to it. */
  const mirrored = new Map<string, boolean>();
  let line: Promise<unknown> = Promise.resolve();

  async function load(page: Page, wanted: readonly string[]): Promise<void> {
    for (const { hash, type, body } of await listPageFiles(store.read, page.id)) {
      const name = wanted.find((one) => one.startsWith(hash));
      if (name === undefined || files.has(name)) continue;
      const bytes = Buffer.from(body, 'base64');
      files.set(name, { document: storeDocument(bytes), type, pageId: page.id });
    }
  }

  /** A picture stands in the mirror as long as its page is for everybody. */
  async function copy(page: Page, wanted: readonly string[]): Promise<void> {
    const isOpen = page.access === null;
    for (const name of wanted) {
      const file = files.get(name);
      if (!mirror || !file || mirrored.get(name) === isOpen) continue;
      if (isOpen) await mirror.put(`/files/${name}`, file.document.identity.body);
      else await mirror.drop(`/files/${name}`);
      mirrored.set(name, isOpen);
    }
  }

  const forget = (pageId: string, but: readonly string[]) => {
    for (const [name, file] of files) if (file.pageId === pageId && !but.includes(name)) files.delete(name);
  };

  return {
    find: (name) => files.get(name),
    renewed(page) {
      const wanted = (['logo', 'favicon'] as const).flatMap(
        (kind) => filePath(page, kind)?.slice('/files/'.length) ?? [],
      );
      if (wanted.length === 0 && files.size === 0) return;
      forget(page.id, wanted);
      const isOpen = page.access === null;
      if (wanted.every((name) => files.has(name) && (!mirror || mirrored.get(name) === isOpen))) return;
      line = line
        .then(() => load(page, wanted))
        .then(() => copy(page, wanted))
        .catch((error: unknown) => report(error, `pictures of ${page.slug || '/'}`));
    },
    remove: (pageId) => forget(pageId, []),
    async settled() {
      await line;
    },
  };
}
