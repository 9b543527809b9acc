import type { FastifyInstance, FastifyRequest } from 'fastify';
import { getPage, listComponents, listGroups } from '../../../../db/queries/pages.ts';
import { mustBe } from '../../../actions/context.ts';
import { changeComponent, moveComponent, removeComponent } from '../../../actions/page/change-components.ts';
import { addComponent } from '../../../actions/set-up-page.ts';
import { renderComponents } from '../../../templates/desk.ts';
import type { PartField } from '../../../templates/desk-page-views.ts';
import { ctxOf, mustKnow } from '../../who.ts';
import { type Form, field, formOf, type Refused, refusedBy, text, troubleOf } from '../forms.ts';
import { type Desk, frameFor, goTo, html } from '../frame.ts';
import { COMPONENT, componentState } from '../words.ts';

type ById = { Params: { id: string } };
type ByPart = { Params: { id: string; part: string } };

/** The parts of a service, as customers know them: what can be said to fail. */
export function components(app: FastifyInstance, desk: Desk): void {
  const { r, ports } = desk;

  /** `at` is the part whose form was refused; the form for a new one has none. */
  async function draw(request: FastifyRequest, id: string, form?: Form, refused?: Refused, at?: string) {
    const page = await getPage(r, id);
    const groups = await listGroups(r, id);
    const parts = await listComponents(r, id);
    const fields = (of: string, saved: Record<string, string>) => {
      const mine = of === (at ?? '') ? form : undefined;
      const one = (name: string, label: string, help: string): PartField => ({
        ...field(
          name,
          label,
          help,
          mine ? text(mine, name) : (saved[name] ?? ''),
          mine ? refused : undefined,
        ),
        id: of === '' ? name : `${name}-${of}`,
        list: name === 'group' ? 'groups' : null,
      });
      return {
        name: one('name', 'Name', of === '' ? 'As customers say it, like “Card payments”.' : ''),
        group: one('group', 'Group', of === '' ? 'A heading above it, like “Payments”. May be empty.' : ''),
        description: one(
          'description',
          'In a sentence',
          of === '' ? 'Beside it on the page. May be empty.' : '',
        ),
      };
    };
    const row = (part: (typeof parts)[number], i: number, all: typeof parts) => ({
      id: part.id,
      name: part.name,
      description: part.description ?? '',
      state: componentState(part.status),
      action: `/desk/pages/${id}/components/${part.id}`,
      first: i === 0,
      last: i === all.length - 1,
      hidden: part.onlyShowIfDegraded,
      open: at === part.id,
      fields: Object.values(
        fields(part.id, {
          name: part.name,
          description: part.description ?? '',
          group: groups.find((g) => g.id === part.groupId)?.name ?? '',
        }),
      ),
    });
    const blank = fields('', {});
    return renderComponents({
      frame: await frameFor(desk, request, {
        title: 'Parts of the service',
        room: 'settings',
        style: 'wide',
        page,
        trouble: troubleOf(refused, ['name', 'group', 'description']),
      }),
      pageName: page.name,
      back: `/desk/pages/${id}`,
      action: `/desk/pages/${id}/components`,
      known: groups.map((g) => g.name),
      groups: [
        ...groups.map((g) => ({ id: g.id as string | null, name: g.name })),
        { id: null, name: groups.length > 0 ? 'Without a group' : '' },
      ]
        .map((g) => ({ name: g.name, parts: parts.filter((c) => c.groupId === g.id).map(row) }))
        .filter((g) => g.parts.length > 0),
      fields: [blank.name, blank.group, blank.description],
      working: COMPONENT.operational,
    });
  }

  app.get<ById>('/pages/:id/components', async (request, reply) => {
    mustBe(mustKnow(request).actor, ['admin'], 'admin');
    return html(reply, await draw(request, request.params.id));
  });

  app.post<ById>('/pages/:id/components', async (request, reply) => {
    const { id } = request.params;
    const form = formOf(request);
    const ctx = ctxOf(ports.base, request);
    mustBe(ctx.actor, ['admin'], 'admin');
    try {
      const description = text(form, 'description').trim();
      await addComponent(ctx, id, {
        name: text(form, 'name'),
        group: text(form, 'group'),
        ...(description === '' ? {} : { description }),
      });
      return goTo(reply, `/desk/pages/${id}/components`, 'part-added');
    } catch (error) {
      const refused = refusedBy(error);
      return html(reply, await draw(request, id, form, refused), refused.status);
    }
  });

  app.post<ByPart>('/pages/:id/components/:part', async (request, reply) => {
    const { id, part } = request.params;
    const form = formOf(request);
    const ctx = ctxOf(ports.base, request);
    mustBe(ctx.actor, ['admin'], 'admin');
    const what = text(form, 'do');
    try {
      if (what === 'up' || what === 'down') await moveComponent(ctx, id, part, what);
      else if (what === 'remove') await removeComponent(ctx, id, part);
      else
        await changeComponent(ctx, id, part, {
          name: text(form, 'name'),
          group: text(form, 'group'),
          description: text(form, 'description'),
          onlyShowIfDegraded: text(form, 'hidden') === '1',
        });
      return goTo(reply, `/desk/pages/${id}/components`, what === 'remove' ? 'part-gone' : 'saved');
    } catch (error) {
      const refused = refusedBy(error);
      return html(reply, await draw(request, id, form, refused, part), refused.status);
    }
  });
}
