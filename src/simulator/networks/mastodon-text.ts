import { linksIn } from './links.ts';

/** How one kind of server counts, refuses and writes; the API is the same. */
export interface Software {
  name: 'mastodon' | 'gotosocial';
  version: string;
  maxCharacters: number;
  charactersPerUrl: number;
  /** GoToSocial announces a length for links but counts every code point. */
  counts: 'graphemes' | 'codepoints';
  /** Keeps `Idempotency-Key`; GoToSocial does not. */
  keepsKeys: boolean;
  /** The status and words for a post it will not take. */
  refuses: { blank: [number, string]; long: (length: number) => [number, string] };
  unauthorized: string;
  notFound: string;
}

export const SOFTWARE: Record<Software['name'], Software> = {
  mastodon: {
    name: 'mastodon',
    version: '4.5.3',
    maxCharacters: 500,
    charactersPerUrl: 23,
    counts: 'graphemes',
    keepsKeys: true,
    refuses: {
      blank: [422, "Validation failed: Text can't be blank"],
      long: () => [422, 'Validation failed: Text character limit of 500 exceeded'],
    },
    unauthorized: 'The access token is invalid',
    notFound: 'Record not found',
  },
  gotosocial: {
    name: 'gotosocial',
    version: '0.19.2',
    maxCharacters: 5000,
    charactersPerUrl: 25,
    counts: 'codepoints',
    keepsKeys: false,
    refuses: {
      blank: [400, 'Bad Request: no status, media, or poll provided'],
      long: (length) => [
        400,
        `Bad Request: status too long, ${length} characters provided (including spoiler/content warning) but limit is 5000`,
      ],
    },
    unauthorized: 'Unauthorized: token not valid',
    notFound: 'Not Found: target status not found',
  },
};

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** What the server counts. Mastodon: graphemes, every link as a fixed number, of `@user@host` only `@user`. */
export function countedLength(text: string, software: Software): number {
  if (software.counts === 'codepoints') return Array.from(text).length;
  const shortened = text
    .replace(/https?:\/\/[^\s<>"]+/gi, 'x'.repeat(software.charactersPerUrl))
    .replace(/(@[\w.-]+)@[\w.-]+\w/g, '$1');
  let length = 0;
  for (const _ of graphemes.segment(shortened)) length += 1;
  return length;
}

export interface Mentioned {
  id: string;
  username: string;
  url: string;
  acct: string;
}

/** The HTML a server makes of plain text: paragraphs, breaks, links in three spans, mentions, tags. */
export function contentOf(
  text: string,
  software: Software,
  base: string,
  mentions: readonly Mentioned[],
): string {
  const urls = linksIn(text)
    .filter(({ url }) => /^https?:\/\//i.test(url))
    .map(({ url, from, to }) => ({ from, to, html: linkOf(url, software) }));
  const others = [...text.matchAll(/(?<![\w/@#])(@[\w.-]*\w(?:@[\w.-]+\w)?|#\w*[A-Za-z_]\w*)/g)].map(
    (found) => ({
      from: found.index,
      to: found.index + found[0].length,
      html: wordOf(found[0], base, mentions),
    }),
  );
  const pieces = [
    ...urls,
    ...others.filter((word) => !urls.some((url) => word.from < url.to && url.from < word.to)),
  ];
  let html = '';
  let at = 0;
  for (const piece of pieces.sort((a, b) => a.from - b.from)) {
    html += escapeHtml(text.slice(at, piece.from)) + piece.html;
    at = piece.to;
  }
  html += escapeHtml(text.slice(at));
  const lineBreak = software.name === 'mastodon' ? '<br />' : '<br>';
  return html
    .split(/\n{2,}/)
    .map((paragraph) => `<p>${paragraph.replaceAll('\n', lineBreak)}</p>`)
    .join('');
}

function linkOf(url: string, software: Software): string {
  const href = escapeHtml(url);
  if (software.name === 'gotosocial') {
    return `<a href="${href}" rel="nofollow noreferrer noopener" target="_blank">${href}</a>`;
  }
  const prefix = /^https?:\/\/(www\.)?/i.exec(url)?.[0] ?? '';
  const shown = url.slice(prefix.length, prefix.length + 30);
  const rest = url.slice(prefix.length + 30);
  const spans = [
    `<span class="invisible">${escapeHtml(prefix)}</span>`,
    `<span class="${rest === '' ? '' : 'ellipsis'}">${escapeHtml(shown)}</span>`,
    `<span class="invisible">${escapeHtml(rest)}</span>`,
  ];
  return `<a href="${href}" target="_blank" rel="nofollow noopener" translate="no">${spans.join('')}</a>`;
}

function wordOf(word: string, base: string, mentions: readonly Mentioned[]): string {
  const name = escapeHtml(word.slice(1));
  if (word.startsWith('#')) {
    return `<a href="${base}/tags/${encodeURIComponent(word.slice(1).toLowerCase())}" class="mention hashtag" rel="tag">#<span>${name}</span></a>`;
  }
  const known = mentions.find(
    (one) => one.acct === word.slice(1) || one.username === word.slice(1).split('@')[0],
  );
  if (known === undefined) return escapeHtml(word);
  return `<span class="h-card" translate="no"><a href="${escapeHtml(known.url)}" class="u-url mention">@<span>${escapeHtml(known.username)}</span></a></span>`;
}

export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
