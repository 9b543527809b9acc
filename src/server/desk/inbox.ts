import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Connection, listAllConnections } from '../../../db/queries/connections.ts';
import {
  findHearing,
  listOpenMentions,
  listReplies,
  listSettledMentions,
  type Mention,
} from '../../../db/queries/mentions.ts';
import { listPages } from '../../../db/queries/pages.ts';
import { answerMention, dismissMention } from '../../actions/answer-mention.ts';
import { isOpen, waiting } from '../../domain/mention.ts';
import { renderInbox } from '../../templates/desk.ts';
import type { MentionView } from '../../templates/desk-inbox-views.ts';
import type { StateView } from '../../templates/desk-views.ts';
import { ctxOf, mustKnow } from '../who.ts';
import { formOf, type Refused, refusedBy, text } from './forms.ts';
import { type Desk, frameFor, goTo, html, namesOf } from './frame.ts';
import { moment, placeOf, remaining } from './moments.ts';
import { deliveryState } from './words.ts';

type ById = { Params: { id: string } };
interface Typed {
  id: string;
  text: string;
  refused: Refused;
}

const SHOWN = 200;
const STATE: Record<Mention['state'], StateView> = {
  new: { icon: 'soon', tone: 'warn', word: 'Waiting' },
  assigned: { icon: 'soon', tone: 'warn', word: 'Being answered' },
  answered: { icon: 'ok', tone: 'good', word: 'Answered' },
  answered_by_broadcast: { icon: 'ok', tone: 'good', word: 'Answered to all' },
  no_reply_needed: { icon: 'skip', tone: '', word: 'Needs no answer' },
};

const OVERDUE: StateView = { icon: 'warn', tone: 'bad', word: 'Overdue' };

/** What people said, by how long they wait, and a box to answer each where they asked. */
export function inbox(app: FastifyInstance, desk: Desk): void {
  const { r, ports } = desk;

  app.get('/inbox', async (request, reply) => html(reply, await draw(request)));

  for (const what of ['answer', 'dismiss'] as const)
    app.post<ById>(`/inbox/:id/${what}`, async (request, reply) => {
      const ctx = ctxOf(ports.base, request);
      const { id } = request.params;
      const typed = text(formOf(request), what === 'answer' ? 'text' : 'reason');
      try {
        if (what === 'answer') await answerMention(ctx, id, typed);
        else await dismissMention(ctx, id, typed);
        ports.kick();
        return goTo(reply, `/desk/inbox#m-${id}`, what === 'answer' ? 'answered' : 'dismissed');
      } catch (error) {
        const refused = refusedBy(error);
        return html(reply, await draw(request, { id, text: typed, refused }), refused.status);
      }
    });

  async function draw(request: FastifyRequest, typed?: Typed): Promise<string> {
    const now = ports.base.now();
    const connections = new Map((await listAllConnections(r)).map((c) => [c.id, c]));
    const open = await listOpenMentions(r, SHOWN);
    const settled = await listSettledMentions(r, 30);
    const replies = await listReplies(
      r,
      [...open, ...settled].map((m) => m.id),
    );
    const nameOf = await namesOf(r);
    const pages = await listPages(r);
    const { csrf, actor } = mustKnow(request);
    const mayAnswer = actor.roles.some((role) => role !== 'viewer');
    const view = (m: Mention): MentionView => {
      const connection = connections.get(m.connectionId);
      const place = placeOf(pages.find((page) => page.id === m.pageId));
      const mine = typed?.id === m.id ? typed : undefined;
      return {
        id: m.id,
        who: m.authorName === null ? m.authorHandle : `${m.authorName} (${m.authorHandle})`,
        network: connection?.name ?? 'an account that is gone',
        text: m.text,
        href: m.url,
        when: moment(m.saidAt, now, place),
        inReplyTo: m.inReplyTo !== null,
        state: stateOf(m, now),
        due: isOpen(m.state) ? clockOf(m, now) : null,
        note: noteOf(m, (id) => nameOf(id).name),
        replies: replies
          .filter(({ reply }) => reply.mentionId === m.id)
          .map(({ reply, delivery }) => ({
            text: reply.text,
            by: nameOf(reply.authorId).name,
            state: deliveryState(delivery),
            reason: delivery.reason,
            settle: null,
          })),
        answer:
          mayAnswer && isOpen(m.state) && connection ? { ...answerBox(m, connection, mine), csrf } : null,
      };
    };
    const deaf = [];
    for (const c of connections.values()) {
      const failure = (await findHearing(r, c.id))?.failure;
      if (failure) deaf.push({ name: c.name, why: failure });
    }
    return renderInbox({
      frame: await frameFor(desk, request, {
        title: 'Inbox',
        room: 'inbox',
        style: 'heard',
        trouble: typed && typed.refused.field === undefined ? typed.refused.message : null,
      }),
      open: open.map(view),
      settled: settled.map(view),
      overdue: open.filter((m) => waiting(m.dueAt, now) === 'overdue').length,
      deaf,
    });
  }
}

function answerBox(m: Mention, connection: Connection, typed: Typed | undefined) {
  const max = connection.limits.reply ?? connection.limits.max;
  return {
    action: `/desk/inbox/${m.id}/answer`,
    dismiss: `/desk/inbox/${m.id}/dismiss`,
    name: connection.account,
    text: typed && typed.refused.field !== 'reason' ? typed.text : '',
    max: `up to ${max.toLocaleString('en')}`,
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
