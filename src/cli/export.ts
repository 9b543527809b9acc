import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { openStore } from '../../db/open.ts';
import { listPages } from '../../db/queries/pages.ts';
import { bootName } from '../../db/store.ts';
import { readBucket, readConfig } from '../config.ts';
import { invalid } from '../domain/error.ts';
import { openLive } from '../live/live.ts';
import { copiedFiles, programLinks } from '../server/programs.ts';

/**
 * `tocsin export <folder>`: writes every public page, in every language, with incidents, history, feeds and the API's
 * answers as files that any web server can serve. May be run beside the service; MIRROR_DIR keeps such a folder current.
 * `tocsin export s3://bucket/prefix` brings them to a bucket instead, with the settings of MIRROR_S3.
 */
export async function run(args: string[]): Promise<number> {
  const [folder] = args;
  if (folder === undefined)
    throw invalid('folder', 'Say where to: tocsin export ./public, or tocsin export s3://bucket/prefix');
  const bucket = folder.startsWith('s3://') ? readBucket(folder) : undefined;
  const at = bucket ? mkdtempSync(join(tmpdir(), 'tocsin-export-')) : resolve(folder);
  mkdirSync(at, { recursive: true });
  const config = readConfig();
  const failed: unknown[] = [];
  const store = await openStore(config.database, bootName(process.pid, 'export'));
  try {
    // What not everybody may read is in no copy.
    const pages = (await listPages(store.read)).filter((page) => page.access === null);
    const live = await openLive({
      store,
      now: () => Date.now(),
      report: (error) => failed.push(error),
      exercise: config.exercise,
      mirror: at,
      mirrorBucket: bucket,
      mirrorFiles: copiedFiles(),
      links: programLinks,
    });
    try {
      await live.settled();
    } finally {
      await live.close();
    }
    if (failed.length > 0) throw failed[0];
    const what = pages.length === 1 ? 'The page is' : `${pages.length} pages are`;
    process.stdout.write(
      `${what} in ${bucket ? folder : at}.\nEach says when it was copied; export again to renew it.\n`,
    );
  } finally {
    if (bucket) rmSync(at, { recursive: true, force: true });
    await store.close();
  }
  return 0;
}
