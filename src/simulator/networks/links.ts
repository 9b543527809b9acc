import twitterText from 'twitter-text';

/**
 * Hosts that no network would link (this machine, names reserved by RFC 2606), but which stand for public ones
 * in drills and demos: here they are links like any other.
 */
const LOCAL =
  /https?:\/\/(?:127\.0\.0\.1|localhost|\[::1\]|(?:[\w-]+\.)+(?:example|test|invalid|localhost))(?!\.?[\w-])(?::\d+)?(?:\/[^\s<>"]*[^\s<>".,;:!?)\]}'])?\/?/gi;

export interface Link {
  url: string;
  /** UTF-16 offsets in the text. */
  from: number;
  to: number;
}

/** Links in a text as twitter-text sees them, bare domains included, and links to local hosts; in order. */
export function linksIn(text: string): Link[] {
  const local = [...text.matchAll(LOCAL)].map((found) => ({
    url: found[0],
    from: found.index,
    to: found.index + found[0].length,
  }));
  const others = twitterText
    .extractUrlsWithIndices(text)
    .map(({ url, indices }) => ({ url, from: indices[0], to: indices[1] }))
    .filter((link) => !local.some((one) => link.from < one.to && one.from < link.to));
  return [...local, ...others].sort((a, b) => a.from - b.from);
}

/** The text with every link replaced. */
export function replaceLinks(text: string, by: (url: string) => string): string {
  let out = '';
  let from = 0;
  for (const link of linksIn(text)) {
    out += text.slice(from, link.from) + by(link.url);
    from = link.to;
  }
  return out + text.slice(from);
}
