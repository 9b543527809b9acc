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
  // Heard before anybody can know that it runs: what is told to stop at once finishes what it has begun.
  const told = Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')]);
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
    await told;
    process.stdout.write('Stopping: finishing what is on its way.\n');
  } finally {
    await app.close();
  }
  return 0;
}
