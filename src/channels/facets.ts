import { linkRuns } from './link-runs.ts';

/** What makes a stretch of a Bluesky post more than words; offsets are UTF-8 bytes, the end is not included. */
interface Facet {
  index: { byteStart: number; byteEnd: number };
  features: [
    | { $type: 'app.bsky.richtext.facet#link'; uri: string }
    | { $type: 'app.bsky.richtext.facet#tag'; tag: string },
  ];
}

const TAG = /(?<=^|\s)[#＃](?!\ufe0f)([^\s\p{Cf}\u00ad]*[^\d\s\p{P}\p{Cf}][^\s\p{Cf}\u00ad]*)/gu;
const LONGEST_TAG = 64;

/**
 * The links and hashtags of a text, in order: without them an address on Bluesky is dead text. Handles are left alone,
 * so nobody is notified because a text that was quoted happens to name them.
 */
export function facetsOf(text: string): Facet[] {
  const facets: Facet[] = [];
  const add = (start: number, words: string, feature: Facet['features'][0]) => {
    const byteStart = Buffer.byteLength(text.slice(0, start), 'utf8');
    facets.push({
      index: { byteStart, byteEnd: byteStart + Buffer.byteLength(words, 'utf8') },
      features: [feature],
    });
  };
  for (const { start, text: uri, isLink } of linkRuns(text))
    if (isLink) add(start, uri, { $type: 'app.bsky.richtext.facet#link', uri });
  for (const match of text.matchAll(TAG)) {
    const tag = (match[1] ?? '').replace(/\p{P}+$/u, '');
    if (tag !== '' && [...tag].length <= LONGEST_TAG)
      add(match.index, `#${tag}`, { $type: 'app.bsky.richtext.facet#tag', tag });
  }
  return facets.sort((a, b) => a.index.byteStart - b.index.byteStart);
}
