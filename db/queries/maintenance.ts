import { and, asc, eq, isNotNull, isNull } from 'drizzle-orm';
import type { Reader, Writer } from '../store.ts';
import type { Incident, Update } from './incidents.ts';

/** Words that hang on an announcement, in the order they were written. */
export async function listPlanned(r: Reader, announcementId: string): Promise<Update[]> {
  const { updates: u } = r.t;
  return r.sql.select().from(u).where(eq(u.plannedOf, announcementId)).orderBy(asc(u.id));
}

/** Planned words of an incident that are approved and wait for their time. */
export async function listApprovedPlanned(r: Reader, incidentId: string): Promise<Update[]> {
  const { updates: u } = r.t;
  return r.sql
    .select()
    .from(u)
    .where(and(eq(u.incidentId, incidentId), isNotNull(u.plannedOf), eq(u.state, 'approved')))
    .orderBy(asc(u.releaseAt), asc(u.id));
}

/** Takes away planned words that nobody has approved: their author plans anew. */
export async function deletePlannedDrafts(w: Writer, announcementId: string): Promise<void> {
  const { updates: u } = w.t;
  await w.sql.delete(u).where(and(eq(u.plannedOf, announcementId), eq(u.state, 'draft')));
}

/** Announced maintenance that is not over, of every page. */
export async function listOpenMaintenance(r: Reader): Promise<Incident[]> {
  const { incidents: i } = r.t;
  return r.sql
    .select()
    .from(i)
    .where(and(eq(i.kind, 'maintenance'), isNotNull(i.publishedAt), isNull(i.resolvedAt)))
    .orderBy(asc(i.scheduledFor), asc(i.id));
}

/** Components that an incident's published updates have set. */
export async function listTouched(r: Reader, incidentId: string): Promise<string[]> {
  const { updates: u } = r.t;
  const rows = await r.sql
    .select({ components: u.components })
    .from(u)
    .where(and(eq(u.incidentId, incidentId), isNotNull(u.publishedSeq)));
  return [...new Set(rows.flatMap((x) => Object.keys(x.components)))];
}
