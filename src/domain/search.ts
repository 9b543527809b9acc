/** Words as they are looked for: case, accents and widths make no difference. */

/** Longest question, in characters, and most words of it that count. */
export const MOST_ASKED = 200;
const MOST_WORDS = 8;

/** The same text for everything that reads the same: "Überlastung" and "uberlastung", "ＡＰＩ" and "api". */
export const fold = (text: string): string =>
  text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().replace(/\s+/g, ' ').trim();

/** The words of a question, folded, each once. Empty when there is nothing to look for. */
export function wordsAsked(question: string): string[] {
  const words = fold(question.slice(0, MOST_ASKED))
    .split(/[\s"“”„«»]+/)
    .map((word) => word.replace(/^[.,;:!?()]+|[.,;:!?()]+$/g, ''))
    .filter((word) => word !== '');
  return [...new Set(words)].slice(0, MOST_WORDS);
}

/** What search reads of one update. */
export const searchText = (title: string, words: { blocks: object; body: string }): string =>
  fold([title, ...Object.values(words.blocks).map(String), words.body].join('\n'));
