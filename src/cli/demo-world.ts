import type { Component, Page } from '../../db/queries/pages.ts';
import type { Person } from '../../db/queries/people.ts';
import { connectAccount } from '../actions/connect-account.ts';
import { addPerson, issueToken } from '../actions/people.ts';
import { addComponent, setUpPage } from '../actions/set-up-page.ts';
import type { App } from '../app.ts';
import { newApiToken, newId } from '../ids.ts';

/** A simulated account as the simulator hands it out. */
export interface SimulatedAccount {
  network: string;
  name: string;
  handle: string;
  settings: Record<string, string>;
  secrets: Record<string, string>;
}

export interface DemoWorld {
  page: Page;
  components: Component[];
  author: { person: Person; token: string };
  approver: { person: Person; token: string };
}

const CLI = { kind: 'cli', id: 'demo', roles: [] } as const;

/** A page with components, two people with a token each, and a connection to every simulated account. */
export async function seedDemo(
  app: App,
  url: string,
  accounts: readonly SimulatedAccount[],
): Promise<DemoWorld> {
  const ctx = app.ctx(CLI);
  const page = await setUpPage(ctx, { name: 'Northwind Pay', url, timeZone: 'UTC' });
  const components: Component[] = [];
  for (const [name, group] of [
    ['Card payments', 'Payments'],
    ['Bank transfers', 'Payments'],
    ['Refunds', 'Payments'],
    ['Dashboard', 'For shops and developers'],
    ['API and webhooks', 'For shops and developers'],
    ['Phone and chat', 'Help'],
  ] as const)
    components.push(await addComponent(ctx, page.id, { name, group }));
  const author = await personWithToken(
    app,
    'Dana Cole',
    'dana@northwind.example',
    ['author'],
    ['read', 'draft'],
  );
  const approver = await personWithToken(
    app,
    'Marcus Lee',
    'marcus@northwind.example',
    ['approver', 'admin'],
    ['read', 'draft', 'approve', 'admin'],
  );
  await Promise.all(
    accounts.map(async (account) => {
      const id = newId();
      const values = { ...account.settings, ...account.secrets };
      const { verified, settings, sealed, kind } = await app.channels.prepare(account.network, id, values);
      await connectAccount(ctx, {
        id,
        pageId: page.id,
        channel: kind.kind,
        name: kind.name,
        role: kind.defaultRole === 'care' ? 'brand' : kind.defaultRole,
        settings,
        sealed,
        template: kind.template,
        verified,
      });
    }),
  );
  return { page, components, author, approver };
}

async function personWithToken(
  app: App,
  name: string,
  email: string,
  roles: ('author' | 'approver' | 'admin')[],
  scopes: ('read' | 'draft' | 'approve' | 'admin')[],
) {
  const ctx = app.ctx(CLI);
  const person = await addPerson(ctx, { name, email, roles });
  const { secret } = await issueToken(ctx, {
    kind: 'api',
    personId: person.id,
    name: 'Demo',
    scopes,
    secret: newApiToken(),
  });
  return { person, token: secret };
}
