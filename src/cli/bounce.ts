import { buffer } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { openStore } from '../../db/open.ts';
import { bootName } from '../../db/store.ts';
import { mailHookSecret } from '../actions/subscribers/locks.ts';
import { takeReturned } from '../actions/subscribers/returned.ts';
import { readReturned } from '../channels/returned-mail.ts';
import { readConfig } from '../config.ts';
import { openSecrets } from '../secrets.ts';

/** What mail servers read as "keep it and try again" (sysexits.h). */
const TRY_AGAIN = 75;

/**
 * `tocsin bounce < mail` takes in one mail that came back, from a mail server's pipe; `--to` is the address it was sent
 * to. `tocsin bounce --where` prints the address to which a mail server elsewhere can post such mails.
 */
export async function run(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: { to: { type: 'string', multiple: true }, where: { type: 'boolean', default: false } },
  });
  const config = readConfig();
  const secrets = openSecrets(config.keys);
  if (values.where) {
    process.stdout.write(`${config.baseUrl}/hooks/mail/${mailHookSecret(secrets)}\n`);
    return 0;
  }
  const mail = readReturned(await buffer(process.stdin), values.to);
  try {
    const store = await openStore(config.database, bootName(process.pid, 'bounce'));
    try {
      const did = await takeReturned({ store, now: Date.now }, secrets, mail);
      process.stdout.write(`${did}\n`);
      return 0;
    } finally {
      await store.close();
    }
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return TRY_AGAIN;
  }
}
