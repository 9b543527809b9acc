import type { Limits, Unit } from '../domain/channel.ts';
import { invalid } from '../domain/error.ts';
import { MAX_TITLE } from '../domain/update.ts';
import { unsign } from '../domain/voice.ts';
import { BLOCKS, type BlockName, type Blocks } from '../domain/words.ts';
import { exerciseWord } from './exercise.ts';
import { counterOf, dropUntil, fieldOf, type IsWithin, NAMES, nameDropped, splitThread } from './fit.ts';
import {
  type Frame,
  type MessageTemplate,
  type Piece,
  setMessage,
  setSubject,
  statusWord,
} from './layout.ts';
import { excess, fits, measure } from './measure.ts';
import { sentences } from './sentences.ts';
import { strings } from './strings/index.ts';
import type { Strings } from './strings/types.ts';
import { clockTime, dayName, isSameDay } from './time.ts';

/** The exact words of an update for one network: whole sentences, chosen so that they fit. */

export interface MessageInput extends Frame {
  /** With `amends`: what was wrong, in one sentence. It stands first and is never left out. */
  note?: string;
  blocks: Blocks;
  /** Plain text instead of blocks; used when every block is empty. */
  body: string;
  /** The last line of the words, of whoever says them in their own voice. It is never left out. */
  signature?: string;
  /** The promise (ms), or null when this update makes none. */
  nextUpdateBy: number | null;
  /** When the update was begun (ms). A promise for another day than this one names its date. */
  writtenAt: number;
  /** IANA name; the promise is said in this zone. */
  timeZone: string;
  /** BCP 47, of the words. */
  language: string;
  /** Address of this rendition on the page. */
  link: string;
}

export interface MessageTarget {
  template: MessageTemplate;
  limits: Limits;
  /** Nothing is left out: what does not fit goes on in answers to the first post. */
  thread: boolean;
  includeLink: boolean;
  /** What a person wrote for this network alone. Sent as it is; the promise and the link are added if it has them not. */
  override?: string;
  /** How the network is called in an error. */
  name?: string;
}

export interface Part {
  text: string;
  subject?: string;
  html?: string;
  link?: string;
  /** Of `text`, in the network's unit. */
  length: number;
}

export interface Message {
  /** One, or the posts of a thread in order. */
  parts: Part[];
  /** What fell out, for people and in reading order: "Care", "end of Doing". */
  dropped: string[];
  /** Of the longest part. */
  length: number;
  max: number;
  unit: Unit;
}

/**
 * Renders an update for one network. Throws `invalid`, naming the field, when not even the shortest form fits.
 *
 * What fits is found by leaving out, in this order, one sentence at a time (care all at once) until the rest is
 * within the limit: care; the end of unknown; the end of doing; action after its first sentence; known after its
 * first sentence; the first sentence of action. A plain body loses sentences from its end. Never left out: the first
 * sentence of known or body (where there is no known, the sentence that would go last), the promise, and the link.
 * What is kept stays in reading order: care, known, unknown, doing, action, promise, link.
 */
export function renderMessage(input: MessageInput, target: MessageTarget): Message {
  const words = strings(input.language);
  const lead = leadOf(input, words);
  const link = target.includeLink ? input.link : null;
  if (link !== null && !/^https?:\/\/\S+$/.test(link))
    throw invalid('link', `The link "${link}" is not a web address. It must begin with https://.`);
  const own = target.override?.trim() ? target.override : undefined;
  const { pieces: said, promise } = toPieces(input, own, words, lead.length > 0);
  const pieces = [...lead.filter((p) => !own?.includes(p.text)), ...said];
  const all = [...pieces, ...promise];

  const set: Set = (kept, counter, isFirst) =>
    setMessage(kept, {
      template: target.template,
      limits: target.limits,
      frame: input,
      strings: words,
      link: isFirst ? link : null,
      counter,
      isBare: own !== undefined,
    });
  const toMessage = (split: readonly Piece[][], dropped: string[]): Message => {
    const parts = split.map((kept, i): Part => {
      const { text, html } = set(kept, split.length === 1 ? null : counterOf(i + 1, split.length), i === 0);
      const subject = i === 0 ? subjectOf(input, target, words) : undefined;
      return {
        text,
        ...(subject === undefined ? {} : { subject }),
        ...(html === undefined ? {} : { html }),
        ...(i === 0 && link !== null ? { link } : {}),
        length: measure(text, target.limits),
      };
    });
    const { max, unit } = target.limits;
    return { parts, dropped, length: Math.max(...parts.map((part) => part.length)), max, unit };
  };

  const isWithin: IsWithin = (kept, counter, isFirst) =>
    fits(set(kept, counter, isFirst).text, target.limits);
  if (isWithin(all, null, true)) return toMessage([all], []);
  if (target.thread) {
    const split = splitThread(
      own === undefined
        ? all
        : [...pieces.filter((p) => p.block === 'lead'), ...toOwnSentences(own, input), ...promise],
      isWithin,
    );
    if ('tooLong' in split) {
      const { tooLong, isFirst } = split;
      throw tooLongError([tooLong], set([tooLong], counterOf(9, 9), isFirst).text, target);
    }
    return toMessage(split.parts, []);
  }
  const kept = [...dropUntil(pieces, (some) => isWithin([...some, ...promise], null, true)), ...promise];
  const shortest = set(kept, null, true).text;
  if (excess(shortest, target.limits)) throw tooLongError(kept, shortest, target);
  return toMessage([kept], nameDropped(pieces, kept));
}

function leadOf(input: MessageInput, words: Strings): Piece[] {
  const note = input.note?.trim() ?? '';
  if (input.amends === undefined || note === '') return [];
  return [{ block: 'lead', text: `${words.message.amends[input.amends]}: ${note}`, gap: '' }];
}

type Set = (
  kept: readonly Piece[],
  counter: string | null,
  isFirst: boolean,
) => ReturnType<typeof setMessage>;

const languageOf = (input: MessageInput): string =>
  /^[a-z]{2,3}/.exec(input.language.toLowerCase())?.[0] ?? 'en';

const toOwnSentences = (own: string, input: MessageInput): Piece[] =>
  sentences(own, languageOf(input)).map((s) => ({ ...s, block: 'override' }));

/** The sentences there are, in reading order, and the promise unless its author has written it out already. */
function toPieces(
  input: MessageInput,
  own: string | undefined,
  words: Strings,
  hasLead: boolean,
): { pieces: Piece[]; promise: Piece[] } {
  const said = promiseText(input, words);
  const signed = input.signature;
  const promise: Piece[] = [
    ...(signed === undefined || own?.includes(signed)
      ? []
      : [{ block: 'sign', text: signed, gap: '\n' } satisfies Piece]),
    ...(said === undefined ? [] : [{ block: 'promise', text: said, gap: ' ' } satisfies Piece]),
  ];
  if (own !== undefined) {
    const text = own.replace(/\r\n?/g, '\n').trim();
    const has = said !== undefined && text.includes(said);
    return {
      pieces: [{ block: 'override', text, gap: '' }],
      promise: promise.filter((p) => p.block !== 'promise' || !has),
    };
  }
  const language = languageOf(input);
  const read = (block: BlockName | 'body', text: string): Piece[] =>
    sentences(signed === undefined ? text : unsign(text, signed), language).map((s) => ({ ...s, block }));
  const blocks = BLOCKS.flatMap((name) => read(name, input.blocks[name] ?? ''));
  const found = blocks.length > 0 ? blocks : read('body', input.body);
  if (found.length === 0 && hasLead) return { pieces: [], promise };
  if (found.length === 0)
    throw invalid('blocks', 'This update says nothing yet. Write at least what we know.');
  const pieces = found.filter((p) => p.text !== said);
  return pieces.length === 0
    ? { pieces: found, promise: promise.filter((p) => p.block !== 'promise') }
    : { pieces, promise };
}

function promiseText(input: MessageInput, words: Strings): string | undefined {
  const { nextUpdateBy: at, timeZone, writtenAt } = input;
  if (at === null) return undefined;
  const time = clockTime(at, timeZone, words.language);
  return isSameDay(at, writtenAt, timeZone)
    ? words.message.nextUpdate(time)
    : words.message.nextUpdateOn(time, dayName(at, timeZone, words.language));
}

function subjectOf(input: MessageInput, target: MessageTarget, words: Strings): string | undefined {
  const isMail = target.template === 'email';
  if (!isMail && target.limits.subject === undefined) return undefined;
  const longest = target.limits.subject ?? MAX_TITLE;
  const title = longEnough(input, target, words);
  // The status of a topic changes, its name stays.
  const mark = input.exercise ? `${exerciseWord(input.language)}: ` : '';
  const subject = setSubject(title, isMail ? statusWord(input, words) : null, longest - mark.length);
  if (subject !== undefined) return mark + subject;
  throw invalid('title', `The title is over the limit of ${longest} characters${on(target)}. Shorten it.`);
}

/** The title, with as much before it as a network asks for: whose it is, then what it is. */
function longEnough({ title, pageName, kind }: MessageInput, target: MessageTarget, words: Strings): string {
  const least = target.limits.subjectLeast ?? 0;
  const named = `${pageName}: ${title}`;
  const forms = [title, named, `${words.message.kind[kind]}, ${named}`];
  const found = forms.find((form) => [...form.trim()].length >= least);
  if (found !== undefined) return found;
  throw invalid(
    'title',
    `The title is under the ${least} characters that are asked for${on(target)}. Say more in it.`,
  );
}

const on = (target: MessageTarget): string => (target.name === undefined ? '' : ` on ${target.name}`);

const UNIT_NAMES: Record<Unit, string> = {
  weighted: 'character',
  graphemes: 'character',
  codepoints: 'character',
  utf16: 'character',
  emoji_bytes: 'character',
  bytes: 'byte',
  escaped_bytes: 'byte',
  segments: 'segment',
};

/** Says by how much the least that may go out is too long, and what to shorten. */
function tooLongError(kept: readonly Piece[], text: string, target: MessageTarget) {
  const { by, max, unit } = excess(text, target.limits) ?? { by: 0, ...target.limits };
  const block = kept[0]?.block ?? 'body';
  const of = block === 'body' ? '' : ` of "${NAMES[block]}"`;
  const [what, fix] =
    block === 'override'
      ? [
          `What you wrote for ${target.name ?? 'this network'}`,
          target.thread ? 'Cut its longest sentence in two.' : 'Shorten it.',
        ]
      : target.thread
        ? [`One sentence${of}${on(target)}`, 'Cut it in two.']
        : [`The shortest form${on(target)}`, `Shorten the first sentence${of}.`];
  const over = `${by} ${UNIT_NAMES[unit]}${by === 1 ? '' : 's'}`;
  return invalid(fieldOf(block), `${what} is ${over} over the limit of ${max}. ${fix}`);
}
