import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import type { Incident, Update } from '../../db/queries/incidents.ts';
import type { Component, Page } from '../../db/queries/pages.ts';
import { approveUpdate } from '../../src/actions/approve-update.ts';
import { connectAccount } from '../../src/actions/connect-account.ts';
import { draftUpdate, type UpdateWords } from '../../src/actions/draft-update.ts';
import { openIncident } from '../../src/actions/open-incident.ts';
import { addPerson } from '../../src/actions/people.ts';
import { requestApproval } from '../../src/actions/request-approval.ts';
import { addComponent, type NewPage, setUpPage } from '../../src/actions/set-up-page.ts';
import { type App, openApp, type Parts } from '../../src/app.ts';
import { readConfig } from '../../src/config.ts';
import { newKey } from '../../src/secrets.ts';
import { type DatabaseKind, freshPlace } from '../house.ts';
import { type Mailbox, openMailbox } from './mail.ts';

const CLI = { kind: 'cli', id: 'test', roles: [] } as const;

/** The whole service on a port of its own, with a page, a real mail server, and real time. */
export interface House {
  app: App;
  /** Where it listens. */
  base: string;
  page: Page;
  parts: Component[];
  mail: Mailbox;
  env: Record<string, string>;
  file: string;
  openIncident(title?: string): Promise<Incident>;
  say(incident: Incident, words?: Partial<UpdateWords>): Promise<Update>;
  /** Posts a form, following nothing. */
  post(
    path: string,
    fields: Record<string, string | string[]>,
    headers?: Record<string, string>,
  ): Promise<Response>;
  get(path: string): Promise<Response>;
  /** Subscribes an address by mail, all the way. Returns its private link. */
  join(address: string, fields?: Record<string, string | string[]>): Promise<string>;
}

export async function openHouse(
  options: {
    database?: DatabaseKind;
    page?: Partial<NewPage>;
    env?: Record<string, string>;
    parts?: Partial<Parts>;
    withoutMail?: boolean;
    /** More settings of the mail account. */
    account?: Record<string, string>;
    /** Further origins that may be called although they are on this machine. */
    origins?: readonly string[];
  } = {},
): Promise<House> {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-told-'));
  const mail = await openMailbox();
  const place = await freshPlace(options.database ?? 'sqlite');
  const file = place.file;
  const env = {
    DATABASE_FILE: file,
    ...(place.url === undefined ? {} : { DATABASE_URL: place.url }),
    TOCSIN_KEYS: newKey(),
    TOCSIN_ANCHOR_FILE: join(folder, 'anchor'),
    PORT: '0',
    BALLAST_MB: '0',
    BASE_URL: 'http://status.northwind.example',
    ALLOW_ORIGINS: [mail.address, ...(options.origins ?? [])].join(','),
    ...options.env,
  };
  const app = await openApp(readConfig(env), { logger: false, ...options.parts });
  t.teardown(async () => {
    await app.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const cli = app.ctx(CLI);
  const page = await setUpPage(cli, {
    name: 'Northwind Pay',
    url: 'http://status.northwind.example',
    ...options.page,
  });
  const parts = [
    await addComponent(cli, page.id, { name: 'Payments', group: 'Shop' }),
    await addComponent(cli, page.id, { name: 'Search', group: 'Shop' }),
  ];
  const author = await addPerson(cli, { name: 'Arno', email: 'arno@northwind.example', roles: ['author'] });
  const approver = await addPerson(cli, { name: 'Bea', email: 'bea@northwind.example', roles: ['approver'] });
  const as = (p: typeof author) => app.ctx({ kind: 'person', id: p.id, roles: p.roles });
  if (!options.withoutMail) {
    const id = cli.newId();
    const values = {
      server: mail.address,
      from: 'Northwind Status <status@northwind.example>',
      ...options.account,
    };
    const { verified, settings, sealed, kind } = await app.channels.prepare('email', id, values);
    await connectAccount(cli, {
      id,
      pageId: page.id,
      channel: 'email',
      name: 'Mail',
      role: 'status',
      settings,
      sealed,
      template: kind.template,
      verified,
    });
  }
  await app.live.settled();
  const base = await app.listen();
  let visitors = 0;
  const house: House = {
    app,
    base,
    page,
    parts,
    mail,
    env,
    file,
    openIncident: (title = 'Card payments fail') =>
      openIncident(as(author), { pageId: page.id, title, objective: 'Say what works.' }),
    async say(incident, words = {}) {
      const draft = await draftUpdate(as(author), incident.id, {
        blocks: {
          known: 'Card payments fail for some customers.',
          doing: 'Our engineers are working on it.',
        },
        nextUpdateBy: Date.now() + 20 * 60_000,
        ...words,
      });
      const asked = await requestApproval(as(author), draft.id, draft.version);
      return approveUpdate(as(approver), asked.id, asked.hash!);
    },
    post: (path, fields, headers = {}) => {
      const body = new URLSearchParams();
      for (const [name, value] of Object.entries(fields))
        for (const one of [value].flat()) body.append(name, one);
      visitors += 1;
      return fetch(`${base}${path}`, {
        method: 'POST',
        body,
        redirect: 'manual',
        headers: {
          accept: 'text/html',
          // Every visitor comes from an address of their own; the proxy in front of us says which.
          'x-forwarded-for': `10.1.${visitors >> 8}.${visitors & 255}`,
          ...headers,
        },
      });
    },
    get: (path) => fetch(`${base}${path}`, { redirect: 'manual', headers: { accept: 'text/html' } }),
    async join(address, fields = {}) {
      const before = mail.mails.filter((m) => m.to === address).length;
      const asked = await house.post('/subscribe', { by: 'email', address, ...fields });
      if (asked.status !== 200) throw new Error(`not taken: ${asked.status} ${await asked.text()}`);
      const letter = (await mail.waitFor(address, before + 1)).at(-1)!;
      const confirmed = await house.post(pathIn(letter.text), { do: 'confirm' });
      if (confirmed.status !== 303) throw new Error(`not confirmed: ${confirmed.status}`);
      return (confirmed.headers.get('location') ?? '').split('?')[0]!;
    },
  };
  return house;
}

/** The path of the first private link in a text. */
export const pathIn = (text: string): string =>
  /https?:\/\/[^/\s]+((?:\/[a-z-]+)*\/subscription\/[\w-]+)/.exec(text)?.[1] ?? 'no link';
