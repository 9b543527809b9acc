import type { FastifyInstance, FastifyRequest } from 'fastify';
import { getPage, type Page } from '../../../db/queries/pages.ts';
import { getTemplate, listTemplates, type Template } from '../../../db/queries/templates.ts';
import { addLibrary } from '../../actions/add-library.ts';
import { clearTemplate } from '../../actions/clear-template.ts';
import { revokeTemplate } from '../../actions/revoke-template.ts';
import { saveTemplate } from '../../actions/save-template.ts';
import { isCleared, lintTemplate, type NamedSlot, slotsOf } from '../../actions/template-words.ts';
import { STATUSES_OF } from '../../domain/incident.ts';
import { mayApprove, mayWrite, rolesOn } from '../../domain/rights.ts';
import { BLOCKS } from '../../domain/words.ts';
import { renderTemplate, renderTemplates } from '../../templates/desk.ts';
import type { StateView } from '../../templates/desk-views.ts';
import { ctxOf, mustKnow } from '../who.ts';
import { formOf, type Refused, refusedBy, text, troubleOf } from './forms.ts';
import { type Desk, frameFor, goTo, html, namesOf, pageFor, pagesFor } from './frame.ts';
import { heartbeatView } from './heartbeat.ts';
import { moment, placeOf } from './moments.ts';
import { findingView } from './previews.ts';
import { ABOUT, type TypedTemplate, templateWordsOf, typedTemplate, writeSlots } from './template-form.ts';
import { BLOCK, CLASS, STATUS } from './words.ts';

type ById = { Params: { id: string } };

const DAY_MS = 86_400_000;
/** How long words may be cleared for, in days. */
const TERMS = [30, 90, 180, 365] as const;
const FIELDS = ['name', 'title', 'status', 'slots', 'class', ...BLOCKS];

/** Whether words may go out with one yes, as the desk shows it. */
export function clearance(t: Template, page: Page, now: number): StateView {
  if (isCleared(t, now))
    return {
      icon: 'ok',
      tone: 'good',
      word: `Cleared until ${moment(t.clearedUntil, now, placeOf(page)).text}`,
    };
  return t.clearedUntil === null
    ? { icon: 'pen', tone: '', word: 'Not cleared' }
    : { icon: 'late', tone: 'warn', word: 'Clearance ran out' };
}

/** Texts for the hour when there is no time to write: read and cleared in peacetime, by two people. */
export function templates(app: FastifyInstance, desk: Desk): void {
  const { r, ports } = desk;

  app.get('/templates', async (request, reply) => html(reply, await list(request)));

  async function list(request: FastifyRequest, refused?: Refused) {
    const { actor, person } = mustKnow(request);
    const now = ports.base.now();
    const names = await namesOf(r);
    return renderTemplates({
      frame: await frameFor(desk, request, {
        title: 'Templates',
        room: 'templates',
        trouble: refused?.message,
      }),
      terms: TERMS.map((days) => ({ value: String(days), label: `${days} days`, chosen: days === 180 })),
      pages: await Promise.all(
        (await pagesFor(desk, request)).map(async (page) => {
          const roles = rolesOn(person, page.id);
          const mayClear = mayApprove(roles);
          return {
            heartbeat: heartbeatView(page, { id: actor.id, roles }, now),
            id: page.id,
            name: page.name,
            mayWrite: mayWrite(roles),
            rows: (await listTemplates(r, page.id)).map((x) => ({
              id: x.id,
              name: x.name,
              title: x.title,
              href: `/desk/templates/${x.id}`,
              version: x.version,
              state: clearance(x, page, now),
              class: x.class ?? 'B',
              note: x.clearedBy === null ? `by ${names(x.authorId).name}` : `by ${names(x.clearedBy).name}`,
              words: BLOCKS.flatMap((b) => x.blocks[b] ?? []).join(' '),
              mayClear: mayClear && (page.policy.solo || x.authorId !== actor.id),
              mine: mayClear && !page.policy.solo && x.authorId === actor.id,
              mayRevoke: mayClear && isCleared(x, now),
            })),
          };
        }),
      ),
    });
  }

  async function draw(
    request: FastifyRequest,
    page: Page,
    typed: TypedTemplate,
    over: { id: string; version: number } | null,
    refused?: Refused,
  ) {
    const wrong = (name: string) =>
      refused?.field === name || refused?.field === `blocks.${name}` ? refused.message : null;
    const found = await findings(page, typed);
    return renderTemplate({
      frame: await frameFor(desk, request, {
        title: typed.name || 'New template',
        room: 'templates',
        page,
        trouble: troubleOf(refused, [...FIELDS, ...BLOCKS.map((b) => `blocks.${b}`)]),
      }),
      heading: over === null ? 'New template' : typed.name,
      action: over === null ? '/desk/templates' : `/desk/templates/${over.id}`,
      page: page.id,
      version: over?.version ?? 0,
      name: {
        name: 'name',
        label: 'Name',
        help: 'As people look for it: “Outage”.',
        value: typed.name,
        error: wrong('name'),
      },
      title: {
        name: 'title',
        label: 'Title of the incident',
        help: 'Slots may stand in it: “Problem with {{what}}”.',
        value: typed.title,
        error: wrong('title'),
      },
      classes: ABOUT.map((c) => ({ value: c, label: CLASS[c], chosen: c === typed.class })),
      classError: wrong('class'),
      statuses: STATUSES_OF.incident.map((s) => ({ value: s, label: STATUS[s], chosen: s === typed.status })),
      blocks: BLOCKS.map((b) => ({
        name: b,
        ...BLOCK[b],
        value: typed.blocks[b],
        error: wrong(b),
        rows: 2,
        lints: { name: b, findings: found.filter((f) => f.field === `blocks.${b}`).map(findingView) },
      })),
      slots: {
        name: 'slots',
        label: 'Slots',
        help: 'One a line: “since: time”, “what: component”, “minutes: number 1-600”, “remedy: choice refund, repair”, “who: text 40”, “where: place”.',
        value: typed.slots,
        error: wrong('slots'),
      },
    });
  }

  /** Nothing while the slots cannot be read: that is said beside them. */
  async function findings(page: Page, typed: TypedTemplate) {
    try {
      const words = templateWordsOf(typed);
      const slots = await slotsOf(r, { pageId: page.id, slots: [...words.slots] });
      return lintTemplate(words, slots, page, ports.base.now());
    } catch (error) {
      refusedBy(error);
      return [];
    }
  }

  app.get<{ Querystring: { page?: string } }>('/templates/new', async (request, reply) =>
    html(
      reply,
      await draw(request, await pageFor(desk, request, request.query.page ?? ''), typedTemplate({}), null),
    ),
  );

  app.get<ById>('/templates/:id', async (request, reply) => {
    const x = await getTemplate(r, request.params.id);
    const typed = {
      ...typedTemplate({ ...x.blocks }),
      name: x.name,
      title: x.title,
      status: x.status,
      slots: writeSlots(x.slots as NamedSlot[]),
      class: x.class ?? 'B',
    };
    return html(reply, await draw(request, await getPage(r, x.pageId), typed, x));
  });

  async function save(request: FastifyRequest, reply: Parameters<typeof html>[0], id: string | null) {
    const form = formOf(request);
    const page =
      id === null
        ? await pageFor(desk, request, text(form, 'page'))
        : await getPage(r, (await getTemplate(r, id)).pageId);
    const typed = typedTemplate(form);
    const over = id === null ? null : { id, version: Number(text(form, 'version')) };
    try {
      await saveTemplate(ctxOf(ports.base, request), page.id, templateWordsOf(typed), over ?? undefined);
      return goTo(reply, '/desk/templates', 'template-saved');
    } catch (error) {
      const refused = refusedBy(error);
      return html(reply, await draw(request, page, typed, over, refused), refused.status);
    }
  }
  app.post('/templates', async (request, reply) => save(request, reply, null));
  app.post<ById>('/templates/:id', async (request, reply) => save(request, reply, request.params.id));

  app.post('/templates/library', async (request, reply) => {
    const page = await pageFor(desk, request, text(formOf(request), 'page'));
    await addLibrary(ctxOf(ports.base, request), page.id);
    return goTo(reply, '/desk/templates', 'library-added');
  });

  app.post<ById>('/templates/:id/clear', async (request, reply) => {
    const form = formOf(request);
    const days = TERMS.find((x) => String(x) === text(form, 'days')) ?? 180;
    try {
      const ctx = ctxOf(ports.base, request);
      await clearTemplate(ctx, request.params.id, Number(text(form, 'version')), ctx.now() + days * DAY_MS);
      return goTo(reply, '/desk/templates', 'cleared');
    } catch (error) {
      const refused = refusedBy(error);
      return html(reply, await list(request, refused), refused.status);
    }
  });

  app.post<ById>('/templates/:id/revoke', async (request, reply) => {
    await revokeTemplate(ctxOf(ports.base, request), request.params.id);
    return goTo(reply, '/desk/templates', 'revoked');
  });
}
