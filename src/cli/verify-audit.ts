import { openStore } from '../../db/open.ts';
import { bootName } from '../../db/store.ts';
import { type AuditHead, verifyAudit } from '../actions/verify-audit.ts';
import { readConfig } from '../config.ts';
import { invalid } from '../domain/error.ts';
import { openSecrets } from '../secrets.ts';

/**
 * `tocsin verify-audit [seq:hash]`: walks the audit log; with a head kept elsewhere it also notices rows cut off the
 * end. Prints the newest head, to be kept; exit code 1 when the log is not what was written.
 */
export async function run([kept]: string[]): Promise<number> {
  const config = readConfig();
  const secrets = openSecrets(config.keys);
  const store = await openStore(config.database, bootName(process.pid, 'verify-audit'));
  try {
    const verdict = await verifyAudit(store.read, (text) => secrets.sign('audit', text), readHead(kept));
    if (verdict.broken) {
      process.stderr.write(
        `The audit log is not what was written, from row ${verdict.broken.seq} on. ${verdict.broken.why}\n`,
      );
      return 1;
    }
    process.stdout.write(
      `${verdict.rows} rows, each as it was written.\nHead: ${verdict.head.seq}:${verdict.head.hash}\n`,
    );
    return 0;
  } finally {
    await store.close();
  }
}

function readHead(text: string | undefined): AuditHead | undefined {
  if (text === undefined) return undefined;
  const [seq, hash] = text.split(':');
  if (!/^\d+$/.test(seq ?? '') || !/^[0-9a-f]{64}$/.test(hash ?? ''))
    throw invalid('head', 'Give the head as it was printed: a number, a colon, 64 hexadecimal digits.');
  return { seq: Number(seq), hash: hash! };
}
