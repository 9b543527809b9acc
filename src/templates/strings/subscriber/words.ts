import { en, type SubscriberWords } from './en.ts';

export type { SubscriberWords } from './en.ts';

const LANGUAGES: Record<string, SubscriberWords> = { en };

/** The words around a subscription in a BCP 47 language, by its first part; English where there are none. */
export const subscriberWords = (language: string): SubscriberWords =>
  LANGUAGES[language.toLowerCase().split(/[-_]/)[0] ?? ''] ?? en;
