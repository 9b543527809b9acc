import { newKey } from '../secrets.ts';

/** Prints a new key. */
export async function run(): Promise<number> {
  process.stdout.write(`${newKey()}\n`);
  return 0;
}
