const LINK = /https?:\/\/[^\s<>"\p{Cc}\p{Cf}]+/giu;
/** Punctuation that ends a sentence, not an address; a closing bracket stays when it was opened inside. */
const TRAILING = /[.,;:!?'"”’»…]+$/u;

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
