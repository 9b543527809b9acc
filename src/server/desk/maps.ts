import type { FastifyInstance, FastifyRequest } from 'fastify';
import { getMap, listMaps, type MessageMap } from '../../../db/queries/message-maps.ts';
import { clearMap, saveMap } from '../../actions/message-maps.ts';
import { wordsOf } from '../../domain/lint/lint.ts';
import { checkMap, type MapMessage } from '../../domain/message-map.ts';
import { mayApprove, mayWrite, rolesOn } from '../../domain/rights.ts';
import { renderMap, renderMaps } from '../../templates/desk-judgement.ts';
import { ctxOf, mustKnow } from '../who.ts';
import { type Form, field, formOf, type Refused, refusedBy, text, troubleOf } from './forms.ts';
import { type Desk, frameFor, goTo, html, namesOf, pageFor, pagesFor } from './frame.ts';
import { findingView } from './previews.ts';

type ById = { Params: { id: string } };

/** One question, three messages, what backs each: what helpers answer with. */
export function maps(app: FastifyInstance, desk: Desk): void {
  const { r, ports } = desk;

  async function list(request: FastifyRequest, refused?: Refused) {
    const { actor, person } = mustKnow(request);
    const names = await namesOf(r);
    return renderMaps({
      frame: await frameFor(desk, request, {
        title: 'Message maps',
        room: 'templates',
        trouble: refused?.message,
      }),
      pages: await Promise.all(
        (await pagesFor(desk, request)).map(async (page) => ({
          id: page.id,
          name: page.name,
          mayWrite: mayWrite(rolesOn(person, page.id)),
          rows: (await listMaps(r, page.id)).map((m) => ({
            id: m.id,
            href: `/desk/maps/${m.id}`,
            question: m.question,
            messages: m.messages.map((x) => x.text),
            version: m.version,
            state:
              m.clearedBy === null
                ? { icon: 'pen', tone: '' as const, word: 'Not cleared' }
                : { icon: 'ok', tone: 'good' as const, word: 'Cleared' },
            note: `by ${names(m.clearedBy ?? m.authorId).name}`,
            clearAction:
              m.clearedBy === null &&
              mayApprove(rolesOn(person, page.id)) &&
              (page.policy.solo || m.authorId !== actor.id)
                ? `/desk/maps/${m.id}/clear`
                : null,
          })),
        })),
      ),
    });
  }

  async function draw(
    request: FastifyRequest,
    pageId: string,
    form: Form,
    over: MessageMap | null,
    refused?: Refused,
  ) {
    const typed = messagesOf(form);
    const said = typed.filter((m) => m.text.trim() !== '');
    const length = said.reduce((n, m) => n + wordsOf(m.text).length, 0);
    return renderMap({
      frame: await frameFor(desk, request, {
        title: over?.question ?? 'New message map',
        room: 'templates',
        trouble: troubleOf(refused, ['question', 'messages']),
      }),
      heading: over?.question ?? 'New message map',
      action: over ? `/desk/maps/${over.id}` : '/desk/maps',
      page: pageId,
      version: over?.version ?? 0,
      question: field(
        'question',
        'Question',
        'As people ask it: “Was I charged twice?”',
        text(form, 'question'),
        refused,
      ),
      messages: [0, 1, 2].map((i) => ({
        n: i + 1,
        text: typed[i]?.text ?? '',
        supports: (typed[i]?.supports ?? []).join('\n'),
      })),
      error: refused?.field === 'messages' ? refused.message : null,
      words: `${length} of 27 words, about ${Math.ceil((length / 27) * 9)} of 9 seconds`,
      findings: said.length === 0 ? [] : checkMap(text(form, 'question') || '?', typed).map(findingView),
    });
  }

  app.get('/maps', async (request, reply) => html(reply, await list(request)));

  app.get<{ Querystring: { page?: string } }>('/maps/new', async (request, reply) => {
    const page = await pageFor(desk, request, request.query.page ?? '');
    return html(reply, await draw(request, page.id, {}, null));
  });

  app.get<ById>('/maps/:id', async (request, reply) => {
    const map = await getMap(r, request.params.id);
    return html(reply, await draw(request, map.pageId, formFrom(map), map));
  });

  app.post('/maps', async (request, reply) => {
    const form = formOf(request);
    const page = await pageFor(desk, request, text(form, 'page'));
    try {
      await saveMap(ctxOf(ports.base, request), {
        pageId: page.id,
        incidentId: null,
        question: text(form, 'question'),
        messages: messagesOf(form),
      });
      return goTo(reply, '/desk/maps', 'map-saved');
    } catch (error) {
      const refused = refusedBy(error);
      return html(reply, await draw(request, page.id, form, null, refused), refused.status);
    }
  });

  app.post<ById>('/maps/:id', async (request, reply) => {
    const form = formOf(request);
    const map = await getMap(r, request.params.id);
    try {
      await saveMap(
        ctxOf(ports.base, request),
        {
          pageId: map.pageId,
          incidentId: map.incidentId,
          question: text(form, 'question'),
          messages: messagesOf(form),
        },
        { id: map.id, version: Number(text(form, 'version')) },
      );
      return goTo(reply, '/desk/maps', 'map-saved');
    } catch (error) {
      const refused = refusedBy(error);
      return html(reply, await draw(request, map.pageId, form, map, refused), refused.status);
    }
  });

  app.post<ById>('/maps/:id/clear', async (request, reply) => {
    try {
      await clearMap(ctxOf(ports.base, request), request.params.id, Number(text(formOf(request), 'version')));
      return goTo(reply, '/desk/maps', 'map-cleared');
    } catch (error) {
      const refused = refusedBy(error);
      return html(reply, await list(request, refused), refused.status);
    }
  });
}

const messagesOf = (form: Form): MapMessage[] =>
  [1, 2, 3].map((n) => ({
    text: text(form, `m${n}`),
    supports: text(form, `s${n}`)
      .split('\n')
      .filter((s) => s.trim() !== ''),
  }));

const formFrom = (map: MessageMap): Form => ({
  question: map.question,
  ...Object.fromEntries(
    map.messages.flatMap((m, i) => [
      [`m${i + 1}`, m.text],
      [`s${i + 1}`, m.supports.join('\n')],
    ]),
  ),
});
