import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { getFact } from '../../../db/queries/facts.ts';
import { getIncident } from '../../../db/queries/incidents.ts';
import { getPage } from '../../../db/queries/pages.ts';
import { addFact, correctFact } from '../../actions/facts/add-fact.ts';
import { confirmFact } from '../../actions/facts/confirm-fact.ts';
import { doubtFact } from '../../actions/facts/doubt-fact.ts';
import { FACT_ORIGINS } from '../../domain/fact.ts';
import { renderFacts } from '../../templates/desk-judgement.ts';
import { ctxOf, mustKnow } from '../who.ts';
import { factViews, impactViews, newFact } from './fact-view.ts';
import { choice, type Form, formOf, type Refused, refusedBy, text, troubleOf } from './forms.ts';
import { type Desk, frameFor, goTo, html } from './frame.ts';

type ById = { Params: { id: string } };

const FIELDS = ['key', 'value', 'unit', 'source', 'secondSource', 'grade'];

/** The ledger of an incident: what it rests on, who says so, and where it was used. */
export function facts(app: FastifyInstance, desk: Desk): void {
  const { r, ports } = desk;

  async function draw(request: FastifyRequest, incidentId: string, form: Form = {}, refused?: Refused) {
    const who = mustKnow(request);
    const incident = await getIncident(r, incidentId);
    const page = await getPage(r, incident.pageId);
    const all = await factViews(desk, incident, page, who.person.id);
    return renderFacts({
      frame: await frameFor(desk, request, {
        title: `Facts: ${incident.title}`,
        room: 'incidents',
        style: 'ledger',
        page,
        trouble: troubleOf(refused, FIELDS),
      }),
      title: incident.title,
      incidentHref: `/desk/incidents/${incident.id}`,
      facts: all.filter((f) => f.open),
      gone: all.filter((f) => !f.open),
      impact: await impactViews(desk, incident.id),
      add: newFact(incident.id, '', form, refused),
      mayWrite: who.actor.roles.some((x) => x !== 'viewer'),
      back: '',
    });
  }

  /** To where the form stood: the composer of an update, or the ledger. */
  const back = (reply: FastifyReply, form: Form, incidentId: string, said?: Parameters<typeof goTo>[2]) =>
    /^\w{1,40}$/.test(text(form, 'back'))
      ? goTo(reply, `/desk/updates/${text(form, 'back')}?edit`)
      : goTo(reply, `/desk/incidents/${incidentId}/facts`, said);

  app.get<ById>('/incidents/:id/facts', async (request, reply) =>
    html(reply, await draw(request, request.params.id)),
  );

  app.post<ById>('/incidents/:id/facts', async (request, reply) => {
    const form = formOf(request);
    const { id } = request.params;
    try {
      await addFact(ctxOf(ports.base, request), id, wordsOf(form));
      return back(reply, form, id, 'fact-added');
    } catch (error) {
      const refused = refusedBy(error);
      return html(reply, await draw(request, id, form, refused), refused.status);
    }
  });

  const act = (
    verb: 'confirm' | 'dispute' | 'withdraw' | 'correct',
    said: Parameters<typeof goTo>[2],
    run: (request: FastifyRequest, id: string, version: number, form: Form) => Promise<unknown>,
  ) =>
    app.post<ById>(`/facts/:id/${verb}`, async (request, reply) => {
      const form = formOf(request);
      const fact = await getFact(r, request.params.id);
      try {
        await run(request, fact.id, Number(text(form, 'version') || fact.version), form);
        return back(reply, form, fact.incidentId, said);
      } catch (error) {
        const refused = refusedBy(error);
        const body = await draw(request, fact.incidentId, {}, { ...refused, field: undefined });
        return html(reply, body, refused.status);
      }
    });

  act('confirm', 'fact-confirmed', (request, id, version, form) =>
    confirmFact(ctxOf(ports.base, request), id, version, {
      source: text(form, 'source'),
      secondSource: text(form, 'secondSource'),
      grade: text(form, 'grade'),
    }),
  );
  for (const [verb, to, said] of [
    ['dispute', 'disputed', 'fact-disputed'],
    ['withdraw', 'withdrawn', 'fact-withdrawn'],
  ] as const)
    act(verb, said, (request, id, version, form) =>
      doubtFact(ctxOf(ports.base, request), id, version, to, text(form, 'reason')),
    );
  act('correct', 'fact-corrected', (request, id, version, form) =>
    correctFact(ctxOf(ports.base, request), id, version, { ...wordsOf(form), reason: text(form, 'reason') }),
  );
}

const wordsOf = (form: Form) => ({
  key: text(form, 'key'),
  value: text(form, 'value'),
  unit: text(form, 'unit'),
  source: text(form, 'source'),
  secondSource: text(form, 'secondSource'),
  grade: text(form, 'grade'),
  ...(text(form, 'origin') === '' ? {} : { origin: choice(form, 'origin', FACT_ORIGINS) }),
});
