import { insertAlert } from '../../../db/queries/alerts.ts';
import { listAsks } from '../../../db/queries/asks.ts';
import {
  changeUpdate,
  getIncident,
  getUpdate,
  type Incident,
  type Update,
} from '../../../db/queries/incidents.ts';
import { insertOverride, listOverrides, type Override } from '../../../db/queries/overrides.ts';
import { getPage } from '../../../db/queries/pages.ts';
import { getPerson, listPeople } from '../../../db/queries/people.ts';
import { getTemplate } from '../../../db/queries/templates.ts';
import type { Reader } from '../../../db/store.ts';
import { conflict } from '../../domain/error.ts';
import {
  assertMayOverride,
  type OverrideQuestion,
  type OverrideReason,
  REVIEW_MS,
} from '../../domain/override.ts';
import { mayApprove, rolesOn } from '../../domain/rights.ts';
import { checkText, moveUpdate } from '../../domain/update.ts';
import { type Ctx, decide, mustBe } from '../context.ts';
import { release } from '../publish-update.ts';
import type { Proof } from '../sign-in/prove.ts';
import { sendBack, whyStale } from '../stale.ts';
import { assertClassHolds, isTitleOf, slotsOf } from '../template-words.ts';

/** How long the release of an override can be stopped, ms: long enough to see it, too short to matter. */
const RING_MOST_MS = 3_000;

export interface OverrideWords {
  hash: string;
  reason: OverrideReason;
  sentence: string;
  /** An approver has the question open just now. */
  looking: boolean;
}

/** What the rule asks about this update and this person, but for what they type. */
export async function overrideQuestion(
  r: Reader,
  update: Update,
  person: OverrideQuestion['person'],
  looking: boolean,
): Promise<Omit<OverrideQuestion, 'reason' | 'sentence' | 'proved' | 'seenHash'>> {
  const page = await getPage(r, update.pageId);
  const asks = update.hash === null ? [] : await listAsks(r, update.id, update.hash);
  return {
    state: update.state,
    class: update.class,
    preCleared: update.class === 'A' && update.templateId !== null,
    corrects: update.class === 'D' && update.correctsId !== null,
    voiceOf: update.voiceOf,
    hash: update.hash ?? '',
    person,
    policy: page.policy,
    requestedAt: update.requestedAt ?? 0,
    someoneLooks: looking || asks.some((a) => a.usedAt !== null && a.personId !== person.id),
    before: (await listOverrides(r, update.incidentId)).length,
  };
}

/** The title goes out with the first words: nobody's second pair of eyes has read it unless it is the template's. */
async function assertTitleCleared(r: Reader, update: Update, incident: Incident): Promise<void> {
  if (incident.publishedAt !== null || update.templateId === null) return;
  const template = await getTemplate(r, update.templateId);
  if (!isTitleOf(template, await slotsOf(r, template), incident.title))
    throw conflict(
      `The title “${incident.title}” is your own, and would be public too. Declare with the template’s: “${template.title}”.`,
      'title',
    );
}

/**
 * Break-glass: puts words out on one person's yes because no second one can be reached. Everybody who could have
 * approved is told at once, and somebody else has to review it within the hour; both are part of this decision.
 */
export async function overrideApproval(
  ctx: Ctx,
  updateId: string,
  words: OverrideWords,
  proof: Proof,
): Promise<Update> {
  mustBe(ctx.actor, ['author', 'approver'], 'approve');
  checkText('sentence', words.sentence, 500);
  return decide(ctx, async (d) => {
    const { w, now, say, account } = d;
    const update = await getUpdate(w, updateId);
    const incident = await getIncident(w, update.incidentId);
    const page = await getPage(w, update.pageId);
    if (update.state === 'in_review') {
      const stale = await whyStale(w, update, incident);
      if (stale) return { refused: await sendBack(ctx, d, update, stale) };
      await assertClassHolds(w, update, now);
      await assertTitleCleared(w, update, incident);
    }
    const person = { id: ctx.actor.id, roles: ctx.actor.roles };
    assertMayOverride(
      {
        ...(await overrideQuestion(w, update, person, words.looking)),
        seenHash: words.hash,
        reason: words.reason,
        sentence: words.sentence,
        proved: ctx.actor.kind === 'person' && proof.assurance !== 'session',
      },
      now,
    );
    await proof.spend(d);
    const row: Override = {
      id: ctx.newId(),
      pageId: page.id,
      incidentId: incident.id,
      updateId,
      hash: words.hash,
      personId: ctx.actor.id,
      reason: words.reason,
      sentence: words.sentence.trim(),
      assurance: proof.assurance,
      at: now,
      reviewDueAt: now + REVIEW_MS,
      reviewedBy: null,
      reviewedAt: null,
      verdict: null,
      note: null,
      remindedAt: null,
    };
    await insertOverride(w, row);
    const { name } = await getPerson(w, ctx.actor.id);
    const message = `OVERRIDE: ${name} put words out without a second person. “${incident.title}”: ${row.sentence} Review it within 60 minutes: ${ctx.deskUrl ?? ''}/desk/overrides/${row.id}`;
    const told = (await listPeople(w)).filter(
      (p) => p.disabledAt === null && p.id !== ctx.actor.id && mayApprove(rolesOn(p, page.id)),
    );
    for (const personId of [null, ...told.map((p) => p.id)])
      await insertAlert(w, {
        id: ctx.newId(),
        pageId: page.id,
        kind: 'override',
        message,
        raisedAt: now,
        incidentId: incident.id,
        updateId,
        personId,
      });
    await say({
      pageId: page.id,
      kind: 'update.overridden',
      public: false,
      incidentId: incident.id,
      updateId,
      detail: { by: ctx.actor.id, reason: row.sentence, why: row.reason },
    });
    await account({
      action: 'update.override',
      subjectKind: 'update',
      subjectId: updateId,
      detail: {
        hash: words.hash,
        reason: row.reason,
        sentence: row.sentence,
        assurance: row.assurance,
        told: told.length,
      },
    });
    // Words for later stay so: what was typed was typed under that time.
    const releaseAt = Math.max(now + Math.min(page.policy.ringMs, RING_MOST_MS), update.publishAt ?? 0);
    const approved = await changeUpdate(w, update, {
      state: moveUpdate(update.state, 'approve'),
      approvedAt: now,
      releaseAt,
      updatedAt: now,
    });
    return releaseAt > now ? approved : release(ctx, d, approved, incident, page);
  });
}
