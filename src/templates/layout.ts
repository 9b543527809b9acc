import type { Limits } from '../domain/channel.ts';
import {
  BLOCKS,
  type BlockName,
  type ComponentStatus,
  type Impact,
  type IncidentKind,
  type IncidentStatus,
} from '../domain/words.ts';
import { compileTemplate } from './compile.ts';
import { exerciseMark, markExercise } from './exercise.ts';
import { smsSafe } from './measure.ts';
import { endsWithoutSpace, hasList, isClosed, type Sentence } from './sentences.ts';
import type { Strings } from './strings/types.ts';

/** How the sentences that were kept are set on each kind of network. Choosing them is `message.ts`. */

export type MessageTemplate = 'post' | 'long' | 'email' | 'sms' | 'webhook';

/** A sentence and where it comes from. An `override` is set as its author set it. */
export interface Piece extends Sentence {
  block: BlockName | 'body' | 'override' | 'promise' | 'lead' | 'sign';
}

/** What stands around the words. */
export interface Frame {
  title: string;
  status: IncidentStatus;
  kind: IncidentKind;
  impact: Impact;
  pageName: string;
  components?: readonly { name: string; status: ComponentStatus }[];
  /** What these words do to earlier ones: it stands in headings and subjects where a status would. */
  amends?: 'correction' | 'retraction';
  /** The words of a drill say so, before and behind, in every part. */
  exercise?: boolean;
}

interface Around {
  link: string | null;
  counter: string | null;
}

const post = compileTemplate<Around & { words: string }>('messages/post.text.hbs');
const sms = compileTemplate<Around & { words: string; pageName: string }>('messages/sms.text.hbs');

interface LongModel extends Around {
  paragraphs: string[];
  promise: string | null;
}
const long = compileTemplate<LongModel>('messages/long.text.hbs');
const webhook = compileTemplate<LongModel & { heading: string | null }>('messages/webhook.text.hbs');

interface EmailModel extends Around {
  language: string;
  direction: string;
  mark: string | null;
  title: string;
  heading: string | null;
  eyebrow: string;
  affected: string | null;
  blocks: { heading: string | null; text: string; paragraphs: string[][] }[];
  promise: string | null;
  moreAt: string;
}
const email = compileTemplate<EmailModel>('messages/email.text.hbs');
const emailHtml = compileTemplate<EmailModel>('messages/email.html.hbs');
const emailSubject = compileTemplate<{ status: string | null; title: string }>(
  'messages/email.subject.text.hbs',
);

/** A line wrapped by hand is not a line on a short network; a list is. */
const flat = ({ block, text }: Piece): string =>
  block === 'override' || hasList(text) ? text : text.replace(/\n+/g, ' ');

/** Between two pieces on one line, or, where that would run two sentences together, on two. */
function shortGap(before: string, prev: Piece, next: Piece): string {
  if (next.block === 'sign') return '\n';
  if (next.block === 'override' && prev.block === 'override') return next.gap;
  if (hasList(prev.text) || hasList(next.text)) return '\n';
  if (prev.block === next.block && !next.gap.includes('\n')) return next.gap;
  if (!isClosed(before)) return '\n';
  return endsWithoutSpace(before) ? '' : ' ';
}

function flow(pieces: readonly Piece[], isLong: boolean): string {
  const hasParagraphs = pieces.some((p) => p.gap === '\n\n' || hasList(p.text));
  let out = '';
  let prev: Piece | undefined;
  for (const piece of pieces) {
    const text = isLong ? piece.text : flat(piece);
    if (prev === undefined) out = text;
    else if (!isLong) out += shortGap(out, prev, piece) + text;
    else if (prev.block === piece.block) out += piece.gap + text;
    else out += (hasParagraphs ? '\n\n' : shortGap(out, prev, piece)) + text;
    prev = piece;
  }
  return out;
}

/** The text a reader gets, and its HTML where the network has one. */
export interface Setting {
  text: string;
  html?: string;
}

export interface SetOptions extends Around {
  template: MessageTemplate;
  limits: Limits;
  frame: Frame;
  strings: Strings;
  /** A person's own version for one network is exact: it gets no heading, and no name in front. */
  isBare: boolean;
}

/** Sets `pieces`, in reading order and with the promise last, in the template of the network. */
export function setMessage(pieces: readonly Piece[], options: SetOptions): Setting {
  const { template, limits, frame, strings, counter, isBare } = options;
  const words = pieces.filter((p) => p.block !== 'promise');
  const promise = pieces.find((p) => p.block === 'promise')?.text ?? null;
  const link =
    options.link !== null && pieces.some((p) => mentions(p.text, options.link ?? '')) ? null : options.link;
  const { message } = strings;
  const heading = isBare ? null : `${statusWord(frame, strings)}: ${frame.title}`;
  const around = { link, counter };
  const marked = (text: string, gap: string): string =>
    frame.exercise ? markExercise(text.trim(), strings.language, gap) : text.trim();
  const setShort = (text: string): Setting => ({
    text: limits.unit === 'segments' ? smsSafe(marked(text, '\n')) : marked(text, '\n'),
  });
  switch (template) {
    case 'post':
      return setShort(post({ words: flow(pieces, false), ...around }));
    case 'sms':
      return setShort(sms({ words: flow(pieces, false), pageName: isBare ? '' : frame.pageName, ...around }));
    case 'long':
    case 'webhook': {
      const care = words.filter((p) => p.block === 'care');
      const lead = words.filter((p) => p.block === 'lead');
      const rest = words.filter((p) => p.block !== 'care' && p.block !== 'lead');
      const paragraphs = [flow(lead, true), flow(care, true), flow(rest, true)].filter((text) => text !== '');
      const model = { paragraphs, promise, heading, ...around };
      return { text: marked(template === 'long' ? long(model) : webhook(model), '\n\n') };
    }
    case 'email': {
      const blocks = [
        'lead' as const,
        ...BLOCKS,
        'body' as const,
        'override' as const,
        'sign' as const,
      ].flatMap((name) => {
        const text = flow(
          words.filter((p) => p.block === name),
          true,
        );
        const over =
          name === 'lead' || name === 'care' || name === 'body' || name === 'override' || name === 'sign'
            ? null
            : message.headings[name];
        const paragraphs = text.split('\n\n').map((paragraph) => paragraph.split('\n'));
        return text === '' ? [] : [{ heading: over, text, paragraphs }];
      });
      const hasImpact = frame.kind === 'incident' && !['none', 'maintenance'].includes(frame.impact);
      const eyebrow = [
        frame.pageName,
        message.kind[frame.kind],
        ...(hasImpact ? [message.impact[frame.impact]] : []),
      ];
      const affected = (frame.components ?? []).map((c) => `${c.name} (${message.component[c.status]})`);
      const model: EmailModel = {
        ...around,
        language: strings.language,
        direction: strings.direction,
        mark: frame.exercise ? exerciseMark(strings.language) : null,
        title: frame.title,
        heading,
        eyebrow: eyebrow.filter((word) => word !== '').join(' · '),
        affected: affected.length === 0 ? null : `${message.affected}: ${affected.join(', ')}`,
        blocks,
        promise,
        moreAt: message.moreAt,
      };
      return { text: marked(email(model), '\n\n'), html: emailHtml(model) };
    }
  }
}

/** What a heading or a subject says before the title. */
export const statusWord = (frame: Frame, { message }: Strings): string =>
  frame.amends === undefined ? message.status[frame.status] : message.amends[frame.amends];

/** Whether the words have this very link in them already, not just one that begins like it. */
export function mentions(text: string, link: string): boolean {
  for (let at = text.indexOf(link); at !== -1; at = text.indexOf(link, at + 1))
    if (!/^[\w/#?&=%~+-]|^\.\w/.test(text.slice(at + link.length))) return true;
  return false;
}

/**
 * The subject of a mail or topic, on one line: with its status when there is room, else the title alone, else as many
 * of its first words as fit. Undefined when not even one does. `longest` is in UTF-16 units.
 */
export function setSubject(title: string, status: string | null, longest: number): string | undefined {
  const line = title.replace(/\s+/g, ' ').trim();
  for (const text of [emailSubject({ status, title: line }).trim(), line])
    if (text.length <= longest) return text;
  const end = line.lastIndexOf(' ', longest - 1);
  return end <= 0 ? undefined : `${line.slice(0, end)}…`;
}
