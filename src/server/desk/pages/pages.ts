import type { FastifyInstance, FastifyRequest } from 'fastify';
import { listConnections } from '../../../../db/queries/connections.ts';
import { getPage } from '../../../../db/queries/pages.ts';
import type { PageFileKind } from '../../../../db/shapes.ts';
import { mustBe } from '../../../actions/context.ts';
import { changePageSettings } from '../../../actions/page/change-page.ts';
import { noteChecked } from '../../../actions/page/note-checked.ts';
import { setPageAccess } from '../../../actions/page/page-access.ts';
import { setPageFile } from '../../../actions/page/page-files.ts';
import { setUpPage } from '../../../actions/set-up-page.ts';
import { notFound } from '../../../domain/error.ts';
import { MOST_CSS } from '../../../domain/look/custom-css.ts';
import { filePath } from '../../../live/place.ts';
import { renderPageSettings } from '../../../templates/desk.ts';
import { takeUploads, uploadOf } from '../../multipart.ts';
import { ctxOf, mustKnow } from '../../who.ts';
import { type Form, field, formOf, type Refused, refusedBy, text, troubleOf } from '../forms.ts';
import { type Desk, frameFor, goTo, html } from '../frame.ts';
import { moment, placeOf } from '../moments.ts';

type ById = { Params: { id: string } };
type ByFile = { Params: { id: string; kind: string } };

const IDENTITY = [
  'name',
  'description',
  'domain',
  'timeZone',
  'languages',
  'homepage',
  'supportUrl',
  'contactUrl',
];
const PRESS = ['press', 'family.label', 'family.phone', 'family.note'];
const LOOK = ['accent.light', 'accent.dark', 'customCss'];
const ACCESS = ['password', 'emails', 'networks'];
const KINDS: readonly PageFileKind[] = ['logo', 'favicon'];

/** How one page is called, looks, and who may read it. */
export function pages(app: FastifyInstance, desk: Desk): void {
  const { r, ports } = desk;

  async function draw(
    request: FastifyRequest,
    id: string,
    form?: Form,
    refused?: Refused,
    picture?: { kind: string; error: string },
  ) {
    const page = await getPage(r, id);
    const now = ports.base.now();
    const s = page.settings;
    const saved: Record<string, string> = {
      name: page.name,
      description: s.description ?? '',
      domain: page.domain ?? '',
      timeZone: page.timeZone,
      languages: page.languages.join(', '),
      homepage: s.homepage ?? '',
      supportUrl: s.supportUrl ?? '',
      contactUrl: s.contactUrl ?? '',
      press: s.press ?? '',
      'family.label': s.family?.label ?? '',
      'family.phone': s.family?.phone ?? '',
      'family.note': s.family?.note ?? '',
      'accent.light': s.accent?.light ?? '',
      'accent.dark': s.accent?.dark ?? '',
      customCss: s.customCss ?? '',
      emails: page.access?.emails.join(', ') ?? '',
      networks: page.access?.networks.join(', ') ?? '',
    };
    const value = (name: string) => (form && name in form ? text(form, name) : (saved[name] ?? ''));
    const at = (name: string, label: string, help: string) => field(name, label, help, value(name), refused);
    return renderPageSettings({
      frame: await frameFor(desk, request, {
        title: page.name,
        room: 'settings',
        page,
        trouble: troubleOf(refused, [...IDENTITY, ...PRESS, ...LOOK, ...ACCESS]),
      }),
      name: page.name,
      url: page.url,
      base: `/desk/pages/${page.id}`,
      identity: [
        at('name', 'Name', 'Of the service, as customers know it.'),
        at('description', 'In a sentence', 'At the foot of the page, and what searches show.'),
        at(
          'domain',
          'Host name of its own',
          'Like status.company.example, pointed at this server. Links in posts then begin with it.',
        ),
        at('timeZone', 'Time zone', 'Like UTC or Europe/Berlin.'),
        at('languages', 'Languages', 'The first is the page’s own. Like en, de, fr.'),
        at('homepage', 'The company’s site', 'Like https://company.example.'),
        at('supportUrl', 'Support', 'An address or mailto:.'),
        at('contactUrl', 'Contact', 'An address or mailto:.'),
      ],
      press: [
        at('press', 'Press', 'Who journalists should call, in a line.'),
        at(
          'family.label',
          'For families and friends',
          'Shown in grave incidents only. Like “For families and friends”.',
        ),
        at('family.phone', 'Their number', 'As people dial it.'),
        at('family.note', 'A word beside it', 'Like “day and night, free of charge”.'),
      ],
      look: [
        at('accent.light', 'Colour on the light page', 'Links and the mark, like #1c4aa0.'),
        at('accent.dark', 'Colour on the dark page', 'Like #9fc0ff.'),
      ],
      css: at(
        'customCss',
        'Style of your own',
        `CSS for what is on the page, at most ${MOST_CSS} characters. Nothing can be loaded, and nothing laid over the words.`,
      ),
      mostCss: MOST_CSS,
      pictures: KINDS.map((kind) => ({
        kind,
        label: kind === 'logo' ? 'Logo' : 'Icon of the browser tab',
        help: 'A PNG or SVG of at most 60 KB. It is kept without anything that is not the picture.',
        src: filePath(page, kind),
        error: picture?.kind === kind ? picture.error : null,
      })),
      isPrivate: page.access !== null,
      hasPassword: page.access?.password != null,
      mailsLinks: (await listConnections(r, page.id)).some((c) => c.channel === 'email' && c.enabled),
      password: {
        ...at(
          'password',
          'Password',
          page.access?.password == null
            ? 'At least 12 characters; four unrelated words are good.'
            : 'One is set. Type another to change it.',
        ),
        value: '',
      },
      emails: at(
        'emails',
        'Addresses that may ask for a link',
        'Whole addresses, or domains like @company.example, with commas between.',
      ),
      networks: at('networks', 'Networks that need neither', 'Like 10.0.0.0/8, with commas between.'),
      behind: proxyOf(request),
      checked: page.checkedAt === null ? null : moment(page.checkedAt, now, placeOf(page)).text,
    });
  }

  const list = (form: Form, name: string) =>
    text(form, name)
      .split(/[\s,;]+/)
      .filter((x) => x !== '');

  app.get<ById>('/pages/:id', async (request, reply) => {
    // Who may read a private page is told to whoever decides it.
    mustBe(mustKnow(request).actor, ['admin'], 'admin');
    return html(reply, await draw(request, request.params.id));
  });

  app.post('/pages', async (request, reply) => {
    const form = formOf(request);
    const slug = text(form, 'slug').trim();
    const page = await setUpPage(ctxOf(ports.base, request), {
      name: text(form, 'name'),
      url: `${ports.baseUrl}/${slug}`,
      slug,
      timeZone: text(form, 'timeZone') || 'UTC',
    });
    return goTo(reply, `/desk/pages/${page.id}`, 'set-up');
  });

  const save = (path: string, act: (request: FastifyRequest, id: string, form: Form) => Promise<void>) =>
    app.post<ById>(path, async (request, reply) => {
      const { id } = request.params;
      const form = formOf(request);
      try {
        await act(request, id, form);
        return goTo(reply, `/desk/pages/${id}`, 'saved');
      } catch (error) {
        const refused = refusedBy(error);
        return html(reply, await draw(request, id, form, refused), refused.status);
      }
    });

  save('/pages/:id', async (request, id, form) => {
    await changePageSettings(ctxOf(ports.base, request), id, {
      name: text(form, 'name'),
      description: text(form, 'description'),
      domain: text(form, 'domain'),
      timeZone: text(form, 'timeZone').trim(),
      languages: list(form, 'languages'),
      homepage: text(form, 'homepage'),
      supportUrl: text(form, 'supportUrl'),
      contactUrl: text(form, 'contactUrl'),
      press: text(form, 'press'),
      family: {
        label: text(form, 'family.label'),
        phone: text(form, 'family.phone'),
        note: text(form, 'family.note'),
      },
    });
  });
  save('/pages/:id/look', async (request, id, form) => {
    await changePageSettings(ctxOf(ports.base, request), id, {
      accent: { light: text(form, 'accent.light'), dark: text(form, 'accent.dark') },
      customCss: text(form, 'customCss'),
    });
  });
  save('/pages/:id/access', async (request, id, form) => {
    const typed = text(form, 'password');
    const password = text(form, 'noPassword') === '1' ? '' : typed === '' ? undefined : typed;
    await setPageAccess(
      ctxOf(ports.base, request),
      ports.locks,
      id,
      text(form, 'do') === 'open'
        ? null
        : { password, emails: list(form, 'emails'), networks: list(form, 'networks') },
    );
  });
  save('/pages/:id/checked', async (request, id) => noteChecked(ctxOf(ports.base, request), id));

  app.post<ByFile>('/pages/:id/files/:kind/off', async (request, reply) => {
    const { id } = request.params;
    const ctx = ctxOf(ports.base, request);
    mustBe(ctx.actor, ['admin'], 'admin');
    await setPageFile(ctx, id, kindOf(request.params.kind), null);
    return goTo(reply, `/desk/pages/${id}`, 'saved');
  });

  // In a scope of its own: no other form brings files.
  app.register(async (inner) => {
    takeUploads(inner);
    inner.post<ByFile>('/pages/:id/files/:kind', async (request, reply) => {
      const { id } = request.params;
      const ctx = ctxOf(ports.base, request);
      mustBe(ctx.actor, ['admin'], 'admin');
      const kind = kindOf(request.params.kind);
      try {
        const file = uploadOf(request.body, 'file');
        await setPageFile(ctx, id, kind, file?.bytes ?? new Uint8Array());
        return goTo(reply, `/desk/pages/${id}`, 'saved');
      } catch (error) {
        const { message, status } = refusedBy(error);
        return html(reply, await draw(request, id, undefined, undefined, { kind, error: message }), status);
      }
    });
  });
}

function kindOf(text: string): PageFileKind {
  const kind = KINDS.find((k) => k === text);
  if (!kind) throw notFound('picture');
  return kind;
}

/** A proxy says for whom it asks. Where it is not to be believed, everybody seems to come from the proxy itself. */
function proxyOf(request: FastifyRequest): string | null {
  const told = ['x-forwarded-for', 'x-real-ip', 'forwarded'].some(
    (name) => request.headers[name] !== undefined,
  );
  return told && request.ip === request.socket.remoteAddress ? request.ip : null;
}
