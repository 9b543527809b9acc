import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DomainError } from '../src/domain/error.ts';

/** Refuses a database that a newer version of Tocsin has already changed, before touching it. */
export function assertNotNewer(folder: string, applied: () => number): void {
  const known = countMigrations(folder);
  const there = applied();
  if (there > known)
    throw new DomainError(
      'unavailable',
      `This database was written by a newer Tocsin (schema ${there}, this version knows ${known}). Install that version, or restore a backup made before the upgrade.`,
    );
}

export function countMigrations(folder: string): number {
  const journal = JSON.parse(readFileSync(join(folder, 'meta/_journal.json'), 'utf8')) as {
    entries: unknown[];
  };
  return journal.entries.length;
}
