import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Connection, listConnections } from '../../../db/queries/connections.ts';
import { listPages } from '../../../db/queries/pages.ts';
import { connectAccount, resumeConnection, switchConnection } from '../../actions/connect-account.ts';
import { mustBe } from '../../actions/context.ts';
import { notFound } from '../../domain/error.ts';
import { CONNECTION_ROLES } from '../../domain/words.ts';
import { renderConnect, renderConnections } from '../../templates/desk.ts';
import type { StateView } from '../../templates/desk-views.ts';
import type { KindFacts } from '../ports.ts';
import { ctxOf, mustKnow } from '../who.ts';
import { connectionState } from './board.ts';
import { choice, type Form, field, formOf, type Refused, refusedBy, text, troubleOf } from './forms.ts';
import { type Desk, frameFor, goTo, html } from './frame.ts';
import { moment, placeOf } from './moments.ts';

const ROLE: Record<(typeof CONNECTION_ROLES)[number], string> = {
  brand: 'the company: gets every update',
  status: 'the status account: gets every update',
  care: 'customer care: answers people',
  executive: 'a person: only when chosen',
  oncall: 'our own people: alerts, never an update',
};
const COST: Record<string, string> = {
  free: 'free',
  per_post: 'paid per post',
  per_recipient: 'paid per recipient',
};

/** Connected accounts: what each can do, whether it is ready, and the switch that stops it. */
export function connections(app: FastifyInstance, desk: Desk): void {
  const { r, ports } = desk;
  const kindOf = (name: string): KindFacts => {
    const kind = ports.channels.kinds().find((k) => k.kind === name);
    if (!kind) throw notFound('network');
    return kind;
  };

  app.get('/connections', async (request, reply) => {
    const { roles } = mustKnow(request).actor;
    const mayAdd = roles.includes('admin');
    const now = ports.base.now();
    return html(
      reply,
      renderConnections({
        frame: await frameFor(desk, request, { title: 'Networks', room: 'connections' }),
        pages: await Promise.all(
          (await listPages(r)).map(async (page) => ({
            name: page.name,
            rows: (await listConnections(r, page.id)).map((c) => ({
              id: c.id,
              name: c.name,
              network: ports.channels.kinds().find((k) => k.kind === c.channel)?.name ?? c.channel,
              account: c.account,
              href: c.url,
              role: c.role,
              ...connectionState(c, now),
              can: abilities(c),
              switchAction: `/desk/connections/${c.id}/${c.enabled ? 'off' : 'on'}`,
              switchLabel: c.enabled ? 'Switch off' : 'Switch on',
              resumeAction: c.pausedAt === null ? null : `/desk/connections/${c.id}/resume`,
            })),
          })),
        ),
        kinds: ports.channels.kinds().map((k) => ({
          href: k.lifecycle === 'retired' ? null : `/desk/connections/add/${encodeURIComponent(k.kind)}`,
          name: k.name,
          promise: k.promise,
          note: k.lifecycle === 'retired' ? 'does not exist any more' : (COST[k.cost] ?? k.cost),
          state: LIFECYCLE[k.lifecycle],
        })),
        mayAdd,
        maySwitch: mayAdd || roles.includes('approver'),
      }),
    );
  });

  async function drawForm(request: FastifyRequest, kind: KindFacts, form: Form, refused?: Refused) {
    const pages = await listPages(r);
    const page = pages.find((p) => p.id === text(form, 'page')) ?? pages[0];
    const fresh = Object.keys(form).length === 0;
    const named = ['name', ...kind.fields.map((f) => f.name)];
    const kept =
      refused && kind.fields.some((f) => f.secret)
        ? ' Secrets are never shown again: enter them once more.'
        : '';
    const trouble = troubleOf(refused, named);
    return renderConnect({
      frame: await frameFor(desk, request, {
        title: `Connect ${kind.name}`,
        room: 'connections',
        trouble: refused ? `${trouble ?? 'Something below needs mending.'}${kept}` : null,
      }),
      kind: kind.name,
      promise: kind.promise,
      cost: COST[kind.cost] ?? kind.cost,
      checkedOn: moment(Date.parse(kind.checkedOn), ports.base.now(), placeOf(undefined)).text.replace(
        /, .*/,
        '',
      ),
      steps: [...kind.steps],
      action: `/desk/connections/add/${encodeURIComponent(kind.kind)}`,
      pages:
        pages.length > 1 ? pages.map((p) => ({ value: p.id, label: p.name, chosen: p.id === page?.id })) : [],
      name: field('name', 'What the desk calls it', '', fresh ? kind.name : text(form, 'name'), refused),
      role: CONNECTION_ROLES.map((x) => ({
        value: x,
        label: ROLE[x],
        chosen: x === (text(form, 'role') || kind.defaultRole),
      })),
      languages: (page?.languages ?? ['en']).map((x) => ({
        value: x,
        label: x,
        chosen: x === text(form, 'language'),
      })),
      includeLink: fresh || text(form, 'includeLink') === '1',
      thread: text(form, 'thread') === '1',
      fields: kind.fields.map((f) => ({
        ...field(f.name, f.label, f.help, f.secret ? '' : text(form, `v.${f.name}`), refused),
        secret: f.secret,
        required: f.required,
        placeholder: f.placeholder ?? '',
      })),
    });
  }

  app.get<{ Params: { kind: string } }>('/connections/add/:kind', async (request, reply) => {
    mustBe(mustKnow(request).actor, ['admin'], 'admin');
    return html(reply, await drawForm(request, kindOf(request.params.kind), {}));
  });

  app.post<{ Params: { kind: string } }>('/connections/add/:kind', async (request, reply) => {
    const ctx = ctxOf(ports.base, request);
    mustBe(ctx.actor, ['admin'], 'admin');
    const kind = kindOf(request.params.kind);
    const form = formOf(request);
    try {
      const pages = await listPages(r);
      const page = pages.find((p) => p.id === text(form, 'page')) ?? pages[0];
      if (!page) throw notFound('status page. Set one up under Settings');
      const role = choice(form, 'role', CONNECTION_ROLES);
      const language = choice(form, 'language', page.languages);
      const values = Object.fromEntries(
        kind.fields.map((f) => [f.name, text(form, `v.${f.name}`)]).filter(([, value]) => value !== ''),
      ) as Record<string, string>;
      const id = ports.base.newId();
      const { verified, settings, sealed } = await ports.channels.prepare(kind.kind, id, values);
      await connectAccount(ctx, {
        id,
        pageId: page.id,
        channel: kind.kind,
        name: text(form, 'name'),
        role,
        language,
        settings,
        sealed,
        template: kind.template,
        verified,
        includeLink: text(form, 'includeLink') === '1',
        thread: text(form, 'thread') === '1',
      });
      return goTo(reply, '/desk/connections', 'connected');
    } catch (error) {
      const refused = refusedBy(error);
      return html(reply, await drawForm(request, kind, form, refused), refused.status);
    }
  });

  for (const said of ['on', 'off', 'resumed'] as const)
    app.post<{ Params: { id: string } }>(
      `/connections/:id/${said === 'resumed' ? 'resume' : said}`,
      async (request, reply) => {
        const ctx = ctxOf(ports.base, request);
        const { id } = request.params;
        await (said === 'resumed' ? resumeConnection(ctx, id) : switchConnection(ctx, id, said === 'on'));
        ports.kick();
        return goTo(reply, '/desk/connections', said);
      },
    );
}

const LIFECYCLE: Record<KindFacts['lifecycle'], StateView> = {
  active: { icon: 'ok', tone: 'good', word: 'Active' },
  degraded: { icon: 'warn', tone: 'warn', word: 'Degraded' },
  deprecated: { icon: 'soon', tone: 'warn', word: 'Ending' },
  retired: { icon: 'skip', tone: '', word: 'Retired' },
};

/** What we can do there, for people. */
function abilities({ can, limits }: Connection): string {
  const has = [
    can.read ? 'reads back' : 'cannot be read back',
    can.edit === 'none' ? 'cannot be edited' : 'can be edited',
    can.remove ? 'can be removed' : 'cannot be removed',
  ];
  return `up to ${limits.max.toLocaleString('en')}; ${has.join(', ')}`;
}
