import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Attempt, listAttempts } from '../../../db/queries/attempts.ts';
import { type Connection, listConnections } from '../../../db/queries/connections.ts';
import {
  type Delivery,
  getDelivery,
  listDeliveriesOfIncident,
  listDeliveriesOfUpdates,
} from '../../../db/queries/deliveries.ts';
import {
  getIncident,
  getUpdate,
  listIncidents,
  listPublishedUpdates,
  type Update,
} from '../../../db/queries/incidents.ts';
import { getPage } from '../../../db/queries/pages.ts';
import { listReceipts, type Receipt } from '../../../db/queries/receipts.ts';
import { listRenditions, type Rendition } from '../../../db/queries/words.ts';
import { confirmDelivery, giveUpDelivery, resendDelivery } from '../../actions/settle-delivery.ts';
import { type AmendWay, formOf as formIn } from '../../domain/amend.ts';
import { needsPerson } from '../../domain/delivery.ts';
import { isForPerson, waitsBehind } from '../../domain/delivery-waits.ts';
import { conflict } from '../../domain/error.ts';
import { takesBack } from '../../domain/versions.ts';
import { renderDeliveries, renderUpdateDeliveries } from '../../templates/desk.ts';
import type { DeliveryCard, StripView, UpdateDeliveriesView } from '../../templates/desk-delivery-views.ts';
import { ctxOf } from '../who.ts';
import { attentionRows } from './attention.ts';
import { behindText } from './behind.ts';
import { whySilent } from './connection-state.ts';
import { field, formOf, type Refused, refusedBy, text } from './forms.ts';
import { type Desk, frameFor, goTo, html, pagesFor } from './frame.ts';
import { age, moment, placeOf, toTheSecond } from './moments.ts';
import { axisFor, segments } from './strips.ts';
import { deliveryState, linkTo, tally } from './words.ts';

type ById = { Params: { id: string } };

/** What became of every word on every network, and the honest ways out where only a person knows. */
export function deliveries(app: FastifyInstance, desk: Desk): void {
  const { r, ports } = desk;

  app.get('/deliveries', async (request, reply) => {
    const now = ports.base.now();
    const updates = [];
    const pages = await pagesFor(desk, request);
    for (const page of pages) {
      const recent = await listIncidents(r, page.id, 30);
      const published = await listPublishedUpdates(
        r,
        recent.map((i) => i.id),
      );
      const all = await listDeliveriesOfUpdates(
        r,
        published.map((u) => u.id),
      );
      for (const u of published) {
        const mine = all.filter((d) => d.updateId === u.id);
        const siblings = published.filter((x) => x.incidentId === u.incidentId);
        updates.push({
          at: u.publishedAt ?? 0,
          href: `/desk/updates/${u.id}/deliveries`,
          title: recent.find((i) => i.id === u.incidentId)?.title ?? '',
          number: siblings.indexOf(u) + 1,
          when: moment(u.publishedAt ?? u.updatedAt, now, placeOf(page)),
          lamps: mine.map(deliveryState),
          text:
            mine.length === 0
              ? 'on the page only'
              : tally(mine)
                  .map((s) => s.word)
                  .join(', '),
        });
      }
    }
    return html(
      reply,
      renderDeliveries({
        frame: await frameFor(desk, request, { title: 'Deliveries', room: 'deliveries' }),
        attention: await attentionRows(desk, pages),
        updates: updates.sort((a, b) => b.at - a.at).slice(0, 50),
      }),
    );
  });

  app.get<ById>('/updates/:id/deliveries', async (request, reply) => {
    const update = await getUpdate(r, request.params.id);
    if (update.publishedAt === null) return goTo(reply, `/desk/updates/${update.id}`);
    return html(reply, renderUpdateDeliveries(await view(desk, request, update)));
  });

  const settle =
    (said: 'confirmed' | 'resent' | 'given-up', act: (request: FastifyRequest<ById>) => Promise<unknown>) =>
    async (request: FastifyRequest<ById>, reply: FastifyReply) => {
      const delivery = await getDelivery(r, request.params.id);
      try {
        await act(request);
        ports.kick();
        return goTo(reply, `/desk/updates/${delivery.updateId}/deliveries`, said);
      } catch (error) {
        const refused = refusedBy(error);
        const update = await getUpdate(r, delivery.updateId);
        const form = formOf(request);
        const body = await view(desk, request, update, {
          refused,
          id: delivery.id,
          url: text(form, 'url'),
          reason: text(form, 'reason'),
        });
        return html(reply, renderUpdateDeliveries(body), refused.status);
      }
    };
  app.post<ById>(
    '/deliveries/:id/confirm',
    settle('confirmed', (q) =>
      confirmDelivery(ctxOf(ports.base, q), q.params.id, text(formOf(q), 'url').trim()),
    ),
  );
  app.post<ById>(
    '/deliveries/:id/resend',
    settle('resent', (q) => resendDelivery(ctxOf(ports.base, q), q.params.id)),
  );
  app.post<ById>(
    '/deliveries/:id/give-up',
    settle('given-up', (q) => giveUpDelivery(ctxOf(ports.base, q), q.params.id, text(formOf(q), 'reason'))),
  );
}

interface Typed {
  refused: Refused;
  id: string;
  url: string;
  reason: string;
}

async function view(
  desk: Desk,
  request: FastifyRequest,
  update: Update,
  typed?: Typed,
): Promise<UpdateDeliveriesView> {
  const { r, ports } = desk;
  if (update.publishedAt === null) throw conflict('This update has not been published yet.');
  const now = ports.base.now();
  const incident = await getIncident(r, update.incidentId);
  const page = await getPage(r, update.pageId);
  const place = placeOf(page);
  const rows = await listDeliveriesOfUpdates(r, [update.id]);
  const ids = rows.map((d) => d.id);
  const attempts = await listAttempts(r, ids);
  const receipts = new Map((await listReceipts(r, ids)).map((x) => [x.deliveryId, x]));
  const renditions = new Map((await listRenditions(r, update.id)).map((x) => [x.id, x]));
  const connections = new Map((await listConnections(r, page.id)).map((c) => [c.id, c]));
  const siblings = await listPublishedUpdates(r, [incident.id]);
  const queue = await listDeliveriesOfIncident(r, incident.id);
  const axis = axisFor(update.publishedAt, rows, attempts, now);
  const groups = [...Map.groupBy(rows, (d) => d.connectionId).values()];
  const number = siblings.findIndex((u) => u.id === update.id) + 1;
  const shown = typed && ['url', 'reason'].includes(typed.refused.field ?? '');
  return {
    frame: await frameFor(desk, request, {
      title: `Deliveries of ${incident.title}`,
      room: 'deliveries',
      page,
      trouble: typed && !shown ? typed.refused.message : null,
    }),
    title: incident.title,
    number,
    incidentHref: `/desk/incidents/${incident.id}`,
    released: toTheSecond(update.publishedAt, place),
    since: `${age(now - update.publishedAt)} ago`,
    publicHref: page.url,
    correctHref:
      ['published', 'superseded'].includes(update.state) && !takesBack(update.amends)
        ? `/desk/updates/${update.id}/correct`
        : null,
    retractHref: `/desk/updates/${update.id}/retract`,
    tally: tally(rows),
    ticks: axis.ticks,
    now: axis.now,
    strips: groups.flatMap((parts) =>
      parts.map((d): StripView => {
        const receipt = receipts.get(d.id);
        const connection = connections.get(d.connectionId);
        const rendition = renditions.get(d.renditionId);
        const part = rendition && formIn(rendition, d.way)[d.part];
        const mine = attempts.filter((a) => a.deliveryId === d.id);
        const behind =
          behindOf(waitsBehind(d, queue, now), siblings, now) ??
          (d.state === 'pending' && connection ? whySilent(connection, now) : null);
        return {
          id: d.id,
          network: connection?.name ?? d.connectionId,
          account: parts.length > 1 ? `part ${d.part + 1} of ${parts.length}` : (connection?.account ?? ''),
          state: deliveryState(d),
          note: noteOf(d, now),
          segments: segments(d, mine, axis, now),
          read: receipt?.readAt == null ? null : axis.at(receipt.readAt),
          href: linkTo(receipt?.url),
          link: shortLink(receipt?.url ?? ''),
          proof: behind === null ? proofOf(d, receipt, part?.text, place) : '',
          said: part?.text ?? '',
          attention: needsPerson(d.state) || d.state === 'unknown' || d.state === 'reconciling',
          attempts: mine.map((a) => ({
            when: toTheSecond(a.startedAt, place),
            what: ATTEMPT[a.kind],
            outcome: a.endedAt === null ? 'under way' : (a.outcome ?? 'ended').replaceAll('_', ' '),
            message: [a.status, a.message].filter((x) => x !== null).join(' '),
          })),
          cardHref: isForPerson(d, now) ? `#card-${d.id}` : null,
          behind,
        };
      }),
    ),
    cards: groups
      .flatMap((parts) => parts.filter((d) => isForPerson(d, now) || isLeftBehind(d, parts)))
      .map((d) => ({
        ...card(d, connections.get(d.connectionId), renditions.get(d.renditionId), typed),
        behind: behindText(d, queue, now),
      })),
    others:
      siblings.length > 1
        ? siblings.map((u, i) => ({
            href: `/desk/updates/${u.id}/deliveries`,
            label: `Update ${i + 1}`,
            current: u.id === update.id,
          }))
        : [],
  };
}

const ATTEMPT: Record<Attempt['kind'], string> = {
  publish: 'Sent',
  edit: 'Edited',
  remove: 'Removed',
  find: 'Looked for it',
  read: 'Read it back',
  person: 'A person',
};

/** How a correction reaches a network. */
const DONE: Partial<Record<AmendWay, string>> = {
  wait: 'waits for the first post',
  edit: 'changes the post',
  reply: 'answers the post',
  new: 'a new post',
  instead: 'in place of the wrong words',
  remove: 'takes the post off',
};

/** A part that was cancelled with its thread, and could answer the part before it now. */
const isLeftBehind = (d: Delivery, parts: readonly Delivery[]): boolean =>
  d.state === 'cancelled' &&
  d.part > 0 &&
  parts.some(
    (x) =>
      x.op === d.op &&
      x.part === d.part - 1 &&
      ['accepted', 'delivered', 'manual_confirmed'].includes(x.state),
  );

/** What a queued delivery waits for that is not its turn, and where somebody can end it. */
function behindOf(root: Delivery | undefined, siblings: readonly Update[], now: number): StripView['behind'] {
  if (!root) return null;
  const what = `update ${siblings.findIndex((u) => u.id === root.updateId) + 1}`;
  const href = `/desk/updates/${root.updateId}/deliveries#card-${root.id}`;
  return isForPerson(root, now)
    ? {
        words: `Waits behind ${what}: nobody can say whether that post is there.`,
        way: { href, act: 'Decide there' },
      }
    : { words: `Waits behind ${what}, which we are looking for.`, way: null };
}

function noteOf(d: Delivery, now: number): string | null {
  if (d.state === 'pending' && d.nextAt > now + 1_000) return `next try in ${age(d.nextAt - now)}`;
  if (d.state === 'unknown' && d.nextAt > now) return `next look in ${age(d.nextAt - now)}`;
  return d.way === null ? null : (DONE[d.way] ?? null);
}

function proofOf(
  d: Delivery,
  receipt: Receipt | undefined,
  said: string | undefined,
  place: ReturnType<typeof placeOf>,
): string {
  if (receipt?.proof === 'person') return 'a person saw it';
  if (receipt?.readAt != null) {
    const same = receipt.textRead?.trim() === said?.trim() ? ', same words' : '';
    return `read back ${toTheSecond(receipt.readAt, place).text}${same}`;
  }
  if (receipt)
    return d.state === 'delivered' ? (d.reason ?? 'taken by the network') : 'taken, not read back yet';
  return d.reason ?? '';
}

const shortLink = (url: string): string => {
  const bare = url.replace(/^https?:\/\/(www\.)?/, '');
  return bare.length > 42 ? `${bare.slice(0, 40)}…` : bare;
};

function card(
  d: Delivery,
  connection: Connection | undefined,
  rendition: Rendition | undefined,
  typed: Typed | undefined,
): Omit<DeliveryCard, 'behind'> {
  const mine = typed?.id === d.id ? typed : undefined;
  const name = connection?.name ?? 'The network';
  const headings: Partial<Record<Delivery['state'], string>> = {
    held: `${name}: nobody can say whether it is there`,
    unknown: `${name}: we cannot look whether it is there`,
    reconciling: `${name}: we cannot look whether it is there`,
    refused: `${name} refused it`,
    dead: `${name}: given up after many tries`,
    manual: `${name}, by hand`,
    cancelled: `${name}: a part of the thread is missing`,
  };
  return {
    id: d.id,
    heading: headings[d.state] ?? name,
    state: deliveryState(d),
    why: d.reason ?? '',
    manual: d.state === 'manual',
    words: (rendition && formIn(rendition, d.way)[d.part]?.text) ?? '',
    openHref: linkTo(connection?.url),
    confirmAction: `/desk/deliveries/${d.id}/confirm`,
    resendAction: `/desk/deliveries/${d.id}/resend`,
    giveUpAction: `/desk/deliveries/${d.id}/give-up`,
    mayConfirm: d.state !== 'manual',
    // What we are still looking for is sent again when we know that it is not there.
    mayResend: d.state !== 'manual' && d.state !== 'unknown' && d.state !== 'reconciling',
    resendFirst: d.state === 'refused' || d.state === 'dead',
    url: field('url', 'It is there: its address', '', mine?.url ?? '', mine?.refused),
    reason: field('reason', 'Why it need not be sent', '', mine?.reason ?? '', mine?.refused),
  };
}
