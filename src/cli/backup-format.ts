import { readFileSync } from 'node:fs';
import { invalid } from '../domain/error.ts';

/** First bytes of an encrypted backup; then 16 bytes salt, 12 bytes nonce, the ciphertext, 16 bytes tag. */
export const BACKUP_MAGIC = Buffer.from('TOCSINB1');

/** The passphrase in a file, without the line end. Throws `invalid` when it is too short to be worth it. */
export function readPassphrase(file: string): string {
  const text = readFileSync(file, 'utf8').trimEnd();
  if (text.length < 12) throw invalid('passphrase-file', 'Use a passphrase of at least 12 characters.');
  return text;
}
