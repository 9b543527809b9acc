import { ar } from './ar.ts';
import { de } from './de.ts';
import { en } from './en.ts';
import { es } from './es.ts';
import { fr } from './fr.ts';
import { hi } from './hi.ts';
import { it } from './it.ts';
import { ja } from './ja.ts';
import { nl } from './nl.ts';
import { pl } from './pl.ts';
import { pt } from './pt.ts';
import type { Strings } from './types.ts';
import { zh } from './zh.ts';

const ALL = new Map(
  [en, de, fr, es, it, pt, nl, pl, ja, ar, hi, zh].map((s): [string, Strings] => [s.language, s]),
);

/** Languages we have words in; a page may be written in any other, and then ours are English. */
export const LANGUAGES: readonly string[] = [...ALL.keys()];

/** Our words in `language` (BCP 47, any case: "de", "pt-BR", "zh_Hant"), or in English when we have none. */
export function strings(language: string): Strings {
  const [base = ''] = language.toLowerCase().split(/[-_]/);
  return ALL.get(base) ?? en;
}
