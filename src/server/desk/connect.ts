import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Connection, getConnection } from '../../../db/queries/connections.ts';
import { listPages } from '../../../db/queries/pages.ts';
import { listPeople } from '../../../db/queries/people.ts';
import { changeVoiceOf, connectAccount, noteTrial, reconnectAccount } from '../../actions/connect-account.ts';
import { type Ctx, mustBe } from '../../actions/context.ts';
import { notFound } from '../../domain/error.ts';
import { CONNECTION_ROLES, type ConnectionRole } from '../../domain/words.ts';
import { renderConnect } from '../../templates/desk.ts';
import type { KindFacts, Ports } from '../ports.ts';
import { ctxOf, mustKnow } from '../who.ts';
import { COST, ROLE } from './connections.ts';
import { choice, type Form, field, formOf, type Refused, refusedBy, text, troubleOf } from './forms.ts';
import { type Desk, frameFor, goTo, html, pageFor } from './frame.ts';
import { moment, placeOf } from './moments.ts';

/** How an account is to be used: what a person chooses beside its credentials. */
export interface Use {
  pageId: string;
  name: string;
  role: ConnectionRole;
  language: string;
  includeLink: boolean;
  thread: boolean;
  /** The connection that gets new credentials; its use stays as it is. */
  again: string | null;
  renamed: boolean;
}

/** Where networks send a browser back to: one address for all, to be copied into each app. */
export const backAddress = (ports: Pick<Ports, 'baseUrl'>): string =>
  `${ports.baseUrl}/desk/connections/back`;

export function kindOf(ports: Ports, name: string): KindFacts {
  const kind = ports.channels.kinds().find((k) => k.kind === name);
  if (!kind) throw notFound('network');
  return kind;
}

/** Reads how the account is to be used. Throws `invalid` that names the field. */
export async function readUse(
  desk: Desk,
  request: FastifyRequest,
  form: Form,
  again?: Connection,
): Promise<Use> {
  const page = await pageFor(desk, request, again?.pageId ?? text(form, 'page'));
  const renamed = text(form, 'renamed') === '1';
  if (again !== undefined)
    return {
      pageId: page.id,
      name: again.name,
      role: again.role,
      language: again.language,
      includeLink: again.includeLink,
      thread: again.thread,
      again: again.id,
      renamed,
    };
  return {
    pageId: page.id,
    name: text(form, 'name'),
    role: choice(form, 'role', CONNECTION_ROLES),
    language: choice(form, 'language', page.languages),
    includeLink: text(form, 'includeLink') === '1',
    thread: text(form, 'thread') === '1',
    again: null,
    renamed,
  };
}

/** Connects what the network has just accepted, or gives a connection the new credentials. */
export async function connect(
  ctx: Ctx,
  use: Use,
  id: string,
  prepared: Awaited<ReturnType<Ports['channels']['prepare']>>,
): Promise<void> {
  const { verified, settings, sealed, kind } = prepared;
  if (use.again !== null) {
    await reconnectAccount(ctx, use.again, { settings, sealed, verified, renamed: use.renamed });
    return;
  }
  const { again: _, renamed: __, ...rest } = use;
  await connectAccount(ctx, {
    id,
    channel: kind.kind,
    settings,
    sealed,
    template: kind.template,
    verified,
    ...rest,
  });
}

/** What was entered under a prefix, empty fields left out. */
export const entered = (form: Form, fields: KindFacts['fields'], prefix: string): Record<string, string> =>
  Object.fromEntries(
    fields.map((f) => [f.name, text(form, `${prefix}.${f.name}`)]).filter(([, value]) => value !== ''),
  ) as Record<string, string>;

/** The form that connects an account, and the page of one that is connected: its credentials, its address for calls, a trial. */
export async function drawConnect(
  desk: Desk,
  request: FastifyRequest,
  kind: KindFacts,
  form: Form,
  more: { again?: Connection | undefined; refused?: Refused | undefined } = {},
): Promise<string> {
  const { r, ports } = desk;
  const { again, refused } = more;
  const pages = await listPages(r);
  const page = pages.find((p) => p.id === (again?.pageId ?? text(form, 'page'))) ?? pages[0];
  const fresh = Object.keys(form).length === 0;
  const signIn = kind.signIn;
  const named = ['name', ...kind.fields.map((f) => f.name), ...(signIn?.fields ?? []).map((f) => f.name)];
  const kept =
    refused && kind.fields.some((f) => f.secret)
      ? ' Secrets are never shown again: enter them once more.'
      : '';
  const trouble = troubleOf(refused, named);
  const drawn = (f: KindFacts['fields'][number], prefix: string) => ({
    ...field(
      f.name,
      f.label,
      again && f.secret ? `${f.help} Leave it empty to keep the one we have.` : f.help,
      f.secret ? '' : fresh ? (again?.settings[f.name] ?? '') : text(form, `${prefix}.${f.name}`),
      refused,
    ),
    id: `${prefix}-${f.name}`,
    as: `${prefix}.${f.name}`,
    secret: f.secret,
    required: f.required,
    placeholder: f.placeholder ?? '',
  });
  const root = again
    ? `/desk/connections/${again.id}`
    : `/desk/connections/add/${encodeURIComponent(kind.kind)}`;
  const hook =
    again !== undefined && kind.hook !== undefined
      ? { ...ports.channels.hookOf(again.id), steps: [...kind.hook.steps], token: kind.hook.wantsToken }
      : null;
  return renderConnect({
    frame: await frameFor(desk, request, {
      title: again ? again.name : `Connect ${kind.name}`,
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
    action: root,
    again: again
      ? {
          account: again.account,
          paused: again.pausedReason,
          tryAction: `${root}/try`,
          voiceAction: `${root}/voice`,
          voices: await voicesOf(r, again),
          hook,
        }
      : null,
    signIn: signIn
      ? {
          action: `${root}/sign-in`,
          // Where we make the app ourselves there is nothing to paste.
          redirect: signIn.register === undefined ? backAddress(ports) : null,
          steps: [...signIn.steps],
          fields: signIn.fields.map((f) => drawn(f, 's')),
          open: fresh || text(form, 'by') === 'sign-in',
        }
      : null,
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
      label: new Intl.DisplayNames('en', { type: 'language' }).of(x) ?? x,
      chosen: x === text(form, 'language'),
    })),
    includeLink: fresh || text(form, 'includeLink') === '1',
    thread: text(form, 'thread') === '1',
    fields: kind.fields.map((f) => drawn(f, 'v')),
  });
}

/** In whose own voice an account may speak; none where nobody lends theirs. */
async function voicesOf(r: Desk['r'], again: Connection) {
  const people = (await listPeople(r)).filter((p) => p.voice !== null || p.id === again.voiceOf);
  return people.length === 0
    ? []
    : [
        { value: '', label: 'The house’s', chosen: again.voiceOf === null },
        ...people.map((p) => ({ value: p.id, label: `${p.name}’s own`, chosen: p.id === again.voiceOf })),
      ];
}

/** Connecting with keys that a person copies, and the page of a connection. */
export function connectAccounts(app: FastifyInstance, desk: Desk): void {
  const { r, ports } = desk;
  const onlyAdmins = (request: FastifyRequest) => mustBe(mustKnow(request).actor, ['admin'], 'admin');

  app.get<{ Params: { kind: string } }>('/connections/add/:kind', async (request, reply) => {
    onlyAdmins(request);
    return html(reply, await drawConnect(desk, request, kindOf(ports, request.params.kind), {}));
  });

  app.post<{ Params: { kind: string } }>('/connections/add/:kind', async (request, reply) => {
    onlyAdmins(request);
    const kind = kindOf(ports, request.params.kind);
    const form = formOf(request);
    try {
      const use = await readUse(desk, request, form);
      const id = ports.base.newId();
      const prepared = await ports.channels.prepare(kind.kind, id, entered(form, kind.fields, 'v'));
      await connect(ctxOf(ports.base, request), use, id, prepared);
      return goTo(reply, '/desk/connections', 'connected');
    } catch (error) {
      const refused = refusedBy(error);
      return html(reply, await drawConnect(desk, request, kind, form, { refused }), refused.status);
    }
  });

  app.get<{ Params: { id: string } }>('/connections/:id', async (request, reply) => {
    onlyAdmins(request);
    const again = await getConnection(r, request.params.id);
    return html(reply, await drawConnect(desk, request, kindOf(ports, again.channel), {}, { again }));
  });

  app.post<{ Params: { id: string } }>('/connections/:id', async (request, reply) => {
    onlyAdmins(request);
    const again = await getConnection(r, request.params.id);
    const kind = kindOf(ports, again.channel);
    const form = formOf(request);
    try {
      const use = await readUse(desk, request, form, again);
      const values = entered(form, kind.fields, 'v');
      const prepared = await ports.channels.prepare(kind.kind, again.id, values, again);
      await connect(ctxOf(ports.base, request), use, again.id, prepared);
      ports.kick();
      return goTo(reply, '/desk/connections', 'reconnected');
    } catch (error) {
      const refused = refusedBy(error);
      return html(reply, await drawConnect(desk, request, kind, form, { again, refused }), refused.status);
    }
  });

  app.post<{ Params: { id: string } }>('/connections/:id/voice', async (request, reply) => {
    const { id } = request.params;
    await changeVoiceOf(ctxOf(ports.base, request), id, text(formOf(request), 'voiceOf') || null);
    return goTo(reply, `/desk/connections/${id}`, 'voice-changed');
  });

  app.post<{ Params: { id: string } }>('/connections/:id/try', async (request, reply) => {
    onlyAdmins(request);
    const again = await getConnection(r, request.params.id);
    const kind = kindOf(ports, again.channel);
    try {
      const where = await ports.channels.tryOut(again.id);
      await noteTrial(ctxOf(ports.base, request), again.id, where);
      return goTo(reply, `/desk/connections/${again.id}`, 'tried');
    } catch (error) {
      const refused = refusedBy(error);
      return html(reply, await drawConnect(desk, request, kind, {}, { again, refused }), refused.status);
    }
  });
}
