import { readConfig } from '../config.ts';
import { invalid } from '../domain/error.ts';
import { openErrand } from './errand.ts';
import { signInLink } from './first-run.ts';

/** `tocsin sign-in <email>`: the way in when the desk cannot be reached otherwise. */
export async function run([email]: string[]): Promise<number> {
  if (email === undefined) throw invalid('email', 'Say whom to let in: tocsin sign-in name@company.example');
  const app = await openErrand(readConfig());
  try {
    process.stdout.write(`${await signInLink(app, app.baseUrl, email)}\n`);
  } finally {
    await app.close();
  }
  return 0;
}
