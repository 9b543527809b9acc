import { AUDIT_START, auditText, listAudit } from '../../db/queries/log.ts';
import type { Reader } from '../../db/store.ts';

/** The newest audit row at some moment: kept outside, it shows later that rows were cut off the end. */
export interface AuditHead {
  seq: number;
  hash: string;
}

export interface AuditVerdict {
  /** How many rows are in order, from the first. */
  rows: number;
  /** The last row in order; seq 0 when there is none. */
  head: AuditHead;
  /** The first row that is not what was written, and how we know; null when the whole log is as it was written. */
  broken: { seq: number; why: string } | null;
}

const PAGE = 1_000;

/**
 * Walks the audit log from its beginning and finds the first row that was changed, taken out, put in or moved.
 * `hash` is the HMAC it was written with. Rows cut off the end can be noticed only with a `kept` head.
 */
export async function verifyAudit(
  r: Reader,
  hash: (text: string) => string,
  kept?: AuditHead,
): Promise<AuditVerdict> {
  let head: AuditHead = { seq: 0, hash: AUDIT_START };
  let metKept = kept === undefined || kept.seq === 0;
  const broken = (seq: number, why: string): AuditVerdict => ({ rows: head.seq, head, broken: { seq, why } });
  for (;;) {
    const rows = await listAudit(r, head.seq, PAGE);
    for (const row of rows) {
      if (row.seq !== head.seq + 1) return broken(head.seq + 1, 'This row is missing.');
      if (row.prevHash !== head.hash) return broken(row.seq, 'It does not follow the row before it.');
      const { hash: written, ...unsigned } = row;
      if (hash(auditText(unsigned)) !== written) return broken(row.seq, 'It is not what was written.');
      if (row.seq === kept?.seq) {
        if (written !== kept.hash) return broken(row.seq, 'It is not the row whose hash was kept.');
        metKept = true;
      }
      head = { seq: row.seq, hash: written };
    }
    if (rows.length < PAGE) break;
  }
  if (!metKept) return broken(head.seq + 1, `Rows are missing at the end: there were ${kept!.seq} once.`);
  return { rows: head.seq, head, broken: null };
}
