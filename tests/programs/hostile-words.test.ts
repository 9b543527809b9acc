import t from 'tap';
import { wordsAt } from '../house.ts';
import { checkAlert } from './cap-reading.ts';
import { calendarLines, xml } from './feed-reading.ts';
import { openProgramHouse, planWork, tamper } from './programs-house.ts';
import { all, type Element, elements, readXml, say } from './xml.ts';

const HOSTILE = [
  ']]> <![CDATA[ x ]]>',
  '<script>alert(1)</script><img src=x onerror=alert(1)>',
  "'\" & &amp; &#0; &nbsp; </title></description></content><x a='",
  'one\r\nBEGIN:VEVENT\r\nUID:evil\r\nEND:VEVENT\rtwo\u2028three\u0085four',
  'nul \u0000 bell \u0007 escape \u001b[31m delete \u007f not \uFFFE\uFFFF',
  '{{constructor}} $[7*7] <%= 1 %> {{{raw}}}',
  '\u202Eright to left\u202C zero\u200Bwidth',
  'javascript:alert(1) http://user:pass@evil.example/ https://ok.example/?a=1&b="><svg onload=1>',
  '=cmd|calc!A1 -- --> <!--',
  'x'.repeat(5_000),
  '😀'.repeat(300),
];

t.test('no text can break out of what carries it, whatever is in the database', async (t) => {
  const house = await openProgramHouse();
  const incident = await house.openIncident('Title');
  const told = await house.say(incident, {
    ...wordsAt(house.clock.now()),
    components: { [house.components[0]!.id]: 'major_outage' },
  });
  const work = await planWork(house);
  for (const bad of HOSTILE) {
    await house.store.transact(async (w) => {
      await w.sql.update(w.t.components).set({ name: bad, description: bad });
      await w.sql.update(w.t.pages).set({ name: bad });
      await w.sql.update(w.t.updates).set({ blocks: { known: bad, action: bad }, body: bad });
    });
    await tamper(house, work, { title: bad });
    await tamper(house, incident, { title: bad }, { id: told.id, language: 'en' });
    t.strictSame(house.reports, []);
    for (const path of [
      '/history.atom',
      '/updates.atom',
      '/cap.atom',
      '/history.rss',
      '/updates.rss',
      '/badge.svg',
      `/badge/${house.components[0]!.id}.svg`,
    ]) {
      const root = await xml(house, path);
      if (path.endsWith('.svg'))
        t.strictSame(
          names(root).filter((name) => /^(script|foreignObject|image|a|use|on\w+)$/i.test(name)),
          [],
        );
    }
    checkAlert(t, await xml(house, `/cap/${incident.id}.xml`));
    const [entry] = all(await xml(house, '/history.atom'), 'entry').slice(-1);
    t.equal(say(entry!, 'title'), readable(bad), 'and says what it can');
    const html = say(entry!, 'content');
    t.notMatch(html, /<(?!\/?(?:p|small|br|strong|var|a)\b)/, 'the HTML inside has our elements only');
    t.notMatch(html, /href="(?!https?:\/\/)/);
    for (const read of ['summary', 'incidents']) await house.json(`/api/v2/${read}.json`);
    await house.json('/feed.json');
    const lines = calendarLines(t, await house.text('/maintenance.ics'));
    t.equal(lines.filter((l) => l === 'BEGIN:VEVENT').length, 1);
    t.equal(lines.filter((l) => l.startsWith('UID:')).length, 1);
    t.equal((await house.look('/embed/frame')).status, 200);
    t.notMatch(await house.text('/embed/frame'), /<img|<script>|onerror=a/);
  }
});

/** What XML can carry of a text. */
const readable = (text: string): string =>
  text.replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '').replace(/\r\n?/g, '\n');

/** Every name of an element or attribute in a tree. */
const names = (of: Element): string[] => [
  of.name,
  ...Object.keys(of.attributes),
  ...elements(of).flatMap(names),
];

t.test('the reader of XML that these tests trust is strict', async (t) => {
  const head = '<?xml version="1.0" encoding="UTF-8"?>';
  for (const bad of [
    '<a>',
    '<a></b>',
    '<a b="1" b="2"/>',
    '<a b="<"/>',
    '<a>&</a>',
    '<a>&nbsp;</a>',
    '<a>]]></a>',
    '<a/><b/>',
    '<a>\u0000</a>',
    '<a>&#0;</a>',
    '<x:a/>',
    '<a b=1/>',
    '\uD800<a/>',
  ])
    t.throws(() => readXml(head + bad), bad);
  t.strictSame(readXml(`${head}<a b="&lt;&#x41;"><![CDATA[<]]>&amp;</a>`), {
    name: 'a',
    attributes: { b: '<A' },
    children: ['<', '&'],
  });
});
