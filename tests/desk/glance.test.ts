import t from 'tap';
import { addComponent } from '../../src/actions/set-up-page.ts';

import { ask, fieldOf, idIn, openHouse, sayYes } from './house.ts';

const house = await openHouse();
t.teardown(() => house.close());
const dana = await house.enter(house.dana);
const marcus = await house.enter(house.marcus);

t.test('the clock of what was noticed runs on every screen until the public knows', async (t) => {
  t.notMatch((await dana.get('/desk/templates')).body, 'nothing public yet');
  const id = await ask(dana, {}, 'Card payments failing');
  for (const path of ['/desk', '/desk/templates', '/desk/inbox', `/desk/approvals/${id}`])
    t.match(
      (await marcus.get(path)).body,
      /<b data-since="\d+">\d\d:\d\d<\/b> since noticed, nothing public yet: Card payments failing</,
      path,
    );
  await sayYes(marcus, id);
  t.notMatch((await dana.get('/desk/templates')).body, 'nothing public yet');
});

t.test('whoever declares sees who owns it, who says yes, where it goes and in what languages', async (t) => {
  await house.plug('Mastodon');
  const { body } = await dana.get('/desk/declare');
  t.match(body, 'You, Dana Cole');
  t.match(body, /1 yes from Marcus Lee/);
  t.match(body, 'The page first, then Mastodon');
  t.match(body, 'English');
});

t.test('of thirty parts those that matter now are seen first, and every one can be reached', async (t) => {
  for (let n = 1; n <= 27; n += 1)
    await addComponent(house.app.ctx({ kind: 'cli', id: 'test', roles: [] }), house.page.id, {
      name: `Region ${n}`,
      group: 'Regions',
    });
  const draft = async (title: string) => {
    const to = (await dana.post('/desk/declare', { title, kind: 'incident', go: 'write' })).to;
    return { to, body: (await dana.get(to)).body };
  };
  const calm = await draft('Nothing named yet');
  t.match(calm.body, 'All 30 work: change one');
  const part = /name="c\.(\w+)"/.exec(calm.body)?.[1] ?? '';
  const saved = await dana.post(`/desk/updates/${idIn(calm.to)}`, {
    version: fieldOf(calm.body, 'version'),
    known: 'Some card payments fail.',
    status: 'investigating',
    class: 'B',
    nextUpdateBy: '',
    [`c.${part}`]: 'partial_outage',
    do: 'save',
  });
  t.equal(saved.status, 303, saved.body);
  const { body } = await dana.get(calm.to);
  t.ok(body.indexOf(`c.${part}`) < body.indexOf('The other 29'), 'the one that was chosen stands before');
  t.equal(body.match(/name="c\.\w+"/g)?.length, 30);
});
