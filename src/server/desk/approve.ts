import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Connection, listConnections } from '../../../db/queries/connections.ts';
import {
  findOpenPromise,
  getIncident,
  getUpdate,
  type Incident,
  listPublishedUpdates,
  listUpdates,
  type Update,
} from '../../../db/queries/incidents.ts';
import { getPage, listComponents } from '../../../db/queries/pages.ts';
import { listPeople } from '../../../db/queries/people.ts';
import { listRenditions } from '../../../db/queries/words.ts';
import { inheritsPromise } from '../../actions/amend/check-amendment.ts';
import { consentTo } from '../../actions/approval/consent.ts';
import { approvalQuestion } from '../../actions/approval/question.ts';
import { approveUpdate } from '../../actions/approve-update.ts';
import { mustBe } from '../../actions/context.ts';
import { impactWith, ratingOf } from '../../actions/rating.ts';
import { previewWords } from '../../actions/request-approval.ts';
import { returnUpdate } from '../../actions/return-update.ts';
import { askForProof, waysOf } from '../../actions/sign-in/prove.ts';
import { formOf as formIn } from '../../domain/amend.ts';
import { type ApprovalQuestion, decideApproval, whyShared } from '../../domain/approval.ts';
import { DomainError } from '../../domain/error.ts';
import { bestWay, type Proving, proofNeeded, showsSelf } from '../../domain/proof.ts';
import { isPublic } from '../../domain/update.ts';
import { BLOCKS } from '../../domain/words.ts';
import { renderApprovals, renderApprove } from '../../templates/desk.ts';
import type { ApproveView, DiffView } from '../../templates/desk-update-views.ts';
import { diffWords } from '../../templates/diff.ts';
import { list } from '../../templates/format.ts';
import { ctxOf, mustKnow } from '../who.ts';
import { amendingView } from './amend/view.ts';
import { plannedWay } from './amend/words.ts';
import { approvalRows, needed, numberOf, officersText, standing } from './approvals.ts';
import { doorRefusal } from './door.ts';
import { figureViews } from './fact-view.ts';
import { field, formOf, type Refused, refusedBy, text } from './forms.ts';
import { type Desk, frameFor, goTo, html, namesOf } from './frame.ts';
import { laterRows } from './maintenance/view.ts';
import { age, moment, placeOf, remaining } from './moments.ts';
import { overrideOffer } from './overrides.ts';
import { mediaChanges, pictureView } from './pictures.ts';
import { findingView, renditionView } from './previews.ts';
import { bestWayOf, proofOf, proofView } from './proving.ts';
import { BLOCK, COMPONENT, count, IMPACT, updateState } from './words.ts';

type ById = { Params: { id: string } };

const QUICK = ['A number is wrong', 'Not clear enough', 'Wrong tone', 'Wait: there is news'];

/** Saying yes, or sending back: made for a phone and one thumb. */
export function approve(app: FastifyInstance, desk: Desk): void {
  const { r, ports } = desk;

  app.get('/approvals', async (request, reply) =>
    html(
      reply,
      renderApprovals({
        frame: await frameFor(desk, request, { title: 'Approvals', room: 'approvals' }),
        waiting: await approvalRows(desk, mustKnow(request), ports.base.now()),
      }),
    ),
  );

  app.get<ById>('/approvals/:id', async (request, reply) => {
    const update = await getUpdate(r, request.params.id);
    if (isPublic(update.state)) return goTo(reply, `/desk/updates/${update.id}/deliveries`);
    if (update.state !== 'in_review' && update.state !== 'approved')
      return goTo(reply, `/desk/updates/${update.id}`);
    return html(reply, renderApprove(await view(desk, request, update)));
  });

  app.post<ById>('/approvals/:id/approve', async (request, reply) => {
    const { id } = request.params;
    try {
      const form = formOf(request);
      const hash = text(form, 'hash');
      const proof = await proofOf(desk, request, form, `approve|${id}|${hash}`);
      const after = await approveUpdate(ctxOf(ports.base, request), id, hash, proof);
      ports.kick();
      return after.state === 'published'
        ? goTo(reply, `/desk/updates/${id}/deliveries`, 'released')
        : goTo(
            reply,
            `/desk/approvals/${id}`,
            after.state === 'approved' && after.publishAt !== null ? 'timed' : 'approved',
          );
    } catch (error) {
      return again(request, reply, id, doorRefusal(error, 400));
    }
  });

  // What a browser asks an authenticator: bound to this session and to these very words.
  app.post<ById>('/approvals/:id/ask', async (request, reply) => {
    const ctx = ctxOf(ports.base, request);
    mustBe(ctx.actor, ['approver'], 'approve');
    const { id, hash } = await getUpdate(r, request.params.id);
    const asked = await askForProof(ctx, ports.locks, {
      sessionId: mustKnow(request).token.id,
      about: `approve|${id}|${hash ?? ''}`,
    });
    return reply.header('cache-control', 'no-store').send(asked);
  });

  // One's own voice: bound to these very words, too, and to nothing else.
  app.post<ById>('/approvals/:id/consent/ask', async (request, reply) => {
    const { id, hash } = await getUpdate(r, request.params.id);
    const asked = await askForProof(ctxOf(ports.base, request), ports.locks, {
      sessionId: mustKnow(request).token.id,
      about: `consent|${id}|${hash ?? ''}`,
    });
    return reply.header('cache-control', 'no-store').send(asked);
  });

  app.post<ById>('/approvals/:id/consent', async (request, reply) => {
    const { id } = request.params;
    try {
      const form = formOf(request);
      const hash = text(form, 'hash');
      const proof = await proofOf(desk, request, form, `consent|${id}|${hash}`);
      const after = await consentTo(ctxOf(ports.base, request), id, hash, proof);
      ports.kick();
      return after.state === 'published'
        ? goTo(reply, `/desk/updates/${id}/deliveries`, 'released')
        : goTo(reply, `/desk/approvals/${id}`, 'consented');
    } catch (error) {
      return again(request, reply, id, doorRefusal(error, 400));
    }
  });

  app.post<ById>('/approvals/:id/return', async (request, reply) => {
    const { id } = request.params;
    const form = formOf(request);
    try {
      const reason = text(form, 'quick') || text(form, 'reason');
      const after = await returnUpdate(ctxOf(ports.base, request), id, reason);
      return goTo(reply, `/desk/incidents/${after.incidentId}`, 'returned');
    } catch (error) {
      return again(request, reply, id, refusedBy(error), text(form, 'reason'));
    }
  });

  /** The screen once more, with what is true now and why it could not be done. */
  async function again(
    request: FastifyRequest,
    reply: Parameters<typeof html>[0],
    id: string,
    refused: Refused,
    typed = '',
  ) {
    const update = await getUpdate(r, id);
    const body = await view(desk, request, update, refused, typed);
    return html(reply, renderApprove(body), refused.status);
  }
}

async function view(
  desk: Desk,
  request: FastifyRequest,
  update: Update,
  refused?: Refused,
  typed = '',
): Promise<ApproveView> {
  const { r, ports } = desk;
  const { person, actor } = mustKnow(request);
  const now = ports.base.now();
  const incident = await getIncident(r, update.incidentId);
  const page = await getPage(r, update.pageId);
  const place = placeOf(page);
  const names = await namesOf(r);
  const given = await standing(desk, update);
  const connections = new Map((await listConnections(r, page.id)).map((c) => [c.id, c]));
  const before =
    update.correctsId === null
      ? (await listPublishedUpdates(r, [incident.id])).at(-1)
      : await getUpdate(r, update.correctsId);
  const renditions = await exact(desk, update, before, connections);
  const pageDiff = before ? diffWords(pageText(before), pageText(update)) : [];
  const mediaChanged = before ? mediaChanges(before.media, update.media) : [];
  const question = await approvalQuestion(r, update, page, actor, now);
  const ways = await waysOf(r, person.id);
  const usable = { ...ways, passkey: ways.passkey && ports.locks.site.id !== '' };
  const { whyNot, mustShowSelf } = judge(question, names, bestWay(usable), now);
  const { findings } = await previewWords(r, update, now, ports.exercise);
  const warnings = findings.filter((f) => f.level === 'warn');
  const components = await listComponents(r, page.id);
  const figures = await figureViews(desk, incident, page, update, person.id);
  const proof = mustShowSelf ? bestWay(usable) : proofNeeded(page.policy, update.class, usable);
  const offices = new Map((await listPeople(r)).map((p) => [p.id, p.offices]));
  const want = needed(page.policy, update);
  const officers = await officersText(desk, update, page, question.given, now);
  const looking = desk.presence
    .lookingAt(`/desk/approvals/${update.id}`, person.id)
    .map((id) => names(id).name);
  const open = await findOpenPromise(r, incident.id);
  const number = numberOf(update, await listUpdates(r, incident.id));
  const asked =
    update.requestedAt === null
      ? 'not asked for'
      : `asked ${age(now - update.requestedAt)} ago by ${names(update.requestedBy).name}`;
  return {
    frame: await frameFor(desk, request, {
      title: `Approve: ${incident.title}`,
      room: 'approvals',
      page,
      trouble:
        refused && !['reason', 'code', 'password'].includes(refused.field ?? '') ? refused.message : null,
    }),
    title: incident.title,
    incidentHref: `/desk/incidents/${incident.id}`,
    facts: `Update ${number} · the page and ${count(renditions.length, 'network')} · class ${update.class} · ${asked}`,
    state: updateState(update),
    ring:
      update.state === 'approved' && update.releaseAt !== null
        ? { until: update.releaseAt, text: remaining(update.releaseAt - now) }
        : null,
    amending: await amendingView(desk, update),
    renditions,
    page: pageText(update),
    pageChanged: pageDiff,
    media: (update.media ?? []).map(pictureView),
    mediaChanged,
    manyPictures: (update.media ?? []).length > 1,
    shownOn: list(['the page', ...renditions.filter((x) => x.media.length > 0).map((x) => x.network)], 'en'),
    changes: pageDiff.filter((d) => d.added || d.removed).length + mediaChanged.length,
    firstWords: before === undefined,
    before:
      before?.publishedAt == null
        ? null
        : `Against the words that are public since ${moment(before.publishedAt, now, place).text}`,
    blocks: BLOCKS.filter((b) => update.blocks[b]).map((b) => ({
      label: BLOCK[b].label,
      words: update.blocks[b] ?? '',
    })),
    components: components
      .filter((c) => update.components[c.id] !== undefined)
      .map((c) => ({ name: c.name, from: COMPONENT[c.status], to: COMPONENT[update.components[c.id]!] })),
    impact: await impactChange(r, incident, update),
    runsOn: inheritsPromise(update, incident) && open ? moment(open.dueAt, now, place).text : null,
    promise:
      update.nextUpdateBy === null
        ? null
        : {
            text: moment(update.nextUpdateBy, now, place).text,
            note:
              update.nextUpdateBy > now
                ? `in ${age(update.nextUpdateBy - now)}, on the page and every network`
                : 'this time has passed: send it back',
          },
    warnings:
      warnings.length === 0
        ? null
        : { count: count(warnings.length, 'warning'), findings: warnings.map(findingView) },
    later: await laterRows(r, update, page, now),
    hash: update.hash ?? '',
    approveAction: `/desk/approvals/${update.id}/approve`,
    returnAction: `/desk/approvals/${update.id}/return`,
    withdrawAction: `/desk/updates/${update.id}/withdraw`,
    editHref: `/desk/updates/${update.id}?edit`,
    mayApprove: whyNot === null,
    whyNot: update.state === 'in_review' && update.voiceOf !== actor.id ? whyNot : null,
    voice: await voiceView(desk, request, update, question.consented, refused),
    self: mustShowSelf ? 'Somebody who had a hand in these words made the link by which you came in.' : null,
    mayReturn: whyNot === null,
    mayEdit:
      update.state === 'in_review' &&
      ['author', 'approver', 'admin'].some((role) => actor.roles.includes(role as 'author')),
    yeses: given.map((a) => ({
      who: names(a.personId),
      as: (offices.get(a.personId) ?? []).join(', '),
      when: moment(a.at, now, place),
    })),
    figures,
    proof: proofView(desk, proof, `/desk/approvals/${update.id}/ask`, refused),
    override: await overrideOffer(desk, request, update),
    timed:
      update.publishAt === null
        ? null
        : `Goes out by itself at ${moment(update.publishAt, now, place).text}.`,
    needed: `${given.length} of ${count(want, 'yes', 'yeses')}${officers === null ? '' : `; ${officers}`}`,
    looking:
      looking.length === 0
        ? null
        : `${list(looking, 'en')} ${looking.length === 1 ? 'is' : 'are'} looking too`,
    reason: field('reason', 'Why it goes back', '', typed, refused),
    quick: QUICK,
    expires:
      update.state === 'in_review' && update.requestedAt !== null
        ? `The question runs out at ${moment(update.requestedAt + page.policy.expiresMs, now, place).text}.`
        : null,
  };
}

/** How bad the page will say it is, where these words change that. */
async function impactChange(
  r: Desk['r'],
  incident: Incident,
  update: Update,
): Promise<ApproveView['impact']> {
  if (incident.kind === 'maintenance') return null;
  const to = await impactWith(r, incident, update);
  const from = incident.publishedAt === null ? null : incident.impact;
  return to === (from ?? 'none') && ratingOf(incident, update) === undefined
    ? null
    : { from: from === null ? 'not public yet' : IMPACT[from], to: IMPACT[to] };
}

/** Whose own voice it is and what they said to it; for them, the form. */
async function voiceView(
  desk: Desk,
  request: FastifyRequest,
  update: Update,
  consented: boolean,
  refused?: Refused,
): Promise<ApproveView['voice']> {
  if (update.voiceOf === null) return null;
  const { person, actor } = mustKnow(request);
  const { name } = (await namesOf(desk.r))(update.voiceOf);
  const way = await bestWayOf(desk, request);
  const yours = person.id === update.voiceOf && !consented && update.state === 'in_review';
  return {
    name,
    state: consented
      ? { icon: 'ok', tone: 'good', word: `${name} has consented: it is their own voice` }
      : { icon: 'wait', tone: 'warn', word: `In ${name}’s own voice: waits for their consent` },
    consent: yours
      ? {
          action: `/desk/approvals/${update.id}/consent`,
          proof: proofView(desk, way, `/desk/approvals/${update.id}/consent/ask`, refused),
          whyNot:
            way !== null && showsSelf(actor, way)
              ? null
              : 'Consent takes your own passkey, app code or password. Set one up under “Your sign-in”, or sign in with it.',
        }
      : null,
  };
}

/** The rule's own reason against a yes of this person, or null when they may give it; and whether they must show who they are. */
function judge(
  question: ApprovalQuestion,
  names: (id: string) => { name: string },
  way: Proving | null,
  now: number,
): { whyNot: string | null; mustShowSelf: boolean } {
  try {
    const { shared } = decideApproval(question, now);
    const mustShowSelf = shared !== undefined && !showsSelf(question.approver, 'session');
    const may = !mustShowSelf || (way !== null && showsSelf(question.approver, way));
    return { whyNot: may ? null : whyShared(names(shared ?? '').name), mustShowSelf: mustShowSelf && may };
  } catch (error) {
    if (error instanceof DomainError) return { whyNot: error.message, mustShowSelf: false };
    throw error;
  }
}

/** The frozen words, strictest network first, each with what changed since it last spoke in this incident. */
async function exact(
  { r, ports }: Desk,
  update: Update,
  before: Update | undefined,
  connections: ReadonlyMap<string, Connection>,
) {
  const old = new Map(
    before
      ? (await listRenditions(r, before.id)).map((x) => [
          x.connectionId,
          x.parts.map((p) => p.text).join('\n\n'),
        ])
      : [],
  );
  return (await listRenditions(r, update.id))
    .flatMap((x) => {
      const connection = connections.get(x.connectionId);
      // Of the languages that subscribers read us in, one stands for all.
      return connection && x.language === connection.language ? [{ x, connection }] : [];
    })
    .sort((a, b) => a.connection.limits.max - b.connection.limits.max)
    .map(({ x, connection }) => {
      const was = old.get(connection.id);
      const parts = [...formIn(x, plannedWay(update, connection.id))];
      const now = parts.map((p) => p.text).join('\n\n');
      const changed: DiffView[] = was === undefined ? [] : diffWords(was, now);
      return {
        ...renditionView(
          { connection, parts, dropped: x.dropped, max: x.max, unit: x.unit, pictures: update.media },
          ports.channels,
        ),
        changed,
        hasChanged: changed.some((d) => d.added || d.removed),
      };
    });
}

const pageText = (u: Update): string =>
  u.body || BLOCKS.flatMap((b) => u.blocks[b] ?? []).join('\n\n') || (u.note ?? '');
