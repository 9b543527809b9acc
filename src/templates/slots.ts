import { invalid } from '../domain/error.ts';
import { checkText } from '../domain/update.ts';

/**
 * Pre-cleared texts: approved in peacetime with named holes, `{{since}}`, that take only values of their kind. This is
 * one replacement of names by checked values, not a template language: there are no paths, helpers or conditions.
 */

/** What may stand in a slot. */
export type Slot =
  | { type: 'time' } // 14:09, or with its zone: 14:09 UTC
  | { type: 'number'; min?: number; max?: number }
  | { type: 'place' } // letters, digits and the marks of place names
  | { type: 'component'; of: readonly string[] } // names of the page's components
  | { type: 'choice'; of: readonly string[] }
  | { type: 'text'; max?: number }; // one line, no link; `max` may say less than 80 characters

const LONGEST = 80;
const NAME = /^[\p{L}_][\p{L}\p{N}_-]{0,39}$/u;
const TIME = /^(?:[01]\d|2[0-3]):[0-5]\d(?: [A-Z][A-Za-z0-9+:/_-]{0,24})?$/;
// 1204 · 1,204 · 1.204,5 · 1 204
const NUMBER = /^-?(?:\d{1,15}|[1-9]\d{0,2}(?:[,. \u00A0\u202F’']\d{3}){1,4})(?:[.,]\d{1,6})?$/;
const PLACE = /^[\p{L}\p{M}\p{N}][\p{L}\p{M}\p{N} .,'’()&/-]*$/u;
const LINK = /:\/\/|\bwww\./i;

const refuse = (name: string, problem: string) => invalid(`slots.${name}`, `The slot "${name}" ${problem}`);

const oneOf = (list: readonly string[]) => list.map((item) => `"${item}"`).join(', ');

/** The value as it will stand in the text; throws `invalid` with the name of the slot and what it takes. */
function checkValue(name: string, slot: Slot, value: string | number): string {
  const text = String(value).trim();
  if (text === '') throw refuse(name, 'is empty. Fill it in.');
  checkText(`slots.${name}`, text, LONGEST);
  // No value may bring a slot, or half of one, with it.
  if (/[{}\n\r\t]/.test(text)) throw refuse(name, 'may not have braces or line breaks in it.');
  switch (slot.type) {
    case 'time':
      if (!TIME.test(text)) throw refuse(name, 'must be a time such as 14:09 or 14:09 UTC.');
      return text;
    case 'number': {
      if (!NUMBER.test(text)) throw refuse(name, 'must be a number such as 12 or 1,204.');
      const n = Number(text.replace(/[,. \u00A0\u202F’'](?=\d{3}(?!\d))/g, '').replace(',', '.'));
      if (n < (slot.min ?? -Infinity) || n > (slot.max ?? Infinity))
        throw refuse(name, `must be from ${slot.min ?? '…'} to ${slot.max ?? '…'}.`);
      return text;
    }
    case 'place':
      if (!PLACE.test(text)) throw refuse(name, 'must be the name of a place, in letters and digits.');
      return text;
    case 'component':
    case 'choice':
      if (!slot.of.includes(text)) throw refuse(name, `must be one of: ${oneOf(slot.of)}.`);
      return text;
    case 'text': {
      const longest = Math.min(slot.max ?? LONGEST, LONGEST);
      if (text.length > longest) throw refuse(name, `takes at most ${longest} characters. Shorten it.`);
      if (LINK.test(text)) throw refuse(name, 'may not have a link in it.');
      return text;
    }
  }
}

/**
 * Fills a pre-cleared text. Throws `invalid`, naming the slot, when the text has a slot that is not declared, or a
 * value is missing, of the wrong kind, or for no slot of this text. Values are put in once and never read again.
 */
export function fillSlots(
  text: string,
  slots: Readonly<Record<string, Slot>>,
  values: Readonly<Record<string, string | number>>,
): string {
  const used = new Set<string>();
  const filled = text.split(/(\{\{[^{}]*\}\})/).map((piece, i) => {
    if (i % 2 === 0) {
      if (piece.includes('{{') || piece.includes('}}'))
        throw invalid('text', `There is a brace too many near "${piece.trim().slice(0, 40)}".`);
      return piece;
    }
    const name = piece.slice(2, -2).trim();
    const slot = Object.hasOwn(slots, name) ? slots[name] : undefined;
    if (!NAME.test(name) || slot === undefined)
      throw refuse(
        name,
        'is in the text but not among its slots. Give it a line there, like “where: place”, or take it out of the text.',
      );
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined) throw refuse(name, 'has no value. Fill it in.');
    used.add(name);
    return checkValue(name, slot, value);
  });
  for (const name of Object.keys(values))
    if (!used.has(name)) throw refuse(name, 'is not in this text. Leave it out.');
  return filled.join('');
}
