import { createHash } from 'node:crypto';
import { type Connection, listConnections } from '../../db/queries/connections.ts';
import { type Incident, listPublishedUpdates, type Update } from '../../db/queries/incidents.ts';
import type { Component, Page } from '../../db/queries/pages.ts';
import { listComponents } from '../../db/queries/pages.ts';
import { getPerson } from '../../db/queries/people.ts';
import type { Rendition } from '../../db/queries/words.ts';
import type { RenditionPart } from '../../db/shapes.ts';
import type { Reader } from '../../db/store.ts';
import { type ApprovalContent, canonical } from '../domain/approval.ts';
import { invalid } from '../domain/error.ts';
import { type Attached, mediaFor, picturePath } from '../domain/media.ts';
import { ratingOf } from '../domain/rating.ts';
import { takesBack } from '../domain/versions.ts';
import { signature } from '../domain/voice.ts';
import { renderMessage } from '../templates/message.ts';
import { listPlaces, wrongVersions } from './amend/places.ts';
import { sha256 } from './context.ts';
import { impactWith } from './rating.ts';

/** Public statements go out on these; the others speak only when they are named. */
const SPEAKING = ['brand', 'status', 'subscribers'] as const;

/** The connections an update goes to: the named ones, or every enabled one that speaks for the company. */
export async function listAudience(r: Reader, update: Update): Promise<Connection[]> {
  if (update.amends !== null) return amendAudience(r, update);
  const all = (await listConnections(r, update.pageId)).filter(
    (c) => c.enabled && c.role !== 'oncall' && hasReader(c),
  );
  const named = update.connectionIds;
  // A person's own account carries their own words and nothing else.
  const own = (c: Connection) => c.voiceOf !== null && c.voiceOf === update.voiceOf;
  if (named === null)
    return all.filter(
      (c) => own(c) || (c.voiceOf === null && (SPEAKING as readonly string[]).includes(c.role)),
    );
  const foreign = all.find((c) => named.includes(c.id) && c.voiceOf !== null && !own(c));
  if (foreign)
    throw invalid(
      'connectionIds',
      `“${foreign.name}” speaks in one person’s own voice. Choose that voice for these words, or leave the account out.`,
    );
  for (const id of named)
    if (!all.some((c) => c.id === id))
      throw invalid('connectionIds', `"${id}" is not a connection of this page that is switched on.`);
  return all.filter((c) => named.includes(c.id));
}

/** Who reads a correction: where the wrong words went, and everybody who asked to be told. */
async function amendAudience(r: Reader, update: Update): Promise<Connection[]> {
  const places = (await listPlaces(r, update)).map((p) => p.connection);
  const lines = (await listConnections(r, update.pageId)).filter(
    (c) => c.enabled && c.role === 'subscribers' && !places.some((p) => p.id === c.id),
  );
  return [...places, ...lines];
}

/** Mail and text messages without a recipient of their own speak to subscribers alone, who have a line to themselves. */
export const hasReader = ({ role, channel, settings }: Connection): boolean =>
  role === 'subscribers' ||
  (channel !== 'email' && channel !== 'sms') ||
  (settings['to'] ?? '').trim() !== '';

/** Subscribers read our own words around the update in their language; an account speaks one. */
const languagesOf = (connection: Connection, page: Page): readonly string[] =>
  connection.role === 'subscribers'
    ? [...new Set([connection.language, ...page.languages])]
    : [connection.language];

/** Stable for one update on one connection however often it is rendered, and unique: it finds a lost post again. */
export const linkCode = (updateId: string, connectionId: string): string =>
  createHash('sha256')
    .update(`${updateId}|${connectionId}`)
    .digest('base64url')
    .replace(/[-_]/g, '')
    .slice(0, 9);

export interface Rendering {
  connection: Connection;
  rendition: Omit<Rendition, 'id' | 'createdAt' | 'frozenAt'>;
}
export interface Refusal {
  connection: Connection;
  field: string | undefined;
  message: string;
}

/**
 * The exact words for every connection of an update. A network on which the words do not fit is in `refused`, with
 * what to do about it; the others are rendered all the same.
 */
export async function renderAll(
  r: Reader,
  page: Page,
  incident: Incident,
  update: Update,
  exercise: boolean,
): Promise<{ rendered: Rendering[]; refused: Refusal[] }> {
  const components = await listComponents(r, page.id);
  // A post that began its thread may be longer than an answer; so may what it is changed into.
  const versions = await wrongVersions(r, update);
  const [first] = update.amends === null ? [] : await listPublishedUpdates(r, [incident.id]);
  const began = first !== undefined && versions.includes(first.id);
  const impact = update.amends === null ? await impactWith(r, incident, update) : incident.impact;
  const signer = update.voiceOf === null ? null : signature(await getPerson(r, update.voiceOf));
  const rendered: Rendering[] = [];
  const refused: Refusal[] = [];
  for (const connection of await listAudience(r, update)) {
    try {
      for (const language of languagesOf(connection, page))
        rendered.push({
          connection,
          rendition: renderOne(
            page,
            { ...incident, impact },
            update,
            { ...connection, language },
            components,
            { began, signer, exercise },
          ),
        });
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'DomainError') throw error;
      const field = (error as { field?: string }).field;
      refused.push({ connection, field, message: error.message });
    }
  }
  return { rendered, refused };
}

function renderOne(
  page: Page,
  incident: Incident,
  update: Update,
  connection: Connection,
  components: readonly Component[],
  { began, signer, exercise }: { began: boolean; signer: string | null; exercise: boolean },
): Rendering['rendition'] {
  const { id, role, language } = connection;
  const code = linkCode(update.id, role === 'subscribers' ? `${id}|${language}` : id);
  const link = `${page.url}/u/${code}`;
  const touched = components.filter((c) => update.components[c.id] !== undefined);
  const override = update.overrides[connection.id];
  const follows = incident.publishedAt !== null || update.plannedOf !== null;
  const input = {
    title: incident.title,
    status: update.status,
    kind: incident.kind,
    impact: incident.impact,
    blocks: update.blocks,
    body: update.body,
    nextUpdateBy: update.nextUpdateBy,
    writtenAt: update.createdAt,
    timeZone: page.timeZone,
    language: connection.language,
    link,
    pageName: page.name,
    exercise,
    ...(signer === null ? {} : { signature: signer }),
    components: touched.map((c) => ({ name: c.name, status: update.components[c.id]! })),
  };
  const render = (limits: Connection['limits'], isAmended: boolean) =>
    renderMessage(isAmended ? { ...input, ...leadOf(update) } : input, {
      template: connection.template as 'post',
      limits,
      thread: connection.thread,
      includeLink: connection.includeLink,
      name: connection.name,
      ...(override === undefined ? {} : { override }),
    });
  const answer = limitsFor(connection, follows);
  const edits = update.amends !== null && connection.can.edit !== 'none';
  const limits = edits ? limitsFor(connection, follows && !began) : answer;
  const message = render(limits, true);
  const payload = {
    ...(exercise ? { exercise } : {}),
    page: { id: page.id, name: page.name, url: page.url },
    incident: { id: incident.id, title: incident.title, status: update.status, kind: incident.kind },
    update: {
      id: update.id,
      status: update.status,
      blocks: update.blocks,
      body: update.body,
      ...(update.media === null ? {} : { media: update.media.map((m) => described(page, m)) }),
      next_update_by: update.nextUpdateBy === null ? null : new Date(update.nextUpdateBy).toISOString(),
      ...(update.amends === null
        ? {}
        : { amends: update.amends, corrects: update.correctsId, note: update.note ?? '' }),
    },
    components: touched.map((c) => ({ id: c.id, name: c.name, status: update.components[c.id]! })),
    link,
  };
  const media = mediaFor(update.media, {
    name: connection.name,
    pictures: connection.limits.pictures,
    isAnswer: follows && connection.can.replies,
  });
  const wantsPayload = connection.template === 'webhook';
  const whole = (m: { parts: RenditionPart[] }) =>
    m.parts.map((p, i) => ({
      ...p,
      // A thread shows its pictures where it begins.
      ...(i > 0 || media.length === 0 ? {} : { media }),
      ...(wantsPayload ? { payload } : {}),
    }));
  return {
    updateId: update.id,
    connectionId: connection.id,
    language: connection.language,
    code,
    parts: whole(message),
    dropped: message.dropped,
    ways:
      update.amends === null
        ? null
        : {
            ...(limits.max === answer.max ? {} : { say: whole(render(answer, true)) }),
            ...(takesBack(update.amends) ? {} : { plain: whole(render(answer, false)) }),
          },
    max: message.max,
    unit: message.unit,
    overridden: override !== undefined,
  };
}

/** A picture as programs are told of it. */
const described = (page: Page, m: Attached) => ({
  url: `${new URL(page.url).origin}${picturePath(m)}`,
  type: m.type,
  width: m.width,
  height: m.height,
  alt: m.alt,
});

/** What a correction says before its words. */
const leadOf = (update: Update) =>
  update.amends === null
    ? {}
    : {
        amends: takesBack(update.amends) ? ('retraction' as const) : ('correction' as const),
        note: update.note ?? '',
      };

/** A follow-up answers the incident's first post there, and some networks allow answers less than posts. */
function limitsFor({ limits, can }: Connection, follows: boolean): Connection['limits'] {
  return follows && can.replies && limits.reply !== undefined
    ? { ...limits, max: Math.min(limits.max, limits.reply) }
    : limits;
}

type Words = readonly Pick<Rendition, 'connectionId' | 'language' | 'parts' | 'ways'>[];

/** An incident's title, and how bad a person says it is. */
type Rated = Pick<Incident, 'title' | 'kind' | 'publishedAt' | 'impactOverride' | 'impactNext'>;

/** SHA-256 over everything that would go out, now and, for planned work, later: what an approver says yes to. */
export function approvalHash(
  incident: Rated,
  update: Update,
  renditions: Words,
  planned: readonly { update: Update; renditions: Words }[] = [],
): string {
  const later = planned
    .toSorted((a, b) => (a.update.id < b.update.id ? -1 : 1))
    .flatMap(({ update: u, renditions: words }) =>
      u.plannedAs === null
        ? []
        : [{ as: u.plannedAs, at: u.publishAt, content: contentOf(incident, u, words) }],
    );
  return sha256(canonical({ ...contentOf(incident, update, renditions), planned: later }));
}

const contentOf = (incident: Rated, update: Update, renditions: Words): ApprovalContent => ({
  updateId: update.id,
  title: incident.title,
  status: update.status,
  class: update.class,
  language: update.language,
  blocks: update.blocks,
  body: update.body,
  nextUpdateBy: update.nextUpdateBy,
  media: update.media,
  components: update.components,
  scheduledFor: update.scheduledFor,
  scheduledUntil: update.scheduledUntil,
  // The times of planned words stand beside them.
  publishAt: update.plannedOf === null ? update.publishAt : null,
  voiceOf: update.voiceOf,
  impact: ratingOf(incident, update),
  renditions,
  amends:
    update.amends === null || update.correctsId === null
      ? undefined
      : {
          correctsId: update.correctsId,
          amends: update.amends,
          note: update.note ?? '',
          plan: update.plan ?? [],
        },
});
