import type { FastifyInstance, FastifyRequest } from 'fastify';
import { getIncident, listOpenIncidents } from '../../../db/queries/incidents.ts';
import { getPage } from '../../../db/queries/pages.ts';
import { mustBe } from '../../actions/context.ts';
import { draftUpdate } from '../../actions/draft-update.ts';
import { cadenceFor } from '../../actions/request-approval.ts';
import { advise, type Situation } from '../../domain/advice.ts';
import { APOLOGY_PARTS, type ApologyPart, apologyBlocks, scoreApology } from '../../domain/apology.ts';
import { invalid } from '../../domain/error.ts';
import { mayWrite, rolesOn } from '../../domain/rights.ts';
import { renderAdvice } from '../../templates/desk-judgement.ts';
import { ctxOf, mustKnow } from '../who.ts';
import { proposedNext } from './declare.ts';
import { type Form, formOf, type Refused, refusedBy, text, troubleOf } from './forms.ts';
import { type Desk, frameFor, goTo, html, pagesFor } from './frame.ts';

const PART: Record<ApologyPart, { label: string; help: string }> = {
  regret: { label: 'Sorrow', help: 'We are sorry: what it did to people, named.' },
  responsibility: { label: 'Whose fault', help: 'That was our fault.' },
  explanation: { label: 'What happened', help: 'What went wrong and how, without excuses.' },
  repair: { label: 'What we put right', help: 'For each person, by when.' },
  repentance: { label: 'What we change', help: 'So that it does not come back.' },
  forgiveness: { label: 'What we ask', help: 'Last, and only asked: tell us if …' },
};
const ORDER: readonly ApologyPart[] = [
  'regret',
  'responsibility',
  'explanation',
  'repair',
  'repentance',
  'forgiveness',
];
const POSTURE = { inform: 'Inform', diminish: 'Explain', rebuild: 'Apologise and mend' } as const;

/** Three questions and what follows from them; and an apology, built part by part. */
export function advice(app: FastifyInstance, desk: Desk): void {
  const { r, ports } = desk;

  async function draw(request: FastifyRequest, query: Form, form: Form, refused?: Refused) {
    const { person } = mustKnow(request);
    const cause = text(query, 'cause');
    const situation: Situation | null =
      cause === 'us' || cause === 'outside' || cause === 'unknown'
        ? { cause, preventable: text(query, 'preventable') === '1', before: text(query, 'before') === '1' }
        : null;
    const given = situation && advise(situation);
    const apology = Object.fromEntries(APOLOGY_PARTS.map((p) => [p, text(form, p)]));
    const score = scoreApology(apology);
    const pages = (await pagesFor(desk, request)).filter((p) => mayWrite(rolesOn(person, p.id)));
    const open = (await Promise.all(pages.map((p) => listOpenIncidents(r, p.id)))).flat();
    return renderAdvice({
      frame: await frameFor(desk, request, {
        title: 'What should we say?',
        room: 'templates',
        trouble: troubleOf(refused, ['incident']),
      }),
      causes: [
        { value: 'us', label: 'We did, or something of ours', chosen: cause === 'us' },
        { value: 'outside', label: 'Somebody or something else', chosen: cause === 'outside' },
        { value: 'unknown', label: 'Nobody knows yet', chosen: cause === 'unknown' },
      ],
      preventable: situation?.preventable ?? false,
      before: situation?.before ?? false,
      advice: given && {
        ...given,
        say: [...given.say],
        avoid: [...given.avoid],
        name: POSTURE[given.posture],
      },
      parts: ORDER.map((p) => ({ name: p, ...PART[p], value: text(form, p) })),
      score: Object.keys(form).length === 0 ? null : `${score.score} of 6 parts`,
      isApology: score.isApology,
      missing: score.missing.map((p) => PART[p].label.toLowerCase()).join(', '),
      incidents: open.map((i) => ({ value: i.id, label: i.title, chosen: text(form, 'incident') === i.id })),
      incidentError: refused?.field === 'incident' ? refused.message : null,
      mayWrite: pages.length > 0,
    });
  }

  app.get('/advice', async (request, reply) =>
    html(reply, await draw(request, (request.query ?? {}) as Form, {})),
  );

  app.post('/advice/apology', async (request, reply) => {
    const form = formOf(request);
    const ctx = ctxOf(ports.base, request);
    mustBe(ctx.actor, ['author', 'approver'], 'draft');
    const apology = Object.fromEntries(APOLOGY_PARTS.map((p) => [p, text(form, p)]));
    try {
      if (text(form, 'do') !== 'draft') return html(reply, await draw(request, {}, form));
      if (!scoreApology(apology).isApology)
        throw invalid(
          'apology',
          'Without whose fault it was and what is put right this is no apology. Add both.',
        );
      if (text(form, 'incident') === '') throw invalid('incident', 'Choose the incident it belongs to.');
      const incident = await getIncident(r, text(form, 'incident'));
      const page = await getPage(r, incident.pageId);
      const update = await draftUpdate(ctx, incident.id, {
        class: 'C',
        blocks: apologyBlocks(apology),
        nextUpdateBy: proposedNext(cadenceFor(page.cadence, incident.kind), ports.base.now()),
      });
      return goTo(reply, `/desk/updates/${update.id}`);
    } catch (error) {
      const refused = refusedBy(error);
      return html(reply, await draw(request, {}, form, refused), refused.status);
    }
  });
}
