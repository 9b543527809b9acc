import type { NamedSlot, TemplateWords } from '../../actions/template-words.ts';
import { invalid } from '../../domain/error.ts';
import { STATUSES_OF } from '../../domain/incident.ts';
import { BLOCKS, type Blocks } from '../../domain/words.ts';
import { choice, type Form, text } from './forms.ts';

/** Slots as people write them: one a line, `since: time`, `minutes: number 1-600`, `remedy: choice refund, repair`. */

/** What a text can be about. */
export const ABOUT = ['B', 'C', 'D', 'E'] as const;

const LINE = /^([\p{L}_][\p{L}\p{N}_-]{0,39})\s*:\s*(time|number|place|component|choice|text)\b\s*(.*)$/u;

const listOf = (said: string): string[] =>
  said
    .split(',')
    .map((x) => x.trim())
    .filter((x) => x !== '');

function readSlot(line: string): NamedSlot {
  const [, name = '', type, rest = ''] = LINE.exec(line) ?? [];
  const wrong = (fix: string) => invalid('slots', `“${line}” is not a slot. ${fix}`);
  switch (type) {
    case 'time':
    case 'place':
      return { name, type };
    case 'component':
      return { name, type, of: listOf(rest) };
    case 'choice': {
      const of = listOf(rest);
      if (of.length < 2) throw wrong('Give its choices, with commas between them.');
      return { name, type, of };
    }
    case 'text': {
      if (rest === '') return { name, type };
      if (!/^\d{1,2}$/.test(rest) || Number(rest) === 0) throw wrong('Its length is a number up to 80.');
      return { name, type, max: Number(rest) };
    }
    case 'number': {
      if (rest === '') return { name, type };
      const [, min, max] = /^(\d+)\s*-\s*(\d+)$/.exec(rest) ?? [];
      if (min === undefined || max === undefined || Number(min) > Number(max))
        throw wrong('Write its bounds like 1-600.');
      return { name, type, min: Number(min), max: Number(max) };
    }
    default:
      throw wrong('Write its name, a colon and its kind: time, number, place, component, choice or text.');
  }
}

/** Throws `invalid` that quotes the line. */
export const readSlots = (said: string): NamedSlot[] =>
  said
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map(readSlot);

export const writeSlots = (slots: readonly NamedSlot[]): string =>
  slots
    .map((s) => {
      switch (s.type) {
        case 'component':
        case 'choice':
          return `${s.name}: ${s.type} ${s.of.join(', ')}`;
        case 'text':
          return `${s.name}: text ${s.max ?? ''}`;
        case 'number':
          return `${s.name}: number ${s.min === undefined ? '' : `${s.min}-${s.max ?? s.min}`}`;
        default:
          return `${s.name}: ${s.type}`;
      }
    })
    .map((line) => line.trim())
    .join('\n');

/** A template as it was posted, as text, to be drawn again whatever is wrong with it. */
export interface TypedTemplate {
  name: string;
  title: string;
  status: string;
  blocks: Record<(typeof BLOCKS)[number], string>;
  slots: string;
  class: string;
}

export const typedTemplate = (form: Form): TypedTemplate => ({
  name: text(form, 'name'),
  title: text(form, 'title'),
  status: text(form, 'status') || 'investigating',
  blocks: Object.fromEntries(BLOCKS.map((b) => [b, text(form, b)])) as TypedTemplate['blocks'],
  slots: text(form, 'slots'),
  class: text(form, 'class') || 'B',
});

export const templateWordsOf = (typed: TypedTemplate): TemplateWords => ({
  name: typed.name,
  title: typed.title,
  status: choice({ status: typed.status }, 'status', STATUSES_OF.incident),
  blocks: Object.fromEntries(
    BLOCKS.map((b) => [b, typed.blocks[b].trim()] as const).filter(([, words]) => words !== ''),
  ) as Blocks,
  slots: readSlots(typed.slots),
  class: choice({ class: typed.class }, 'class', ABOUT),
});
