import { insertAttempt } from '../../db/queries/attempts.ts';
import { getConnection } from '../../db/queries/connections.ts';
import { changeDelivery, type Delivery, getDelivery } from '../../db/queries/deliveries.ts';
import { findPartBefore, recordReceipt, removeReceipt } from '../../db/queries/receipts.ts';
import type { Writer } from '../../db/store.ts';
import { advance, type DeliveryEvent, isTerminal } from '../domain/delivery.ts';
import { rulesOf } from '../domain/delivery-rules.ts';
import { conflict, invalid } from '../domain/error.ts';
import { checkText } from '../domain/update.ts';
import { type Ctx, decide, mustBe } from './context.ts';

/** What a person says of a delivery, and what they show or say for it. */
export interface Settlement {
  event: DeliveryEvent;
  detail: Record<string, string>;
}

/** A person has seen the post on the network and pastes its address. */
export function seenAt(url: string): Settlement {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol) || url.length > 2_000)
    throw invalid('url', 'Paste the full address of the post, beginning with https://.');
  return { event: { type: 'confirmed_by_person' }, detail: { url } };
}

/** A person has looked, it is not there, and it should be sent again. */
export const sendAgain: Settlement = { event: { type: 'resend_by_person' }, detail: {} };

/** It is not to be sent any more. */
export function givenUp(reason: string): Settlement {
  if (reason.trim() === '') throw invalid('reason', 'Say in a sentence why it need not be sent.');
  checkText('reason', reason, 500);
  return { event: { type: 'given_up_by_person', reason }, detail: { reason } };
}

export const confirmDelivery = (ctx: Ctx, deliveryId: string, url: string): Promise<Delivery> =>
  settlePost(ctx, deliveryId, () => seenAt(url));

export const resendDelivery = (ctx: Ctx, deliveryId: string): Promise<Delivery> =>
  settlePost(ctx, deliveryId, () => sendAgain);

export const giveUpDelivery = (ctx: Ctx, deliveryId: string, reason: string): Promise<Delivery> =>
  settlePost(ctx, deliveryId, () => givenUp(reason));

/** What speaks for the company is settled by who may speak for it. */
async function settlePost(ctx: Ctx, deliveryId: string, how: () => Settlement): Promise<Delivery> {
  mustBe(ctx.actor, ['author', 'approver'], 'approve');
  return settleByPerson(ctx, deliveryId, how());
}

/** A part of a thread that was cancelled may go out when the part before it did: it would answer nothing otherwise. */
async function assertPartBefore(w: Writer, d: Delivery): Promise<void> {
  if (d.state !== 'cancelled' || d.part === 0 || d.op !== 'publish') return;
  if (!(await findPartBefore(w, d)))
    throw conflict(`Part ${d.part} of the thread comes before this one and is not there. Settle it first.`);
}

/** Writes what a person knows of a delivery. The caller has asked whether they may. */
export async function settleByPerson(
  ctx: Ctx,
  deliveryId: string,
  { event, detail }: Settlement,
): Promise<Delivery> {
  return decide(ctx, async ({ w, now, say, account }) => {
    const before = await getDelivery(w, deliveryId);
    if (event.type === 'resend_by_person') await assertPartBefore(w, before);
    const connection = await getConnection(w, before.connectionId);
    const patch = advance(before, event, rulesOf(connection.can), { now, mono: 0, boot: '' });
    const after = await changeDelivery(w, before, {
      ...patch,
      // Who asks for wrong words again says that they are not there; the right ones will go in their place.
      ...(event.type === 'resend_by_person' && before.amendedBy !== null ? { mayBeThere: false } : {}),
      doneAt: patch.state && isTerminal(patch.state) ? now : null,
      updatedAt: now,
    });
    // An id that the network gave an earlier try must not be looked at for the fate of the next one.
    const disproved = event.type === 'resend_by_person' ? await removeReceipt(w, deliveryId) : undefined;
    const url = detail['url'];
    if (url !== undefined)
      await recordReceipt(w, {
        deliveryId,
        remoteId: url,
        url,
        raw: {},
        proof: 'person',
        textRead: null,
        readAt: null,
        acceptedAt: now,
      });
    await insertAttempt(w, {
      id: ctx.newId(),
      deliveryId,
      kind: 'person',
      by: ctx.actor.id,
      startedAt: now,
      endedAt: now,
      outcome: event.type,
      code: null,
      status: null,
      message: detail['reason'] ?? detail['url'] ?? null,
    });
    await say({
      pageId: before.pageId,
      kind: `delivery.${after.state}`,
      // What was said to one person is nobody else's.
      public: before.recipient === '' && after.state === 'manual_confirmed',
      incidentId: before.incidentId,
      updateId: before.updateId,
      detail: { deliveryId, connectionId: before.connectionId, state: after.state },
    });
    await account({
      action: `delivery.${event.type.replace('_by_person', '')}`,
      subjectKind: 'delivery',
      subjectId: deliveryId,
      detail: {
        ...detail,
        from: before.state,
        ...(disproved === undefined ? {} : { notThere: disproved.remoteId }),
      },
    });
    return after;
  });
}
