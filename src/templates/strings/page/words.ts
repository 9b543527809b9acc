import { en, type PageWords } from './en.ts';

export type { PageWords } from './en.ts';

const LANGUAGES: Record<string, PageWords> = { en };

/** The public page's words in a BCP 47 language, by its first part; English where there are none. */
export const pageWords = (language: string): PageWords =>
  LANGUAGES[language.toLowerCase().split('-')[0] ?? ''] ?? en;
