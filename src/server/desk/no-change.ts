import type { FastifyInstance, FastifyRequest } from 'fastify';
import { getIncident, listPublishedUpdates } from '../../../db/queries/incidents.ts';
import { getPage } from '../../../db/queries/pages.ts';
import { draftNoChange } from '../../actions/draft-no-change.ts';
import { cadenceFor } from '../../actions/request-approval.ts';
import { renderNoChange } from '../../templates/desk.ts';
import { ctxOf } from '../who.ts';
import { proposedNext } from './declare.ts';
import { field, formOf, type Refused, refusedBy, text, troubleOf } from './forms.ts';
import { type Desk, frameFor, goTo, html } from './frame.ts';
import { moment, placeOf } from './moments.ts';
import { textOf } from './words.ts';

type ById = { Params: { id: string } };

/** "No change" still says something: what was checked. It is asked for before there is a draft. */
export function noChange(app: FastifyInstance, desk: Desk): void {
  const { r, ports } = desk;

  async function draw(request: FastifyRequest, id: string, typed: string, refused?: Refused) {
    const incident = await getIncident(r, id);
    const page = await getPage(r, incident.pageId);
    const now = ports.base.now();
    const last = (await listPublishedUpdates(r, [id])).at(-1);
    return renderNoChange({
      frame: await frameFor(desk, request, {
        title: `No change: ${incident.title}`,
        room: 'incidents',
        page,
        trouble: troubleOf(refused, ['checked']),
      }),
      title: incident.title,
      incidentHref: `/desk/incidents/${id}`,
      action: `/desk/incidents/${id}/no-change`,
      checked: field('checked', 'We checked …', 'Like “payments with three banks”.', typed, refused),
      last: last ? textOf(last, ' ') : '',
      next: moment(proposedNext(cadenceFor(page.cadence, incident.kind), now), now, placeOf(page)).text,
    });
  }

  app.get<ById>('/incidents/:id/no-change', async (request, reply) =>
    html(reply, await draw(request, request.params.id, '')),
  );

  app.post<ById>('/incidents/:id/no-change', async (request, reply) => {
    const { id } = request.params;
    const typed = text(formOf(request), 'checked');
    try {
      const incident = await getIncident(r, id);
      const page = await getPage(r, incident.pageId);
      const next = proposedNext(cadenceFor(page.cadence, incident.kind), ports.base.now());
      const update = await draftNoChange(ctxOf(ports.base, request), id, typed, next);
      return goTo(reply, `/desk/updates/${update.id}`);
    } catch (error) {
      const refused = refusedBy(error);
      return html(reply, await draw(request, id, typed, refused), refused.status);
    }
  });
}
