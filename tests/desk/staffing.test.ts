import t from 'tap';
import { getConnection } from '../../db/queries/connections.ts';
import { listOpenMentions } from '../../db/queries/mentions.ts';
import { newId } from '../../src/ids.ts';
import { keep } from '../../src/inbox/keep.ts';
import { ask, openHouse, sayYes } from './house.ts';

const MINUTE = 60_000;
const house = await openHouse();
t.teardown(() => house.close());

t.test('the inbox and the board say whether enough people answer', async (t) => {
  const dana = await house.enter(house.dana);
  const marcus = await house.enter(house.marcus);
  const plugged = await house.plug('Mastodon');
  const account = await getConnection(house.app.store.read, plugged.id);
  t.notMatch((await dana.get('/desk/inbox')).body, 'Staffing', 'nothing is said while nobody wrote');
  await sayYes(marcus, await ask(dana, {}, 'Card payments failing'));
  const now = Date.now();
  const say = (n: number, minutesAgo: number) => ({
    id: `said-${n}`,
    url: null,
    at: now - minutesAgo * MINUTE,
    author: { id: String(n), handle: `@reader${n}` },
    text: `Message number ${n}, about something else each time: ${'abcdefghij'.repeat(n)}`,
    post: { id: `said-${n}`, url: null },
  });
  const heard = [40, 39, 38, 37, 36, 20, 5].map((ago, i) => say(i, ago));
  await house.app.store.transact((w) => keep(w, account, heard, { now, newId }));
  const before = (await dana.get('/desk/inbox')).body;
  t.match(before, /7 people wait, the longest for 4\d min\./);
  t.match(before, /In the last 4\d min 7 wrote and 0 were dealt with\./);
  t.match(before, /The next hour runs out at \d\d:\d\d UTC\./, 'no rate is made up');
  for (const m of (await listOpenMentions(house.app.store.read, 10)).slice(0, 2))
    t.equal((await dana.post(`/desk/inbox/${m.id}/dismiss`, { reason: 'thanks' })).status, 303);
  const after = (await dana.get('/desk/inbox')).body;
  t.match(after, /In the last 4\d min 7 wrote and 2 were dealt with, by 1 person\./);
  t.match(after, /At this rate the next hour is missed at \d\d:\d\d UTC\. \d more (person|people), as quick/);
  const board = (await dana.get('/desk')).body;
  t.match(board, /Staffing[\s\S]*\d short/);
  t.match(board, /5, oldest \d\d min/, 'and who waits beside the incident they keep open');
});
