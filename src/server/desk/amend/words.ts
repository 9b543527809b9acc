import type { Connection } from '../../../../db/queries/connections.ts';
import type { Update } from '../../../../db/queries/incidents.ts';
import type { AmendStep, AmendWay } from '../../../domain/amend.ts';
import type { Amends } from '../../../domain/words.ts';
import type { AmendLine } from '../../../templates/desk-amend-views.ts';
import type { StateView } from '../../../templates/desk-views.ts';
import { list } from '../../../templates/format.ts';
import type { PicturesThere } from './pictures.ts';

/** How the desk says what is done on each network. */

export const AMENDS: Record<Amends, { name: string; verb: string }> = {
  correction: { name: 'Correction', verb: 'Correct' },
  retraction: { name: 'Retraction', verb: 'Retract' },
  removal: { name: 'Retraction, posts taken off', verb: 'Retract' },
};

const WAYS: Record<AmendWay, { state: StateView; what: string }> = {
  edit: {
    state: { icon: 'pen', tone: 'good', word: 'Changed' },
    what: 'The post itself is changed; what people answered stays.',
  },
  reply: {
    state: { icon: 'send', tone: 'ink', word: 'Answered' },
    what: 'The post stays as it is; an answer to it puts it right.',
  },
  new: {
    state: { icon: 'send', tone: 'ink', word: 'New post' },
    what: 'What is there stays; a new post puts it right.',
  },
  instead: {
    state: { icon: 'queue', tone: 'good', word: 'Sent instead' },
    what: 'The wrong words have not left: the right ones go in their place.',
  },
  wait: {
    state: { icon: 'unk', tone: 'odd', word: 'Waits' },
    what: 'It is not known yet whether the post is there. As soon as it is: changed, answered, or sent instead.',
  },
  remove: {
    state: { icon: 'no', tone: 'warn', word: 'Taken off' },
    what: 'A new post says so, and the wrong one is taken off.',
  },
  by_hand: {
    state: { icon: 'man', tone: 'ink', word: 'By hand' },
    what: 'We cannot: a person must put it right there.',
  },
  nothing: {
    state: { icon: 'skip', tone: '', word: 'Nothing' },
    what: 'The words were never there.',
  },
};

const ELSE: Partial<Record<AmendWay, string>> = {
  reply: 'If the network will not have it, an answer says it.',
  new: 'If the network will not have it, a new post says it.',
};

/** What becomes of the pictures of a post that is put right; empty where it has none, or they are to stay. */
function pictureNote(
  { way, connectionId }: AmendStep,
  connection: Pick<Connection, 'limits'> | undefined,
  { shownOn, changed }: PicturesThere,
): string {
  if (!changed || !shownOn.has(connectionId)) return '';
  if (way === 'edit')
    return connection?.limits.pictures?.edit === 'sent'
      ? 'Its pictures are changed with it.'
      : 'Its pictures stay: an edit there changes words only. To have them off, retract and take the post off, or do it by hand.';
  if (way === 'remove') return 'Its pictures go with it.';
  return way === 'reply' || way === 'new' ? 'It keeps its pictures.' : '';
}

/** A plan as it is read: what is done, and where, the most networks first. */
export function planLines(
  plan: readonly AmendStep[],
  connections: ReadonlyMap<string, Pick<Connection, 'name' | 'limits'>>,
  pictures: PicturesThere,
): AmendLine[] {
  const noteOf = (step: AmendStep) => pictureNote(step, connections.get(step.connectionId), pictures);
  const groups = Map.groupBy(plan, (step) => `${step.way}|${step.orElse ?? ''}|${noteOf(step)}`);
  return [...groups.values()]
    .sort((a, b) => b.length - a.length)
    .map((steps) => {
      const { way, orElse } = steps[0]!;
      const names = steps.map((s) => connections.get(s.connectionId)?.name ?? s.connectionId).sort();
      return {
        networks: list(names, 'en'),
        ...WAYS[way],
        pictures: noteOf(steps[0]!),
        orElse: orElse === null ? '' : (ELSE[orElse] ?? ''),
      };
    });
}

/** Which of a rendition's forms the plan shows on a network. */
export const plannedWay = (update: Pick<Update, 'plan'>, connectionId: string): AmendWay | null =>
  update.plan?.find((s) => s.connectionId === connectionId)?.way ?? null;
