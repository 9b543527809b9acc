import { openApp } from '../app.ts';
import { readConfig } from '../config.ts';
import { invalid } from '../domain/error.ts';
import { signInLink } from './first-run.ts';

/** `tocsin sign-in <email>`: the way in when the desk cannot be reached otherwise. */
export async function run([email]: string[]): Promise<number> {
  if (email === undefined) throw invalid('email', 'Say whom to let in: tocsin sign-in name@company.example');
  const config = readConfig();
  const app = await openApp(config, { logger: false });
  try {
    process.stdout.write(`${await signInLink(app, config.baseUrl, email)}\n`);
  } finally {
    await app.close();
  }
  return 0;
}
