import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Document } from './document.ts';

/** The pages as files that any web server can serve when this process is gone: `index.html` in a folder a path. */
export interface Mirror {
  /** Replaces a page's files, each at once. `path` is the page's own, like `/` or `/eu/fr`. */
  keep(path: string, document: Document): Promise<void>;
}

export function buildMirror(folder: string): Mirror {
  return {
    async keep(path, { identity, gzip, br }) {
      if (!/^[\w/-]*$/.test(path)) throw new Error(`"${path}" cannot be the name of a folder`);
      const at = join(folder, path);
      await mkdir(at, { recursive: true });
      for (const [name, { body }] of [
        ['index.html', identity],
        ['index.html.gz', gzip],
        ['index.html.br', br],
      ] as const) {
        // A reader never sees half a page, and a crash never leaves one.
        const file = join(at, name);
        await writeFile(`${file}.new`, body);
        await rename(`${file}.new`, file);
      }
    },
  };
}
