import type { FastifyRequest } from 'fastify';
import { listConnections } from '../../../db/queries/connections.ts';
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
import { inheritsPromise } from '../../actions/amend/check-amendment.ts';
import { approvalQuestion } from '../../actions/approval/question.ts';
import { impactWith } from '../../actions/rating.ts';
import { previewWords } from '../../actions/request-approval.ts';
import { waysOf } from '../../actions/sign-in/prove.ts';
import { type ApprovalQuestion, decideApproval, whyShared } from '../../domain/approval.ts';
import { DomainError } from '../../domain/error.ts';
import { bestWay, type Proving, proofNeeded, showsSelf } from '../../domain/proof.ts';
import { ratingOf } from '../../domain/rating.ts';
import { mayWrite } from '../../domain/rights.ts';
import { BLOCKS } from '../../domain/words.ts';
import type { ApproveView } from '../../templates/desk-update-views.ts';
import { diffWords } from '../../templates/diff.ts';
import { list } from '../../templates/format.ts';
import { mustKnow } from '../who.ts';
import { amendingView } from './amend/view.ts';
import { needed, numberOf, officersText, standing } from './approvals.ts';
import { figureViews } from './fact-view.ts';
import { field, type Refused } from './forms.ts';
import { type Desk, frameFor, namesOf } from './frame.ts';
import { frozenWords, pageText } from './frozen-words.ts';
import { laterRows } from './maintenance/view.ts';
import { age, moment, placeOf, remaining } from './moments.ts';
import { overrideOffer } from './overrides.ts';
import { mediaChanges, pictureView } from './pictures.ts';
import { findingView } from './previews.ts';
import { bestWayOf, proofView } from './proving.ts';
import { BLOCK, COMPONENT, count, IMPACT, updateState } from './words.ts';

const QUICK = ['A number is wrong', 'Not clear enough', 'Wrong tone', 'Wait: there is news'];

/** The screen on which one says yes, for whoever looks; after a refusal, with why it could not be done. */
export async function approveView(
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
  const renditions = await frozenWords(desk, update, before, connections);
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
    mayEdit: update.state === 'in_review' && mayWrite(actor.roles),
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
