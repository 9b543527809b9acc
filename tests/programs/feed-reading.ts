import type { Test } from 'tap';
import type { Incident } from '../../db/queries/incidents.ts';
import { MINUTE, wordsAt } from '../house.ts';
import type { ProgramHouse } from './programs-house.ts';
import { all, type Element, one, readXml, say } from './xml.ts';

export const HOST = 'status.company.example';
export const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d)$/;
const RFC822 = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d [+-]\d{4}$/;

export const xml = async (house: ProgramHouse, path: string): Promise<Element> =>
  readXml(await house.text(path));

/** RFC 4287: what a feed and its entries must have, once. */
export function atom(t: Test, feed: Element, self: string): Element[] {
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
export function rss(t: Test, root: Element, self: string): Element[] {
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

/** An incident that the public has been told of twice, five minutes apart. */
export async function trouble(house: ProgramHouse): Promise<Incident> {
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

/** Lines of a calendar, unfolded; every rule of RFC 5545 §3.1 about lines is checked. */
export function calendarLines(t: Test, text: string): string[] {
  t.ok(text.endsWith('\r\n'));
  const raw = text.slice(0, -2).split('\r\n');
  for (const line of raw) {
    t.notMatch(line, /[^\P{Cc}\t]/u, 'no other control character');
    t.ok(Buffer.byteLength(line) <= 75, 'at most 75 octets');
    t.notOk(line.includes('\uFFFD'), 'no character is cut in two');
  }
  return raw.join('\r\n').replaceAll('\r\n ', '').split('\r\n');
}
