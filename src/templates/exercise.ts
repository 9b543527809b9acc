import { pageWords } from './strings/page/words.ts';

/** How an exercise is called in a language, as readers of the page read it. */
export const exerciseWord = (language: string): string => pageWords(language).drill.word;

/** What stands before and behind everything that goes out in an exercise: no reader may take a piece of it for real. */
export function exerciseMark(language: string): string {
  const word = exerciseWord(language);
  return `${word} ${word} ${word}`;
}

/** A text of an exercise, between its marks. Nobody leaves them out, and they count towards every limit. */
export const markExercise = (text: string, language: string, gap = '\n'): string =>
  [exerciseMark(language), text, exerciseMark(language)].join(gap);
