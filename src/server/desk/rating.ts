import type { FastifyInstance } from 'fastify';
import type { Incident } from '../../../db/queries/incidents.ts';
import { rateIncident } from '../../actions/rate-incident.ts';
import { overrideNext } from '../../domain/rating.ts';
import { IMPACTS, type Impact } from '../../domain/words.ts';
import type { RatingView } from '../../templates/desk-judgement-views.ts';
import { ctxOf } from '../who.ts';
import { choice, formOf, text } from './forms.ts';
import { type Desk, goTo } from './frame.ts';
import { IMPACT, lower } from './words.ts';

/** How bad an incident can be said to be. Planned work is no incident. */
const RATES = IMPACTS.filter((i) => i !== 'maintenance');

/** The choices of how bad it is; null is as the parts of the service say. */
export const rates = (chosen: Impact | null) => [
  { value: '', label: 'As the parts of the service say', chosen: chosen === null },
  ...RATES.map((i) => ({ value: i, label: IMPACT[i], chosen: i === chosen })),
];

/** What a form's `impact` says. Throws `invalid` that names the field. */
export const rateOf = (form: ReturnType<typeof formOf>): Impact | null =>
  text(form, 'impact') === '' ? null : choice(form, 'impact', RATES);

/** How bad an incident is, who says so, and what its next words make of it. `back` is the update it is drawn beside. */
export function ratingView(i: Incident, may: boolean, back = ''): RatingView | null {
  if (i.kind === 'maintenance') return null;
  const next = overrideNext(i);
  return {
    now:
      i.impactOverride !== null
        ? IMPACT[i.impactOverride]
        : i.impact === 'none'
          ? 'Not rated'
          : IMPACT[i.impact],
    by:
      i.impactOverride !== null
        ? 'as a person said'
        : i.impact === 'none'
          ? 'by anybody, and no part of the service is named'
          : 'as the parts of the service say',
    next:
      i.impactNext === null
        ? i.publishedAt === null && next !== null
          ? 'The public learns of it with the first words.'
          : null
        : `${next === null ? 'The parts of the service say it again' : `Becomes ${lower(IMPACT[next])}`} with the next words that are published.`,
    action: may ? `/desk/incidents/${i.id}/rating` : null,
    choices: rates(next),
    back,
  };
}

/** Saying how bad an incident is, any time after it was declared. */
export function rating(app: FastifyInstance, { ports }: Desk): void {
  app.post<{ Params: { id: string } }>('/incidents/:id/rating', async (request, reply) => {
    const form = formOf(request);
    const incident = await rateIncident(ctxOf(ports.base, request), request.params.id, rateOf(form));
    const back = text(form, 'back');
    return /^\w{1,40}$/.test(back)
      ? goTo(reply, `/desk/updates/${back}?edit`)
      : goTo(reply, `/desk/incidents/${incident.id}`, incident.publishedAt === null ? 'rated' : 'rated-next');
  });
}
