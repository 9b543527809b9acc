import { changeConnection } from '../../db/queries/connections.ts';
import { connectAccount } from '../../src/actions/connect-account.ts';
import { addPerson, issueToken } from '../../src/actions/people.ts';
import { setUpPage } from '../../src/actions/set-up-page.ts';
import { openApp } from '../../src/app.ts';
import type { Config } from '../../src/config.ts';
import { newApiToken, newId } from '../../src/ids.ts';
import type { Account, AccountSpec } from '../../src/simulator/facts.ts';
import type { Fault } from '../../src/simulator/faults.ts';

/** How long a stand-in keeps a new post out of what can be read, ms; the connections are told the same. */
export const LAG_MS = 300;
export const REQUEST_MS = 1_000;

/** Accounts of every class of promise: by key for ever, by looking, by the receiver. */
export const ACCOUNTS: AccountSpec[] = [
  { network: 'x' },
  { network: 'mastodon' },
  { network: 'mastodon', handle: 'gts', options: { software: 'gotosocial' } },
  { network: 'bluesky' },
  { network: 'webhook' },
];

/** What the networks do to us all the while. The rates are far worse than any bad day. */
export const FAULTS: Fault[] = [
  { kind: 'status', code: 429, retryAfter: 1, operation: 'publish', probability: 0.06 },
  { kind: 'drop_before', operation: 'publish', probability: 0.04 },
  { kind: 'drop_after', operation: 'publish', probability: 0.06 },
  { kind: 'error_after', code: 502, operation: 'publish', probability: 0.04 },
  { kind: 'delay', ms: 150, operation: 'publish', probability: 0.2 },
  { kind: 'delay', ms: 1_500, after: true, operation: 'publish', probability: 0.02 },
  { kind: 'drop_before', operation: 'edit', probability: 0.1 },
  { kind: 'drop_after', operation: 'edit', probability: 0.15 },
  { kind: 'status', code: 503, operation: 'find', probability: 0.05 },
  { kind: 'status', code: 500, operation: 'read', probability: 0.05 },
  { kind: 'lag', ms: LAG_MS },
];

export interface Seeded {
  author: string;
  approver: string;
  connections: Map<string, { account: Account; channel: string }>;
}

/** Writes the people, tokens and connections into the database, before the server under test is started. */
export async function seed(config: Config, accounts: readonly Account[]): Promise<Seeded> {
  const app = await openApp(config, { logger: false });
  try {
    const ctx = app.ctx({ kind: 'cli', id: 'crash', roles: [] });
    const page = await setUpPage(ctx, { name: 'Crash', url: config.baseUrl });
    const connections: Seeded['connections'] = new Map();
    for (const account of accounts) {
      const id = newId();
      const values = { ...account.settings, ...account.secrets };
      const { verified, settings, sealed, kind } = await app.channels.prepare(account.network, id, values);
      const made = await connectAccount(ctx, {
        id,
        pageId: page.id,
        channel: kind.kind,
        name: `${kind.name} ${account.handle}`,
        role: 'status',
        settings,
        sealed,
        template: kind.template,
        verified,
      });
      // The stand-ins show a new post after LAG_MS; a real network's figure would only make the run longer.
      await app.store.transact((w) => changeConnection(w, id, { can: { ...made.can, lagMs: LAG_MS + 100 } }));
      connections.set(id, { account, channel: kind.kind });
    }
    const token = async (
      name: string,
      roles: ('author' | 'approver')[],
      scopes: ('read' | 'draft' | 'approve')[],
    ) => {
      const person = await addPerson(ctx, { name, email: `${name}@crash.example`, roles });
      return (
        await issueToken(ctx, { kind: 'api', personId: person.id, name, scopes, secret: newApiToken() })
      ).secret;
    };
    return {
      author: await token('author', ['author'], ['read', 'draft']),
      approver: await token('approver', ['approver'], ['read', 'draft', 'approve']),
      connections,
    };
  } finally {
    await app.close();
  }
}
