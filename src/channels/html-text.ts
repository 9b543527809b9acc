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

/**
 * The words of a post that a network gives as HTML (Mastodon's `content`): what a reader sees, paragraphs and line
 * breaks kept, every tag gone. The result is plain text and must be escaped like any other; nothing in it is trusted.
 */
export function textOfHtml(html: string): string {
  return decode(
    html
      .replace(/<(script|style)\b[^>]*>[\s\S]*?(<\/\1\s*>|$)/gi, '')
      .replace(/\r\n?/g, '\n')
      .replace(/\n/g, ' ')
      .replace(/<br\b[^>]*>/gi, '\n')
      .replace(/<\/(p|blockquote|li|h[1-6]|pre|div)\s*>/gi, '\n\n')
      .replace(/<[^>]*>/g, ''),
  )
    .replace(/[ \t]*\n[ \t]*/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

/** The addresses that a post's links lead to, as written. */
export function linksOfHtml(html: string): string[] {
  return [...html.matchAll(/<a\b[^>]*?\bhref\s*=\s*(?:"([^"]*)"|'([^']*)')/gi)].map((m) =>
    decode(m[1] ?? m[2] ?? ''),
  );
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
