import { and, asc, eq } from 'drizzle-orm';
import { conflict, notFound } from '../../src/domain/error.ts';
import type { Reader, Writer } from '../store.ts';

export type Template = Reader['t']['templates']['$inferSelect'];

export async function insertTemplate(w: Writer, template: Template): Promise<void> {
  await w.sql.insert(w.t.templates).values(template);
}

export async function findTemplate(r: Reader, id: string): Promise<Template | undefined> {
  const [row] = await r.sql.select().from(r.t.templates).where(eq(r.t.templates.id, id));
  return row;
}

export async function getTemplate(r: Reader, id: string): Promise<Template> {
  const row = await findTemplate(r, id);
  if (!row) throw notFound('template');
  return row;
}

/** By name, as people look for them. */
export async function listTemplates(r: Reader, pageId: string): Promise<Template[]> {
  const { templates: x } = r.t;
  return r.sql.select().from(x).where(eq(x.pageId, pageId)).orderBy(asc(x.name), asc(x.id));
}

/** Writes a change only over the version that the caller read; otherwise throws `conflict`. */
export async function changeTemplate(
  w: Writer,
  template: Pick<Template, 'id' | 'version'>,
  patch: Partial<Template>,
): Promise<Template> {
  const { templates: x } = w.t;
  const [row] = await w.sql
    .update(x)
    .set({ ...patch, version: template.version + 1 })
    .where(and(eq(x.id, template.id), eq(x.version, template.version)))
    .returning();
  if (!row) throw conflict('Somebody else changed this template meanwhile. Load it again.', 'version');
  return row;
}
