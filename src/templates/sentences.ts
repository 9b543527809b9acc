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
    .replace(/[ \t]+/g, ' ')
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

/** Whether the words may be cut between `left` and `right`. When in doubt, no: two sentences may travel as one. */
function mayCut(left: string, gap: string, right: string, language: string): boolean {
  if (gap === '') {
    const run = left.slice(left.search(/\S*$/));
    return endsWithoutSpace(left) && !run.includes('://');
  }
  // A list without some of its items, or an introduction without its list, would say something else.
  const inList = HAS_BULLET.test(left);
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
  let current = '';
  let gap: Sentence['gap'] = '';
  const clean = tidy(text);
  let at = 0;
  for (const { segment } of segmenter(language).segment(clean)) {
    at += segment.length;
    current += segment;
    const left = current.trimEnd();
    const between = current.slice(left.length);
    const right = clean.slice(at, at + 200);
    if (right === '') break;
    // Unicode breaks after each line end, so that an empty line is a segment by itself.
    if (right.startsWith('\n') || left === '') continue;
    const next = between.includes('\n\n')
      ? '\n\n'
      : between.includes('\n')
        ? '\n'
        : between === ''
          ? ''
          : ' ';
    if (!mayCut(left, next, right, language)) continue;
    found.push({ text: left, gap });
    current = '';
    gap = next;
  }
  if (current !== '') found.push({ text: current, gap });
  return found;
}
