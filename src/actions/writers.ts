import { listAuditOf } from '../../db/queries/log.ts';
import type { Reader } from '../../db/store.ts';

/** What is cleared in peacetime, as the record names it. */
type Cleared = 'template' | 'heartbeat' | 'message_map';

/**
 * Everybody whose words may be in a text that is to be cleared: who saved it since it was cleared last, and who had let
 * those in. The text itself names only who saved it last, and somebody who changed a comma wrote little of it.
 */
export async function writersOf(
  r: Reader,
  what: Cleared,
  subject: { kind: string; id: string },
): Promise<string[]> {
  const rows = await listAuditOf(r, {
    subjectKind: subject.kind,
    subjectId: subject.id,
    actions: [`${what}.save`, `${what}.clear`],
  });
  const last = rows.findIndex((row) => row.action === `${what}.clear`);
  const since = last === -1 ? rows : rows.slice(0, last);
  const letIn = (detail: string) => (JSON.parse(detail) as { letInBy?: string[] }).letInBy ?? [];
  return [...new Set(since.flatMap((row) => [row.actorId, ...letIn(row.detail)]))];
}
