import t, { type Test } from 'tap';
import type { Incident } from '../../db/queries/incidents.ts';
import { MINUTE, wordsAt } from '../house.ts';
import { openProgramHouse, type ProgramHouse, planWork, tamper } from './programs-house.ts';
import { all, type Element, elements, one, readXml, say, textOf } from './xml.ts';

const HOST = 'status.company.example';
const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d)$/;
const RFC822 = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d [+-]\d{4}$/;

const xml = async (house: ProgramHouse, path: string): Promise<Element> => readXml(await house.text(path));

/** RFC 4287: what a feed and its entries must have, once. */
function atom(t: Test, feed: Element, self: string): Element[] {
  t.equal(feed.name, 'feed');
  t.equal(feed.attributes['xmlns'], 'http://www.w3.org/2005/Atom');
  for (const of of [feed, ...all(feed, 'entry')]) {
    t.match(say(of, 'id'), /^(tag:[\w.:-]+,\d{4}:|urn:)/);
    t.ok(say(of, 'title'));
    t.match(say(of, 'updated'), RFC3339);
    const links = all(of, 'link').map((l) => l.attributes);
    t.equal(links.filter((l) => l['rel'] === 'alternate').length, 1);
    t.ok(links.every((l) => URL.canParse(l['href'] ?? '')));
  }
  t.ok(say(one(feed, 'author'), 'name'));
  t.equal(all(feed, 'link').find((l) => l.attributes['rel'] === 'self')?.attributes['href'], self);
  const ids = all(feed, 'entry').map((e) => say(e, 'id'));
  t.equal(new Set(ids).size, ids.length, 'every id is one entry');
  return all(feed, 'entry');
}

/** RSS 2.0: what a channel and its items must have. */
function rss(t: Test, root: Element, self: string): Element[] {
  t.equal(root.name, 'rss');
  t.equal(root.attributes['version'], '2.0');
  const channel = one(root, 'channel');
  for (const name of ['title', 'link', 'description']) t.ok(say(channel, name), name);
  t.match(say(channel, 'pubDate'), RFC822);
  t.equal(one(channel, 'atom:link').attributes['href'], self);
  const items = all(channel, 'item');
  for (const item of items) {
    t.ok(say(item, 'title'));
    t.match(say(item, 'pubDate'), RFC822);
    t.ok(URL.canParse(say(item, 'link')));
    t.ok(say(item, 'guid'));
  }
  const guids = items.map((item) => say(item, 'guid'));
  t.equal(new Set(guids).size, guids.length);
  return items;
}

async function trouble(house: ProgramHouse): Promise<Incident> {
  const incident = await house.openIncident('Card payments fail');
  await house.say(incident, {
    ...wordsAt(house.clock.now()),
    components: { [house.components[0]!.id]: 'major_outage' },
  });
  house.clock.advance(5 * MINUTE);
  await house.say(incident, wordsAt(house.clock.now(), 'Half work. See https://status.company.example/x.'));
  house.clock.advance(5 * MINUTE);
  await house.live.settled();
  return incident;
}

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

/** Lines of a calendar, unfolded; every rule of RFC 5545 §3.1 about lines is checked. */
function calendarLines(t: Test, text: string): string[] {
  t.ok(text.endsWith('\r\n'));
  const raw = text.slice(0, -2).split('\r\n');
  for (const line of raw) {
    t.notMatch(line, /[^\P{Cc}\t]/u, 'no other control character');
    t.ok(Buffer.byteLength(line) <= 75, 'at most 75 octets');
    t.notOk(line.includes('\uFFFD'), 'no character is cut in two');
  }
  return raw.join('\r\n').replaceAll('\r\n ', '').split('\r\n');
}

t.test('planned work is a calendar', async (t) => {
  const house = await openProgramHouse({ page: { name: 'Société; Ünïted, Inc' } });
  const words = `Wir ziehen um; „alles, außer“ Suche.\n${'Räume '.repeat(40)}`;
  const work = await planWork(house, 'New, better; database \\ storage', words);
  await house.live.settled();
  const answer = await house.look('/maintenance.ics');
  t.equal(answer.headers['content-type'], 'text/calendar; charset=utf-8');
  const lines = calendarLines(t, answer.text);
  t.strictSame([lines[0], lines.at(-1)], ['BEGIN:VCALENDAR', 'END:VCALENDAR']);
  const value = (name: string) =>
    lines.filter((l) => l.startsWith(`${name}:`)).map((l) => l.slice(name.length + 1));
  t.strictSame(value('VERSION'), ['2.0']);
  t.equal(value('PRODID').length, 1);
  t.notMatch(answer.text, 'VTIMEZONE');
  t.strictSame(value('UID'), [`${work.id}@${HOST}`]);
  t.strictSame(value('DTSTART'), ['20260302T150000Z']);
  t.strictSame(value('DTEND'), ['20260302T170000Z']);
  t.match(value('DTSTAMP')[0], /^\d{8}T\d{6}Z$/);
  t.strictSame(value('SUMMARY'), ['New\\, better\\; database \\\\ storage']);
  t.ok(
    value('DESCRIPTION')[0]!.startsWith('Wir ziehen um\\; „alles\\, außer“ Suche.\\nRäume Räume'),
    "every character of its own is told from the calendar's",
  );
  t.strictSame(value('STATUS'), ['CONFIRMED']);
  await house.say(work, { status: 'cancelled', body: 'Not this time.' });
  await house.live.settled();
  const after = calendarLines(t, await house.text('/maintenance.ics'));
  t.ok(after.includes('STATUS:CANCELLED'));
  t.ok(after.includes('SEQUENCE:1'), 'so that calendars take the newer one');
  t.ok(after.includes(`UID:${work.id}@${HOST}`));
});

// The schema of CAP 1.2: names in order, with how often each may stand.
const ALERT: readonly [string, '1' | '?' | '*'][] = [
  ['identifier', '1'],
  ['sender', '1'],
  ['sent', '1'],
  ['status', '1'],
  ['msgType', '1'],
  ['source', '?'],
  ['scope', '1'],
  ['restriction', '?'],
  ['addresses', '?'],
  ['code', '*'],
  ['note', '?'],
  ['references', '?'],
  ['incidents', '?'],
  ['info', '*'],
];
const INFO: readonly [string, '1' | '?' | '*'][] = [
  ['language', '?'],
  ['category', '1'],
  ['event', '1'],
  ['responseType', '*'],
  ['urgency', '1'],
  ['severity', '1'],
  ['certainty', '1'],
  ['audience', '?'],
  ['eventCode', '*'],
  ['effective', '?'],
  ['onset', '?'],
  ['expires', '?'],
  ['senderName', '?'],
  ['headline', '?'],
  ['description', '?'],
  ['instruction', '?'],
  ['web', '?'],
  ['contact', '?'],
  ['parameter', '*'],
  ['resource', '*'],
  ['area', '*'],
];
const WORDS: Record<string, string> = {
  status: 'Actual|Exercise|System|Test|Draft',
  msgType: 'Alert|Update|Cancel|Ack|Error',
  scope: 'Public|Restricted|Private',
  category: 'Geo|Met|Safety|Security|Rescue|Fire|Health|Env|Transport|Infra|CBRNE|Other',
  responseType: 'Shelter|Evacuate|Prepare|Execute|Avoid|Monitor|Assess|AllClear|None',
  urgency: 'Immediate|Expected|Future|Past|Unknown',
  severity: 'Extreme|Severe|Moderate|Minor|Unknown',
  certainty: 'Observed|Likely|Possible|Unlikely|Unknown',
};
// §3.2.1: a zone is always a number, and UTC is -00:00.
const CAP_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[-+]\d\d:\d\d$/;

function inOrder(t: Test, of: Element, rules: typeof ALERT): void {
  const names = elements(of).map((e) => e.name);
  const places = names.map((name) => rules.findIndex(([known]) => known === name));
  t.ok(
    places.every((at) => at >= 0),
    `${of.name} has only what it may have: ${names}`,
  );
  t.strictSame(
    places,
    [...places].sort((a, b) => a - b),
    `${of.name} is in the schema's order`,
  );
  for (const [name, times] of rules) {
    const n = names.filter((x) => x === name).length;
    t.ok(times === '*' || (times === '1' ? n === 1 : n <= 1), `${name} stands ${n} times`);
  }
  for (const child of elements(of)) {
    if (WORDS[child.name]) t.ok(WORDS[child.name]!.split('|').includes(textOf(child)), textOf(child));
    if (['sent', 'effective', 'onset', 'expires'].includes(child.name)) t.match(textOf(child), CAP_TIME);
  }
}

function checkAlert(t: Test, alert: Element): Element {
  t.equal(alert.name, 'alert');
  t.equal(alert.attributes['xmlns'], 'urn:oasis:names:tc:emergency:cap:1.2');
  inOrder(t, alert, ALERT);
  for (const name of ['identifier', 'sender'])
    t.notMatch(say(alert, name), /[ ,<&]/, `${name} may be in a reference`);
  const info = one(alert, 'info');
  inOrder(t, info, INFO);
  for (const parameter of all(info, 'parameter'))
    t.strictSame(
      elements(parameter).map((e) => e.name),
      ['valueName', 'value'],
    );
  for (const area of all(info, 'area')) t.equal(elements(area)[0]?.name, 'areaDesc');
  t.ok(URL.canParse(say(info, 'web')));
  if (say(alert, 'msgType') !== 'Alert')
    t.match(say(alert, 'references'), /^[^ ,]+,[^ ,]+,\S+( [^ ,]+,[^ ,]+,\S+)*$/);
  return alert;
}

t.test('an incident is a run of alerts: the first, updates of it, and its end', async (t) => {
  const house = await openProgramHouse({ page: { cadence: 'life_safety' } });
  const incident = await trouble(house);
  await house.say(incident, {
    status: 'identified',
    blocks: { known: 'The gas valve is shut.', action: 'Stay away from the building.' },
    nextUpdateBy: house.clock.now() + 20 * MINUTE,
  });
  await house.live.settled();
  const index = async () => atom(t, await xml(house, '/cap.atom'), `https://${HOST}/cap.atom`);
  const messages = await index();
  const address = (entry: Element) => new URL(one(entry, 'link').attributes['href']!).pathname;
  const alerts: Element[] = [];
  for (const entry of messages) alerts.push(checkAlert(t, await xml(house, address(entry))));
  t.strictSame(
    alerts.map((a) => say(a, 'msgType')),
    ['Update', 'Update', 'Alert'],
  );
  t.equal(
    (await house.look(`/cap/${incident.id}.xml`)).headers['content-type'],
    'application/cap+xml; charset=utf-8',
  );
  const newest = checkAlert(t, await xml(house, `/cap/${incident.id}.xml`));
  t.equal(say(newest, 'identifier'), say(alerts[0]!, 'identifier'));
  t.equal(say(newest, 'status'), 'Actual');
  const refer = (a: Element) => `${say(a, 'sender')},${say(a, 'identifier')},${say(a, 'sent')}`;
  t.equal(say(newest, 'references'), `${refer(alerts[2]!)} ${refer(alerts[1]!)}`);
  t.match(say(newest, 'sent'), /-00:00$/, 'UTC');
  const info = one(newest, 'info');
  t.equal(say(info, 'instruction'), 'Stay away from the building.');
  t.equal(say(info, 'responseType'), 'Execute');
  t.equal(say(info, 'urgency'), 'Immediate');
  t.equal(say(info, 'severity'), 'Extreme');
  t.equal(say(info, 'category'), 'Safety');
  t.equal(say(one(info, 'area'), 'areaDesc'), 'Company: Payments');

  await house.say(incident, { status: 'resolved', body: 'It is over.' });
  await house.live.settled();
  const end = checkAlert(t, await xml(house, `/cap/${incident.id}.xml`));
  t.equal(say(end, 'msgType'), 'Cancel');
  t.equal(say(end, 'references').split(' ').length, 3, 'of everything that stood');
  t.equal(say(one(end, 'info'), 'responseType'), 'AllClear');
  t.equal(say(one(end, 'info'), 'urgency'), 'Past');
  await house.say(incident, { status: 'investigating', ...wordsAt(house.clock.now(), 'It is back.') });
  await house.live.settled();
  const again = checkAlert(t, await xml(house, `/cap/${incident.id}.xml`));
  t.equal(say(again, 'msgType'), 'Alert', 'nothing of the first stands any more');
  t.equal(all(again, 'references').length, 0);
});

t.test('words taken back cancel the alert that said them', async (t) => {
  const house = await openProgramHouse();
  const incident = await house.openIncident();
  const told = await house.say(incident);
  await tamper(
    house,
    incident,
    {},
    { id: told.id, state: 'retracted', updatedAt: house.clock.now() + MINUTE },
  );
  const cancel = checkAlert(t, await xml(house, `/cap/${incident.id}.xml`));
  t.equal(say(cancel, 'msgType'), 'Cancel');
  t.match(say(cancel, 'references'), told.id);
  t.equal(say(checkAlert(t, await xml(house, `/cap/${told.id}.xml`)), 'msgType'), 'Alert');
});

t.test('an exercise says that it is one, in a zone of its own', async (t) => {
  const house = await openProgramHouse({ exercise: true, page: { timeZone: 'Asia/Kolkata' } });
  const incident = await trouble(house);
  const alert = checkAlert(t, await xml(house, `/cap/${incident.id}.xml`));
  t.equal(say(alert, 'status'), 'Exercise');
  t.match(say(alert, 'note'), 'Exercise');
  t.match(say(alert, 'sent'), /\+05:30$/);
});

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
