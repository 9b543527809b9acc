/** Words as they are looked for: case, accents and widths make no difference. */

/** Longest question, in characters, and most words of it that count. */
export const MOST_ASKED = 200;
const MOST_WORDS = 8;

/** The same text for everything that reads the same: "Überlastung" and "uberlastung", "ＡＰＩ" and "api". */
export const fold = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim();

/** The words of a question, folded, each once. Empty when there is nothing to look for. */
export function wordsAsked(question: string): string[] {
  const words = fold(question.slice(0, MOST_ASKED))
    .split(/[\s"“”„«»]+/)
    .map((word) => word.replace(/^[.,;:!?()]+|[.,;:!?()]+$/g, ''))
    .filter((word) => word !== '');
  return [...new Set(words)].slice(0, MOST_WORDS);
}

/** What search reads of one update: its words, then marks for questions that are shorter than the index can read. */
export function searchText(title: string, words: { blocks: object; body: string }): string {
  const text = fold([title, ...Object.values(words.blocks).map(String), words.body].join('\n'));
  return `${text}\n${[...shortMarks(text)].join('')}`;
}

/** In no text, because it is folded away. */
const MARK = '\u0001';
/** Scripts that set no spaces between words, where two characters are often one. */
const UNSPACED = /[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Thai}\p{scx=Laoo}\p{scx=Khmr}\p{scx=Mymr}]/u;

/**
 * What is looked for instead of a word: the index reads three characters in a row, so that one or two are made three. They
 * find the beginning of a word, or anything in a script without spaces.
 */
export const asIndexed = (word: string): string => {
  const length = [...word].length;
  return length < 3 ? word + MARK.repeat(3 - length) : word;
};

function shortMarks(text: string): Set<string> {
  const marks = new Set<string>();
  for (const [word] of text.matchAll(/[\p{L}\p{N}ー]+/gu)) {
    const all = [...word];
    all.forEach((c, i) => {
      if (i > 0 && !UNSPACED.test(c)) return;
      const next = all[i + 1];
      if (next !== undefined) marks.add(asIndexed(c + next));
      if (next === undefined || UNSPACED.test(c)) marks.add(asIndexed(c));
    });
  }
  return marks;
}
