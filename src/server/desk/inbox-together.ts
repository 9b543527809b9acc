import type { FastifyInstance, FastifyRequest } from 'fastify';
import { getMention, listOpenMentions, type Mention } from '../../../db/queries/mentions.ts';
import { ANSWERERS } from '../../actions/answer-mention.ts';
import { mustBe } from '../../actions/context.ts';
import {
  answerTogether,
  type Prepared,
  prepareTogether,
  seenHash,
} from '../../actions/inbox/answer-together.ts';
import { draftAnswers } from '../../actions/inbox/drafts.ts';
import { cluster } from '../../domain/cluster.ts';
import { renderTogether } from '../../templates/desk.ts';
import { ctxOf } from '../who.ts';
import { formOf, type Refused, refusedBy, text, texts, troubleOf } from './forms.ts';
import { type Desk, frameFor, goTo, html } from './frame.ts';
import { clusterWords } from './inbox-view.ts';
import { findingView } from './previews.ts';
import { count } from './words.ts';

type ById = { Params: { id: string }; Querystring: { with?: string } };
interface Typed {
  text: string;
  /** Whom the person has chosen; null before they chose. */
  chosen: readonly string[] | null;
  /** They asked to see what would go out. */
  reviewed: boolean;
}

const MOST = 500;

/** One answer for many who ask alike: written once, reviewed, and only then sent to each. */
export function together(app: FastifyInstance, desk: Desk): void {
  const { r, ports } = desk;

  app.get<ById>('/inbox/:id/together', async (request, reply) => {
    const lead = await getMention(r, request.params.id);
    const drafts = await draftAnswers(r, lead, ports.base.now());
    const begun = drafts.find((x) => x.id === request.query.with)?.text ?? '';
    return html(reply, await draw(request, lead, { text: begun, chosen: null, reviewed: false }));
  });

  app.post<ById>('/inbox/:id/together', async (request, reply) => {
    const ctx = ctxOf(ports.base, request);
    mustBe(ctx.actor, ANSWERERS, 'draft');
    const form = formOf(request);
    const lead = await getMention(r, request.params.id);
    const typed = { text: text(form, 'text'), chosen: texts(form, 'mention'), reviewed: true };
    if (text(form, 'step') !== 'send') return html(reply, await draw(request, lead, typed));
    try {
      await answerTogether(ctx, lead.pageId, {
        mentionIds: typed.chosen,
        text: typed.text,
        seen: text(form, 'seen'),
        batchId: text(form, 'batch'),
      });
      ports.kick();
      return goTo(reply, '/desk/inbox', 'answered');
    } catch (error) {
      const refused = refusedBy(error);
      return html(reply, await draw(request, lead, typed, refused), refused.status);
    }
  });

  async function draw(request: FastifyRequest, lead: Mention, typed: Typed, refused?: Refused) {
    const group = await groupOf(lead);
    const ids = [...new Set([...group.ids, ...(typed.chosen ?? [])])];
    const chosen = typed.chosen ?? group.ids;
    const each = await prepareTogether(r, lead.pageId, ids, typed.text, ports.exercise);
    const mine = each.filter((x) => chosen.includes(x.mention.id));
    const error = typed.reviewed && typed.text.trim() === '' ? 'Write the answer first.' : null;
    return renderTogether({
      frame: await frameFor(desk, request, {
        title: 'Answer together',
        room: 'inbox',
        style: 'heard',
        trouble: troubleOf(refused, ['text']),
      }),
      action: `/desk/inbox/${lead.id}/together`,
      heading: group.words,
      text: typed.text,
      error: refused?.field === 'text' ? refused.message : error,
      ready:
        typed.reviewed && mine.length > 0 && error === null && maySend(mine)
          ? {
              seen: seenHash(mine, typed.text),
              batch: ports.base.newId(),
              words: `Send it to ${count(mine.length, 'person', 'people')}`,
              second: mine.find((x) => x.second !== undefined)?.second ?? null,
            }
          : null,
      findings: typed.reviewed ? findingsOf(mine) : [],
      people: each.map((x) => ({
        id: x.mention.id,
        who: x.mention.authorHandle,
        network: x.network,
        text: x.mention.text,
        chosen: chosen.includes(x.mention.id),
        refused: typed.reviewed ? x.refused : null,
      })),
      drafts: (await draftAnswers(r, lead, ports.base.now())).map((x) => ({
        href: `/desk/inbox/${lead.id}/together?with=${x.id}`,
        label: x.label,
      })),
    });
  }

  /** The group that this one asks with; alone when the others have been answered meanwhile. */
  async function groupOf(lead: Mention): Promise<{ ids: string[]; words: string }> {
    const open = await listOpenMentions(r, MOST, [lead.pageId]);
    const group = cluster(open).find((c) => c.ids.includes(lead.id));
    return group
      ? { ids: group.ids, words: clusterWords(group) }
      : { ids: [lead.id], words: 'Answer together' };
  }
}

const maySend = (each: readonly Prepared[]): boolean =>
  each.every((x) => x.refused === null && !x.findings.some((f) => f.level === 'block'));

/** Each finding once, however many it holds for. */
const findingsOf = (each: readonly Prepared[]) => [
  ...new Map(each.flatMap((x) => x.findings).map((f) => [`${f.id}|${f.quote}`, findingView(f)])).values(),
];
