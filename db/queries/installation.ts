import { eq, inArray, sql } from 'drizzle-orm';
import { hot } from '../hot.ts';
import type { Reader, Writer } from '../store.ts';

/** Facts about the installation itself, by name. */
export type InstallationKey =
  | 'deployment_id'
  | 'install_proof'
  | 'base_url'
  | 'heartbeat'
  | 'quarantine'
  | 'sending_off'
  /** Names the event log to open pages; changes when a backup is restored. */
  | 'epoch'
  /** Set when everything that was said before search folded its words has been folded too. */
  | 'search_folded'
  /** Keys with which people of the desk are told in their browsers, sealed. */
  | 'desk_push'
  | 'second_factor_required'
  /** What retention has forgotten since its last line in the audit log. */
  | 'forgotten';

export async function findInstallation(r: Reader, key: InstallationKey): Promise<string | undefined> {
  const { installation: x } = r.t;
  const [row] = await hot(r, 'findInstallation', { key }, () =>
    r.sql
      .select()
      .from(x)
      .where(eq(x.key, sql.placeholder('key'))),
  );
  return row?.value;
}

export async function setInstallation(
  w: Writer,
  key: InstallationKey,
  value: string,
  now: number,
): Promise<void> {
  const { installation: x } = w.t;
  await w.sql
    .insert(x)
    .values({ key, value, updatedAt: now })
    .onConflictDoUpdate({ target: x.key, set: { value, updatedAt: now } });
}

export async function removeInstallation(w: Writer, key: InstallationKey): Promise<void> {
  await w.sql.delete(w.t.installation).where(eq(w.t.installation.key, key));
}

/** Whether nothing may leave just now: this database is a copy, or a person has switched sending off. */
export async function isSilent(r: Reader): Promise<boolean> {
  const { installation: x } = r.t;
  const rows = await hot(r, 'isSilent', {}, () =>
    r.sql
      .select({ key: x.key })
      .from(x)
      .where(inArray(x.key, ['quarantine', 'sending_off'])),
  );
  return rows.length > 0;
}
