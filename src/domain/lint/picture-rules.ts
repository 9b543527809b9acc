import { type Finding, type LintInput, passages, wordsOf } from './lint.ts';

/** A name that a camera or a computer gave: "IMG_2041.jpg", "Screenshot 3". */
const FILE_NAME =
  /^\s*(?:\S+\.(?:jpe?g|png|gif|webp|heic)|(?:img|dsc|pxl|image|picture|photo|screenshot|screen shot|foto|bild)[\s_-]*[\d_ -]*)\s*$/i;
const OF_TEXT =
  /^\s*(?:an? |the )?(?:screenshot|scan|picture|image|photo|graphic)s? (?:of|with|showing) (?:an? |the |our )?(?:text|statement|announcement|message|letter|press release|words|quote)\b/i;
/** So many words of a description, and so much of them in the update, and the picture says nothing else. */
const WORDS = 8;
const SHARE = 0.8;

/** L12 and L15: what people who cannot see a picture get instead, and pictures that are nothing but text. */
export function pictureFindings(input: LintInput): Finding[] {
  const said = new Set(passages(input).flatMap((p) => wordsOf(p.text.toLowerCase())));
  return input.media.flatMap(({ alt }, i): Finding[] => {
    const which = input.media.length === 1 ? 'The picture' : `Picture ${i + 1}`;
    const found = (id: Finding['id'], level: Finding['level'], message: string, fix: string): Finding[] => [
      { id, level, field: 'media', quote: alt.trim(), message, fix },
    ];
    if (alt.trim() === '')
      return found(
        'L12',
        'block',
        input.media.length === 1
          ? 'A picture has no description, so some people get nothing.'
          : `Picture ${i + 1} has no description, so some people get nothing.`,
        'Describe in a sentence what it shows.',
      );
    if (FILE_NAME.test(alt))
      return found(
        'L12',
        'block',
        'This is the name of a file: it tells nobody what the picture shows.',
        'Describe in a sentence what it shows.',
      );
    const words = wordsOf(alt.toLowerCase());
    const repeats = words.length >= WORDS && words.filter((w) => said.has(w)).length / words.length >= SHARE;
    if (repeats || (input.language.startsWith('en') && OF_TEXT.test(alt)))
      return found(
        'L15',
        'warn',
        `${which} seems to be one of text. Text in a picture cannot be enlarged, translated, copied or heard.`,
        'Say it in the words, and show what words cannot.',
      );
    return [];
  });
}
