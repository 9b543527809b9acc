import t from 'tap';
import { getUpdate } from '../../db/queries/incidents.ts';
import type { Person } from '../../db/queries/people.ts';
import { draftUpdate } from '../../src/actions/draft-update.ts';
import { openIncident } from '../../src/actions/open-incident.ts';
import { requestApproval } from '../../src/actions/request-approval.ts';
import { setUpPage } from '../../src/actions/set-up-page.ts';
import { changePageRoles } from '../../src/actions/sign-in/change-person.ts';
import type { Visitor } from '../visitor.ts';
import { buildVisitor, openHouse, PASSWORD } from './house.ts';

/** Ways in that somebody else made, at the very forms of the desk. */
const house = await openHouse();
const { app, clock } = house;
const boss = await house.addWithPassword('Ada Admin', ['admin']);
const bea = await house.addWithPassword('Bea Approver', ['approver']);
const atDesk = buildVisitor(app);
await atDesk.post('/desk/sign-in', { email: boss.email, password: PASSWORD });

async function ask(by: Person) {
  const ctx = app.ctx({ kind: 'person', id: by.id, roles: by.roles });
  const incident = await openIncident(ctx, { pageId: house.page.id, title: 'Card payments fail' });
  const draft = await draftUpdate(ctx, incident.id, {
    blocks: { known: 'Card payments fail.' },
    nextUpdateBy: clock.now() + 20 * 60_000,
  });
  return requestApproval(ctx, draft.id, draft.version);
}
const state = async (id: string) => (await getUpdate(app.store.read, id)).state;
const secretIn = (body: string, path: string) =>
  new RegExp(`${path}/[\\w-]{20,}`).exec(body)?.[0] ?? t.fail(`no ${path} in the page`);

/** In another browser, by the link that the admin made at the desk. */
async function posing(as: Person): Promise<Visitor> {
  const made = await atDesk.post(`/desk/people/${as.id}/link`, {});
  const visitor = buildVisitor(app);
  await visitor.post(String(secretIn(made.body, '/desk/sign-in')), {});
  return visitor;
}

t.test('an admin who makes a link for an approver cannot say yes to their own words with it', async (t) => {
  const asked = await ask(boss);
  const visitor = await posing(bea);
  const path = `/desk/approvals/${asked.id}`;
  const screen = await visitor.get(path);
  t.match(screen.body, 'name="password"', 'it asks for what only Bea has');
  const refused = await visitor.post(`${path}/approve`, { hash: asked.hash! });
  t.equal(refused.status, 403);
  t.match(refused.body, /Ada Admin made the way in by which you came/);
  t.equal(await state(asked.id), 'in_review');
  t.equal((await visitor.post('/desk/me/password', { password: 'another one, twelve long' })).status, 403);
  for (const way of ['/desk/me/app', '/desk/me/codes', '/desk/me/passkeys'])
    t.match(
      await visitor.post(way, { passkey: '{}' }),
      { status: 403, body: /a link that somebody else made/ },
      `no new way in through it: ${way}`,
    );
  const yes = await visitor.post(`${path}/approve`, { hash: asked.hash!, password: PASSWORD });
  t.equal(yes.status, 303, 'with Bea’s own password it is Bea');
  t.equal(await state(asked.id), 'published');
});

t.test('nor with an invitation, before its person has come in by what they chose', async (t) => {
  const asked = await ask(boss);
  const path = `/desk/approvals/${asked.id}`;
  const added = await atDesk.post('/desk/people', {
    name: 'Cy Newcomer',
    email: 'cy@northwind.example',
    role: 'approver',
  });
  const visitor = buildVisitor(app);
  await visitor.post(String(secretIn(added.body, '/desk/invitation')), {
    name: 'Cy Newcomer',
    password: PASSWORD,
  });
  const screen = await visitor.get(path);
  t.match(screen.body, /Ada Admin made the way in/);
  t.notMatch(screen.body, `action="${path}/approve"`, 'there is no button');
  const typed = await visitor.post(`${path}/approve`, { hash: asked.hash!, password: PASSWORD });
  t.equal(typed.status, 403, 'the password was chosen behind this link');
  t.equal(await state(asked.id), 'in_review');
  const own = buildVisitor(app);
  await own.post('/desk/sign-in', { email: 'cy@northwind.example', password: PASSWORD });
  await own.get(path);
  t.equal((await own.post(`${path}/approve`, { hash: asked.hash! })).status, 303);
  t.equal(await state(asked.id), 'published');
});

t.test('a link from the server’s command line is nobody else’s', async (t) => {
  const asked = await ask(boss);
  const visitor = await house.enter(bea);
  await visitor.get(`/desk/approvals/${asked.id}`);
  await visitor.post(`/desk/approvals/${asked.id}/approve`, { hash: asked.hash! });
  t.equal(await state(asked.id), 'published');
});

t.test('who owns an open incident chooses before they sign out', async (t) => {
  const dana = await house.addWithPassword('Dana Owner', ['author']);
  const incident = await openIncident(app.ctx({ kind: 'person', id: dana.id, roles: ['author'] }), {
    pageId: house.page.id,
    title: 'Transfers are late',
  });
  const visitor = buildVisitor(app);
  await visitor.post('/desk/sign-in', { email: dana.email, password: PASSWORD });
  // The browser in which she set her password is hers as well; here it has run out.
  clock.advance(61 * 60_000);
  await visitor.post('/desk/sign-in', { email: dana.email, password: PASSWORD });
  const asked = await visitor.post('/desk/sign-out', {});
  t.equal(asked.status, 409);
  t.match(asked.body, /You own 1 open incident/);
  t.match(asked.body, new RegExp(`/desk/incidents/${incident.id}`), 'with the way to hand it over');
  t.equal((await visitor.get('/desk')).status, 200, 'she is still here');
  const board = async () => (await atDesk.get('/desk')).body;
  await atDesk.post('/desk/sign-in', { email: boss.email, password: PASSWORD });
  t.notMatch(await board(), /not here since/);
  t.match(await visitor.post('/desk/sign-out', { anyway: '1' }), { status: 303, to: '/desk/sign-in' });
  t.match(await board(), /not here since/, 'the board says that she left');
  t.match(await board(), /“Transfers are late” is open, and its owner Dana Owner has signed out/);
});

t.test('whoever writes on a single page builds an apology for its incidents, and for no other', async (t) => {
  const cli = app.ctx({ kind: 'cli', id: 'test', roles: [] });
  const shop = await setUpPage(cli, { name: 'Shop', url: 'http://shop.localhost:8080', slug: 'shop' });
  const eve = await house.addWithPassword('Eve Writer', ['viewer']);
  await changePageRoles(cli, eve.id, shop.id, ['author']);
  const open = (pageId: string) =>
    openIncident(app.ctx({ kind: 'person', id: boss.id, roles: ['admin'] }), {
      pageId,
      title: 'Orders fail',
    });
  const [mine, other] = [await open(shop.id), await open(house.page.id)];
  const visitor = buildVisitor(app);
  await visitor.post('/desk/sign-in', { email: eve.email, password: PASSWORD });
  const parts = {
    regret: 'We are sorry that your orders failed.',
    responsibility: 'That was our fault.',
    repair: 'We refund every order by Friday.',
  };
  t.equal((await visitor.post('/desk/advice/apology', parts)).status, 200, 'it is weighed');
  const draft = (incident: string) =>
    visitor.post('/desk/advice/apology', { ...parts, incident, do: 'draft' });
  t.match(await draft(mine.id), { status: 303, to: /^\/desk\/updates\// });
  t.equal((await draft(other.id)).status, 403);
});
