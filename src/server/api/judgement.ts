import type { FastifyInstance } from 'fastify';
import { listFacts } from '../../../db/queries/facts.ts';
import { listHandOvers } from '../../../db/queries/hand-overs.ts';
import { getIncident } from '../../../db/queries/incidents.ts';
import { findAuditHead } from '../../../db/queries/log.ts';
import { listMaps } from '../../../db/queries/message-maps.ts';
import { listOverrides } from '../../../db/queries/overrides.ts';
import { getTemplate, listTemplates } from '../../../db/queries/templates.ts';
import { clearTemplate } from '../../actions/clear-template.ts';
import { mustBe } from '../../actions/context.ts';
import { draftFromTemplate } from '../../actions/draft-from-template.ts';
import { addFact, correctFact } from '../../actions/facts/add-fact.ts';
import { confirmFact } from '../../actions/facts/confirm-fact.ts';
import { doubtFact } from '../../actions/facts/doubt-fact.ts';
import { impactOf } from '../../actions/facts/ledger.ts';
import { handOver } from '../../actions/hand-over/hand-over.ts';
import { whoOwnedAt } from '../../actions/hand-over/owners.ts';
import { clearMap, saveMap } from '../../actions/message-maps.ts';
import { revokeTemplate } from '../../actions/revoke-template.ts';
import { saveTemplate } from '../../actions/save-template.ts';
import type { NamedSlot } from '../../actions/template-words.ts';
import type { Ports } from '../ports.ts';
import { ctxOf, mustKnow } from '../who.ts';
import * as j from './judgement-schemas.ts';
import { pageOf } from './page-of.ts';
import { ById, OfPage, toMs } from './schemas.ts';

/** Facts, owners, templates and message maps, for programs. Confirming and clearing is held to the same rules as at the desk. */
export async function judgementRoutes(app: FastifyInstance, { base }: Pick<Ports, 'base'>): Promise<void> {
  const r = base.store.read;
  const doc = (tag: string, summary: string, more: object = {}) => ({
    schema: { tags: [tag], summary, ...more },
  });

  app.get<{ Params: ById }>(
    '/incidents/:id/facts',
    doc('facts', 'The ledger, and published updates that rest on what does not hold any more', {
      params: ById,
    }),
    async (q) => {
      const incident = await getIncident(r, q.params.id);
      return {
        facts: await listFacts(r, incident.id),
        impact: (await impactOf(r, incident.id)).map((x) => ({
          updateId: x.update.id,
          factId: x.fact.id,
          nowFactId: x.now?.id ?? null,
        })),
      };
    },
  );
  app.post<{ Params: ById; Body: j.NewFact }>(
    '/incidents/:id/facts',
    doc('facts', 'Write a fact down', { answers: 201, params: ById, body: j.NewFact }),
    async (q, reply) => reply.code(201).send(await addFact(ctxOf(base, q), q.params.id, q.body)),
  );
  app.post<{ Params: ById; Body: j.ConfirmedFact }>(
    '/facts/:id/confirm',
    doc('facts', 'Confirm a fact: another person, or a named source', {
      params: ById,
      body: j.ConfirmedFact,
    }),
    async (q) => {
      const { version, ...given } = q.body;
      return confirmFact(ctxOf(base, q), q.params.id, version, given);
    },
  );
  for (const [verb, to] of [
    ['dispute', 'disputed'],
    ['withdraw', 'withdrawn'],
  ] as const)
    app.post<{ Params: ById; Body: j.DoubtedFact }>(
      `/facts/:id/${verb}`,
      doc('facts', `Mark a fact as ${to}`, { params: ById, body: j.DoubtedFact }),
      async (q) => doubtFact(ctxOf(base, q), q.params.id, q.body.version, to, q.body.reason),
    );
  app.post<{ Params: ById; Body: j.CorrectedFact }>(
    '/facts/:id/correct',
    doc('facts', 'Give a fact another value; the old one is withdrawn', {
      params: ById,
      body: j.CorrectedFact,
    }),
    async (q) => {
      const { version, ...given } = q.body;
      return correctFact(ctxOf(base, q), q.params.id, version, { key: '', ...given });
    },
  );

  app.get<{ Params: ById; Querystring: j.AtQuery }>(
    '/incidents/:id/owner',
    doc('incidents', 'Who owned the incident at a moment, and every hand-over', {
      params: ById,
      querystring: j.AtQuery,
    }),
    async (q) => ({
      ownerId:
        (await whoOwnedAt(r, q.params.id, q.query.at === undefined ? base.now() : toMs(q.query.at))) ?? null,
      handOvers: await listHandOvers(r, q.params.id),
    }),
  );
  app.post<{ Params: ById; Body: j.NewHandOver }>(
    '/incidents/:id/hand-over',
    doc('incidents', 'Ask somebody to take the incident over; they answer at the desk', {
      answers: 201,
      params: ById,
      body: j.NewHandOver,
    }),
    async (q, reply) =>
      reply.code(201).send(await handOver(ctxOf(base, q), q.params.id, q.body.to, q.body.note ?? '')),
  );
  app.get<{ Params: ById }>(
    '/incidents/:id/overrides',
    doc('incidents', 'What went out without a second person, and its reviews', { params: ById }),
    async (q) => listOverrides(r, (await getIncident(r, q.params.id)).id),
  );

  app.get<{ Querystring: OfPage }>(
    '/templates',
    doc('templates', 'Pre-written texts of a page', { querystring: OfPage }),
    async (q) => listTemplates(r, (await pageOf(r, q.query.pageId)).id),
  );
  app.post<{ Body: j.NewTemplate }>(
    '/templates',
    doc('templates', 'Save a text; it waits for another person to clear it', {
      answers: 201,
      body: j.NewTemplate,
    }),
    async (q, reply) => {
      const { pageId, slots, ...words } = q.body;
      const page = await pageOf(r, pageId);
      const saved = await saveTemplate(ctxOf(base, q), page.id, {
        ...words,
        slots: (slots ?? []) as NamedSlot[],
      });
      return reply.code(201).send(saved);
    },
  );
  app.get<{ Params: ById }>('/templates/:id', doc('templates', 'A text', { params: ById }), async (q) =>
    getTemplate(r, q.params.id),
  );
  app.put<{ Params: ById; Body: j.ChangedTemplate }>(
    '/templates/:id',
    doc('templates', 'Change a text; ends its clearance', { params: ById, body: j.ChangedTemplate }),
    async (q) => {
      const { version, slots, ...words } = q.body;
      const { id, pageId } = await getTemplate(r, q.params.id);
      return saveTemplate(
        ctxOf(base, q),
        pageId,
        { ...words, slots: (slots ?? []) as NamedSlot[] },
        { id, version },
      );
    },
  );
  app.post<{ Params: ById; Body: j.Clearance }>(
    '/templates/:id/clear',
    doc('templates', 'Clear a text until a time; never one’s own', { params: ById, body: j.Clearance }),
    async (q) => clearTemplate(ctxOf(base, q), q.params.id, q.body.version, toMs(q.body.until)),
  );
  app.post<{ Params: ById }>(
    '/templates/:id/revoke',
    doc('templates', 'End a text’s clearance', { params: ById }),
    async (q) => revokeTemplate(ctxOf(base, q), q.params.id),
  );
  app.post<{ Params: ById; Body: j.FromTemplate }>(
    '/incidents/:id/updates/from-template',
    doc('updates', 'Draft an update of a template, its slots filled', {
      answers: 201,
      params: ById,
      body: j.FromTemplate,
    }),
    async (q, reply) => {
      const { templateId, slots, nextUpdateBy } = q.body;
      const update = await draftFromTemplate(ctxOf(base, q), q.params.id, templateId, slots ?? {}, {
        ...(nextUpdateBy === undefined
          ? {}
          : { nextUpdateBy: nextUpdateBy === null ? null : toMs(nextUpdateBy) }),
      });
      return reply.code(201).send(update);
    },
  );

  app.get<{ Querystring: OfPage }>(
    '/maps',
    doc('templates', 'Message maps of a page', { querystring: OfPage }),
    async (q) => listMaps(r, (await pageOf(r, q.query.pageId)).id),
  );
  app.post<{ Body: j.NewMap }>(
    '/maps',
    doc('templates', 'Save a message map', { answers: 201, body: j.NewMap }),
    async (q, reply) => {
      const { pageId, ...map } = q.body;
      const page = await pageOf(r, pageId);
      const saved = await saveMap(ctxOf(base, q), { ...map, pageId: page.id, incidentId: null });
      return reply.code(201).send(saved);
    },
  );
  app.post<{ Params: ById; Body: j.Versioned }>(
    '/maps/:id/clear',
    doc('templates', 'Clear a message map; never one’s own', { params: ById, body: j.Versioned }),
    async (q) => clearMap(ctxOf(base, q), q.params.id, q.body.version),
  );

  app.get('/audit/head', doc('audit', 'The newest audit row, to be kept elsewhere'), async (q) => {
    mustBe(mustKnow(q).actor, ['admin'], 'admin');
    return (await findAuditHead(r)) ?? { seq: 0, hash: '', at: 0 };
  });
}
