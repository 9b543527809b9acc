import { isEnded } from '../incident.ts';
import { belongsTo } from '../provenance.ts';
import { factFindings } from './fact-rules.ts';
import { type Finding, type LintInput, passages, sentencesOf, wordsOf } from './lint.ts';
import { peopleFindings } from './people-rules.ts';
import { JARGON, PHRASES } from './phrases.ts';
import { pictureFindings } from './picture-rules.ts';
import { gradeOf } from './readability.ts';

/**
 * What would hurt if it went out as it is. Blocks first. Rules about English phrases look only at English words; the
 * others hold in every language. The numbers are those of the crisis handbook in docs/lints.md.
 */
export function lint(input: LintInput): Finding[] {
  const found = [
    ...promise(input),
    ...structure(input),
    ...factFindings(input),
    ...peopleFindings(input),
    ...links(input),
    ...form(input),
    ...(input.language.startsWith('en') ? english(input) : []),
  ];
  return found.sort((a, b) => Number(a.level === 'warn') - Number(b.level === 'warn'));
}

function promise(input: LintInput): Finding[] {
  const { nextUpdateBy, now, longestPromiseMs } = input;
  const bad = (message: string, fix: string): Finding[] => [
    { id: 'L1', level: 'block', field: 'nextUpdateBy', quote: '', message, fix },
  ];
  if (nextUpdateBy === null)
    return isEnded(input.status) || longestPromiseMs === null
      ? []
      : bad('People are not told when they will hear from you next.', 'Set “next update by” to a time.');
  if (nextUpdateBy <= now) return bad('The promised time has passed.', 'Set a time in the future.');
  if (longestPromiseMs !== null && !isEnded(input.status) && nextUpdateBy - now > longestPromiseMs)
    return bad(
      'That is longer than people should be left waiting here.',
      `Promise something within ${Math.round(longestPromiseMs / 60_000)} minutes.`,
    );
  // What was proposed for an incident that goes on, and nobody emptied when it ended: it would be broken by evening.
  if (longestPromiseMs !== null && isEnded(input.status) && nextUpdateBy - now <= longestPromiseMs)
    return [
      {
        id: 'L1',
        level: 'warn',
        field: 'nextUpdateBy',
        quote: '',
        message: 'This ends the incident, and promises another update soon.',
        fix: 'Empty “next update by”, or say when the report comes.',
      },
    ];
  return [];
}

function structure(input: LintInput): Finding[] {
  const list: Finding[] = [];
  if (input.peopleHarmed && !input.blocks.care?.trim() && !isEnded(input.status))
    list.push({
      id: 'L2',
      level: 'warn',
      field: 'blocks.care',
      quote: '',
      message: 'People were hurt, and nothing is said to them.',
      fix: 'Begin with a sentence of care.',
    });
  list.push(...pictureFindings(input));
  for (const network of input.tooLong)
    list.push({
      id: 'L16',
      level: 'block',
      field: 'blocks.known',
      quote: '',
      message: network,
      fix: 'Shorten the first sentence of what you know, or write other words for that network.',
    });
  if (
    input.lastText !== '' &&
    sameWords(
      input.lastText,
      passages(input)
        .map((p) => p.text)
        .join(' '),
    )
  )
    list.push({
      id: 'L22',
      level: 'warn',
      field: 'blocks.known',
      quote: '',
      message:
        'These are nearly the words of your last update; X refuses repeats, and readers learn nothing.',
      fix: 'Say what you checked since then.',
    });
  return list;
}

/** L17: links that lead away from the page and the company. */
export function links(input: Pick<LintInput, 'blocks' | 'body' | 'officialHosts'>): Finding[] {
  const list: Finding[] = [];
  for (const p of passages(input))
    for (const [url] of p.text.matchAll(/https?:\/\/[^\s<>"']+/g)) {
      const host = URL.canParse(url) ? new URL(url).hostname : '';
      if (belongsTo(host, input.officialHosts)) continue;
      list.push({
        id: 'L17',
        level: 'block',
        field: p.field,
        quote: url,
        message:
          'This link leads away from your own sites. In a crisis people are taught not to follow such links.',
        fix: 'Link to your own site, or add the host to the official ones.',
      });
    }
  return list;
}

function form(input: LintInput): Finding[] {
  const list: Finding[] = [];
  const described = input.media.map((m) => ({ field: 'media', text: m.alt }));
  for (const p of [...passages(input), ...described]) {
    const add = (id: Finding['id'], level: Finding['level'], quote: string, message: string, fix: string) =>
      void list.push({ id, level, field: p.field, quote, message, fix });
    for (const [tag] of p.text.matchAll(/#\p{Ll}[\p{Ll}\p{N}]{13,}/gu))
      add(
        'L13',
        'warn',
        tag,
        'Screen readers cannot tell the words of this tag apart.',
        'Begin each word with a capital letter.',
      );
    const emoji = /\p{Extended_Pictographic}/u.exec(p.text)?.[0];
    if (input.grave && emoji) add('L14', 'block', emoji, 'No emoji in a grave hour.', 'Leave it out.');
    const shouted = p.text.match(/\b\p{Lu}{4,}(?:\s+\p{Lu}{3,}){2,}\b/u)?.[0];
    // What stands on a picture is described as it stands there.
    if (shouted && p.field !== 'media' && !/EXERCISE/.test(shouted))
      add(
        'L15',
        'warn',
        shouted,
        'Capitals read as shouting and are hard to read.',
        'Write it in small letters.',
      );
    if (!input.exercise && /\bEXERCISE\b/.test(p.text))
      add(
        'L21',
        'block',
        'EXERCISE',
        'This is not a drill: the word would mislead everybody.',
        'Take the word out.',
      );
    if (input.exercise && /not an? (?:drill|exercise|test)/i.test(p.text))
      add(
        'L21',
        'block',
        'not a drill',
        'This is a drill, and must never say otherwise.',
        'Take the sentence out.',
      );
  }
  return list;
}

function english(input: LintInput): Finding[] {
  const list: Finding[] = [];
  const all = passages(input);
  for (const p of all) {
    for (const rule of PHRASES) {
      if (rule.except?.includes(p.block)) continue;
      for (const [quote] of p.text.matchAll(rule.pattern))
        list.push({
          id: rule.id,
          level: rule.level,
          field: p.field,
          quote,
          message: rule.message,
          fix: rule.fix,
        });
    }
    list.push(...plain(p.field, p.text));
  }
  const text = all.map((p) => p.text).join(' ');
  const apology = /\b(?:we(?:’|'| a)re (?:deeply |truly |very )?sorry|we apologi[sz]e|our apologies)\b/i.exec(
    text,
  )?.[0];
  const owns =
    /\b(?:our (?:fault|mistake|error|change)|we (?:made|broke|let|were not|weren’t|weren't|failed)|we take responsibility)\b/i;
  const mends = /\b(?:refund|replac|repair|fix|compensat|mov(?:e|ing)|restor|check|work(?:ing)? on)\w*/i;
  if (apology && isEnded(input.status) && !(owns.test(text) && mends.test(text)))
    list.push({
      id: 'L8',
      level: 'warn',
      field: all[0]?.field ?? 'body',
      quote: apology,
      message: 'An apology weighs little without who was responsible and what you put right.',
      fix: 'Say “That was our fault”, and what you do for the people affected.',
    });
  if (apology && /\b(?:did nothing wrong|deny|not responsible|no wrongdoing)\b/i.test(text))
    list.push({
      id: 'L23',
      level: 'warn',
      field: all[0]?.field ?? 'body',
      quote: apology,
      message: 'This denies and apologises at once; readers believe neither.',
      fix: 'Choose one.',
    });
  const action = input.blocks.action ?? '';
  if (/\b(?:call|phone|write to|e-?mail) us\b/i.test(action) && sentencesOf(action).length === 1)
    list.push({
      id: 'L19',
      level: 'warn',
      field: 'blocks.action',
      quote: action,
      message: 'People asked here, and are only sent elsewhere.',
      fix: 'Give them something they can do here as well.',
    });
  return list;
}

/** Grade above 8, sentences over 25 words, words that only we use. */
function plain(field: string, text: string): Finding[] {
  const list: Finding[] = [];
  const long = sentencesOf(text).find((s) => wordsOf(s).length > 25);
  if (long)
    list.push({
      id: 'L11',
      level: 'warn',
      field,
      quote: long,
      message: `This sentence has ${wordsOf(long).length} words. People in a hurry lose it after 25.`,
      fix: 'Make two of it.',
    });
  const grade = gradeOf(text);
  if (wordsOf(text).length >= 10 && grade > 8)
    list.push({
      id: 'L11',
      level: 'warn',
      field,
      quote: '',
      message: `This reads like school year ${Math.round(grade)}; aim for 8 or less.`,
      fix: 'Use shorter words and sentences.',
    });
  for (const word of JARGON)
    if (new RegExp(`\\b${word}\\b`, 'i').test(text))
      list.push({
        id: 'L11',
        level: 'warn',
        field,
        quote: word,
        message: `“${word}” is our word, not the customers’.`,
        fix: 'Say what they notice.',
      });
  return list;
}

/** Nine words in ten are the same, whatever their order. */
function sameWords(a: string, b: string): boolean {
  const [x, y] = [new Set(wordsOf(a.toLowerCase())), new Set(wordsOf(b.toLowerCase()))];
  if (x.size < 4 || y.size < 4) return false;
  const shared = [...x].filter((w) => y.has(w)).length;
  return shared / Math.max(x.size, y.size) >= 0.9;
}
