import type { Update } from '../../db/queries/incidents.ts';
import { listComponents, type Page } from '../../db/queries/pages.ts';
import { findTemplate, type Template } from '../../db/queries/templates.ts';
import type { Reader } from '../../db/store.ts';
import { conflict, invalid } from '../domain/error.ts';
import { isEnded } from '../domain/incident.ts';
import type { Finding } from '../domain/lint/lint.ts';
import { lint } from '../domain/lint/rules.ts';
import { literal } from '../domain/literal.ts';
import { BLOCKS, type Blocks, type IncidentStatus, type UpdateClass } from '../domain/words.ts';
import { fillSlots, type Slot } from '../templates/slots.ts';

/** A hole in a template, as it is kept. A `component` with an empty list takes any component of the page. */
export type NamedSlot = Slot & { name: string };

/** The words of a template, before anything is filled in. */
export interface TemplateWords {
  name: string;
  title: string;
  status: IncidentStatus;
  blocks: Blocks;
  slots: readonly NamedSlot[];
  /** What the words are about; without one they are factual, B. A is no choice: it is what cleared words of B are. */
  class?: UpdateClass | null | undefined;
}

export type SlotValues = Readonly<Record<string, string | number>>;

/** The kept slots with what may stand in them today: components are those the page has now. */
export async function slotsOf(r: Reader, template: Pick<Template, 'pageId' | 'slots'>): Promise<NamedSlot[]> {
  const names = (await listComponents(r, template.pageId)).map((c) => c.name);
  return (template.slots as NamedSlot[]).map((slot) =>
    slot.type !== 'component' || slot.of.length > 0
      ? slot
      : names.length > 0
        ? { ...slot, of: names }
        : { name: slot.name, type: 'text', max: 40 },
  );
}

const namesIn = (text: string): Set<string> =>
  new Set([...text.matchAll(/\{\{([^{}]*)\}\}/g)].map((m) => (m[1] ?? '').trim()));

/** The title and blocks with every slot filled. Throws `invalid` that names the slot and what it takes. */
export function fillTemplate(
  words: Pick<TemplateWords, 'title' | 'blocks'>,
  slots: readonly NamedSlot[],
  values: SlotValues,
): { title: string; blocks: Blocks } {
  const known: Record<string, Slot> = Object.fromEntries(slots.map((s) => [s.name, s]));
  const used = new Set<string>();
  const fill = (text: string): string => {
    const here = namesIn(text);
    for (const name of here) used.add(name);
    return fillSlots(text, known, Object.fromEntries(Object.entries(values).filter(([n]) => here.has(n))));
  };
  const title = fill(words.title);
  const blocks = Object.fromEntries(
    BLOCKS.flatMap((b) => (words.blocks[b] === undefined ? [] : [[b, fill(words.blocks[b])]])),
  ) as Blocks;
  for (const name of [...Object.keys(values), ...Object.keys(known)])
    if (!used.has(name))
      throw invalid(`slots.${name}`, `The slot "${name}" is in none of the texts. Take it out, or use it.`);
  return { title, blocks };
}

/** Whether this is the template's own title, with nothing but fitting values in its slots. */
export function isTitleOf(
  words: Pick<TemplateWords, 'title'>,
  slots: readonly NamedSlot[],
  title: string,
): boolean {
  const names: string[] = [];
  const pattern = words.title
    .split(/\{\{([^{}]*)\}\}/)
    .map((part, i) => {
      if (i % 2 === 0) return literal(part);
      names.push(part.trim());
      return '(.+?)';
    })
    .join('');
  const found = new RegExp(`^${pattern}$`, 'u').exec(title);
  if (!found) return false;
  const known: Record<string, Slot> = Object.fromEntries(slots.map((s) => [s.name, s]));
  try {
    const values = Object.fromEntries(names.map((name, i) => [name, found[i + 1] ?? '']));
    return fillSlots(words.title, known, values) === title;
  } catch {
    return false;
  }
}

/** A value of the right kind, for judging a text before there is an incident. */
export function sampleOf(slot: Slot): string {
  switch (slot.type) {
    case 'time':
      return '14:09 UTC';
    case 'number':
      return String(Math.min(Math.max(12, slot.min ?? 12), slot.max ?? 12));
    case 'place':
      return 'Rotterdam';
    case 'component':
    case 'choice':
      return slot.of[0] ?? 'Checkout';
    case 'text':
      return 'the app'.slice(0, slot.max);
  }
}

/** What a reader would stumble over in a template, its slots filled with samples. */
export function lintTemplate(
  words: TemplateWords,
  slots: readonly NamedSlot[],
  page: Pick<Page, 'url' | 'settings' | 'languages'>,
  now: number,
): Finding[] {
  const { blocks } = fillTemplate(words, slots, Object.fromEntries(slots.map((s) => [s.name, sampleOf(s)])));
  return lint({
    kind: 'incident',
    status: words.status,
    language: page.languages[0] ?? 'en',
    blocks,
    body: '',
    // The next update is promised where the text is used.
    nextUpdateBy: null,
    longestPromiseMs: null,
    now,
    grave: false,
    peopleHarmed: false,
    exercise: false,
    facts: [],
    officialHosts: [new URL(page.url).hostname, ...(page.settings.officialHosts ?? [])],
    media: [],
    tooLong: [],
    lastText: '',
  });
}

/** Throws `invalid` unless the words say what first words must: what is known, and what is not. */
export function assertSaysEnough(words: Pick<TemplateWords, 'blocks' | 'status'>): void {
  if (!words.blocks.known?.trim()) throw invalid('known', 'Say what is known. Without that nothing is said.');
  if (!words.blocks.unknown?.trim() && !isEnded(words.status))
    throw invalid(
      'unknown',
      'Say what is not known yet. Words of an open incident cannot be cleared without it.',
    );
}

export const isCleared = (
  t: Pick<Template, 'clearedAt' | 'clearedUntil'>,
  now: number,
): t is Pick<Template, 'clearedAt' | 'clearedUntil'> & { clearedAt: number; clearedUntil: number } =>
  t.clearedAt !== null && t.clearedUntil !== null && t.clearedUntil > now;

/** Which class an update with these very words is of: cleared facts need one yes, an apology needs two however it was cleared. */
export function classOf(t: Pick<Template, 'class' | 'clearedAt' | 'clearedUntil'>, now: number): UpdateClass {
  const about = t.class ?? 'B';
  return about === 'B' && isCleared(t, now) ? 'A' : about;
}

/** Class A is for cleared words alone, as they were cleared. Throws `conflict` that says what to do instead. */
export async function assertClassHolds(r: Reader, update: Update, now: number): Promise<void> {
  const template = update.templateId === null ? undefined : await findTemplate(r, update.templateId);
  const about = template?.class ?? 'B';
  if ((update.class === 'A' || update.class === 'B') && about !== 'B')
    throw conflict(
      `“${template?.name}” is of class ${about}, cleared or not. Choose it and ask again.`,
      'class',
    );
  if (update.class !== 'A') return;
  if (!template)
    throw conflict('Class A is for pre-cleared words, and these are your own. Choose class B.', 'class');
  if (!isCleared(template, now) || template.clearedAt > update.createdAt)
    throw conflict(
      `“${template.name}” is not cleared any more, so these words need class B. Choose it and ask again.`,
      'class',
    );
}
