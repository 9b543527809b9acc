import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Update } from '../../../db/queries/incidents.ts';
import { listPages } from '../../../db/queries/pages.ts';
import type { Ctx } from '../../actions/context.ts';
import { draftFromTemplate } from '../../actions/draft-from-template.ts';
import { draftUpdate } from '../../actions/draft-update.ts';
import { openIncident } from '../../actions/open-incident.ts';
import { cadenceFor, requestApproval } from '../../actions/request-approval.ts';
import type { Cadence } from '../../domain/promise.ts';
import { IMPACTS, INCIDENT_KINDS } from '../../domain/words.ts';
import { renderDeclare } from '../../templates/desk.ts';
import { ctxOf, mustKnow } from '../who.ts';
import { prefilled } from './declare-prefilled.ts';
import { chosenTemplate, templatePart } from './declare-template.ts';
import { choice, type Form, field, formOf, type Refused, refusedBy, text, troubleOf } from './forms.ts';
import { type Desk, frameFor, goTo, html, pageFor, pagesFor, zoneNow } from './frame.ts';
import { age, moment, placeOf } from './moments.ts';
import { rateOf, rates } from './rating.ts';
import { readTime, writeTime } from './times.ts';

const FIELDS = ['title', 'objective', 'detectedAt', 'scheduledFor', 'scheduledUntil'] as const;

/** When the next update is proposed: as the cadence says, on a round five minutes. */
export function proposedNext(cadence: Cadence, now: number): number {
  const five = 5 * 60_000;
  const round = Math.ceil((now + cadence.nextAfterMs) / five) * five;
  return round - now > cadence.longestMs ? now + cadence.nextAfterMs : round;
}

/** Opens an incident inside the house, and mostly goes straight on to its first words. */
export function declare(app: FastifyInstance, desk: Desk): void {
  const { r, ports } = desk;

  async function draw(request: FastifyRequest, form: Form, refused?: Refused) {
    const all = await listPages(r);
    const pages = await pagesFor(desk, request);
    const page = await pageFor(desk, request, text(form, 'page'));
    const now = ports.base.now();
    const place = placeOf(page);
    const kind = text(form, 'kind') || 'incident';
    const zone = zoneNow(page, now);
    const cadence = cadenceFor(page.cadence, 'incident');
    const at = (name: (typeof FIELDS)[number], label: string, help: string) =>
      field(name, label, help, text(form, name), refused);
    const next = writeTime(proposedNext(cadence, now), page.timeZone, now);
    const { choices, chosen } = await templatePart(r, page, form, now, next, refused);
    const shown = [
      ...FIELDS,
      'template',
      ...(chosen ? ['nextUpdateBy'] : []),
      ...(chosen?.slots ?? []).map((s) => s.name.replace('s.', 'slots.')),
    ];
    return renderDeclare({
      frame: await frameFor(desk, request, {
        title: 'Declare',
        room: 'declare',
        page,
        trouble: troubleOf(refused, shown),
      }),
      pages:
        all.length > 1 ? pages.map((p) => ({ value: p.id, label: p.name, chosen: p.id === page.id })) : [],
      kinds: [
        { value: 'incident', label: 'Something is wrong', chosen: kind === 'incident' },
        { value: 'maintenance', label: 'Planned work', chosen: kind === 'maintenance' },
      ],
      impacts: rates(IMPACTS.find((i) => i === text(form, 'impact')) ?? null),
      fields: {
        title: at(
          'title',
          'What is happening?',
          choices.length === 0
            ? 'As customers would say it, like “Card payments failing”.'
            : 'As customers would say it, like “Card payments failing”. Left empty, the template’s title.',
        ),
        objective: at('objective', 'Why we speak', 'One sentence, for the desk only. May be left for later.'),
        detectedAt: at('detectedAt', `Noticed at (${zone})`, 'Like 14:09. Empty means now.'),
        scheduledFor: at('scheduledFor', `From (${zone})`, 'Like 2026-11-29 02:00.'),
        scheduledUntil: at('scheduledUntil', `Until (${zone})`, 'Like 2026-11-29 04:00.'),
      },
      templates: choices,
      templateError: refused?.field === 'template' ? refused.message : null,
      chosen,
      grave: text(form, 'grave') === '1',
      maintenance: kind === 'maintenance',
      prefilled: await prefilled(
        desk,
        page,
        mustKnow(request).person,
        chosen?.clearance.tone === 'good' ? 'A' : 'B',
        now,
      ),
      zone,
      now: moment(now, now, place).text,
      cadence: `The first public word is due ${age(cadence.firstWithinMs)} after it was noticed, then one every ${age(cadence.nextAfterMs)}.`,
    });
  }

  app.get('/declare', async (request, reply) => html(reply, await draw(request, request.query as Form)));

  app.post('/declare', async (request, reply) => {
    const form = formOf(request);
    const page = await pageFor(desk, request, text(form, 'page'));
    const ctx = ctxOf(ports.base, request);
    const now = ports.base.now();
    const zone = page.timeZone;
    if (text(form, 'go') === 'fill') return html(reply, await draw(request, form));
    try {
      const template = await chosenTemplate(r, page, form);
      const kind = choice(form, 'kind', INCIDENT_KINDS);
      const planned = kind === 'maintenance';
      const detectedAt = readTime('detectedAt', text(form, 'detectedAt'), zone, now, 'behind');
      const from = planned ? readTime('scheduledFor', text(form, 'scheduledFor'), zone, now, 'ahead') : null;
      const until = planned
        ? readTime('scheduledUntil', text(form, 'scheduledUntil'), zone, from ?? now, 'ahead')
        : null;
      const next =
        readTime('nextUpdateBy', text(form, 'nextUpdateBy'), zone, now, 'ahead') ??
        proposedNext(cadenceFor(page.cadence, kind), now);
      const incident = await openIncident(ctx, {
        pageId: page.id,
        kind,
        title: text(form, 'title').trim() || (template?.title ?? ''),
        objective: text(form, 'objective').trim(),
        impactOverride: rateOf(form),
        grave: text(form, 'grave') === '1',
        detectedAt,
        scheduledFor: from ?? null,
        scheduledUntil: until ?? null,
      });
      if (text(form, 'go') === 'only') return goTo(reply, `/desk/incidents/${incident.id}`, 'declared');
      if (template) {
        const update = await draftFromTemplate(ctx, incident.id, template.id, template.values, {
          nextUpdateBy: next,
        });
        return (await asked(ctx, update, text(form, 'go')))
          ? goTo(reply, `/desk/approvals/${update.id}`, 'asked')
          : goTo(reply, `/desk/updates/${update.id}`, 'from-template');
      }
      const update = await draftUpdate(ctx, incident.id, { nextUpdateBy: next });
      return goTo(reply, `/desk/updates/${update.id}`, 'declared');
    } catch (error) {
      const refused = refusedBy(error);
      return html(reply, await draw(request, form, refused), refused.status);
    }
  });
}

/** Asks for the yes at once if that is wanted and nothing is in the way; what is, the composer shows. */
async function asked(ctx: Ctx, update: Update, go: string): Promise<boolean> {
  if (go !== 'request') return false;
  try {
    await requestApproval(ctx, update.id, update.version);
    return true;
  } catch (error) {
    refusedBy(error);
    return false;
  }
}
