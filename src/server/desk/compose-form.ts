import type { Connection } from '../../../db/queries/connections.ts';
import type { Update } from '../../../db/queries/incidents.ts';
import type { Page } from '../../../db/queries/pages.ts';
import type { UpdateWords } from '../../actions/draft-update.ts';
import { isEnded } from '../../domain/incident.ts';
import {
  BLOCKS,
  type BlockName,
  type Blocks,
  CLASSES,
  COMPONENT_STATUSES,
  INCIDENT_STATUSES,
} from '../../domain/words.ts';
import { choice, type Form, text, texts } from './forms.ts';
import { readTime, writeTime } from './times.ts';

/** An update as it stands in the composer's fields: text, right or wrong. */
export interface Typed {
  blocks: Record<BlockName, string>;
  body: string;
  nextUpdateBy: string;
  /** When it is to go out by itself; empty is at once. */
  publishAt: string;
  status: string;
  class: string;
  components: Record<string, string>;
  to: readonly string[];
  overrides: Record<string, string>;
  /** Of a correction: what was wrong. */
  note: string;
  /** Pictures that were attached, with what was written of each. */
  media: readonly { id: string; alt: string }[];
  /** Why it may end although people still wait for an answer. */
  leaves: string;
  /** Whose own voice it is; empty is the house's. */
  voiceOf: string;
}

/** Connections that an update goes to when nobody chose any. */
export const speaks = (c: Connection): boolean =>
  c.enabled && c.voiceOf === null && ['brand', 'status', 'subscribers'].includes(c.role);

/** The same for words in somebody's own voice: their accounts, too. */
const speaksFor =
  (voiceOf: string) =>
  (c: Connection): boolean =>
    speaks(c) || (c.enabled && c.voiceOf !== null && c.voiceOf === voiceOf);

/** What is saved, as fields. */
export function typedOf(update: Update, page: Page, connections: readonly Connection[], now: number): Typed {
  return {
    blocks: Object.fromEntries(BLOCKS.map((b) => [b, update.blocks[b] ?? ''])) as Typed['blocks'],
    body: update.body,
    nextUpdateBy: update.nextUpdateBy === null ? '' : writeTime(update.nextUpdateBy, page.timeZone, now),
    publishAt: update.publishAt === null ? '' : writeTime(update.publishAt, page.timeZone, now),
    status: update.status,
    class: update.class,
    components: { ...update.components },
    to: update.connectionIds ?? connections.filter(speaksFor(update.voiceOf ?? '')).map((c) => c.id),
    overrides: { ...update.overrides },
    note: update.note ?? '',
    media: update.media ?? [],
    voiceOf: update.voiceOf ?? '',
    leaves: update.leaves ?? '',
  };
}

/** What was posted, as fields; nothing is judged yet, so that it can be shown again as it was typed. */
export function typedFrom(form: Form, usual: readonly string[], saved: Typed['media']): Typed {
  const under = (prefix: string) =>
    Object.fromEntries(
      Object.keys(form)
        .filter((name) => name.startsWith(prefix))
        .map((name) => [name.slice(prefix.length), text(form, name)])
        .filter(([, value]) => value !== ''),
    ) as Record<string, string>;
  return {
    blocks: Object.fromEntries(BLOCKS.map((b) => [b, text(form, b)])) as Typed['blocks'],
    body: text(form, 'body'),
    nextUpdateBy: text(form, 'nextUpdateBy'),
    publishAt: text(form, 'publishAt'),
    status: text(form, 'status'),
    class: text(form, 'class'),
    components: under('c.'),
    // Boxes that nobody ticked are not sent, so the form says whether it had any.
    to: form['aud'] === undefined ? usual : texts(form, 'to'),
    overrides: under('o.'),
    note: text(form, 'note'),
    media:
      form['pics'] === undefined
        ? saved
        : texts(form, 'pic').map((id) => ({ id, alt: text(form, `alt.${id}`) })),
    voiceOf: text(form, 'voiceOf'),
    leaves: text(form, 'leaves'),
  };
}

/**
 * Whoever ends an incident and leaves the proposed time as it was meant to promise nothing: a time that was typed for
 * the last update stays. Says whether it took the time away.
 */
export function endWithoutPromise(typed: Typed, saved: Update, page: Page, now: number): boolean {
  const ends = INCIDENT_STATUSES.some((s) => s === typed.status && isEnded(s)) && !isEnded(saved.status);
  if (!ends || typed.nextUpdateBy === '' || saved.nextUpdateBy === null) return false;
  if (typed.nextUpdateBy !== writeTime(saved.nextUpdateBy, page.timeZone, now)) return false;
  typed.nextUpdateBy = '';
  return true;
}

/** All that an author decides, with nothing left open. */
export type Words = { [K in keyof Omit<UpdateWords, 'language'>]-?: Exclude<UpdateWords[K], undefined> };

/** What the fields mean. Throws `invalid` that names the field. */
export function wordsOf(
  typed: Typed,
  page: Pick<Page, 'timeZone'>,
  connections: readonly Connection[],
  now: number,
): Words {
  const usuals = [speaks, speaksFor(typed.voiceOf)].map((say) => connections.filter(say).map((c) => c.id));
  const to = connections.filter((c) => typed.to.includes(c.id)).map((c) => c.id);
  const one = (value: string) => ({ value });
  return {
    status: choice({ status: typed.status }, 'status', INCIDENT_STATUSES),
    class: choice({ class: typed.class }, 'class', CLASSES),
    blocks: Object.fromEntries(
      BLOCKS.map((b) => [b, typed.blocks[b].trim()] as const).filter(([, words]) => words !== ''),
    ) as Blocks,
    body: typed.body.trim(),
    note: typed.note.trim(),
    media: typed.media,
    voiceOf: typed.voiceOf || null,
    leaves: typed.leaves.trim() || null,
    publishAt: readTime('publishAt', typed.publishAt, page.timeZone, now, 'ahead') ?? null,
    nextUpdateBy: readTime('nextUpdateBy', typed.nextUpdateBy, page.timeZone, now, 'ahead') ?? null,
    components: Object.fromEntries(
      Object.entries(typed.components).map(([id, status]) => [
        id,
        choice(one(status), 'value', COMPONENT_STATUSES),
      ]),
    ),
    connectionIds: usuals.some((usual) => to.length === usual.length && to.every((id) => usual.includes(id)))
      ? null
      : to,
    overrides: Object.fromEntries(
      Object.entries(typed.overrides).filter(
        ([id, words]) => words.trim() !== '' && connections.some((c) => c.id === id),
      ),
    ),
  };
}
