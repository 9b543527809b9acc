import type { Component, Page } from '../../db/queries/pages.ts';
import type { Person } from '../../db/queries/people.ts';
import { addLibrary } from '../actions/add-library.ts';
import { clearTemplate } from '../actions/clear-template.ts';
import { connectAccount } from '../actions/connect-account.ts';
import { addPerson, issueToken } from '../actions/people.ts';
import { addComponent, setUpPage } from '../actions/set-up-page.ts';
import { changeOffices } from '../actions/sign-in/change-person.ts';
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

/** How long the demo's texts stay cleared. */
const HALF_A_YEAR_MS = 182 * 86_400_000;
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
  await changeOffices(ctx, approver.person.id, ['executive']);
  // What was written and cleared in peacetime: Declare offers it, and one yes is enough.
  const writes = app.ctx({ kind: 'person', id: author.person.id, roles: author.person.roles });
  const clears = app.ctx({ kind: 'person', id: approver.person.id, roles: approver.person.roles });
  for (const { id, version } of await addLibrary(writes, page.id))
    await clearTemplate(clears, id, version, Date.now() + HALF_A_YEAR_MS);
  return { page, components, author, approver };
}

/** What customers say while it happens. It waits in the inbox for an answer. */
export const VOICES: readonly { network: string; handle: string; name: string; text: string }[] = [
  {
    network: 'x',
    handle: 'mira_oduya',
    name: 'Mira Oduya',
    text: '@northwindpay my card was declined twice, was I charged?',
  },
  {
    network: 'mastodon',
    handle: 'tomasz',
    name: 'Tomasz Lis',
    text: 'Queue out of the door and no card payments. When does it work again?',
  },
  {
    network: 'bluesky',
    handle: 'corner-bakery.example',
    name: 'Corner Bakery',
    text: 'Are refunds affected as well, or only payments?',
  },
];

/** Lets customers speak on the simulated networks. */
export async function hearCustomers(simulatorUrl: string): Promise<void> {
  for (const { network, text, handle, name } of VOICES) {
    const answer = await fetch(`${simulatorUrl}/_sim/mentions`, {
      method: 'POST',
      body: JSON.stringify({ network, text, author: { handle, name } }),
    });
    if (!answer.ok) throw new Error(`The simulator said ${answer.status}: ${await answer.text()}`);
  }
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
