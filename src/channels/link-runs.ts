const LINK = /https?:\/\/[^\s<>"\p{Cc}\p{Cf}]+/giu;
/** Punctuation that ends a sentence, not an address; a closing bracket stays when it was opened inside. */
const TRAILING = '.,;:!?\'"”’»…';

/** A stretch of a text: plain words, or an address that a reader can follow. */
export interface Run {
  start: number;
  text: string;
  isLink: boolean;
}

/** The text in order, cut where its web addresses begin and end; joined again it is the same text. */
export function linkRuns(text: string): Run[] {
  const runs: Run[] = [];
  let at = 0;
  for (const match of text.matchAll(LINK)) {
    const uri = trimmed(match[0]);
    if (!URL.canParse(uri) || new URL(uri).hostname === '') continue;
    if (match.index > at) runs.push({ start: at, text: text.slice(at, match.index), isLink: false });
    runs.push({ start: match.index, text: uri, isLink: true });
    at = match.index + uri.length;
  }
  if (at < text.length) runs.push({ start: at, text: text.slice(at), isLink: false });
  return runs;
}

/** In one pass from the end, so that no text makes it slow. */
function trimmed(address: string): string {
  const spare: Record<string, number> = {
    ')': countOf(address, ')') - countOf(address, '('),
    ']': countOf(address, ']') - countOf(address, '['),
  };
  let end = address.length;
  for (; end > 0; end--) {
    const last = address[end - 1] ?? '';
    if (TRAILING.includes(last)) continue;
    const more = spare[last] ?? 0;
    if (more <= 0) break;
    spare[last] = more - 1;
  }
  return address.slice(0, end);
}

const countOf = (text: string, char: string): number => text.split(char).length - 1;
