import { ar } from './ar.ts';
import { de } from './de.ts';
import { en, type PageWords } from './en.ts';
import { es } from './es.ts';
import { fr } from './fr.ts';
import { hi } from './hi.ts';
import { it } from './it.ts';
import { ja } from './ja.ts';
import { nl } from './nl.ts';
import { pl } from './pl.ts';
import { pt } from './pt.ts';
import { zh } from './zh.ts';

export type { PageWords } from './en.ts';

const WORDS: Record<string, PageWords> = { ar, de, en, es, fr, hi, it, ja, nl, pl, pt, zh };

/** Languages that the page has words of its own in. */
export const LANGUAGES: readonly string[] = Object.keys(WORDS);

/** The public page's words in a BCP 47 language, by its first part; English where there are none. */
export const pageWords = (language: string): PageWords =>
  WORDS[language.toLowerCase().split(/[-_]/)[0] ?? ''] ?? en;
