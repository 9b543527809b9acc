import { createDecipheriv, scryptSync } from 'node:crypto';
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { openSqlite } from '../../db/sqlite.ts';
import { bootName } from '../../db/store.ts';
import { enterQuarantine } from '../actions/quarantine.ts';
import { readConfig } from '../config.ts';
import { conflict, DomainError, invalid } from '../domain/error.ts';
import { openSecrets } from '../secrets.ts';
import { BACKUP_MAGIC, readPassphrase } from './backup-format.ts';
import { cliCtx } from './cli-ctx.ts';

/**
 * `tocsin restore <backup> [--passphrase-file <file>] [--replace]`: puts a backup in the place of the SQLite database,
 * in quarantine: nothing is sent until a person has seen what may have gone out since, and runs `tocsin release`.
 */
export async function run(args: string[]): Promise<number> {
  const { positionals, values } = parseArgs({
    args,
    allowPositionals: true,
    options: { 'passphrase-file': { type: 'string' }, replace: { type: 'boolean', default: false } },
  });
  const [from] = positionals;
  if (from === undefined) throw invalid('file', 'Say what: tocsin restore ./backup.db');
  if (!existsSync(from)) throw invalid('file', `There is no file ${from}.`);
  const config = readConfig();
  process.umask(0o077);
  if (config.database.url !== undefined)
    throw invalid(
      'DATABASE_URL',
      'Restore PostgreSQL with pg_restore; it then starts in quarantine by itself.',
    );
  const { file } = config.database;
  if (existsSync(file) && !values.replace)
    throw conflict(
      `${file} is there. Stop Tocsin, then run it again with --replace; the old one is kept beside it.`,
    );
  mkdirSync(dirname(file), { recursive: true });
  const fresh = `${file}.restoring`;
  if (startsWithMagic(from)) decrypt(from, fresh, values['passphrase-file']);
  else copyFileSync(from, fresh);
  try {
    await quarantine(fresh, config.keys);
  } catch (error) {
    for (const end of ['', '-wal', '-shm']) rmSync(`${fresh}${end}`, { force: true });
    if (error instanceof DomainError && error.message.includes('not a database'))
      throw invalid('file', `${from} is not a backup of Tocsin. Nothing was changed.`);
    throw error;
  }
  if (existsSync(file)) {
    const aside = `${file}.replaced-${new Date().toISOString().replaceAll(/[:.]/g, '-')}`;
    for (const end of ['', '-wal', '-shm'])
      if (existsSync(`${file}${end}`)) renameSync(`${file}${end}`, `${aside}${end}`);
    process.stdout.write(`The database that was here is kept as ${aside}\n`);
  }
  renameSync(fresh, file);
  process.stdout.write(
    `Restored ${file}, in quarantine: nothing is sent. Start Tocsin, look at the deliveries that are uncertain, then run "tocsin release".\n`,
  );
  return 0;
}

async function quarantine(file: string, keys: readonly string[]): Promise<void> {
  const secrets = openSecrets(keys);
  const store = openSqlite(file, bootName(process.pid, 'restore'));
  try {
    await enterQuarantine(cliCtx(store, secrets, 'restore'), 'This database was restored from a backup.');
  } finally {
    await store.close();
  }
}

function startsWithMagic(file: string): boolean {
  const head = Buffer.alloc(BACKUP_MAGIC.length);
  const fd = openSync(file, 'r');
  try {
    readSync(fd, head, 0, head.length, 0);
  } finally {
    closeSync(fd);
  }
  return head.equals(BACKUP_MAGIC);
}

function decrypt(from: string, to: string, phraseFile: string | undefined): void {
  if (phraseFile === undefined)
    throw invalid('passphrase-file', 'This backup is encrypted. Give its passphrase with --passphrase-file.');
  const bytes = readFileSync(from);
  const salt = bytes.subarray(8, 24);
  const nonce = bytes.subarray(24, 36);
  const key = scryptSync(readPassphrase(phraseFile), salt, 32, { N: 2 ** 15, maxmem: 2 ** 26 });
  const decipher = createDecipheriv('aes-256-gcm', key, nonce);
  decipher.setAuthTag(bytes.subarray(-16));
  try {
    writeFileSync(to, Buffer.concat([decipher.update(bytes.subarray(36, -16)), decipher.final()]), {
      mode: 0o600,
    });
  } catch {
    throw new DomainError(
      'invalid',
      'The passphrase is wrong, or the file was damaged. Nothing was changed.',
      {
        field: 'passphrase-file',
      },
    );
  }
}
