import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { listConnections } from '../../../db/queries/connections.ts';
import { findIncident } from '../../../db/queries/incidents.ts';
import { type Press, sayStillAffected } from '../../actions/visits/still-affected.ts';
import { DomainError, notFound } from '../../domain/error.ts';
import { isEnded } from '../../domain/incident.ts';
import { answersBy } from '../../domain/visitor.ts';
import { renderThanks } from '../../templates/visitors.ts';
import { formOf, text } from '../desk/forms.ts';
import { cold } from '../public.ts';
import { type Door, plainPage, show, standing, visitOf } from '../subscribe/door.ts';
import { openTally } from './tally.ts';

/** “I’m still affected”: one press, counted once a person and incident, and nobody is kept. */
export function serveAffected(app: FastifyInstance, door: Door, befores: readonly string[]): void {
  const { ports } = door;
  const r = ports.base.store.read;
  const tally = openTally<Press>((presses) => sayStillAffected(ports.base, presses));

  async function take(request: FastifyRequest, reply: FastifyReply) {
    const here = await standing(door, request);
    const id = text(formOf(request), 'incident').slice(0, 40);
    const incident = await cold(() => findIncident(r, id));
    if (!incident || incident.pageId !== here.page.id || incident.publishedAt === null)
      throw notFound('incident');
    const ask = answersBy(await cold(() => listConnections(r, here.page.id))) ? `${here.path}/ask` : null;
    const say = (what: 'counted' | 'over' | 'again', status = 200) =>
      show(here, reply, renderThanks({ page: plainPage(here, ''), what, email: '', ask }), status);
    if (incident.resolvedAt !== null || (incident.status !== null && isEnded(incident.status)))
      return say('over');
    try {
      await tally.add({ incidentId: id, visitor: ports.sign('still affected', `${id}|${visitOf(request)}`) });
    } catch (error) {
      if (!(error instanceof DomainError) || error.code !== 'unavailable') throw error;
      reply.header('retry-after', '60');
      return say('again', 503);
    }
    return say('counted');
  }

  for (const before of befores) app.post(`${before}/affected`, take);
}
