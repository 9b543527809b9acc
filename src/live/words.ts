import type { Incident, Promised, Update } from '../../db/queries/incidents.ts';
import { isEnded } from '../domain/incident.ts';
import { picturePath } from '../domain/media.ts';
import { type Standing, standings } from '../domain/versions.ts';
import type { BlockName } from '../domain/words.ts';
import { sentences } from '../templates/sentences.ts';
import type { BlocksView, CorrectionView, ShownPicture, TimelineEntry } from '../templates/views.ts';

/** What was said in one incident, told to a reader of one language. Updates come newest first. */

const split = (text: string | undefined, language: string): string[] =>
  sentences(text ?? '', language).map((s) => s.text);

const SAID: readonly BlockName[] = ['care', 'known', 'unknown', 'doing', 'action'];

/** Blocks and body as paragraphs, in the order they were meant to be read. */
export const paragraphs = (u: Pick<Update, 'blocks' | 'body'>): string[] =>
  [...SAID.map((name) => u.blocks[name] ?? ''), ...u.body.split(/\n{2,}/)]
    .map((text) => text.trim())
    .filter((text) => text !== '');

export type Thing = Standing<Update>;

export const isTakenBack = (s: Thing): boolean => s.retracted !== undefined || s.root.state === 'retracted';

/**
 * What a reader of `language` is shown, each thing once: what was said in it, unless there is nothing, or something
 * newer in another language ended the incident, corrected or took back what it says. Old words must not stand as if
 * they were the newest.
 */
export function wordsIn(updates: readonly Update[], language: string): readonly Thing[] {
  const things = standings(updates);
  const own = things.filter((s) => s.words.language === language);
  const [newest] = things;
  const [mine] = own;
  if (!newest || !mine) return things;
  if (mine === newest) return own;
  const overtaken =
    isEnded(newest.words.status) !== isEnded(mine.words.status) ||
    isTakenBack(mine) ||
    things.some((s) => s.root.language === language && s.words.language !== language);
  return overtaken ? things : own;
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

const allOf = (u: Update): string[] => paragraphs(u).flatMap((p) => split(p, u.language));

/** Sentences of one version of the words that another does not have. */
function onlyIn(one: Update, other: Update): string[] {
  const kept = new Set(allOf(other));
  return allOf(one).filter((s) => !kept.has(s));
}

const at = (u: Update): number => u.publishedAt ?? u.updatedAt;

/** When something was last said or put right here, or undefined when nothing was said. */
export function lastSaid(things: readonly Thing[]): number | undefined {
  const times = things.flatMap((s) => [s.root, s.words, ...(s.retracted ? [s.retracted] : [])]).map(at);
  return times.length === 0 ? undefined : Math.max(...times);
}

/** What we put right or took back of these things, newest first. */
export const corrections = (things: readonly Thing[]): CorrectionView[] =>
  things
    .flatMap((s): CorrectionView[] => {
      const versions = [s.words, ...s.before];
      const put = versions.slice(0, -1).map((right, i): CorrectionView => {
        const wrong = versions[i + 1]!;
        const words = onlyIn(right, wrong).join(' ');
        return {
          id: right.id,
          at: at(right),
          wrongAt: at(s.root),
          wrong: onlyIn(wrong, right).join(' '),
          right: words === '' ? (right.blocks.known ?? right.body) : words,
          note:
            right.note ?? [right.blocks.doing, right.blocks.care].filter((x) => x !== undefined).join(' '),
          takenBack: false,
        };
      });
      const { retracted } = s;
      const back: CorrectionView[] = retracted
        ? [
            {
              id: retracted.id,
              at: at(retracted),
              wrongAt: at(s.root),
              wrong: allOf(s.words).join(' '),
              right: '',
              note: retracted.note ?? '',
              takenBack: true,
            },
          ]
        : [];
      return [...back, ...put];
    })
    .sort((a, b) => b.at - a.at);

/** Everything that was said as the timeline tells it, newest first, with what it made of the promise before it. */
export const timeline = (
  things: readonly Thing[],
  promises: readonly Promised[],
  newest: Update | undefined,
): TimelineEntry[] =>
  things.map((s) => {
    const { root, words, corrected, retracted } = s;
    const settled = promises.find((p) => p.settledBy === root.id);
    return {
      id: root.id,
      at: at(root),
      status: words.status,
      heading: null,
      paragraphs: paragraphs(words),
      wrong: isTakenBack(s) ? allOf(words) : [],
      before: s.before.flatMap(paragraphs),
      note: (retracted ?? corrected)?.note ?? '',
      // Those of the newest words stand at the top, and those of words that were taken back nowhere.
      pictures: words === newest || isTakenBack(s) ? [] : picturesOf(words),
      correctedAt: corrected ? at(corrected) : null,
      retractedAt: retracted ? at(retracted) : root.state === 'retracted' ? root.updatedAt : null,
      promise:
        settled && (settled.state === 'kept' || settled.state === 'late')
          ? {
              dueAt: settled.dueAt,
              state: settled.state,
              lateMs: (settled.settledAt ?? at(root)) - settled.dueAt,
            }
          : null,
      nextBy: words.nextUpdateBy ?? root.nextUpdateBy,
    };
  });

export const picturesOf = (u: Update | undefined): ShownPicture[] =>
  (u?.media ?? []).map((m) => ({
    src: picturePath(m),
    alt: m.alt,
    width: m.width,
    height: m.height,
  }));

/** The last words in a sentence or two: what a list of past incidents says of one. */
export function summary(incident: Pick<Incident, 'title'>, last: Update | undefined): string {
  if (!last) return '';
  const told = split(last.blocks.known ?? last.body, last.language).filter((s) => s !== incident.title);
  return told.slice(0, 2).join(' ');
}
