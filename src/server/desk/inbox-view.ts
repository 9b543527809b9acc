import type { FastifyRequest } from 'fastify';
import { type Connection, listAllConnections } from '../../../db/queries/connections.ts';
import type { Delivery } from '../../../db/queries/deliveries.ts';
import { type Incident, listIncidents } from '../../../db/queries/incidents.ts';
import {
  countOpenSince,
  findHearing,
  listAskedReplies,
  listDue,
  listOpenMentions,
  listReplies,
  listSettledMentions,
  listSettledSince,
  type Mention,
  type Reply,
} from '../../../db/queries/mentions.ts';
import { listReceipts } from '../../../db/queries/receipts.ts';
import { type AnswerDraft, draftAnswers } from '../../actions/inbox/drafts.ts';
import { type Answers, measureAnswers } from '../../domain/answered.ts';
import { type Cluster, cluster } from '../../domain/cluster.ts';
import { needsPerson } from '../../domain/delivery.ts';
import { isOpen, waiting } from '../../domain/mention.ts';
import { mayAnswer, mayApprove, rolesOn } from '../../domain/rights.ts';
import type { MentionView, ReplyView } from '../../templates/desk-inbox-views.ts';
import type { StateView } from '../../templates/desk-views.ts';
import { mustKnow } from '../who.ts';
import { field, type Refused } from './forms.ts';
import { type Desk, namesOf, pagesFor } from './frame.ts';
import { answersNote } from './inbox-rows.ts';
import { moment, placeOf, remaining } from './moments.ts';
import { staffingView } from './staffing.ts';
import { deliveryState, linkTo } from './words.ts';

/** What somebody had typed when it was refused: of a mention, or of one of our answers. */
export interface Typed {
  id: string;
  text: string;
  refused: Refused;
}

const SHOWN = 200;
const SETTLED = 30;
const STATE: Record<Mention['state'], StateView> = {
  new: { icon: 'soon', tone: 'warn', word: 'Waiting' },
  assigned: { icon: 'soon', tone: 'warn', word: 'Being answered' },
  answered: { icon: 'ok', tone: 'good', word: 'Answered' },
  answered_by_broadcast: { icon: 'ok', tone: 'good', word: 'Answered to all' },
  no_reply_needed: { icon: 'skip', tone: '', word: 'Needs no answer' },
};
const OVERDUE: StateView = { icon: 'warn', tone: 'bad', word: 'Overdue' };
const SECOND: StateView = { icon: 'wait', tone: 'warn', word: 'Waits for a second person' };
const BACK: StateView = { icon: 'no', tone: 'bad', word: 'Sent back' };
const DAY_MS = 24 * 60 * 60_000;

const draftKey = (m: Mention): string => `${m.connectionId}|${m.incidentId ?? ''}`;

const aboutOf = (i: Incident | undefined) =>
  i === undefined ? null : { href: `/desk/incidents/${i.id}`, title: i.title };

/** "37 people ask about card payments". */
export const clusterWords = (c: Cluster): string => `${c.ids.length} people ask about ${c.about}`;

const figureWords = (a: Answers): string =>
  `${a.percent === null ? '' : `${a.percent} % answered within the hour: `}${answersNote(a)}`;

/** What people said on the pages of the person who asks, each with our answers and what can be done about it. */
export async function mentionViews(desk: Desk, request: FastifyRequest, typed?: Typed) {
  const { r, ports } = desk;
  const now = ports.base.now();
  const { csrf, person } = mustKnow(request);
  const pages = await pagesFor(desk, request);
  const pageIds = pages.map((page) => page.id);
  const connections = new Map(
    (await listAllConnections(r)).filter((c) => pageIds.includes(c.pageId)).map((c) => [c.id, c]),
  );
  const open = await listOpenMentions(r, SHOWN, pageIds);
  const settled = await listSettledMentions(r, SETTLED, pageIds);
  const replies = await listReplies(
    r,
    [...open, ...settled].map((m) => m.id),
  );
  const receipts = new Map(
    (
      await listReceipts(
        r,
        replies.map(({ delivery }) => delivery.id),
      )
    ).map((x) => [x.deliveryId, x.url]),
  );
  const nameOf = await namesOf(r);
  const incidents = (await Promise.all(pageIds.map((id) => listIncidents(r, id, 30)))).flat();
  const asked = await listAskedReplies(
    r,
    [...open, ...settled].map((m) => m.id),
  );
  const drafts = new Map<string, AnswerDraft[]>();
  for (const m of open) {
    // The same for everybody who asks the same on the same account.
    const key = draftKey(m);
    if (connections.has(m.connectionId) && !drafts.has(key)) drafts.set(key, await draftAnswers(r, m, now));
  }
  const begun = (request.query ?? {}) as { draft?: unknown; with?: unknown };
  const view = (m: Mention): MentionView => {
    const connection = connections.get(m.connectionId);
    const may = mayAnswer(rolesOn(person, m.pageId));
    return {
      id: m.id,
      who: m.authorName === null ? m.authorHandle : `${m.authorName} (${m.authorHandle})`,
      network: connection?.name ?? 'an account that is gone',
      page: pages.length > 1 ? (pages.find((page) => page.id === m.pageId)?.name ?? null) : null,
      text: m.text,
      href: linkTo(m.url),
      when: moment(m.saidAt, now, placeOf(pages.find((page) => page.id === m.pageId))),
      inReplyTo: m.inReplyTo !== null,
      state: stateOf(m, now),
      due: isOpen(m.state) ? clockOf(m, now) : null,
      note: noteOf(m, (id) => nameOf(id).name),
      replies: replies
        .filter(({ reply }) => reply.mentionId === m.id)
        .map(({ reply, delivery }) => ({
          ...replyView(reply, delivery, nameOf(reply.authorId).name),
          href: linkTo(receipts.get(delivery.id)),
          settle:
            may && needsPerson(delivery.state)
              ? { ...settleBox(reply, delivery, connection, typed), csrf }
              : null,
        })),
      about: aboutOf(incidents.find((i) => i.id === m.incidentId)),
      asked: asked
        .filter((reply) => reply.mentionId === m.id)
        .map((reply) => ({
          id: reply.id,
          text: reply.text,
          by: nameOf(reply.authorId).name,
          state: reply.verdict === null ? SECOND : BACK,
          note: reply.note,
          judge:
            reply.verdict === null && reply.authorId !== person.id && mayApprove(rolesOn(person, m.pageId))
              ? {
                  csrf,
                  action: `/desk/inbox/${m.id}/replies/${reply.id}/judge`,
                  error: typed?.id === reply.id ? typed.refused.message : null,
                }
              : null,
        })),
      answer:
        may && isOpen(m.state) && connection
          ? {
              ...answerBox(
                m,
                connection,
                typed?.id === m.id ? typed : undefined,
                begun.draft === m.id
                  ? (drafts.get(draftKey(m))?.find((x) => x.id === begun.with)?.text ?? '')
                  : '',
              ),
              csrf,
              drafts: (drafts.get(draftKey(m)) ?? []).map((x) => ({
                href: `/desk/inbox?draft=${m.id}&with=${x.id}#m-${m.id}`,
                label: x.label,
              })),
              linkAction: `/desk/inbox/${m.id}/link`,
              incidents: incidents
                .filter((i) => i.pageId === m.pageId && (i.resolvedAt === null || i.id === m.incidentId))
                .map((i) => ({ id: i.id, title: i.title, chosen: i.id === m.incidentId })),
            }
          : null,
    };
  };
  const deaf = [];
  for (const c of connections.values()) {
    const failure = (await findHearing(r, c.id))?.failure;
    if (failure) deaf.push({ name: c.name, why: failure });
  }
  const since = now - DAY_MS;
  const figures = measureAnswers(
    await listSettledSince(r, pageIds, since),
    now,
    await countOpenSince(r, pageIds, since, now),
  );
  return {
    staffing: await staffingView(desk, pages, await listDue(r, pageIds)),
    figures: figures.n + figures.waiting === 0 ? null : figureWords(figures),
    clusters: pages.flatMap((page) =>
      mayAnswer(rolesOn(person, page.id))
        ? cluster(open.filter((m) => m.pageId === page.id)).map((c) => ({
            href: `/desk/inbox/${c.ids[0]}/together`,
            words: clusterWords(c),
          }))
        : [],
    ),
    open: open.map(view),
    settled: settled.map(view),
    overdue: open.filter((m) => waiting(m.dueAt, now) === 'overdue').length,
    deaf,
  };
}

const replyView = (reply: Reply, delivery: Delivery, by: string): Omit<ReplyView, 'settle' | 'href'> => ({
  text: reply.text,
  by,
  state: deliveryState(delivery),
  reason: delivery.reason,
});

/** The honest ways out for an answer whose fate only a person can learn; the same as for a post. */
function settleBox(
  reply: Reply,
  delivery: Delivery,
  connection: Connection | undefined,
  typed: Typed | undefined,
) {
  const at = `/desk/inbox/${reply.mentionId}/replies/${reply.id}`;
  const mine = typed?.id === reply.id ? typed : undefined;
  const value = (name: string) => (mine?.refused.field === name ? mine.text : '');
  return {
    id: reply.id,
    manual: delivery.state === 'manual',
    openHref: linkTo(connection?.url),
    confirmAction: `${at}/confirm`,
    resendAction: `${at}/resend`,
    giveUpAction: `${at}/give-up`,
    url: field('url', 'It is there: its address', '', value('url'), mine?.refused),
    reason: field('reason', 'Why it need not be sent', '', value('reason'), mine?.refused),
  };
}

function answerBox(m: Mention, connection: Connection, typed: Typed | undefined, draft: string) {
  const max = connection.limits.reply ?? connection.limits.max;
  return {
    action: `/desk/inbox/${m.id}/answer`,
    dismiss: `/desk/inbox/${m.id}/dismiss`,
    name: connection.account,
    text: typed && typed.refused.field !== 'reason' ? typed.text : draft,
    max: `up to ${max.toLocaleString('en')}`,
    warning: typed?.refused.field === 'sure' ? typed.refused.message : null,
    error: typed?.refused.field === 'text' ? typed.refused.message : null,
    reasonError: typed?.refused.field === 'reason' ? typed.refused.message : null,
  };
}

/** Amber with a quarter of an hour left, red when the hour is over. */
function stateOf(m: Mention, now: number): StateView {
  if (!isOpen(m.state)) return STATE[m.state];
  const how = waiting(m.dueAt, now);
  return how === 'overdue' ? OVERDUE : { ...STATE[m.state], tone: how === 'soon' ? 'warn' : '' };
}

function clockOf(m: Mention, now: number): MentionView['due'] {
  const how = waiting(m.dueAt, now);
  return {
    until: m.dueAt,
    text:
      how === 'overdue'
        ? `${Math.max(1, Math.floor((now - m.dueAt) / 60_000))} min late`
        : remaining(m.dueAt - now),
    late: how === 'overdue',
  };
}

function noteOf(m: Mention, nameOf: (id: string | null) => string): string {
  if (m.state === 'assigned') return `${nameOf(m.assignedTo)} is on it`;
  if (m.settledAt === null) return '';
  const minutes = Math.max(0, Math.round((m.settledAt - m.saidAt) / 60_000));
  return m.reason === null ? `answered after ${minutes} min` : `${nameOf(m.settledBy)}: ${m.reason}`;
}
