import { once } from 'node:events';
import { findInstallation } from '../../db/queries/installation.ts';
import { openApp } from '../app.ts';
import { misspelt, readConfig } from '../config.ts';
import { setUpFirst } from './first-run.ts';

/** Serves until it is told to stop. On a fresh database prints the link for the first sign-in. */
export async function run(): Promise<number> {
  for (const line of misspelt()) process.stderr.write(`${line}\n`);
  const config = readConfig();
  const app = await openApp(config);
  try {
    await app.listen();
    process.stdout.write(`Tocsin is running: ${config.baseUrl}\nThe desk: ${config.baseUrl}/desk\n`);
    const why = await findInstallation(app.store.read, 'quarantine');
    if (why !== undefined)
      process.stdout.write(
        `IN QUARANTINE, nothing is sent: ${why} Look at the deliveries, then run: npx tocsin release\n`,
      );
    const link = await setUpFirst(app, config.baseUrl);
    if (link) process.stdout.write(`First sign-in (works once, for 30 minutes): ${link}\n`);
    await Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')]);
    process.stdout.write('Stopping: finishing what is on its way.\n');
  } finally {
    await app.close();
  }
  return 0;
}
