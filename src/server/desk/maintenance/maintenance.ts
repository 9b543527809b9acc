import type { FastifyInstance, FastifyRequest } from 'fastify';
import { getIncident, getUpdate } from '../../../../db/queries/incidents.ts';
import { getPage, listComponents, type Page } from '../../../../db/queries/pages.ts';
import {
  announceMaintenance,
  cancelMaintenance,
  changeWindow,
} from '../../../actions/maintenance/announce.ts';
import { currentPlan, planWindow } from '../../../actions/maintenance/plan-window.ts';
import { readPlanned } from '../../../actions/maintenance/planned.ts';
import { holdMaintenance, sayPlannedNow } from '../../../actions/maintenance/run-plan.ts';
import { renderPlan } from '../../../templates/desk.ts';
import { ctxOf } from '../../who.ts';
import { choice, type Form, field, formOf, type Refused, refusedBy, text, troubleOf } from '../forms.ts';
import { type Desk, frameFor, goTo, html, pageFor, pagesFor, zoneNow } from '../frame.ts';
import { blankForm, formOfPlan, PLAN_FIELDS, planFields, planOf } from './form.ts';

const HOUR = 3_600_000;

type ById = { Params: { id: string } };

/** Planning work: announce it with everything that is said by itself, change it, hold it, call it off. */
export function maintenance(app: FastifyInstance, desk: Desk): void {
  const { r, ports } = desk;
  const shown = (page: Page) => [...PLAN_FIELDS, ...planFields({}, page, [], 0).words.map((x) => x.name)];

  async function drawNew(request: FastifyRequest, form: Form, refused?: Refused) {
    const pages = await pagesFor(desk, request);
    const page = await pageFor(desk, request, text(form, 'page'));
    const now = ports.base.now();
    const typed = Object.keys(form).some((name) => name !== 'page')
      ? form
      : { ...blankForm(page, now), ...form };
    const at = (name: string, label: string, help: string) =>
      field(name, label, help, text(typed, name), refused);
    return renderPlan({
      frame: await frameFor(desk, request, {
        title: 'Plan work',
        room: 'incidents',
        page,
        trouble: troubleOf(refused, shown(page)),
      }),
      heading: 'Plan work',
      action: '/desk/maintenance',
      back: '/desk/incidents',
      zone: zoneNow(page, now),
      pages:
        pages.length > 1 ? pages.map((p) => ({ value: p.id, label: p.name, chosen: p.id === page.id })) : [],
      title: at('title', 'What is done?', 'As customers would say it, like “New database for payments”.'),
      known: at('known', 'What it means for them', 'What will not work, for whom, and what they should do.'),
      version: null,
      plan: planFields(typed, page, await listComponents(r, page.id), now, refused),
      begun: false,
    });
  }

  app.get('/maintenance/new', async (request, reply) =>
    html(reply, await drawNew(request, request.query as Form)),
  );

  app.post('/maintenance', async (request, reply) => {
    const form = formOf(request);
    const page = await pageFor(desk, request, text(form, 'page'));
    try {
      const plan = planOf(form, page, await listComponents(r, page.id), ports.base.now());
      const input = { pageId: page.id, title: text(form, 'title'), blocks: { known: text(form, 'known') } };
      const draft = await announceMaintenance(ctxOf(ports.base, request), input, plan);
      return goTo(reply, `/desk/updates/${draft.id}`, 'planned');
    } catch (error) {
      const refused = refusedBy(error);
      return html(reply, await drawNew(request, form, refused), refused.status);
    }
  });

  async function drawPlan(request: FastifyRequest, id: string, form?: Form, refused?: Refused) {
    const update = await getUpdate(r, id);
    const incident = await getIncident(r, update.incidentId);
    const page = await getPage(r, update.pageId);
    const now = ports.base.now();
    const typed = form ?? (await savedForm(update.id, page, now));
    return renderPlan({
      frame: await frameFor(desk, request, {
        title: `Plan: ${incident.title}`,
        room: 'incidents',
        page,
        trouble: troubleOf(refused, shown(page)),
      }),
      heading: `Plan: ${incident.title}`,
      action: `/desk/updates/${id}/plan`,
      back: `/desk/updates/${id}`,
      zone: zoneNow(page, now),
      pages: [],
      title: null,
      known: null,
      version: update.version,
      plan: planFields(
        { ...typed, title: incident.title },
        page,
        await listComponents(r, page.id),
        now,
        refused,
      ),
      begun: incident.status !== null && incident.status !== 'scheduled',
    });
  }

  /** What this draft plans; before it plans anything, what holds until then. */
  async function savedForm(updateId: string, page: Page, now: number): Promise<Form> {
    const update = await getUpdate(r, updateId);
    const incident = await getIncident(r, update.incidentId);
    const own = (await readPlanned(r, update)).map((x) => x.update);
    if (own.length === 0 && incident.status === null) {
      const from = incident.scheduledFor ?? now;
      const until = incident.scheduledUntil ?? from;
      const blank = blankForm(page, now);
      return { ...blank, ...times(from, until, page, now) };
    }
    return formOfPlan(await currentPlan(r, incident, own.length > 0 ? own : undefined, update), page, now);
  }
  const times = (from: number, until: number, page: Page, now: number) => {
    const { scheduledFor, scheduledUntil } = formOfPlan(
      { from, until, components: [], autoStart: true, autoEnd: true, endsAs: 'completed', reminders: [] },
      page,
      now,
    );
    return { scheduledFor, scheduledUntil };
  };

  app.get<ById>('/updates/:id/plan', async (request, reply) =>
    html(reply, await drawPlan(request, request.params.id)),
  );

  app.post<ById>('/updates/:id/plan', async (request, reply) => {
    const { id } = request.params;
    const form = formOf(request);
    try {
      const update = await getUpdate(r, id);
      const page = await getPage(r, update.pageId);
      const plan = planOf(form, page, await listComponents(r, page.id), ports.base.now());
      await planWindow(ctxOf(ports.base, request), id, Number(text(form, 'version')), plan);
      return goTo(reply, `/desk/updates/${id}`, 'planned');
    } catch (error) {
      const refused = refusedBy(error);
      return html(reply, await drawPlan(request, id, form, refused), refused.status);
    }
  });

  app.post<ById>('/incidents/:id/window', async (request, reply) => {
    const incident = await getIncident(r, request.params.id);
    const plan = await currentPlan(r, incident);
    const now = ports.base.now();
    // A first proposal, an hour more or a day later: the next screen is where its times and words are set.
    const from = Math.max(plan.from, now) + 24 * HOUR;
    const window =
      incident.status === 'scheduled'
        ? { from, until: from + (plan.until - plan.from) }
        : { until: Math.max(plan.until, now) + HOUR };
    const draft = await changeWindow(ctxOf(ports.base, request), incident.id, window);
    return goTo(reply, `/desk/updates/${draft.id}/plan`);
  });

  app.post<ById>('/incidents/:id/cancel', async (request, reply) => {
    const draft = await cancelMaintenance(ctxOf(ports.base, request), request.params.id);
    return goTo(reply, `/desk/updates/${draft.id}`);
  });

  app.post<ById>('/incidents/:id/hold', async (request, reply) => {
    const { id } = request.params;
    const hold = choice(formOf(request), 'hold', ['yes', 'no']) === 'yes';
    await holdMaintenance(ctxOf(ports.base, request), id, hold);
    return goTo(reply, `/desk/incidents/${id}`, hold ? 'work-held' : 'work-let-go');
  });

  app.post<ById>('/incidents/:id/go', async (request, reply) => {
    const { id } = request.params;
    const as = choice(formOf(request), 'as', ['start', 'end']);
    const said = await sayPlannedNow(ctxOf(ports.base, request), id, as);
    ports.kick();
    return goTo(reply, `/desk/updates/${said.id}/deliveries`, 'released');
  });
}
