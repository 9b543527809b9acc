import type { Page } from '../../../db/queries/pages.ts';
import { findTemplate, listTemplates, type Template } from '../../../db/queries/templates.ts';
import type { Reader } from '../../../db/store.ts';
import { fillTemplate, isCleared, slotsOf } from '../../actions/template-words.ts';
import { invalid } from '../../domain/error.ts';
import { BLOCKS } from '../../domain/words.ts';
import type { SlotField } from '../../templates/desk-template-views.ts';
import type { ChoiceView, FieldView } from '../../templates/desk-views.ts';
import { clockZone } from '../../templates/format.ts';
import { type Form, field, type Refused, text } from './forms.ts';
import { placeOf } from './moments.ts';
import { clearance } from './templates.ts';
import { readTime } from './times.ts';
import { BLOCK } from './words.ts';

/** What the declare form shows of the texts that could be its first words. */
export interface TemplatePart {
  choices: ChoiceView[];
  chosen: {
    clearance: ReturnType<typeof clearance>;
    note: string;
    slots: SlotField[];
    words: { label: string; words: string }[];
    next: FieldView;
  } | null;
}

const PREFIX = 's.';

/** What was filled in, by slot; empty fields are left to the rule that names the slot. */
const valuesOf = (form: Form): Record<string, string> =>
  Object.fromEntries(
    Object.keys(form)
      .filter((name) => name.startsWith(PREFIX) && text(form, name).trim() !== '')
      .map((name) => [name.slice(PREFIX.length), text(form, name).trim()]),
  );

export async function templatePart(
  r: Reader,
  page: Page,
  form: Form,
  now: number,
  next: string,
  refused?: Refused,
): Promise<TemplatePart> {
  const all = await listTemplates(r, page.id);
  const template = all.find((x) => x.id === text(form, 'template'));
  const option = (x: Template) => ({
    value: x.id,
    label: isCleared(x, now) ? x.name : `${x.name} (not cleared)`,
    chosen: x.id === template?.id,
  });
  const choices =
    all.length === 0
      ? []
      : [
          { value: '', label: 'None: I write the first words', chosen: template === undefined },
          ...all.filter((x) => isCleared(x, now)).map(option),
          ...all.filter((x) => !isCleared(x, now)).map(option),
        ];
  if (!template) return { choices, chosen: null };
  const slots = await slotsOf(r, template);
  // Of several times only the first is likely to be when it was noticed.
  const firstTime = slots.find((s) => s.type === 'time')?.name;
  const since = clockZone(noticedAt(form, page, now), placeOf(page));
  return {
    choices,
    chosen: {
      clearance: clearance(template, page, now),
      note: isCleared(template, now)
        ? 'One yes is enough while only the slots are filled.'
        : 'These words need the same approval as your own.',
      slots: slots.map((slot) => {
        const name = `${PREFIX}${slot.name}`;
        const typed = text(form, name) || (slot.name === firstTime ? since : '');
        const label = slot.name.charAt(0).toUpperCase() + slot.name.slice(1).replaceAll('_', ' ');
        const of = slot.type === 'component' || slot.type === 'choice' ? slot.of : [];
        const error = refused?.field === `slots.${slot.name}` ? refused.message : null;
        return {
          ...field(name, label, '', typed),
          error,
          choices:
            of.length === 0
              ? []
              : [
                  { value: '', label: 'Choose', chosen: typed === '' },
                  ...of.map((x) => ({ value: x, label: x, chosen: x === typed })),
                ],
        };
      }),
      words: BLOCKS.filter((b) => template.blocks[b]).map((b) => ({
        label: BLOCK[b].label,
        words: template.blocks[b] ?? '',
      })),
      next: field('nextUpdateBy', 'Next update by', '', text(form, 'nextUpdateBy') || next, refused),
    },
  };
}

/** When it was noticed, as far as that can be read from what was typed. */
function noticedAt(form: Form, page: Page, now: number): number {
  try {
    return readTime('detectedAt', text(form, 'detectedAt'), page.timeZone, now, 'behind') ?? now;
  } catch {
    return now;
  }
}

/** The template that was chosen, with its slots filled; undefined when none was. Throws `invalid` that names the slot. */
export async function chosenTemplate(r: Reader, page: Page, form: Form) {
  const id = text(form, 'template');
  if (id === '') return undefined;
  const template = await findTemplate(r, id);
  if (!template || template.pageId !== page.id)
    throw invalid('template', 'Choose a template of this page, or none.');
  if (text(form, 'kind') === 'maintenance')
    throw invalid('template', 'Templates are for incidents. Choose none for planned work.');
  const values = valuesOf(form);
  return { id, values, ...fillTemplate(template, await slotsOf(r, template), values) };
}
