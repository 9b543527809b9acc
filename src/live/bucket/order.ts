import { MODULE_CACHE, PAGE_CACHE, PICTURE_CACHE } from '../cache-rules.ts';
import { entryAt } from '../programs/catalogue.ts';

const HTML = 'text/html; charset=utf-8';
const TYPES: Record<string, string> = {
  html: HTML,
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml; charset=utf-8',
  png: 'image/png',
  jpg: 'image/jpeg',
  webp: 'image/webp',
  gif: 'image/gif',
};

/** How the server would send this file of the mirror. */
export function headersOf(file: string): { type: string; cache: string } {
  const ending = /\.(\w+)$/.exec(file)?.[1] ?? '';
  const parts = file.split('/');
  // A page's own path comes before, of one to four parts.
  const entry = parts.map((_, i) => entryAt(parts.slice(i).join('/'))).find((one) => one !== undefined);
  const type = entry?.type ?? TYPES[ending] ?? 'application/octet-stream';
  if (parts[0] === 'files') return { type, cache: PICTURE_CACHE };
  return { type, cache: file === 'live.js' ? MODULE_CACHE : PAGE_CACHE };
}

/** What has nothing of its own to name; then alerts, an incident's own page, the past, what lists them, the front. */
function rankOf(file: string): number {
  if (/\.(js|svg|png|jpg|webp|gif)$/.test(file)) return 0;
  if (/(^|\/)cap\/[^/]+\.xml$/.test(file)) return 1;
  if (/(^|\/)incidents\/[^/]+\/index\.html$/.test(file) && !/(^|\/)embed\//.test(file)) return 2;
  if (/(^|\/)history\/[^/]+\/index\.html$/.test(file)) return 3;
  if (/(^|\/)history\/index\.html$/.test(file)) return 4;
  if (/(^|\/)index\.html$/.test(file) && !/(^|\/)embed\//.test(file)) return 6;
  return 5;
}

const depth = (file: string): number => file.split('/').length;
const natural = new Intl.Collator('en', { numeric: true });

/**
 * The order in which files are to be brought: whoever comes by a front page finds everything that it leads to. Of the
 * past the newest comes first, since the page before it names it; the first page's front is the very last. Taking away
 * goes the other way round.
 */
export const inOrder = (files: Iterable<string>): string[] =>
  [...files]
    .map((file) => ({ file, rank: rankOf(file) }))
    .sort((a, b) => a.rank - b.rank || depth(b.file) - depth(a.file) || natural.compare(b.file, a.file))
    .map(({ file }) => file);

/** Whether these may be brought at once: nothing of such a kind names another of it. */
export const areAlike = (a: string, b: string): boolean => {
  const rank = rankOf(a);
  return rank === rankOf(b) && rank !== 3 && rank !== 6;
};
