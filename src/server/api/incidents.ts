import type { FastifyInstance } from 'fastify';
import { listAttempts } from '../../../db/queries/attempts.ts';
import { listDeliveriesOfUpdates } from '../../../db/queries/deliveries.ts';
import {
  getIncident,
  getUpdate,
  listIncidents,
  listPromises,
  listUpdates,
  type Update,
} from '../../../db/queries/incidents.ts';
import { listReceipts } from '../../../db/queries/receipts.ts';
import { listApprovals, listRenditions } from '../../../db/queries/words.ts';
import type { Reader } from '../../../db/store.ts';
import { approveUpdate } from '../../actions/approve-update.ts';
import { draftUpdate, editUpdate, type UpdateWords as Words } from '../../actions/draft-update.ts';
import { incidentRecord } from '../../actions/incident-record.ts';
import { openIncident } from '../../actions/open-incident.ts';
import { rateIncident } from '../../actions/rate-incident.ts';
import { previewUpdate, requestApproval } from '../../actions/request-approval.ts';
import { returnUpdate, withdrawUpdate } from '../../actions/return-update.ts';
import type { Ports } from '../ports.ts';
import { ctxOf } from '../who.ts';
import { pageOf } from './page-of.ts';
import * as s from './schemas.ts';

/** Incidents and their updates: from the first word to the approved publication. */
export async function incidentRoutes(app: FastifyInstance, { base }: Pick<Ports, 'base'>): Promise<void> {
  const r = base.store.read;

  app.post<{ Body: s.NewIncident }>(
    '/incidents',
    {
      schema: {
        answers: 201,
        tags: ['incidents'],
        summary: 'Open an incident',
        body: s.NewIncident,
      },
    },
    async (q, reply) => {
      const { pageId, detectedAt, startedAt, scheduledFor, scheduledUntil, ...rest } = q.body;
      const page = await pageOf(r, pageId);
      const opened = await openIncident(ctxOf(base, q), {
        ...rest,
        pageId: page.id,
        ...(detectedAt === undefined ? {} : { detectedAt: s.toMs(detectedAt) }),
        ...(startedAt === undefined ? {} : { startedAt: s.toMs(startedAt) }),
        scheduledFor: scheduledFor == null ? null : s.toMs(scheduledFor),
        scheduledUntil: scheduledUntil == null ? null : s.toMs(scheduledUntil),
      });
      return reply.code(201).send(opened);
    },
  );
  app.get<{ Querystring: s.NewestOfPage }>(
    '/incidents',
    { schema: { tags: ['incidents'], summary: 'Incidents, newest first', querystring: s.NewestOfPage } },
    async (q) => listIncidents(r, (await pageOf(r, q.query.pageId)).id, q.query.limit ?? 50),
  );
  app.get<{ Params: s.ById }>(
    '/incidents/:id',
    { schema: { tags: ['incidents'], summary: 'An incident with its updates and promises', params: s.ById } },
    async (q) => {
      const incident = await getIncident(r, q.params.id);
      return {
        ...incident,
        updates: await listUpdates(r, incident.id),
        promises: await listPromises(r, [incident.id]),
      };
    },
  );
  app.patch<{ Params: s.ById; Body: s.RatedIncident }>(
    '/incidents/:id',
    {
      schema: {
        tags: ['incidents'],
        summary: 'Say how bad it is; the public learns of it with the next published update',
        params: s.ById,
        body: s.RatedIncident,
      },
    },
    async (q) => rateIncident(ctxOf(base, q), q.params.id, q.body.impactOverride),
  );
  app.get<{ Params: s.ById }>(
    '/incidents/:id/record',
    {
      schema: {
        tags: ['incidents'],
        summary:
          'The whole record: words, approvals, promises, tries, proofs, events, and what they say in numbers',
        params: s.ById,
      },
    },
    async (q) => incidentRecord(r, q.params.id, base.now()),
  );
  app.post<{ Params: s.ById; Body: s.UpdateWords }>(
    '/incidents/:id/updates',
    {
      schema: {
        answers: 201,
        tags: ['updates'],
        summary: 'Draft an update',
        params: s.ById,
        body: s.UpdateWords,
      },
    },
    async (q, reply) => reply.code(201).send(await draftUpdate(ctxOf(base, q), q.params.id, words(q.body))),
  );
  app.get<{ Params: s.ById }>(
    '/updates/:id',
    {
      schema: {
        tags: ['updates'],
        summary: 'An update with its renditions, approvals and deliveries',
        params: s.ById,
      },
    },
    async (q) => wholeUpdate(r, await getUpdate(r, q.params.id)),
  );
  app.patch<{ Params: s.ById; Body: s.EditedUpdate }>(
    '/updates/:id',
    {
      schema: {
        tags: ['updates'],
        summary: 'Change the words; voids what was approved of them',
        params: s.ById,
        body: s.EditedUpdate,
      },
    },
    async (q) => {
      const { version, ...rest } = q.body;
      return editUpdate(ctxOf(base, q), q.params.id, version, words(rest));
    },
  );
  app.get<{ Params: s.ById }>(
    '/updates/:id/preview',
    {
      schema: {
        tags: ['updates'],
        summary: 'The exact words for every network, and what keeps them from being sent',
        params: s.ById,
      },
    },
    async (q) => {
      const { rendered, refused, blocked, findings, plan } = await previewUpdate(
        r,
        q.params.id,
        base.now(),
        base.exercise,
      );
      return {
        blocked,
        findings,
        plan,
        renditions: rendered.map(({ connection, rendition }) => ({
          connectionId: connection.id,
          channel: connection.channel,
          name: connection.name,
          account: connection.account,
          parts: rendition.parts,
          dropped: rendition.dropped,
          max: rendition.max,
          unit: rendition.unit,
        })),
        refused: refused.map((x) => ({
          connectionId: x.connection.id,
          name: x.connection.name,
          message: x.message,
        })),
      };
    },
  );
  app.post<{ Params: s.ById; Body: s.AskedVersion }>(
    '/updates/:id/request-approval',
    {
      schema: {
        tags: ['updates'],
        summary: 'Ask for approval of the words as they are',
        params: s.ById,
        body: s.AskedVersion,
      },
    },
    async (q) => requestApproval(ctxOf(base, q), q.params.id, q.body.version),
  );
  app.post<{ Params: s.ById; Body: s.SeenHash }>(
    '/updates/:id/approve',
    {
      schema: {
        tags: ['updates'],
        summary: 'Approve the words with this hash; the last yes publishes them',
        params: s.ById,
        body: s.SeenHash,
      },
    },
    async (q) => approveUpdate(ctxOf(base, q), q.params.id, q.body.hash),
  );
  app.post<{ Params: s.ById; Body: s.Reason }>(
    '/updates/:id/return',
    {
      schema: {
        tags: ['updates'],
        summary: 'Send the words back to their author',
        params: s.ById,
        body: s.Reason,
      },
    },
    async (q) => returnUpdate(ctxOf(base, q), q.params.id, q.body.reason),
  );
  app.post<{ Params: s.ById; Body: s.Reason }>(
    '/updates/:id/withdraw',
    {
      schema: {
        tags: ['updates'],
        summary: 'Take an update back before it is published',
        params: s.ById,
        body: s.Reason,
      },
    },
    async (q) => withdrawUpdate(ctxOf(base, q), q.params.id, q.body.reason),
  );
}

const words = (b: s.UpdateWords): Words => ({
  ...b,
  nextUpdateBy:
    b.nextUpdateBy === undefined || b.nextUpdateBy === null ? b.nextUpdateBy : s.toMs(b.nextUpdateBy),
  publishAt: b.publishAt === undefined || b.publishAt === null ? b.publishAt : s.toMs(b.publishAt),
});

async function wholeUpdate(r: Reader, update: Update) {
  const deliveries = await listDeliveriesOfUpdates(r, [update.id]);
  const ids = deliveries.map((d) => d.id);
  const [attempts, receipts] = [await listAttempts(r, ids), await listReceipts(r, ids)];
  return {
    ...update,
    renditions: await listRenditions(r, update.id),
    approvals: await listApprovals(r, [update.id]),
    deliveries: deliveries.map((d) => ({
      ...d,
      attemptLog: attempts.filter((a) => a.deliveryId === d.id),
      receipt: receipts.find((x) => x.deliveryId === d.id) ?? null,
    })),
  };
}
