import type { Page } from '../../db/queries/pages.ts';
import type { PageFileKind } from '../../db/shapes.ts';

/** Addresses and languages of a page. */

type Named = Pick<Page, 'slug' | 'languages'> & { domain?: string | null };

/**
 * Path of a page in a language, without a trailing slash; empty for the first page, and one with a host name of its own,
 * in its first language.
 */
export const pathOf = (page: Named, language: string): string =>
  `${page.slug === '' || page.domain ? '' : `/${page.slug}`}${language === page.languages[0] ? '' : `/${language}`}`;

/** Folder of its static copy: pages with a host name of their own stand apart, for a web server to map. */
export const folderOf = (page: Named, language: string): string =>
  `${page.domain ? `/hosts/${page.domain}` : ''}${pathOf(page, language)}`;

/** Path of a picture of its own: the same for all its languages, new with every change. */
export function filePath(page: Pick<Page, 'settings'>, kind: PageFileKind): string | null {
  const file = page.settings.files?.[kind];
  return file ? `/files/${file.hash}.${file.type === 'image/png' ? 'png' : 'svg'}` : null;
}

const RIGHT_TO_LEFT = new Set([
  'ar',
  'arc',
  'ckb',
  'dv',
  'fa',
  'ha',
  'he',
  'ks',
  'ps',
  'sd',
  'ug',
  'ur',
  'yi',
]);

export const directionOf = (language: string): 'ltr' | 'rtl' =>
  RIGHT_TO_LEFT.has(language.toLowerCase().split('-')[0] ?? '') ? 'rtl' : 'ltr';

const names = new Map<string, string>();

/** A language's name in itself: "Français"; its code when nobody knows it. */
export function languageName(code: string): string {
  const known = names.get(code);
  if (known !== undefined) return known;
  let name = code;
  try {
    const own = new Intl.DisplayNames([code], { type: 'language', fallback: 'code' }).of(code) ?? code;
    name = own.charAt(0).toLocaleUpperCase(code) + own.slice(1);
  } catch {
    // Not a language tag: its code is what we have.
  }
  names.set(code, name);
  return name;
}
