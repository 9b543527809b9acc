import { and, asc, desc, eq, gte, inArray } from 'drizzle-orm';
import { notFound } from '../../src/domain/error.ts';
import type { ComponentStatus } from '../../src/domain/words.ts';
import type { Reader, Writer } from '../store.ts';

export type Page = Reader['t']['pages']['$inferSelect'];
export type PageFile = Reader['t']['pageFiles']['$inferSelect'];
export type Group = Reader['t']['componentGroups']['$inferSelect'];
export type Component = Reader['t']['components']['$inferSelect'];
export type ComponentChange = Reader['t']['componentChanges']['$inferSelect'];

export async function listPages(r: Reader): Promise<Page[]> {
  return r.sql.select().from(r.t.pages).orderBy(asc(r.t.pages.id));
}

export async function getPage(r: Reader, id: string): Promise<Page> {
  const [page] = await r.sql.select().from(r.t.pages).where(eq(r.t.pages.id, id));
  if (!page) throw notFound('page');
  return page;
}

export async function insertPage(w: Writer, page: Page): Promise<void> {
  await w.sql.insert(w.t.pages).values(page);
}

export async function changePage(w: Writer, id: string, patch: Partial<Page>): Promise<void> {
  await w.sql.update(w.t.pages).set(patch).where(eq(w.t.pages.id, id));
}

export async function putPageFile(w: Writer, file: PageFile): Promise<void> {
  await w.sql.insert(w.t.pageFiles).values(file);
}

export async function deletePageFile(w: Writer, pageId: string, kind: PageFile['kind']): Promise<void> {
  const { pageFiles: f } = w.t;
  await w.sql.delete(f).where(and(eq(f.pageId, pageId), eq(f.kind, kind)));
}

export async function listPageFiles(r: Reader, pageId: string): Promise<PageFile[]> {
  const { pageFiles: f } = r.t;
  return r.sql.select().from(f).where(eq(f.pageId, pageId));
}

export async function listGroups(r: Reader, pageId: string): Promise<Group[]> {
  const { componentGroups: g } = r.t;
  return r.sql.select().from(g).where(eq(g.pageId, pageId)).orderBy(asc(g.position), asc(g.id));
}

export async function insertGroup(w: Writer, group: Group): Promise<void> {
  await w.sql.insert(w.t.componentGroups).values(group);
}

/** Takes away the groups of a page that no component is in. */
export async function deleteEmptyGroups(w: Writer, pageId: string): Promise<void> {
  const used = new Set((await listComponents(w, pageId)).map((c) => c.groupId));
  const empty = (await listGroups(w, pageId)).filter((g) => !used.has(g.id)).map((g) => g.id);
  if (empty.length > 0) await w.sql.delete(w.t.componentGroups).where(inArray(w.t.componentGroups.id, empty));
}

export async function changeComponent(w: Writer, id: string, patch: Partial<Component>): Promise<void> {
  await w.sql.update(w.t.components).set(patch).where(eq(w.t.components.id, id));
}

export async function deleteComponent(w: Writer, id: string): Promise<void> {
  await w.sql.delete(w.t.components).where(eq(w.t.components.id, id));
}

/** Whether a component was ever anything but working: history stands on it then. */
export async function hasChanged(r: Reader, componentId: string): Promise<boolean> {
  const { componentChanges: c } = r.t;
  const rows = await r.sql.select({ id: c.id }).from(c).where(eq(c.componentId, componentId)).limit(1);
  return rows.length > 0;
}

export async function listComponents(r: Reader, pageId: string): Promise<Component[]> {
  const { components: c } = r.t;
  return r.sql.select().from(c).where(eq(c.pageId, pageId)).orderBy(asc(c.position), asc(c.id));
}

export async function insertComponent(w: Writer, component: Component): Promise<void> {
  await w.sql.insert(w.t.components).values(component);
}

/** Gives components their new statuses and keeps each change. Returns what really changed, in the given order. */
export async function setComponentStatuses(
  w: Writer,
  pageId: string,
  wanted: Record<string, ComponentStatus>,
  why: { at: number; incidentId: string | null; updateId: string | null; newId(): string },
): Promise<ComponentChange[]> {
  const ids = Object.keys(wanted);
  if (ids.length === 0) return [];
  const { components: c } = w.t;
  const rows = await w.sql
    .select()
    .from(c)
    .where(and(eq(c.pageId, pageId), inArray(c.id, ids)));
  const changes: ComponentChange[] = [];
  for (const id of ids) {
    const row = rows.find((x) => x.id === id);
    const to = wanted[id];
    if (!row || !to || row.status === to) continue;
    await w.sql.update(c).set({ status: to, updatedAt: why.at }).where(eq(c.id, id));
    changes.push({
      id: why.newId(),
      pageId,
      componentId: id,
      fromStatus: row.status,
      toStatus: to,
      incidentId: why.incidentId,
      updateId: why.updateId,
      at: why.at,
    });
  }
  if (changes.length > 0) await w.sql.insert(w.t.componentChanges).values(changes);
  return changes;
}

/** Status changes of a page's components since a time, oldest first. */
export async function listChangesSince(r: Reader, pageId: string, since: number): Promise<ComponentChange[]> {
  const { componentChanges: c } = r.t;
  return r.sql
    .select()
    .from(c)
    .where(and(eq(c.pageId, pageId), gte(c.at, since)))
    .orderBy(asc(c.at), asc(c.id));
}

export async function listChangesOfUpdates(
  r: Reader,
  updateIds: readonly string[],
): Promise<ComponentChange[]> {
  if (updateIds.length === 0) return [];
  const { componentChanges: c } = r.t;
  return r.sql
    .select()
    .from(c)
    .where(inArray(c.updateId, [...updateIds]))
    .orderBy(desc(c.at));
}
