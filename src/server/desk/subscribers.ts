import type { FastifyInstance, FastifyRequest } from 'fastify';
import { listConnections } from '../../../db/queries/connections.ts';
import {
  countSubscribers,
  findByAddress,
  findSubscriber,
  listSubscribers,
  listTargets,
  type Subscriber,
} from '../../../db/queries/subscribers.ts';
import { mustBe } from '../../actions/context.ts';
import { exportSubscribers, importSubscribers } from '../../actions/subscribers/import.ts';
import { addressHash } from '../../actions/subscribers/locks.ts';
import { eraseSubscriber } from '../../actions/subscribers/settle.ts';
import { invalid, notFound } from '../../domain/error.ts';
import {
  kindsOffered,
  SUBSCRIBER_KINDS,
  type SubscriberKind,
  type SubscriberState,
} from '../../domain/subscriber.ts';
import { renderSubscribers } from '../../templates/desk.ts';
import type { SubscriberRow } from '../../templates/desk-subscriber-views.ts';
import type { StateView } from '../../templates/desk-views.ts';
import { subscriberWords } from '../../templates/strings/subscriber/words.ts';
import { ctxOf, mustKnow } from '../who.ts';
import { choice, type Form, field, formOf, type Refused, refusedBy, text, troubleOf } from './forms.ts';
import { type Desk, frameFor, goTo, html, pageFor, pagesFor } from './frame.ts';
import { moment, placeOf } from './moments.ts';
import { count } from './words.ts';

const SHOWN = 100;
const PEOPLE = ['email', 'sms'] as const;
const { kind: NAMES } = subscriberWords('en');

const STATE: Record<SubscriberState, StateView> = {
  active: { icon: 'ok', tone: 'good', word: 'Active' },
  unconfirmed: { icon: 'wait', tone: '', word: 'Not confirmed' },
  quarantined: { icon: 'no', tone: 'bad', word: 'In quarantine' },
  unsubscribed: { icon: 'skip', tone: '', word: 'Ended' },
};

interface Drawn {
  form?: Form;
  refused?: Refused;
  found?: { row: Subscriber | undefined };
}

/** Who asked to be told. Numbers for everybody at the desk; addresses for admins alone, one at a time. */
export function subscribers(app: FastifyInstance, desk: Desk): void {
  const { r, ports } = desk;
  const { locks, readRecipient, shownAddress } = ports.subscribers;

  async function rowOf(s: Subscriber, sure: string | null = null): Promise<SubscriberRow> {
    const now = ports.base.now();
    const place = placeOf(undefined);
    const targets = s.everything ? [] : await listTargets(r, s.id);
    const since = moment(s.confirmedAt ?? s.createdAt, now, place).text;
    return {
      id: s.id,
      address: shownAddress(s) || 'forgotten',
      kind: NAMES[s.kind],
      state: STATE[s.state],
      note:
        s.reason ??
        (s.softBounces > 0 ? `Mail came back on ${count(s.softBounces, 'day', 'days')}.` : null) ??
        (s.source === 'import' ? `Brought in ${since}: ${s.basis ?? ''}` : `Since ${since}, by the page.`),
      about: s.everything ? 'Gets everything.' : `Gets ${count(targets.length, 'part', 'parts')}.`,
      sure,
    };
  }

  async function draw(request: FastifyRequest, { form = {}, refused, found }: Drawn = {}): Promise<string> {
    const admin = mustKnow(request).actor.roles.includes('admin');
    const pages = await pagesFor(desk, request);
    const chosen = text(form, 'page');
    const kind = text(form, 'kind');
    const sure = refused?.field === 'sure' ? refused.message : null;
    return renderSubscribers({
      frame: await frameFor(desk, request, {
        title: 'Subscribers',
        room: 'subscribers',
        trouble: troubleOf(refused, ['address', 'list', 'basis', 'agree', 'sure']),
      }),
      pages: await Promise.all(
        pages.map(async (page) => {
          const counts = await countSubscribers(r, page.id);
          const offered = kindsOffered(await listConnections(r, page.id));
          const of = (k: SubscriberKind, state: SubscriberState) =>
            String(counts.find((c) => c.kind === k && c.state === state)?.n ?? 0);
          const kinds = SUBSCRIBER_KINDS.filter((k) => counts.some((c) => c.kind === k));
          const away = admin ? await listSubscribers(r, page.id, { state: 'quarantined' }, SHOWN) : [];
          return {
            id: page.id,
            name: page.name,
            any: kinds.length > 0,
            kinds: kinds.map((k) => ({
              name: NAMES[k],
              active: of(k, 'active'),
              unconfirmed: of(k, 'unconfirmed'),
              quarantined: of(k, 'quarantined'),
              ended: of(k, 'unsubscribed'),
              offered: offered.includes(k),
            })),
            quarantined: await Promise.all(away.map((s) => rowOf(s))),
          };
        }),
      ),
      admin: admin
        ? {
            pages: pages.map((p) => ({ value: p.id, label: p.name, chosen: p.id === chosen })),
            kinds: SUBSCRIBER_KINDS.filter((k) => k !== 'web_push').map((k) => ({
              value: k,
              label: NAMES[k],
              chosen: k === kind,
            })),
            people: PEOPLE.map((k) => ({ value: k, label: NAMES[k], chosen: k === kind })),
            find: field('address', 'Address', 'The whole of it.', text(form, 'address'), refused),
            found: found ? { row: found.row ? await rowOf(found.row, sure) : null } : null,
            list: field(
              'list',
              'Addresses',
              'One a line; after a comma, if you like, a language of the page.',
              text(form, 'list'),
              refused,
            ),
            basis: field(
              'basis',
              'Why you may write to them',
              'When and how they agreed. Kept with each address.',
              text(form, 'basis'),
              refused,
            ),
            agree: refused?.field === 'agree' ? refused.message : null,
          }
        : null,
    });
  }

  app.get('/subscribers', async (request, reply) => html(reply, await draw(request)));

  // Not by GET: an address in an address bar is in every log on the way.
  app.post('/subscribers/find', async (request, reply) => {
    mustBe(ctxOf(ports.base, request).actor, ['admin'], 'admin');
    const form = formOf(request);
    try {
      const kind = choice(form, 'kind', SUBSCRIBER_KINDS);
      const page = await pageFor(desk, request, text(form, 'page'));
      const address = readRecipient(kind, text(form, 'address'));
      const row = await findByAddress(r, page.id, kind, addressHash(locks, page.id, kind, address));
      return html(reply, await draw(request, { form, found: { row } }));
    } catch (error) {
      const refused = refusedBy(error);
      return html(reply, await draw(request, { form, refused }), refused.status);
    }
  });

  app.post<{ Params: { id: string } }>('/subscribers/:id/erase', async (request, reply) => {
    const ctx = ctxOf(ports.base, request);
    mustBe(ctx.actor, ['admin'], 'admin');
    const row = await findSubscriber(r, request.params.id);
    if (!row) throw notFound('subscriber');
    try {
      if (text(formOf(request), 'sure') !== '1')
        throw invalid('sure', 'Tick the box: it cannot be taken back.');
      await eraseSubscriber(ctx, row.id);
      return goTo(reply, '/desk/subscribers', 'erased');
    } catch (error) {
      const refused = refusedBy(error);
      return html(reply, await draw(request, { refused, found: { row } }), refused.status);
    }
  });

  app.post('/subscribers/import', async (request, reply) => {
    const ctx = ctxOf(ports.base, request);
    mustBe(ctx.actor, ['admin'], 'admin');
    const form = formOf(request);
    try {
      const kind = choice(form, 'kind', PEOPLE);
      if (text(form, 'agree') !== '1')
        throw invalid('agree', 'Tick the box: without a lawful ground nobody may be written to.');
      const page = await pageFor(desk, request, text(form, 'page'));
      const people = readList(text(form, 'list'), (typed) => readRecipient(kind, typed));
      await importSubscribers(ctx, locks, { pageId: page.id, kind, people, basis: text(form, 'basis') });
      return goTo(reply, '/desk/subscribers', 'brought-in');
    } catch (error) {
      const refused = refusedBy(error);
      return html(reply, await draw(request, { form, refused }), refused.status);
    }
  });

  app.post('/subscribers/export', async (request, reply) => {
    const ctx = ctxOf(ports.base, request);
    mustBe(ctx.actor, ['admin'], 'admin');
    const form = formOf(request);
    const kind = choice(form, 'kind', SUBSCRIBER_KINDS);
    const page = await pageFor(desk, request, text(form, 'page'));
    const lines = ['address,state,language,about,since'];
    await exportSubscribers(ctx, { pageId: page.id, kind }, (rows) => {
      for (const s of rows)
        lines.push(
          [
            shownAddress(s),
            s.state,
            s.language,
            s.everything ? 'everything' : 'parts',
            new Date(s.confirmedAt ?? s.createdAt).toISOString(),
          ]
            .map(cell)
            .join(','),
        );
    });
    return reply
      .header('cache-control', 'no-store')
      .header('content-disposition', `attachment; filename="subscribers-${kind}.csv"`)
      .type('text/csv; charset=utf-8')
      .send(`${lines.join('\r\n')}\r\n`);
  });
}

/** A value in quotes; one that a spreadsheet would take for a formula is told apart by an apostrophe. */
const cell = (value: string): string =>
  `"${(/^[=+\-@\t\r]/.test(value) ? `'${value}` : value).replaceAll('"', '""')}"`;

/** Lines of `address` or `address,language`. Throws `invalid` that names the first line which is neither. */
function readList(
  typed: string,
  read: (address: string) => string,
): { address: string; language: string | undefined }[] {
  return typed.split('\n').flatMap((line, i) => {
    if (line.trim() === '') return [];
    const [address = '', language] = line.split(',').map((part) => part.trim().replace(/^"(.*)"$/, '$1'));
    if (i === 0 && /^(address|e-?mail|phone)$/i.test(address)) return [];
    try {
      return [{ address: read(address), language: language || undefined }];
    } catch {
      throw invalid(
        'list',
        `Line ${i + 1} is not an address. Mend or remove it; nothing was brought in yet.`,
      );
    }
  });
}
