import t from 'tap';
import { correct, retract } from '../amend.ts';
import { MINUTE, wordsAt } from '../house.ts';
import { openProgramHouse } from './programs-house.ts';

const RIGHT = 'Some card payments fail.';
const NOTE = 'We said all cards; it is some.';

t.test('what was put right is told by every program interface, where it was said', async (t) => {
  const house = await openProgramHouse();
  const incident = await house.openIncident();
  const wrong = await house.say(incident, wordsAt(house.clock.now(), 'All card payments fail.'));
  house.clock.advance(5 * MINUTE);
  const newer = await house.say(incident, wordsAt(house.clock.now(), 'We found the cause.'));
  house.clock.advance(5 * MINUTE);
  const right = await correct(house, wrong, RIGHT, NOTE);
  await house.live.settled();
  const body = (path: string) => house.text(path);

  const { incidents } = JSON.parse(await body('/api/v2/incidents.json'));
  const [last, first] = incidents[0].incident_updates;
  t.equal(incidents[0].incident_updates.length, 2, 'a correction is no update of its own');
  t.equal(last.id, newer.id, 'and never the newest');
  t.match(first, { id: wrong.id, created_at: /14:00:00/, updated_at: /14:10:00/ });
  t.match(first.body, `${NOTE}\n\n${RIGHT}`);
  t.notMatch(first.body, 'All card payments');
  t.match(incidents[0].updated_at, /14:10:00/);

  const atom = await body('/updates.atom');
  t.equal(atom.split('<entry').length - 1, 2);
  t.match(atom, /<published>2026-03-02T14:00:00Z<\/published>\n<updated>2026-03-02T14:10:00Z<\/updated>/);
  t.match(atom, NOTE);
  const json = JSON.parse(await body('/feed.json'));
  t.match(
    json.items.find((i: { id: string }) => i.id.endsWith(wrong.id)),
    { date_modified: /14:10:00/ },
  );
  t.match(await body('/updates.rss'), NOTE);
  t.match(await body('/history.atom'), RIGHT);

  const cap = await body(`/cap/${right.id}.xml`);
  t.match(cap, '<msgType>Update</msgType>');
  t.match(cap, new RegExp(`<references>[^<]*${wrong.id}[^<]*${newer.id}[^<]*</references>`));
  t.match(cap, `<note>Correction. ${NOTE}</note>`);
  t.match(cap, 'We found the cause.', 'an alert says what is known now');
  t.match(await body(`/cap/${wrong.id}.xml`), 'All card payments fail.', 'what was sent keeps its words');

  house.clock.advance(MINUTE);
  const back = await retract(house, newer, 'We have not found it.');
  await house.live.settled();
  const after = JSON.parse(await body('/api/v2/incidents.json')).incidents[0].incident_updates;
  t.match(after[0].body, /^Taken back .*We have not found it\.\n\nWe found the cause\./);
  t.match(await body(`/cap/${back.id}.xml`), /<msgType>Update<[\s\S]*Some card payments fail\./);
  const embed = await body(`/embed/incidents/${incident.id}`);
  t.notMatch(embed, 'All card payments');
});

t.test('the page tells it live, and keeps what was wrong readable', async (t) => {
  const house = await openProgramHouse();
  const incident = await house.openIncident();
  const wrong = await house.say(incident, wordsAt(house.clock.now(), 'All <b>card</b> payments fail.'));
  house.clock.advance(5 * MINUTE);
  await correct(house, wrong, RIGHT, NOTE);
  await house.live.settled();
  for (const path of ['/', `/incidents/${incident.id}`]) {
    const page = await house.text(path);
    t.match(page, new RegExp(`<h1[^>]*>[^<]*${RIGHT}|${RIGHT}`), path);
    t.match(page, 'Correction, 14:05');
    t.match(
      page,
      /<del>[\s\S]{0,80}All &lt;b&gt;card&lt;\/b&gt; payments fail\./,
      'struck, not gone; words stay words',
    );
    t.match(page, /<details><summary>What we wrote before<\/summary>/);
    t.match(page, /Corrected 14:05<\/a>\. [\s\S]{0,40}We said all cards/);
  }
  await retract(house, wrong, 'Nothing of it was so.');
  await house.live.settled();
  const page = await house.text('/');
  t.match(page, /Taken back 14:05\.[\s\S]*Nothing of it was so\./);
  t.notMatch(/<h1[\s\S]*?<\/h1>/.exec(page)?.[0], RIGHT, 'what was taken back is not the news');
});
