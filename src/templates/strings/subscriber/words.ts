import { ar } from './ar.ts';
import { de } from './de.ts';
import { en, type SubscriberWords } from './en.ts';
import { es } from './es.ts';
import { fr } from './fr.ts';
import { hi } from './hi.ts';
import { it } from './it.ts';
import { ja } from './ja.ts';
import { nl } from './nl.ts';
import { pl } from './pl.ts';
import { pt } from './pt.ts';
import { zh } from './zh.ts';

export type { SubscriberWords } from './en.ts';

const LANGUAGES: Record<string, SubscriberWords> = { ar, de, en, es, fr, hi, it, ja, nl, pl, pt, zh };

/** The words around a subscription in a BCP 47 language, by its first part; English where there are none. */
export const subscriberWords = (language: string): SubscriberWords =>
  LANGUAGES[language.toLowerCase().split(/[-_]/)[0] ?? ''] ?? en;
