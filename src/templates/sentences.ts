/** A whole sentence, and what stood between it and the one before: nothing (Chinese), a space, a line, a paragraph. */
export interface Sentence {
  text: string;
  gap: '' | ' ' | '\n' | '\n\n';
}

// After these a capital does not begin a sentence.
const BEFORE_NAME = new Set(
  (
    'mr mrs ms messrs dr drs prof sr jr st mt rev hon gen gov sen rep capt col lt sgt dept vs viz ' +
    'hr fr bzw ca evtl ggf inkl exkl zzgl vgl sog mme mlle mm sra srta dra ud uds sig sigg dott dottssa ing avv ' +
    'exmo dhr mevr mw bijv np ul inż mgr al inc ltd corp co'
  ).split(' '),
);
// And after these a number does not.
const BEFORE_NUMBER = new Set(
  (
    'no nos nr nrs núm nº art p pp pág págs vol fig sec ch approx est max min ca circa tel ext abs ' +
    'jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thur fri sat sun'
  ).split(' '),
);
const ORDINALS = new Set([
  'de',
  'pl',
  'cs',
  'sk',
  'da',
  'nb',
  'no',
  'fi',
  'hu',
  'hr',
  'sl',
  'et',
  'lv',
  'tr',
]);

const CLOSERS = `["'”’»›)\\]」』）】〉》]*`;
const ENDS = new RegExp(`[.!?…:;。！？．｡：；।॥؟۔؛]${CLOSERS}$`, 'u');
const ENDS_WITHOUT_SPACE = new RegExp(`[。！？．｡]${CLOSERS}$`, 'u');
const BULLET = /^(?:[-–—*•·‣▪◦]|\(?\d{1,3}[.)])\s/u;
const HAS_BULLET = /(?:^|\n)(?:[-–—*•·‣▪◦]|\(?\d{1,3}[.)])(?:\s|$)/u;
const HAS_WORD = /[\p{L}\p{N}]/u;

/** Whether a text ends in a full stop or its like, so that the next sentence may follow on the same line. */
export const isClosed = (text: string): boolean => ENDS.test(text);

/** Whether a text ends as Chinese and Japanese sentences do, with the next one following at once. */
export const endsWithoutSpace = (text: string): boolean => ENDS_WITHOUT_SPACE.test(text);

/** Whether there are list items in a text, which stand on lines of their own on every network. */
export const hasList = (text: string): boolean => text.includes('\n') && HAS_BULLET.test(text);

/** One kind of line end, single spaces, no white space at either end, at most one empty line. */
export const tidy = (text: string): string =>
  text
    .replace(/\r\n?|[\u2028\u2029\u0085]/g, '\n')
    .replace(/[ \t\v\f]+/g, ' ')
    .replace(/ ?\n ?/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();

function isAbbreviation(left: string, right: string, language: string): boolean {
  const last = left
    .slice(Math.max(left.lastIndexOf(' '), left.lastIndexOf('\n')) + 1)
    .replace(/^[("'“‘«]+/, '');
  if (!last.endsWith('.')) return false;
  const word = last.slice(0, -1).toLowerCase();
  if (/^[ap]\.m$/.test(word)) return /^\p{Lu}{2,5}\b/u.test(right); // 3 p.m. EST
  if (/^\p{L}(?:\.\p{L})*$/u.test(word)) return true; // J. Smith, U.S., z. B.
  if (/^\d{1,2}$/.test(word)) return ORDINALS.has(language); // am 3. November
  return BEFORE_NAME.has(word) || (BEFORE_NUMBER.has(word) && /^\d/.test(right));
}

/** How much of a text on either side is looked at, in UTF-16 units. */
const NEAR = 250;
const GAPS: readonly Sentence['gap'][] = ['', ' ', '\n', '\n\n'];

/**
 * Whether the words may be cut between `left` and `right`. When in doubt, no: two sentences may travel as one.
 * `inLink` says that a link reaches up to here, `inList` that the sentence so far has list items in it.
 */
function mayCut(
  left: string,
  gap: string,
  right: string,
  { inLink, inList, language }: { inLink: boolean; inList: boolean; language: string },
): boolean {
  if (gap === '') return endsWithoutSpace(left) && !inLink;
  // A list without some of its items, or an introduction without its list, would say something else.
  if (BULLET.test(right) ? inList || /[:：]$/u.test(left) : inList && gap === ' ') return false;
  if (gap === '\n\n') return true;
  if (!HAS_WORD.test(left) || !HAS_WORD.test(right)) return false;
  if (/^\(?(?:\d{1,3}|\p{L})[.)]$/u.test(left)) return false;
  if (gap === '\n' && !isClosed(left) && !BULLET.test(right)) return false; // a line somebody wrapped by hand
  if (/^["'“‘«(]?\p{Ll}/u.test(right)) return false;
  return !isAbbreviation(left, right, language);
}

const segmenters = new Map<string, Intl.Segmenter>();
function segmenter(language: string): Intl.Segmenter {
  const known = segmenters.get(language);
  if (known) return known;
  const made = new Intl.Segmenter(language, { granularity: 'sentence' });
  segmenters.set(language, made);
  return made;
}

/**
 * Whole sentences of a text, in order; joined with their gaps they are `tidy(text)` again. `language` is one of ours.
 * Stricter than Unicode's own rules: no cut inside a link, a number or a list, nor after an abbreviation.
 */
export function sentences(text: string, language: string): Sentence[] {
  const found: Sentence[] = [];
  const clean = tidy(text);
  let gap: Sentence['gap'] = '';
  let start = 0; // of the sentence
  let run = 0; // start of the last characters without white space between them
  let scheme = clean.indexOf('://');
  let inList = false;
  let at = 0;
  for (const { segment } of segmenter(language).segment(clean)) {
    const from = at;
    at += segment.length;
    inList ||= HAS_BULLET.test(clean.slice(Math.max(start, from - 1), at));
    const space = segment.trimEnd().search(/\s\S*$/);
    if (space !== -1) run = from + space + 1;
    if (scheme !== -1 && scheme < run) scheme = clean.indexOf('://', run);
    // Near the cut is enough to decide, and keeps long texts quick.
    const near = clean.slice(Math.max(start, at - NEAR), at);
    const left = near.trimEnd();
    const between = near.slice(left.length);
    if (between !== '') run = at;
    const right = clean.slice(at, at + NEAR);
    if (right === '') break;
    // Unicode breaks after each line end, so that an empty line is a segment by itself.
    if (right.startsWith('\n') || left === '') continue;
    const next = GAPS.find((g) => g === between);
    if (next === undefined) continue; // a no-break space, say: its author knows why
    const inLink = scheme !== -1 && scheme < at;
    if (!mayCut(left, next, right, { inLink, inList, language })) continue;
    found.push({ text: clean.slice(start, at - between.length), gap });
    start = at;
    inList = false;
    gap = next;
  }
  if (start < clean.length) found.push({ text: clean.slice(start), gap });
  return found;
}
