import type { FastifyReply, FastifyRequest } from 'fastify';
import { listConnections } from '../../../db/queries/connections.ts';
import { findIncident } from '../../../db/queries/incidents.ts';
import { getPage, listComponents, listGroups, type Page } from '../../../db/queries/pages.ts';
import type { Ctx } from '../../actions/context.ts';
import { type DomainError, notFound } from '../../domain/error.ts';
import { isEnded } from '../../domain/incident.ts';
import { kindsOffered, type SubscriberKind } from '../../domain/subscriber.ts';
import { addressKey } from '../../live/caps.ts';
import { buildDocument } from '../../live/document.ts';
import type { Live } from '../../live/live.ts';
import { languageName, pathOf } from '../../live/place.ts';
import { type PlainPage, wear } from '../../templates/plain.ts';
import { errorWords } from '../../templates/strings/errors.ts';
import { subscriberWords } from '../../templates/strings/subscriber/words.ts';
import type { ScopeView } from '../../templates/subscribe.ts';
import type { PageHead } from '../../templates/views.ts';
import type { Form } from '../desk/forms.ts';
import { text, texts } from '../desk/forms.ts';
import type { Gate } from '../gate.ts';
import { plainPolicy } from '../plain.ts';
import type { Ports } from '../ports.ts';
import { cold } from '../public.ts';
import { chooseEncoding, guard } from '../serve.ts';

/** What every page of a subscription needs to know of where it stands. */
export interface Standing {
  page: Page;
  language: string;
  /** Path of the page in this language; empty for the first page in its first language. */
  path: string;
  offered: SubscriberKind[];
  /** The page as it is shown now. */
  head: PageHead;
  /** Its pictures are for whoever may read it. */
  mayRead: boolean;
}

export interface Door {
  ports: Ports;
  live: Live;
  gate: Gate;
}

/** The page that an address belongs to. Throws `not_found`, or `unavailable` when the database does not answer. */
export async function standing(
  { ports, live, gate }: Door,
  request: FastifyRequest,
  /** A link of their own lets somebody in, whoever may read the page. */
  ofTheirOwn = false,
): Promise<Standing> {
  const { a, b } = request.params as { a?: string; b?: string };
  const place = ofTheirOwn
    ? live.findPlace(
        [a, b].filter((x) => x !== undefined),
        request.hostname,
      )
    : gate.place(request);
  const head = place && live.head(place);
  if (!head) throw notFound('page');
  return cold(async () => {
    const r = ports.base.store.read;
    const page = await getPage(r, place.pageId);
    return {
      page,
      language: place.language,
      path: pathOf(page, place.language),
      offered: kindsOffered(await listConnections(r, page.id)),
      head,
      mayRead: gate.mayRead(request, page.id),
    };
  });
}

/** Visitors act for themselves; nobody is looked up. */
export const visitor = ({ ports }: Door): Ctx => ({
  ...ports.base,
  actor: { kind: 'system', id: 'visitor', roles: [] },
});

export const visitOf = (request: FastifyRequest): string => addressKey(request.ip);

export const plainPage = ({ head, mayRead }: Standing, tail: string): PlainPage => wear(head, tail, mayRead);

/** What somebody chose, or could choose. */
export interface Choice {
  everything: boolean;
  partIds: readonly string[];
  incidentId: string | undefined;
  incidentChosen: boolean;
  language: string;
}

export const choiceFrom = (form: Form, language: string): Choice => {
  const scope = text(form, 'scope');
  return {
    everything: scope === 'everything' || scope === '',
    partIds: scope === 'parts' ? texts(form, 'part') : [],
    incidentId: text(form, 'incident') || undefined,
    incidentChosen: scope === 'incident',
    language: text(form, 'language') || language,
  };
};

/** What is wrong with a choice, in the reader's words; undefined when it is something else that is wrong. */
export function scopeTrouble({ field }: DomainError, language: string): string | undefined {
  if (field === 'scope') return subscriberWords(language).bad.scope;
  const { partGone, incidentOver } = errorWords(language);
  return field === 'components' ? partGone : field === 'incident' ? incidentOver : undefined;
}

export async function scopeView(
  { ports }: Door,
  { page }: Standing,
  choice: Choice,
  error: string | null,
): Promise<ScopeView> {
  const r = ports.base.store.read;
  const groups = new Map((await listGroups(r, page.id)).map((g) => [g.id, g.name]));
  const components = await listComponents(r, page.id);
  const found = choice.incidentId === undefined ? undefined : await findIncident(r, choice.incidentId);
  const incident =
    found &&
    found.pageId === page.id &&
    found.publishedAt !== null &&
    found.status !== null &&
    !isEnded(found.status)
      ? { id: found.id, title: found.title, chosen: choice.incidentChosen }
      : null;
  return {
    everything: choice.everything || (choice.incidentChosen && incident === null),
    parts: components.map((c) => ({
      id: c.id,
      name: c.groupId === null ? c.name : `${groups.get(c.groupId) ?? ''} · ${c.name}`,
      chosen: choice.partIds.includes(c.id),
    })),
    incident,
    languages: page.languages.map((code) => ({
      code,
      name: languageName(code),
      chosen: code === choice.language,
    })),
    error,
  };
}

/** As `show`, for a page without anything secret on it: packed, so that its first paint is one round trip. */
export async function showPacked(
  here: Standing,
  request: FastifyRequest,
  reply: FastifyReply,
  html: string,
): Promise<FastifyReply> {
  const encoding = chooseEncoding(request.headers['accept-encoding']);
  reply.header('vary', 'accept-encoding');
  if (encoding === 'identity') return show(here, reply, html);
  const { body } = (await buildDocument(html))[encoding];
  return show(here, reply.header('content-encoding', encoding), body);
}

/** A page of a subscription: never kept by anybody on the way, and its address is told to nobody. */
export function show(
  { head }: Standing,
  reply: FastifyReply,
  html: string | Buffer,
  status = 200,
): FastifyReply {
  return guard(reply, plainPolicy(head.style))
    .code(status)
    .header('referrer-policy', 'no-referrer')
    .header('x-robots-tag', 'noindex')
    .header('cache-control', 'no-store')
    .type('text/html; charset=utf-8')
    .send(html);
}
