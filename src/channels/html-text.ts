const NAMED: Record<string, string> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: '\u00a0',
  hellip: '…',
  mdash: '—',
  ndash: '–',
};

const BLOCK = /^\/(p|blockquote|li|h[1-6]|pre|div)$/;

/** Pieces of HTML in order: words between tags as they are written, and tags without their brackets. */
function* piecesOf(html: string): Generator<{ words: string } | { tag: string; name: string }> {
  // Searching for the next bracket, rather than matching tags, keeps the time proportional to the length.
  for (let at = 0; at < html.length; ) {
    const open = html.indexOf('<', at);
    yield { words: html.slice(at, open === -1 ? html.length : open) };
    const close = open === -1 ? -1 : html.indexOf('>', open);
    // A tag that never ends is no text either.
    if (close === -1) return;
    const tag = html.slice(open + 1, close);
    const name = /^\/?[a-z\d]*/i.exec(tag)?.[0].toLowerCase() ?? '';
    yield { tag, name };
    at = close + 1;
    if (name === 'script' || name === 'style') {
      const end = html.indexOf(`</${name}`, at);
      if (end === -1) return;
      at = end;
    }
  }
}

/**
 * The words of a post that a network gives as HTML (Mastodon's `content`): what a reader sees, paragraphs and line
 * breaks kept, every tag gone. The result is plain text and must be escaped like any other; nothing in it is trusted.
 */
export function textOfHtml(html: string): string {
  let text = '';
  for (const piece of piecesOf(html)) {
    if ('words' in piece) text += decode(piece.words.replace(/[ \t\r\n]+/g, ' '));
    else if (piece.name === 'br') text += '\n';
    else if (BLOCK.test(piece.name)) text += '\n\n';
  }
  const lines = text.split('\n').map((line) => line.trim());
  return lines
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

/** The addresses that a post's links lead to, as written. */
export function linksOfHtml(html: string): string[] {
  const links: string[] = [];
  for (const piece of piecesOf(html)) {
    if (!('tag' in piece) || piece.name !== 'a') continue;
    const found = /\shref=(?:"([^"]*)"|'([^']*)')/i.exec(piece.tag);
    if (found !== null) links.push(decode(found[1] ?? found[2] ?? ''));
  }
  return links;
}

/** One pass, so that `&amp;lt;` stays the text `&lt;`. */
function decode(text: string): string {
  return text.replace(/&(#\d{1,7}|#x[\da-f]{1,6}|[a-z]{2,8});/gi, (whole, name: string) => {
    if (!name.startsWith('#')) return NAMED[name.toLowerCase()] ?? whole;
    const hex = name[1] === 'x' || name[1] === 'X';
    const point = Number.parseInt(name.slice(hex ? 2 : 1), hex ? 16 : 10);
    return point > 0 && point <= 0x10ffff ? String.fromCodePoint(point) : whole;
  });
}
