/** What makes a stretch of a Bluesky post more than words; offsets are UTF-8 bytes, the end is not included. */
interface Facet {
  index: { byteStart: number; byteEnd: number };
  features: [
    | { $type: 'app.bsky.richtext.facet#link'; uri: string }
    | { $type: 'app.bsky.richtext.facet#tag'; tag: string },
  ];
}

const LINK = /https?:\/\/[^\s<>"\p{Cc}\p{Cf}]+/giu;
/** Punctuation that ends a sentence, not an address; a closing bracket stays when it was opened inside. */
const TRAILING = /[.,;:!?'"”’»…]+$/u;
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
  for (const match of text.matchAll(LINK)) {
    const uri = trimmed(match[0]);
    if (URL.canParse(uri) && new URL(uri).hostname !== '')
      add(match.index, uri, { $type: 'app.bsky.richtext.facet#link', uri });
  }
  for (const match of text.matchAll(TAG)) {
    const tag = (match[1] ?? '').replace(/\p{P}+$/u, '');
    if (tag !== '' && [...tag].length <= LONGEST_TAG)
      add(match.index, `#${tag}`, { $type: 'app.bsky.richtext.facet#tag', tag });
  }
  return facets.sort((a, b) => a.index.byteStart - b.index.byteStart);
}

function trimmed(address: string): string {
  let uri = address;
  for (;;) {
    const before = uri;
    uri = uri.replace(TRAILING, '');
    if (uri.endsWith(')') && !uri.includes('(')) uri = uri.slice(0, -1);
    if (uri.endsWith(']') && !uri.includes('[')) uri = uri.slice(0, -1);
    if (uri === before) return uri;
  }
}
