import t, { type Test } from 'tap';
import { setInstallation } from '../../db/queries/installation.ts';
import { setSearchText } from '../../db/queries/search.ts';
import { draftUpdate } from '../../src/actions/draft-update.ts';
import { foldWords } from '../../src/actions/page/fold-words.ts';
import { DATABASES, type DatabaseKind, MINUTE, openHouse } from '../house.ts';
import { goLive, type LiveHouse } from './live-house.ts';
import { openPage } from './open-page.ts';

const DAY = 24 * 60 * MINUTE;

for (const database of DATABASES)
  t.test(database, async (t) => {
    await past(t, database);
  });

async function past(t: Test, database: DatabaseKind) {
  const house = await openHouse({ database, page: { languages: ['en', 'de'] } });
  const { clock } = house;
  const say = async (title: string, known: string, status: 'investigating' | 'resolved' = 'resolved') => {
    const incident = await house.openIncident(title);
    const update = await house.say(incident, {
      status,
      blocks: { known },
      ...(status === 'resolved' ? {} : { nextUpdateBy: clock.now() + 20 * MINUTE }),
    });
    return { incident, update };
  };
  await say('Card payments fail', 'Überlastung bei 100% der Karten_Zahlungen.');
  clock.advance(40 * DAY);
  const april = await say('Search is slow', 'A node of the search ran out of memory.');
  const draft = await house.openIncident('Secret plans');
  await draftUpdate(house.ctx(house.author), draft.id, { blocks: { known: 'Nobody may know of overload.' } });
  const live: LiveHouse = await goLive(house);
  const find = (q: string, path = '') => live.read(`${path}/history?q=${encodeURIComponent(q)}`);

  await t.test('found by words in any spelling, and nothing that was not published', async (t) => {
    t.match(await find('uberlastung'), 'Card payments fail', 'accents and case make no difference');
    t.match(await find('PAYMENTS karten'), '1 incident found', 'title and words together');
    t.match(await find('memory payments'), 'Nothing that we published has all these words.');
    t.match(await find('100%'), 'Card payments fail');
    t.notMatch(await find('1_0%'), 'Card payments fail', 'a pattern is only what it says');
    t.notMatch(await find('%'), 'Search is slow');
    t.notMatch(await find('secret'), 'Secret plans');
    t.notMatch(await find('overload'), 'Secret plans');
    t.match(await find('memory', '/de'), '1 Störung gefunden');
    const bad = await find('"><script>alert(1)</script>');
    t.notMatch(bad, '<script>alert', 'what was asked is text');
    t.match(await find(''), 'Search past incidents');
    t.equal((await fetch(`${live.base}/history?q=${'x'.repeat(5_000)}`)).status, 200);
  });

  await t.test('what was said before an upgrade is found as well', async (t) => {
    // As the migration left it: not folded.
    await house.store.transact((w) => setSearchText(w, april.update.id, '{"known":"Ein Überlauf"}'));
    t.notMatch(await find('uberlauf memory'), 'Search is slow');
    await foldWords(house.system);
    t.match(await find('memory'), 'Search is slow');
    t.notMatch(await find('known'), 'Search is slow', 'the names of blocks are not words');
  });

  await t.test('by month, in the page’s zone', async (t) => {
    const march = await live.read('/history?month=2026-03');
    t.match(march, '<h1 id="h" tabindex="-1">March 2026</h1>');
    t.match(march, 'Card payments fail');
    t.notMatch(march, 'Search is slow');
    t.match(march, '/history?month&#x3D;2026-04');
    const apr = await live.read('/history?month=2026-04');
    t.match(apr, 'Search is slow');
    t.notMatch(apr, 'month&#x3D;2026-05', 'nothing beyond now');
    for (const none of ['2026-05', '2026-13', '1999-01', 'x'])
      t.equal((await fetch(`${live.base}/history?month=${none}`)).status, 404, none);
    t.match(await live.read('/history?month=2026-02'), 'No incidents in this time.');
  });

  await t.test(
    'a report stands on the incident’s own page, and its headline stays what happened',
    async (t) => {
      clock.advance(DAY);
      await house.say(april.incident, {
        status: 'postmortem',
        body: 'We gave it too little memory.\n\nIt now has twice as much, and an alarm.',
      });
      await live.live.settled();
      const page = await live.read(`/incidents/${april.incident.id}`);
      t.match(page, '<h2 id="rp">Our report</h2>');
      t.match(page, /id="report"[\s\S]*It now has twice as much, and an alarm\./);
      t.match(page, /<h1[^>]*><bdi>A node of the search ran out of memory\.<\/bdi>/);
      t.match(await find('alarm'), 'Search is slow');
    },
  );

  await t.test('whoever searches without end is asked to wait, and can read on', async (t) => {
    let answer: Response | undefined;
    for (let i = 0; i < 60 && answer?.status !== 429; i += 1)
      answer = await fetch(`${live.base}/history?q=card`);
    t.equal(answer?.status, 429);
    t.ok(Number(answer?.headers.get('retry-after')) >= 1);
    t.equal((await fetch(`${live.base}/history`)).status, 200);
  });

  await t.test('a restored log is known for another, so nobody trusts its numbers', async (t) => {
    const page = await openPage(live.base, { after: 0, query: `page=${house.page.id}` });
    const { seq, epoch } = await page.until('hello');
    page.drop();
    await live.closeLive();
    await house.store.transact((w) => setInstallation(w, 'epoch', 'restored', clock.now()), {
      appends: false,
    });
    const again = await goLive(house);
    t.match(await again.read(), 'data-epoch="restored"');
    const query = `page=${house.page.id}&epoch=`;
    const back = await openPage(again.base, { after: seq, query: `${query}${epoch || 'before'}` });
    t.equal((await back.until('state')).epoch, 'restored', 'a cursor of the old log gets everything anew');
    back.drop();
    const same = await openPage(again.base, { after: seq, query: `${query}restored` });
    await same.until('hello');
    t.equal(same.frames.length, 1, 'of the same log nothing is told twice');
    same.drop();
  });
}
