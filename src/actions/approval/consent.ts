import { insertAlert } from '../../../db/queries/alerts.ts';
import { getIncident, getUpdate, type Incident, type Update } from '../../../db/queries/incidents.ts';
import { getPage } from '../../../db/queries/pages.ts';
import { getPerson } from '../../../db/queries/people.ts';
import { insertApproval } from '../../../db/queries/words.ts';
import type { Reader } from '../../../db/store.ts';
import { isComplete } from '../../domain/approval.ts';
import { conflict, type DomainError, forbidden, invalid } from '../../domain/error.ts';
import { showsSelf } from '../../domain/proof.ts';
import { assertConsent, mayDraftAs } from '../../domain/voice.ts';
import { type Ctx, type Decision, decide } from '../context.ts';
import type { Proof } from '../sign-in/prove.ts';
import { assertSecondFactor } from '../sign-in/require-second.ts';
import { sendBack, whyStale } from '../stale.ts';
import { finishApproval } from './finish-approval.ts';
import { approvalQuestion } from './question.ts';

/**
 * The consent of the person in whose own voice words are. It is theirs alone, shown by their passkey, app code or
 * password, bound to the hash they saw; it is no yes of the class, which others give besides.
 */
export async function consentTo(ctx: Ctx, updateId: string, seenHash: string, proof: Proof): Promise<Update> {
  return decide(ctx, async (d) => {
    const { w, now, say, account } = d;
    const update = await getUpdate(w, updateId);
    const incident = await getIncident(w, update.incidentId);
    const page = await getPage(w, update.pageId);
    if (update.state !== 'in_review')
      throw conflict('These words do not wait for anybody’s consent just now.');
    const stale = await whyStale(w, update, incident);
    if (stale) return { refused: await sendBack(ctx, d, update, stale) };
    if (seenHash !== update.hash)
      throw conflict('The words have changed since you looked at them. Read them again.', 'hash');
    if (now - (update.requestedAt ?? now) > page.policy.expiresMs)
      throw conflict('The question has run out. Ask the author to ask again.');
    const question = await approvalQuestion(w, update, page, ctx.actor, now);
    const proved =
      ctx.actor.kind === 'person' && proof.assurance !== 'session' && showsSelf(ctx.actor, proof.assurance);
    try {
      assertConsent({ voiceOf: update.voiceOf, by: ctx.actor.id, proved });
    } catch (refused) {
      await account({
        action: 'update.consent_refused',
        subjectKind: 'update',
        subjectId: updateId,
        detail: { hash: seenHash, voiceOf: update.voiceOf },
      });
      return { refused: refused as DomainError };
    }
    if (question.consented) throw conflict('You have consented to these words already.');
    await assertSecondFactor(w, ctx.actor.id);
    await proof.spend(d);
    await insertApproval(w, {
      id: ctx.newId(),
      updateId,
      personId: ctx.actor.id,
      decision: 'consented',
      hash: seenHash,
      reason: null,
      at: now,
      assurance: proof.assurance,
      behind: null,
      voidedAt: null,
      voidReason: null,
    });
    const done = isComplete({ ...question, consented: true });
    await say({
      pageId: page.id,
      kind: 'update.consented',
      public: false,
      incidentId: incident.id,
      updateId,
      detail: { by: ctx.actor.id, complete: done },
    });
    await account({
      action: 'update.consent',
      subjectKind: 'update',
      subjectId: updateId,
      detail: { hash: seenHash, complete: done, assurance: proof.assurance },
    });
    return finishApproval(ctx, d, update, incident, page, done);
  });
}

/** Throws unless this author may write in that voice. */
export async function assertMaySpeakAs(ctx: Ctx, r: Reader, voiceOf: string | null): Promise<void> {
  if (voiceOf === null) return;
  const speaker = await getPerson(r, voiceOf);
  if (speaker.voice === null || speaker.disabledAt !== null)
    throw invalid(
      'voiceOf',
      `${speaker.name} lends their voice to nobody. They turn it on under “Your sign-in”.`,
    );
  if (!mayDraftAs(speaker, ctx.actor.id))
    throw forbidden(
      `${speaker.name} has not named you to write for them. They name people under “Your sign-in”.`,
    );
}

/** Tells the person that words in their voice wait for them; where, and not a word of them. */
export async function askForConsent(
  ctx: Ctx,
  d: Decision,
  update: Update,
  incident: Incident,
): Promise<void> {
  if (update.voiceOf === null) return;
  await insertAlert(d.w, {
    id: ctx.newId(),
    pageId: update.pageId,
    kind: 'consent',
    message: `Words in your own voice wait for your consent: ${incident.title}. Read them and decide: ${ctx.deskUrl ?? ''}/desk/approvals/${update.id}`,
    raisedAt: d.now,
    incidentId: incident.id,
    updateId: update.id,
    personId: update.voiceOf,
  });
}
