import t from 'tap';
import { listComponents, listGroups } from '../../db/queries/pages.ts';
import { ask, openHouse, sayYes } from './house.ts';

const house = await openHouse();
t.teardown(() => house.close());
const dana = await house.enter(house.dana);
const marcus = await house.enter(house.marcus);
const base = `/desk/pages/${house.page.id}/components`;
const names = async () => (await listComponents(house.app.store.read, house.page.id)).map((c) => c.name);
const groups = async () => (await listGroups(house.app.store.read, house.page.id)).map((g) => g.name);
const idOf = async (name: string) =>
  (await listComponents(house.app.store.read, house.page.id)).find((c) => c.name === name)?.id ?? '';

t.test('the board says what a new page still lacks, to whom can mend it', async (t) => {
  const { body } = await marcus.get('/desk');
  t.match(body, 'Before the first incident');
  t.match(body, /class="done"[\s\S]{0,400}Invite somebody who approves/, 'two people are there');
  t.match(body, /class="done"[\s\S]{0,400}Name the parts of your service/);
  t.match(body, /href="\/desk\/connections">Connect a network/, 'and this is still to do');
  t.notMatch((await dana.get('/desk')).body, 'Before the first incident');
});

t.test('settings lead to the parts of the service, for admins', async (t) => {
  t.match((await marcus.get('/desk/settings')).body, `href="${base}"`);
  t.notMatch((await dana.get('/desk/settings')).body, base);
  t.equal((await dana.get(base)).status, 403);
  t.match((await marcus.get(base)).body, 'Card payments');
});

t.test('a part is added, renamed, moved to another group, and taken away again', async (t) => {
  t.equal(
    (await marcus.post(base, { name: 'Refnds', group: 'Money back', description: 'To cards' })).status,
    303,
  );
  t.match((await marcus.get(base)).body, /Money back[\s\S]*Refnds[\s\S]*To cards/);
  const id = await idOf('Refnds');
  t.equal(
    (await marcus.post(`${base}/${id}`, { do: 'save', name: 'Refunds', group: 'Payments' })).status,
    303,
  );
  t.ok((await names()).includes('Refunds'));
  t.same(await groups(), ['Payments', 'For shops'], 'an empty group goes');
  t.equal((await marcus.post(`${base}/${id}`, { do: 'remove' })).status, 303);
  t.notOk((await names()).includes('Refunds'));
});

t.test('the order is what people see first', async (t) => {
  t.same(await names(), ['Card payments', 'Bank transfers', 'Dashboard']);
  await marcus.post(`${base}/${await idOf('Bank transfers')}`, { do: 'up' });
  t.same(await names(), ['Bank transfers', 'Card payments', 'Dashboard']);
  await marcus.post(`${base}/${await idOf('Bank transfers')}`, { do: 'up' });
  t.same(await names(), ['Bank transfers', 'Card payments', 'Dashboard'], 'the first stays the first');
  await marcus.post(`${base}/${await idOf('Dashboard')}`, { do: 'up' });
  t.same(await names(), ['Bank transfers', 'Card payments', 'Dashboard'], 'it is the first of its group');
});

t.test('a name that cannot be is refused at its field, and what was typed is kept', async (t) => {
  const none = await marcus.post(base, { name: ' ', description: 'Kept words' });
  t.equal(none.status, 400);
  t.match(none.body, 'Give a name of 1 to 100 characters.');
  t.match(none.body, 'Kept words');
  const id = await idOf('Dashboard');
  const long = await marcus.post(`${base}/${id}`, { do: 'save', name: 'x'.repeat(101) });
  t.equal(long.status, 400);
  t.match(long.body, /<details class="more" open>/, 'its form stands open');
  t.equal((await marcus.post(`${base}/nothing`, { do: 'remove' })).status, 404);
});

t.test('what was said about a part keeps it', async (t) => {
  const id = await idOf('Card payments');
  await sayYes(marcus, await ask(dana, { [`c.${id}`]: 'major_outage' }));
  const refused = await marcus.post(`${base}/${id}`, { do: 'remove' });
  t.equal(refused.status, 409);
  t.match(refused.body, 'stands in what was said about past incidents');
  t.ok((await names()).includes('Card payments'));
  t.notMatch((await marcus.get('/desk')).body, 'Before the first incident', 'nobody is taught in the hour');
});
