import t from 'tap';
import { atom, HOST, RFC3339, rss, trouble, xml } from './feed-reading.ts';
import { openProgramHouse, planWork, tamper } from './programs-house.ts';
import { one, say } from './xml.ts';

t.test('the history has one entry an incident, revised in place, in the shape programs search', async (t) => {
  const house = await openProgramHouse();
  const incident = await trouble(house);
  const entries = atom(t, await xml(house, '/history.atom'), `https://${HOST}/history.atom`);
  t.equal(entries.length, 1);
  const entry = entries[0]!;
  t.equal(say(entry, 'id'), `tag:${HOST},2005:Incident/${incident.id}`);
  t.equal(say(entry, 'published'), '2026-03-02T14:00:00Z');
  t.equal(say(entry, 'updated'), '2026-03-02T14:05:00Z');
  t.equal(one(entry, 'link').attributes['href'], `https://${HOST}/incidents/${incident.id}`);
  t.equal(
    say(entry, 'content'),
    "<p><small>Mar <var data-var='date'> 2</var>, <var data-var='time'>14:05</var> UTC</small><br>" +
      '<strong>Update</strong> - Half work. See <a href="https://status.company.example/x">https://status.company.example/x</a>.' +
      '<br /><br />Our engineers are working on it.</p>' +
      "<p><small>Mar <var data-var='date'> 2</var>, <var data-var='time'>14:00</var> UTC</small><br>" +
      '<strong>Investigating</strong> - Card payments fail for some customers.<br /><br />Our engineers are working on it.</p>',
  );
  const items = rss(t, await xml(house, '/history.rss'), `https://${HOST}/history.rss`);
  t.equal(say(items[0]!, 'guid'), `https://${HOST}/incidents/${incident.id}`);
  t.equal(say(items[0]!, 'description'), say(entry, 'content'));
  t.equal(say(items[0]!, 'pubDate'), 'Mon, 02 Mar 2026 14:05:00 +0000');
  await planWork(house);
  await house.live.settled();
  const [planned] = rss(t, await xml(house, '/history.rss'), `https://${HOST}/history.rss`);
  t.match(
    say(planned!, 'description'),
    "<p><strong>THIS IS A SCHEDULED EVENT Mar <var data-var='date'> 2</var>, <var data-var='time'>15:10</var> - <var data-var='time'>17:10</var> UTC</strong></p>",
  );
});

t.test('the feeds of updates have one entry an update, and revise the one that was wrong', async (t) => {
  const house = await openProgramHouse();
  const incident = await trouble(house);
  const feed = async () => atom(t, await xml(house, '/updates.atom'), `https://${HOST}/updates.atom`);
  const before = await feed();
  t.equal(before.length, 2);
  t.match(say(before[0]!, 'content'), 'Next update by 14:25 UTC.');
  t.match(say(before[1]!, 'content'), 'Affected: Shop - Payments (Major outage).');
  const guids = async () =>
    rss(t, await xml(house, '/updates.rss'), `https://${HOST}/updates.rss`).map((i) => say(i, 'guid'));
  const old = await guids();
  const first = say(before[1]!, 'id').split('/').at(-1)!;
  await tamper(house, incident, {}, { id: first, state: 'retracted', updatedAt: house.clock.now() });
  const after = await feed();
  t.strictSame(
    after.map((e) => say(e, 'id')),
    before.map((e) => say(e, 'id')),
  );
  t.equal(say(after[1]!, 'updated'), '2026-03-02T14:10:00Z');
  t.equal(say(after[1]!, 'published'), '2026-03-02T14:00:00Z');
  t.match(say(after[1]!, 'content'), /^<p>Taken back/);
  const fresh = await guids();
  t.equal(fresh[0], old[0]);
  t.not(fresh[1], old[1], 'RSS readers look at nothing but the guid');

  const json = await house.json<{ version: string; feed_url: string; items: Record<string, unknown>[] }>(
    '/feed.json',
  );
  t.equal(json.version, 'https://jsonfeed.org/version/1.1');
  t.equal(json.feed_url, `https://${HOST}/feed.json`);
  t.strictSame(
    json.items.map((i) => i['id']),
    after.map((e) => say(e, 'id')),
  );
  for (const item of json.items) {
    t.match(item, { url: String, title: String, content_html: String, content_text: String });
    t.match(item['date_published'], RFC3339);
  }
  t.match(json.items[1]?.['_tocsin'], { retracted: true, incident_id: incident.id });
});
