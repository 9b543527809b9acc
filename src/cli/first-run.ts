import { listPages } from '../../db/queries/pages.ts';
import { findPersonByEmail, listPeople } from '../../db/queries/people.ts';
import { addPerson, issueToken } from '../actions/people.ts';
import { setUpPage } from '../actions/set-up-page.ts';
import { FIRST_ADDRESS } from '../actions/sign-in/set-up-first.ts';
import type { App } from '../app.ts';
import { DomainError } from '../domain/error.ts';
import { newSecret } from '../ids.ts';

const CLI = { kind: 'cli', id: 'cli', roles: [] } as const;

/** On an empty database: one page and one admin, who is let in by a link and sets up the rest at the desk. */
export async function setUpFirst(app: App, baseUrl: string): Promise<string | undefined> {
  if ((await listPeople(app.store.read)).length > 0) return undefined;
  const ctx = app.ctx(CLI);
  if ((await listPages(app.store.read)).length === 0)
    await setUpPage(ctx, { name: 'Our service', url: baseUrl });
  await addPerson(ctx, {
    name: 'Administrator',
    email: FIRST_ADDRESS,
    roles: ['admin', 'author', 'approver'],
  });
  return signInLink(app, baseUrl, FIRST_ADDRESS);
}

/** A link that signs a person in, once, within 30 minutes. */
export async function signInLink(
  app: Pick<App, 'store' | 'ctx'>,
  baseUrl: string,
  email: string,
): Promise<string> {
  const person = await findPersonByEmail(app.store.read, email.toLowerCase());
  if (!person) throw new DomainError('not_found', `There is nobody with the address ${email}.`);
  const { secret } = await issueToken(app.ctx(CLI), {
    kind: 'sign_in',
    personId: person.id,
    name: 'Link from the terminal',
    secret: newSecret(),
  });
  return `${baseUrl}/desk/sign-in/${secret}`;
}
