import { createHash } from 'node:crypto';
import { type Connection, listConnections } from '../../db/queries/connections.ts';
import type { Incident, Update } from '../../db/queries/incidents.ts';
import type { Component, Page } from '../../db/queries/pages.ts';
import { listComponents } from '../../db/queries/pages.ts';
import type { Rendition } from '../../db/queries/words.ts';
import type { Reader } from '../../db/store.ts';
import { canonical } from '../domain/approval.ts';
import { invalid } from '../domain/error.ts';
import { renderMessage } from '../templates/message.ts';
import { sha256 } from './context.ts';

/** Public statements go out on these; the others speak only when they are named. */
const SPEAKING = ['brand', 'status'] as const;

/** The connections an update goes to: the named ones, or every enabled one that speaks for the company. */
export async function listAudience(
  r: Reader,
  update: Pick<Update, 'pageId' | 'connectionIds'>,
): Promise<Connection[]> {
  const all = (await listConnections(r, update.pageId)).filter((c) => c.enabled && c.role !== 'oncall');
  const named = update.connectionIds;
  if (named === null) return all.filter((c) => (SPEAKING as readonly string[]).includes(c.role));
  for (const id of named)
    if (!all.some((c) => c.id === id))
      throw invalid('connectionIds', `"${id}" is not a connection of this page that is switched on.`);
  return all.filter((c) => named.includes(c.id));
}

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
): Promise<{ rendered: Rendering[]; refused: Refusal[] }> {
  const components = await listComponents(r, page.id);
  const rendered: Rendering[] = [];
  const refused: Refusal[] = [];
  for (const connection of await listAudience(r, update)) {
    try {
      rendered.push({ connection, rendition: renderOne(page, incident, update, connection, components) });
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
): Rendering['rendition'] {
  const code = linkCode(update.id, connection.id);
  const link = `${page.url}/u/${code}`;
  const touched = components.filter((c) => update.components[c.id] !== undefined);
  const override = update.overrides[connection.id];
  const message = renderMessage(
    {
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
      components: touched.map((c) => ({ name: c.name, status: update.components[c.id]! })),
    },
    {
      template: connection.template as 'post',
      limits: limitsFor(connection, incident),
      thread: connection.thread,
      includeLink: connection.includeLink,
      name: connection.name,
      ...(override === undefined ? {} : { override }),
    },
  );
  const payload = {
    page: { id: page.id, name: page.name, url: page.url },
    incident: { id: incident.id, title: incident.title, status: update.status, kind: incident.kind },
    update: {
      id: update.id,
      status: update.status,
      blocks: update.blocks,
      body: update.body,
      next_update_by: update.nextUpdateBy === null ? null : new Date(update.nextUpdateBy).toISOString(),
    },
    components: touched.map((c) => ({ id: c.id, name: c.name, status: update.components[c.id]! })),
    link,
  };
  const wantsPayload = connection.template === 'webhook';
  return {
    updateId: update.id,
    connectionId: connection.id,
    language: connection.language,
    code,
    parts: message.parts.map((p) => (wantsPayload ? { ...p, payload } : p)),
    dropped: message.dropped,
    ways: null,
    max: message.max,
    unit: message.unit,
    overridden: override !== undefined,
  };
}

/** A follow-up answers the incident's first post there, and some networks allow answers less than posts. */
function limitsFor({ limits, can }: Connection, incident: Incident): Connection['limits'] {
  const isAnswer = incident.publishedAt !== null && can.replies;
  return isAnswer && limits.reply !== undefined
    ? { ...limits, max: Math.min(limits.max, limits.reply) }
    : limits;
}

/** SHA-256 over everything that would go out: what an approver says yes to. */
export function approvalHash(
  incident: Pick<Incident, 'title'>,
  update: Update,
  renditions: readonly Pick<Rendition, 'connectionId' | 'language' | 'parts'>[],
): string {
  return sha256(
    canonical({
      updateId: update.id,
      title: incident.title,
      status: update.status,
      class: update.class,
      language: update.language,
      blocks: update.blocks,
      body: update.body,
      nextUpdateBy: update.nextUpdateBy,
      components: update.components,
      renditions,
    }),
  );
}
