import type { FastifyInstance } from 'fastify';
import { getIncident, listPublishedUpdates } from '../../../db/queries/incidents.ts';
import { draftUpdate } from '../../actions/draft-update.ts';
import { ctxOf } from '../who.ts';
import { type Desk, goTo } from './frame.ts';

/** Starts the report on an incident that is over: an update like any other, read and approved, on the incident's own page. */
export function postmortem(app: FastifyInstance, { r, ports }: Desk): void {
  app.post<{ Params: { id: string } }>('/incidents/:id/postmortem', async (request, reply) => {
    const incident = await getIncident(r, request.params.id);
    const last = (await listPublishedUpdates(r, [incident.id])).findLast((u) => u.status === 'postmortem');
    const draft = await draftUpdate(ctxOf(ports.base, request), incident.id, {
      status: 'postmortem',
      nextUpdateBy: null,
      // A second one begins with the words of the first.
      ...(last ? { blocks: last.blocks, body: last.body } : {}),
    });
    return goTo(reply, `/desk/updates/${draft.id}`);
  });
}
