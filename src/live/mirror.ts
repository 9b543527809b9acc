import { mkdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Document } from './document.ts';

/** The pages as files that any web server can serve when this process is gone: `index.html` in a folder a path. */
export interface Mirror {
  /** Replaces a page's files, each at once. `path` is the page's own, like `/` or `/eu/fr`. */
  keep(path: string, document: Document): Promise<void>;
  /**
   * Writes one file, at once, unless it says the same already. `at`, ms, becomes the time of the file: what `isFrom`
   * asks for after a restart.
   */
  put(file: string, body: Buffer | string, at?: number): Promise<void>;
  /** Takes a page that is not public any more away, with everything below it but other pages. */
  drop(path: string): Promise<void>;
  /** Text of a file; undefined when there is none. */
  read(file: string): Promise<string | undefined>;
  /** Whether a file is there and was written with this time. */
  isFrom(file: string, at: number): Promise<boolean>;
}

/** What the first page has in the folder that it shares with the others. */
const ROOT = [
  ...[
    'index.html',
    'index.html.gz',
    'index.html.br',
    '404.html',
    'incidents',
    'history',
    'api',
    'badge',
    'badge.svg',
    'og',
  ],
  ...['og.png', 'cap', 'cap.atom', 'embed/incidents', 'embed/frame', 'feed.json', 'maintenance.ics'],
  ...['history.atom', 'history.rss', 'updates.atom', 'updates.rss'],
];

/** `changed` is told of every file that is written, and of every path that is taken away with what is below. */
export function buildMirror(folder: string, changed: (path: string) => void = () => undefined): Mirror {
  const place = (path: string): string => {
    if (!/^[\w./-]*$/.test(path) || path.includes('..'))
      throw new Error(`"${path}" cannot be the name of a file`);
    return join(folder, path);
  };

  async function replace(path: string, body: Buffer | string, at?: number): Promise<void> {
    const file = place(path);
    await mkdir(dirname(file), { recursive: true });
    // A reader never sees half a page, and a crash never leaves one.
    await writeFile(`${file}.new`, body);
    if (at !== undefined) await utimes(`${file}.new`, at / 1_000, at / 1_000);
    await rename(`${file}.new`, file);
    changed(path);
  }

  return {
    async keep(path, { identity, gzip, br }) {
      for (const [name, { body }] of [
        ['index.html', identity],
        ['index.html.gz', gzip],
        ['index.html.br', br],
      ] as const)
        await replace(`${path}/${name}`, body);
    },
    async drop(path) {
      const at = place(path);
      try {
        if (path !== '') return await rm(at, { recursive: true, force: true });
        // The first page's folder has the other pages in it: what stands there by itself is taken, the rest is theirs.
        for (const name of ROOT) await rm(join(at, name), { recursive: true, force: true });
      } finally {
        changed(path);
      }
    },
    async put(path, body, at) {
      const file = place(path);
      const old = await readFile(file).catch(() => undefined);
      if (old?.equals(Buffer.from(body))) return;
      await replace(path, body, at);
    },
    read: (path) => readFile(place(path), 'utf8').catch(() => undefined),
    async isFrom(path, at) {
      const found = await stat(place(path)).catch(() => undefined);
      return found !== undefined && Math.abs(found.mtimeMs - at) < 2;
    },
  };
}
