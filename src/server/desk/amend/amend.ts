import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { listConnections } from '../../../../db/queries/connections.ts';
import { getIncident, getUpdate, listUpdates, type Update } from '../../../../db/queries/incidents.ts';
import { getPage } from '../../../../db/queries/pages.ts';
import { correctUpdate } from '../../../actions/amend/correct-update.ts';
import { listPlaces, planFor } from '../../../actions/amend/places.ts';
import { retractUpdate } from '../../../actions/amend/retract-update.ts';
import { conflict } from '../../../domain/error.ts';
import { mayApprove } from '../../../domain/rights.ts';
import { standings } from '../../../domain/versions.ts';
import { renderAmend } from '../../../templates/desk-amend.ts';
import { ctxOf, mustKnow } from '../../who.ts';
import { field, formOf, type Refused, refusedBy, text, troubleOf } from '../forms.ts';
import { type Desk, frameFor, goTo, html } from '../frame.ts';
import { moment, placeOf } from '../moments.ts';
import { textOf } from '../words.ts';
import { picturesThere } from './pictures.ts';
import { AMENDS, planLines } from './words.ts';

type ById = { Params: { id: string } };
type Kind = 'correction' | 'retraction';

/** Beginning to put published words right: what was wrong is asked for before anything else. */
export function amend(app: FastifyInstance, desk: Desk): void {
  const { r, ports } = desk;

  async function draw(
    request: FastifyRequest,
    id: string,
    kind: Kind,
    typed: { note: string; remove: boolean },
    refused?: Refused,
  ) {
    const asked = await getUpdate(r, id);
    const incident = await getIncident(r, asked.incidentId);
    const page = await getPage(r, asked.pageId);
    const now = ports.base.now();
    const updates = await listUpdates(r, asked.incidentId);
    const wrong = standings(updates).find(
      (s) => s.root.id === id || s.words.id === id || s.before.some((u) => u.id === id),
    )?.words;
    if (!wrong) throw conflict('Only what has been published can be put right.');
    const draft: Update = { ...wrong, correctsId: wrong.id, amends: kind };
    const connections = new Map((await listConnections(r, page.id)).map((c) => [c.id, c]));
    const places = await listPlaces(r, draft);
    // How many posts the right words will take is not known before they are written: as many as the wrong ones.
    const postsOf = (connectionId: string) => {
      const fate = places.find((p) => p.connection.id === connectionId)?.fate;
      return fate?.is === 'there' ? fate.posts.length : 1;
    };
    const plan = planFor(draft, places, postsOf, now);
    const there = await picturesThere(r, wrong, draft);
    return renderAmend({
      frame: await frameFor(desk, request, {
        title: `${AMENDS[kind].verb}: ${incident.title}`,
        room: 'incidents',
        page,
        trouble: troubleOf(refused, ['note']),
      }),
      heading: AMENDS[kind].verb,
      title: incident.title,
      incidentHref: `/desk/incidents/${incident.id}`,
      action: `/desk/updates/${id}/${kind === 'correction' ? 'correct' : 'retract'}`,
      takesBack: kind !== 'correction',
      was: textOf(wrong),
      said: `Said ${moment(wrong.publishedAt ?? wrong.updatedAt, now, placeOf(page)).text}`,
      note: field(
        'note',
        kind === 'correction' ? 'What was wrong' : 'Why it is taken back',
        kind === 'correction'
          ? 'One sentence for the public, like “We said 14:00; it is 15:00.” It stands first everywhere.'
          : 'One sentence for the public, like “This was a draft, sent by mistake.” It is all people will read.',
        typed.note,
        refused,
      ),
      pictures: there.onPage,
      plan: planLines(plan, connections, there),
      mayRemove:
        kind === 'retraction' && page.policy.mayRemove === true && mayApprove(mustKnow(request).actor.roles),
      remove: typed.remove,
      button: kind === 'correction' ? 'Go on to the right words' : 'Go on to the exact words',
    });
  }

  const begin =
    (kind: Kind) =>
    async (request: FastifyRequest<ById>, reply: FastifyReply): Promise<unknown> =>
      html(reply, await draw(request, request.params.id, kind, { note: '', remove: false }));

  const go =
    (kind: Kind) =>
    async (request: FastifyRequest<ById>, reply: FastifyReply): Promise<unknown> => {
      const { id } = request.params;
      const form = formOf(request);
      const typed = { note: text(form, 'note').trim(), remove: text(form, 'remove') === 'yes' };
      const ctx = ctxOf(ports.base, request);
      try {
        const update =
          kind === 'correction'
            ? await correctUpdate(ctx, id, typed.note)
            : await retractUpdate(ctx, id, typed.note, typed.remove);
        return goTo(reply, `/desk/updates/${update.id}`);
      } catch (error) {
        const refused = refusedBy(error);
        return html(reply, await draw(request, id, kind, typed, refused), refused.status);
      }
    };

  app.get<ById>('/updates/:id/correct', begin('correction'));
  app.post<ById>('/updates/:id/correct', go('correction'));
  app.get<ById>('/updates/:id/retract', begin('retraction'));
  app.post<ById>('/updates/:id/retract', go('retraction'));
}
