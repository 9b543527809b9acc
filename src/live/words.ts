import type { Incident, Promised, Update } from '../../db/queries/incidents.ts';
import { isEnded } from '../domain/incident.ts';
import type { BlockName } from '../domain/words.ts';
import { sentences } from '../templates/sentences.ts';
import type { BlocksView, CorrectionView, TimelineEntry } from '../templates/views.ts';

/** What was said in one incident, told to a reader of one language. Updates come newest first. */

const split = (text: string | undefined, language: string): string[] =>
  sentences(text ?? '', language).map((s) => s.text);

const SAID: readonly BlockName[] = ['care', 'known', 'unknown', 'doing', 'action'];

/** Blocks and body as paragraphs, in the order they were meant to be read. */
export const paragraphs = (u: Pick<Update, 'blocks' | 'body'>): string[] =>
  [...SAID.map((name) => u.blocks[name] ?? ''), ...u.body.split(/\n{2,}/)]
    .map((text) => text.trim())
    .filter((text) => text !== '');

/**
 * The updates a reader of `language` is shown: those in it, unless it has none, or a newer one in another language
 * ended the incident, corrected or took back what it says. Old words must not stand as if they were the newest.
 */
export function wordsIn(updates: readonly Update[], language: string): readonly Update[] {
  const own = updates.filter((u) => u.language === language);
  const [newest] = updates;
  const [mine] = own;
  if (!newest || !mine) return updates;
  if (mine === newest) return own;
  const overtaken =
    isEnded(newest.status) !== isEnded(mine.status) ||
    mine.state === 'retracted' ||
    updates.some((u) => u.correctsId === mine.id);
  return overtaken ? updates : own;
}

export interface Said {
  headline: string;
  lede: string;
  blocks: BlocksView;
}

/** Longest first sentence that still reads as a headline, in UTF-16 units. */
const HEADLINE = 160;

/**
 * The newest words as headline, lede and four answers. The headline is the first sentence we are sure of; it is not
 * said again in "what we know" unless it is all we know.
 */
export function said(newest: Update | undefined, title: string): Said {
  const language = newest?.language ?? 'en';
  const known = split(newest?.blocks.known, language);
  const body = split(newest?.body, language);
  const first = known[0] ?? body[0];
  const fits = first !== undefined && first.length <= HEADLINE;
  const care = newest?.blocks.care?.trim() ?? '';
  const rest = known.length > 0 ? '' : (fits ? body.slice(1) : body).join(' ');
  return {
    headline: fits ? first : title,
    lede: [care, rest].filter((text) => text !== '').join(' '),
    blocks: {
      action: split(newest?.blocks.action, language),
      known: fits && known.length > 1 ? known.slice(1) : known,
      unknown: split(newest?.blocks.unknown, language),
      doing: split(newest?.blocks.doing, language),
    },
  };
}

/** Sentences of wrong words that the words which put them right do not repeat. */
function wrongIn(wrong: Update, right: Update): string[] {
  const kept = new Set(paragraphs(right).flatMap((p) => split(p, right.language)));
  return paragraphs(wrong)
    .flatMap((p) => split(p, wrong.language))
    .filter((s) => !kept.has(s));
}

/** What we put right in these updates, newest first. */
export const corrections = (updates: readonly Update[]): CorrectionView[] =>
  updates.flatMap((right) => {
    const wrong = updates.find((u) => u.id === right.correctsId);
    if (!wrong) return [];
    return [
      {
        id: right.id,
        at: right.publishedAt ?? right.updatedAt,
        wrongAt: wrong.publishedAt ?? wrong.updatedAt,
        wrong: wrongIn(wrong, right).join(' '),
        right: right.blocks.known ?? right.body,
        note: [right.blocks.doing, right.blocks.care].filter((text) => text !== undefined).join(' '),
      },
    ];
  });

/** Every update as the timeline tells it, newest first, with what it made of the promise before it. */
export const timeline = (
  updates: readonly Update[],
  all: readonly Update[],
  promises: readonly Promised[],
): TimelineEntry[] =>
  updates.map((u) => {
    const at = u.publishedAt ?? u.updatedAt;
    const right = all.find((x) => x.correctsId === u.id);
    const settled = promises.find((p) => p.settledBy === u.id);
    return {
      id: u.id,
      at,
      status: u.status,
      heading: null,
      paragraphs: paragraphs(u),
      wrong: right ? wrongIn(u, right) : [],
      correctedAt: right ? (right.publishedAt ?? right.updatedAt) : null,
      retractedAt: u.state === 'retracted' ? u.updatedAt : null,
      promise:
        settled && (settled.state === 'kept' || settled.state === 'late')
          ? { dueAt: settled.dueAt, state: settled.state, lateMs: (settled.settledAt ?? at) - settled.dueAt }
          : null,
      nextBy: u.nextUpdateBy,
    };
  });

/** The last words in a sentence or two: what a list of past incidents says of one. */
export function summary(incident: Pick<Incident, 'title'>, last: Update | undefined): string {
  if (!last) return '';
  const told = split(last.blocks.known ?? last.body, last.language).filter((s) => s !== incident.title);
  return told.slice(0, 2).join(' ');
}
