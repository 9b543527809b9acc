import { listConnections } from '../../db/queries/connections.ts';
import {
  changeUpdate,
  getIncident,
  getUpdate,
  type Incident,
  insertUpdate,
  type Update,
} from '../../db/queries/incidents.ts';
import { getPage, listComponents, type Page } from '../../db/queries/pages.ts';
import { getPerson } from '../../db/queries/people.ts';
import { voidApprovals } from '../../db/queries/words.ts';
import type { Reader } from '../../db/store.ts';
import { invalid } from '../domain/error.ts';
import { handsOf, withHands } from '../domain/hands.ts';
import { assertMayBecome, firstStatus } from '../domain/incident.ts';
import { sameMedia } from '../domain/media.ts';
import { checkText, checkWords, MAX_BODY, moveUpdate, unasked } from '../domain/update.ts';
import { takesBack } from '../domain/versions.ts';
import { dropSignature, sign } from '../domain/voice.ts';
import type { Blocks, ComponentStatus, IncidentStatus, UpdateClass } from '../domain/words.ts';
import { isOfOlder } from './amend/check-amendment.ts';
import { checkNote } from './amend/check-note.ts';
import { assertMaySpeakAs } from './approval/consent.ts';
import { type Ctx, decide, mustBe } from './context.ts';
import { attachedOf } from './pictures/keep-picture.ts';
import { listAudience } from './renditions.ts';

/** What an author writes. In an edit, what is left out stays as it is. */
export interface UpdateWords {
  status?: IncidentStatus | undefined;
  class?: UpdateClass | undefined;
  blocks?: Blocks | undefined;
  body?: string | undefined;
  /** Absolute time (ms), or null for none. */
  nextUpdateBy?: number | null | undefined;
  components?: Record<string, ComponentStatus> | undefined;
  connectionIds?: string[] | null | undefined;
  overrides?: Record<string, string> | undefined;
  language?: string | undefined;
  /** Pictures of the incident, each with what it shows. */
  media?: readonly { id: string; alt: string }[] | undefined;
  /** When it goes out by itself once approved (ms); null is at once. */
  publishAt?: number | null | undefined;
  /** In whose own voice it speaks: it is then class E, is signed, and waits for this person's consent. */
  voiceOf?: string | null | undefined;
  /** Why these words may end the incident although people still wait for an answer. */
  leaves?: string | null | undefined;
  /** Of a correction or retraction: what was wrong, for the public. */
  note?: string | undefined;
}

/** Starts an update of an incident. It is nobody's business but the authors' until approval is requested. */
export async function draftUpdate(
  ctx: Ctx,
  incidentId: string,
  words: UpdateWords,
  /** The template these words are of, slots filled and nothing else. */
  templateId: string | null = null,
): Promise<Update> {
  mustBe(ctx.actor, ['author', 'approver'], 'draft');
  return decide(ctx, async ({ w, now, say, account }) => {
    const incident = await getIncident(w, incidentId);
    const page = await getPage(w, incident.pageId);
    const voiceOf = words.voiceOf ?? null;
    const update: Update = {
      ...unasked(now),
      id: ctx.newId(),
      incidentId,
      pageId: page.id,
      class: voiceOf === null ? (words.class ?? 'B') : 'E',
      status: words.status ?? incident.status ?? firstStatus(incident.kind),
      language: words.language ?? page.languages[0] ?? 'en',
      blocks: tidy(words.blocks ?? {}),
      body: (words.body ?? '').trim(),
      nextUpdateBy: words.nextUpdateBy ?? null,
      components: words.components ?? {},
      connectionIds: words.connectionIds ?? null,
      overrides: words.overrides ?? {},
      authorIds: handsOf(ctx.actor),
      templateId,
      voiceOf,
      leaves: words.leaves?.trim() || null,
      media: await attachedOf(w, incidentId, words.media ?? []),
      publishAt: words.publishAt ?? null,
    };
    await assertMaySpeakAs(ctx, w, voiceOf);
    Object.assign(update, await signed(w, update));
    await check(w, page, incident, update);
    await insertUpdate(w, update);
    await say({
      pageId: page.id,
      kind: 'update.drafted',
      public: false,
      incidentId,
      updateId: update.id,
      detail: { by: ctx.actor.id },
    });
    await account({
      action: 'update.draft',
      subjectKind: 'update',
      subjectId: update.id,
      detail: { incidentId },
    });
    return update;
  });
}

/**
 * Changes a draft. `version` is the one the author read; an older one is a conflict. Any change of words that were
 * waiting for approval takes them back to draft and voids what was approved of them.
 */
export async function editUpdate(
  ctx: Ctx,
  updateId: string,
  version: number,
  words: UpdateWords,
): Promise<Update> {
  mustBe(ctx.actor, ['author', 'approver'], 'draft');
  return decide(ctx, async ({ w, now, say, account }) => {
    const before = await getUpdate(w, updateId);
    const state = moveUpdate(before.state, 'edit');
    const incident = await getIncident(w, before.incidentId);
    const page = await getPage(w, before.pageId);
    const media = words.media && (await attachedOf(w, before.incidentId, words.media));
    const keeps = keepsWords(before, words) && (media === undefined || sameMedia(media, before.media));
    const patch: Partial<Update> = {
      state,
      ...(words.status === undefined ? {} : { status: words.status }),
      ...(words.class === undefined ? {} : { class: words.class }),
      // Words that somebody wrote into a cleared text are not the words that were cleared.
      ...(before.templateId === null || keeps
        ? {}
        : {
            templateId: null,
            class: (words.class ?? before.class) === 'A' ? 'B' : (words.class ?? before.class),
          }),
      ...(words.blocks === undefined ? {} : { blocks: tidy(words.blocks) }),
      ...(words.body === undefined ? {} : { body: words.body.trim() }),
      ...(words.nextUpdateBy === undefined ? {} : { nextUpdateBy: words.nextUpdateBy }),
      ...(words.components === undefined ? {} : { components: words.components }),
      ...(words.connectionIds === undefined ? {} : { connectionIds: words.connectionIds }),
      ...(words.overrides === undefined ? {} : { overrides: words.overrides }),
      ...(words.language === undefined ? {} : { language: words.language }),
      ...(words.publishAt === undefined ? {} : { publishAt: words.publishAt }),
      ...(words.leaves === undefined ? {} : { leaves: words.leaves?.trim() || null }),
      ...(media === undefined ? {} : { media }),
      ...(before.amends === null || words.note === undefined ? {} : { note: words.note.trim() }),
      // Where the wrong words went is not for its author to choose, and what is taken back says nothing else.
      ...(before.amends === null ? {} : { connectionIds: null }),
      ...(takesBack(before.amends) ? { blocks: {}, body: '', media: null } : {}),
      authorIds: withHands(before.authorIds, ctx.actor),
      hash: null,
      requestedBy: null,
      requestedAt: null,
      updatedAt: now,
    };
    const voiceOf = words.voiceOf === undefined ? before.voiceOf : words.voiceOf;
    await assertMaySpeakAs(ctx, w, voiceOf);
    if (before.amends === null) {
      patch.voiceOf = voiceOf;
      // Nobody's own words are class E, and somebody's are nothing else.
      if (voiceOf !== null) patch.class = 'E';
      else if (before.voiceOf !== null && (patch.class ?? before.class) === 'E') patch.class = 'B';
    }
    Object.assign(patch, await signed(w, { ...before, ...patch }, before.voiceOf));
    const after = await changeUpdate(w, { id: updateId, version }, patch);
    await check(w, page, incident, after);
    const voided = await voidApprovals(w, updateId, now, 'The words were changed.');
    await say({
      pageId: page.id,
      kind: 'update.edited',
      public: false,
      incidentId: incident.id,
      updateId,
      detail: { by: ctx.actor.id, version: after.version, voided },
    });
    await account({
      action: 'update.edit',
      subjectKind: 'update',
      subjectId: updateId,
      detail: { version: after.version, from: before.state, voided },
    });
    return after;
  });
}

/** The words with the signature of whoever speaks, where somebody does in their own voice. */
async function signed(
  r: Reader,
  u: Update,
  was: string | null = null,
): Promise<Pick<Update, 'blocks' | 'body'>> {
  let words = { blocks: u.blocks, body: u.body };
  if (was !== null && was !== u.voiceOf) words = dropSignature(words, await getPerson(r, was));
  if (u.voiceOf !== null) words = sign(words, await getPerson(r, u.voiceOf));
  return words;
}

/** Blocks without what is empty. */
export const tidy = (blocks: Blocks): Blocks =>
  Object.fromEntries(
    Object.entries(blocks)
      .map(([name, text]) => [name, text.trim()] as const)
      .filter(([, text]) => text !== ''),
  );

/** Whether an edit leaves what is said as it was: times, networks and components are not words. */
function keepsWords(before: Update, words: UpdateWords): boolean {
  const same = (a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>) =>
    Object.keys({ ...a, ...b }).every((key) => (a[key] ?? '') === (b[key] ?? ''));
  return (
    (words.status ?? before.status) === before.status &&
    (words.language ?? before.language) === before.language &&
    (words.body ?? before.body).trim() === before.body &&
    same(tidy(words.blocks ?? before.blocks), before.blocks) &&
    same(words.overrides ?? before.overrides, before.overrides)
  );
}

/** Words for a network that there is not would be kept and said nowhere. */
async function assertOurs(r: Reader, page: Page, ids: readonly string[]): Promise<void> {
  const ours = ids.length === 0 ? [] : (await listConnections(r, page.id)).map((c) => c.id);
  const other = ids.find((id) => !ours.includes(id));
  if (other !== undefined)
    throw invalid('overrides', `"${other.slice(0, 40)}" is not a connection of this page.`);
}

/** Everything that can be wrong with a draft but its silence: an empty draft may be kept, not sent. */
async function check(r: Reader, page: Page, incident: Incident, update: Update): Promise<void> {
  if (update.body !== '' || Object.keys(update.blocks).length > 0) checkWords(update);
  for (const [id, text] of Object.entries(update.overrides)) checkText(`overrides.${id}`, text, MAX_BODY);
  await assertOurs(r, page, Object.keys(update.overrides));
  checkText('leaves', update.leaves ?? '', 500);
  if (update.amends !== null) {
    checkNote(update.note ?? '');
    if (update.class === 'A' || update.class === 'B')
      throw invalid('class', 'A correction is class D, or C where it speaks of harm, money or the law.');
  }
  if (update.amends !== null && (await isOfOlder(r, update))) {
    if (Object.keys(update.components).length > 0)
      throw invalid('components', 'These are not the newest words, so components stay as they are.');
  } else if (incident.status !== null) assertMayBecome(incident.kind, incident.status, update.status);
  else assertMayBecome(incident.kind, firstStatus(incident.kind), update.status);
  if (!page.languages.includes(update.language))
    throw invalid('language', `This page speaks ${page.languages.join(', ')}. Choose one of them.`);
  const known = new Set((await listComponents(r, page.id)).map((c) => c.id));
  for (const id of Object.keys(update.components))
    if (!known.has(id)) throw invalid('components', `"${id.slice(0, 40)}" is not a component of this page.`);
  await listAudience(r, update);
}
