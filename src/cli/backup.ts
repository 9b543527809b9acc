import { createCipheriv, randomBytes, scryptSync } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync, rmSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { openStore } from '../../db/open.ts';
import { bootName } from '../../db/store.ts';
import { readConfig } from '../config.ts';
import { conflict, invalid } from '../domain/error.ts';
import { BACKUP_MAGIC, readPassphrase } from './backup-format.ts';

/**
 * `tocsin backup <file> [--passphrase-file <file>]`: a consistent copy of the SQLite database, made while the service
 * runs. With a passphrase it is encrypted: scrypt (N=2^15), then AES-256-GCM.
 */
export async function run(args: string[]): Promise<number> {
  const { positionals, values } = parseArgs({
    args,
    allowPositionals: true,
    options: { 'passphrase-file': { type: 'string' } },
  });
  const [to] = positionals;
  if (to === undefined) throw invalid('file', 'Say where to: tocsin backup ./backup.db');
  if (existsSync(to)) throw conflict(`${to} is there already. Choose another name; nothing was overwritten.`);
  const config = readConfig();
  // It holds what people wrote and their addresses: for its owner only.
  process.umask(0o077);
  const store = await openStore(config.database, bootName(process.pid, 'backup'));
  const phrase = values['passphrase-file'];
  const plain = phrase === undefined ? to : `${to}.plain`;
  try {
    await store.backup(plain);
    if (phrase !== undefined) await encrypt(plain, to, readPassphrase(phrase));
  } finally {
    if (plain !== to) rmSync(plain, { force: true });
    await store.close();
  }
  process.stdout.write(
    `${to}\nKeep the key apart from it: without the key it cannot speak on any network.\n`,
  );
  return 0;
}

async function encrypt(from: string, to: string, passphrase: string): Promise<void> {
  const salt = randomBytes(16);
  const nonce = randomBytes(12);
  const key = scryptSync(passphrase, salt, 32, { N: 2 ** 15, maxmem: 2 ** 26 });
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  const out = createWriteStream(to, { mode: 0o600 });
  out.write(Buffer.concat([BACKUP_MAGIC, salt, nonce]));
  await pipeline(createReadStream(from), cipher, out, { end: false });
  await new Promise<void>((done, fail) => {
    out.on('error', fail);
    out.end(cipher.getAuthTag(), done);
  });
}
