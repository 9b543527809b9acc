import t from 'tap';
import { listUpdates } from '../../db/queries/incidents.ts';
import { openVisitor } from '../visitor.ts';
import { fieldOf, idIn, openHouse, sayYes, words } from './house.ts';

/** What a newcomer stumbled over on the main road: each of these was a surprise once. */
const house = await openHouse();
t.teardown(() => house.close());
const dana = await house.enter(house.dana);
const marcus = await house.enter(house.marcus);
const read = house.app.store.read;
const payments = house.components[0]?.id ?? '';

const declared = await dana.post('/desk/declare', {
  title: 'Card payments failing',
  kind: 'incident',
  go: 'write',
});
const first = idIn(declared.to);
const draft = await dana.get(`/desk/updates/${first}`);
await dana.post(`/desk/updates/${first}`, {
  ...words(fieldOf(draft.body, 'version'), {
    nextUpdateBy: fieldOf(draft.body, 'nextUpdateBy'),
    [`c.${payments}`]: 'major_outage',
  }),
  do: 'request',
});
await sayYes(marcus, first);
const incident = (
  await listUpdates(read, (await dana.get('/desk')).body.match(/incidents\/(\w+)/)?.[1] ?? '')
)[0]?.incidentId as string;

t.test('writing an update again goes on with the one that was begun', async (t) => {
  const begun = await dana.post(`/desk/incidents/${incident}/updates`, { from: 'last' });
  const again = await dana.post(`/desk/incidents/${incident}/updates`, { from: 'last' });
  t.equal(idIn(again.to), idIn(begun.to));
  t.match((await dana.get(again.to)).body, 'You had begun this.');
  const blank = await dana.post(`/desk/incidents/${incident}/updates`, { from: 'blank' });
  t.not(idIn(blank.to), idIn(begun.to), 'unless a new one is asked for');
  const theirs = await marcus.post(`/desk/incidents/${incident}/updates`, { from: 'last' });
  t.notOk([idIn(begun.to), idIn(blank.to)].includes(idIn(theirs.to)), 'another’s draft is theirs');
  for (const one of [blank, theirs]) await marcus.post(`/desk/updates/${idIn(one.to)}/withdraw`, {});
});

t.test('what ends the incident promises nothing that nobody typed', async (t) => {
  const update = idIn((await dana.post(`/desk/incidents/${incident}/updates`, { from: 'last' })).to);
  const page = (await dana.get(`/desk/updates/${update}`)).body;
  const proposed = fieldOf(page, 'nextUpdateBy');
  t.match(proposed, /^\d\d:\d\d$/);
  const fields = words(fieldOf(page, 'version'), { nextUpdateBy: proposed, status: 'resolved' });
  const preview = await dana.post(`/desk/updates/${update}/preview`, fields);
  t.notMatch(preview.body, `Next update by ${proposed}`, 'not in the words that are shown');
  await dana.post(`/desk/updates/${update}`, { ...fields, do: 'save' });
  const saved = (await dana.get(`/desk/updates/${update}`)).body;
  t.equal(fieldOf(saved, 'nextUpdateBy'), '');
  t.match(saved, /the page still says that Card payments does not work/, 'and what is still down is named');
  const typed = words(fieldOf(saved, 'version'), { nextUpdateBy: proposed, status: 'resolved' });
  await dana.post(`/desk/updates/${update}`, { ...typed, do: 'save' });
  const kept = (await dana.get(`/desk/updates/${update}`)).body;
  t.equal(fieldOf(kept, 'nextUpdateBy'), proposed, 'a time that was typed stays');
  t.match(kept, 'This ends the incident, and promises another update soon.');
});

t.test('the log says what happened in words', async (t) => {
  const { body } = await dana.get(`/desk/incidents/${incident}`);
  t.match(body, 'Published on the page');
  t.notMatch(body, /delivery (sending|leased)|update corrected/);
});

t.test(
  'whoever is not signed in stands before the form to sign in, and comes back to where they were',
  async (t) => {
    const stranger = openVisitor(house.app);
    const door = await stranger.get(`/desk/incidents/${incident}`);
    t.equal(door.status, 401);
    t.match(door.body, 'name="password"');
    t.notMatch(door.body, 'You were signed out');
    stranger.cookies.set('tocsin', 'of-a-session-that-has-ended');
    t.match((await stranger.get('/desk')).body, 'You were signed out: it was too long ago.');
  },
);
