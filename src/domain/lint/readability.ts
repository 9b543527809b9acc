import { sentencesOf, wordsOf } from './lint.ts';

/** Vowel groups, less a silent e: within one of a dictionary's count for nearly every English word. */
function syllablesOf(word: string): number {
  const groups =
    word
      .toLowerCase()
      .replace(/e$/, '')
      .match(/[aeiouy]+/g)?.length ?? 0;
  return Math.max(1, groups);
}

/** Flesch–Kincaid grade level of English text: the school year whose pupils read it with ease. */
export function gradeOf(text: string): number {
  const words = wordsOf(text.replace(/https?:\/\/\S+/g, '')).filter((w) => /\p{L}/u.test(w));
  const sentences = Math.max(1, sentencesOf(text).length);
  if (words.length === 0) return 0;
  const syllables = words.reduce((n, w) => n + syllablesOf(w), 0);
  return 0.39 * (words.length / sentences) + 11.8 * (syllables / words.length) - 15.59;
}
