import fc from 'fast-check';
import t from 'tap';
import type { Connection } from '../../db/queries/connections.ts';
import type { Component, ComponentChange } from '../../db/queries/pages.ts';
import { openIncident } from '../../src/actions/open-incident.ts';
import { addComponent } from '../../src/actions/set-up-page.ts';
import { COMPONENT_STATUSES, type ComponentStatus } from '../../src/domain/words.ts';
import { accounts } from '../../src/live/accounts.ts';
import { buildDayKeeper, DAYS, startOfDay } from '../../src/live/days.ts';
import { buildMemory, readFacts } from '../../src/live/facts.ts';
import { pageView } from '../../src/live/page-view.ts';
import { type House, MINUTE, MONDAY, openClock, openHouse, wordsAt } from '../house.ts';

const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

async function viewOf(house: House, language = 'en') {
  const now = house.clock.now();
  const facts = await readFacts(house.store.read, house.page.id, now, buildMemory());
  return pageView(facts, {
    language,
    seq: 1,
    epoch: '',
    now,
    copyOf: null,
    isExercise: false,
    scriptUrl: null,
    links: () => ({}),
    channelName: (kind) => (kind === 'linkedin' ? 'LinkedIn (pages)' : undefined),
  });
}

t.test('promises are counted for the year that it is where the page is', async (t) => {
  // The evening of 31 December in Auckland. When it is New Year there, it is not yet in London.
  const house = await openHouse({
    database: 'sqlite',
    clock: openClock(Date.UTC(2026, 11, 31, 8)),
    page: { timeZone: 'Pacific/Auckland' },
  });
  const incident = await house.openIncident('Card payments failing');
  await house.say(incident, wordsAt(house.clock.now(), 'Some card payments fail.'));
  house.clock.advance(15 * MINUTE);
  await house.say(incident, { status: 'resolved', blocks: { known: 'All is well.' } });
  t.strictSame((await viewOf(house)).promises, { kept: 1, made: 1 });
  house.clock.advance(14 * HOUR);
  t.equal((await viewOf(house)).promises, null, 'nothing was promised yet in the new one');
});

t.test('an incident is told by its newest words', async (t) => {
  const house = await openHouse({ database: 'sqlite' });
  const [payments] = house.components;
  const incident = await house.openIncident('Card payments failing');
  t.strictSame((await viewOf(house)).incidents, [], 'nobody was told yet');
  await house.say(incident, {
    blocks: {
      care: 'We are sorry.',
      known: 'Some card payments fail. Transfers work. See https://status.company.example/x.y for more.',
      unknown: 'When it is over.',
      doing: 'Moving to the other route.\n\nChecking each payment.',
      action: 'Do not retry. Pay by transfer.',
    },
    nextUpdateBy: house.clock.now() + 20 * MINUTE,
    components: { [payments!.id]: 'partial_outage' },
  });
  const first = await viewOf(house);
  t.match(first.status, { indicator: 'minor' }, 'the verdict on the whole page');
  t.match(first.incidents, [
    {
      url: `https://status.company.example/incidents/${incident.id}`,
      headline: 'Some card payments fail.',
      lede: 'We are sorry.',
      impact: 'major',
      promise: { dueAt: MONDAY + 20 * MINUTE, state: 'open', kept: 0, made: 0 },
      blocks: {
        known: ['Transfers work.', 'See https://status.company.example/x.y for more.'],
        unknown: ['When it is over.'],
        doing: ['Moving to the other route.', 'Checking each payment.'],
        action: ['Do not retry.', 'Pay by transfer.'],
      },
      components: [{ id: payments!.id, name: 'Payments', status: 'partial_outage' }],
    },
  ]);
  house.clock.advance(15 * MINUTE);
  await house.say(incident, {
    body: 'It gets better. Half of all payments go through.',
    nextUpdateBy: house.clock.now() + 20 * MINUTE,
  });
  house.clock.advance(25 * MINUTE);
  const late = await viewOf(house);
  t.match(late.incidents[0], {
    headline: 'It gets better.',
    lede: 'Half of all payments go through.',
    blocks: { known: [], action: [] },
    promise: { state: 'open', kept: 1, made: 2 },
    timeline: [
      {
        nextBy: MONDAY + 35 * MINUTE,
        promise: { state: 'kept', dueAt: MONDAY + 20 * MINUTE, lateMs: -5 * MINUTE },
      },
      { promise: null },
    ],
  });
  t.strictSame(late.promises, { kept: 1, made: 2 }, 'a promise that is late counts as made');
  await house.say(incident, {
    status: 'resolved',
    blocks: { known: 'All is well.' },
    components: { [payments!.id]: 'operational' },
  });
  const over = await viewOf(house);
  t.match(over.incidents[0], {
    status: 'resolved',
    endedAt: house.clock.now(),
    promise: { kept: 1, made: 2 },
  });
  t.match(over.incidents[0]?.timeline[0]?.promise, { state: 'late', lateMs: 5 * MINUTE });
  house.clock.advance(3 * HOUR);
  const later = await viewOf(house);
  t.strictSame(later.incidents, []);
  t.match(later.history, [{ id: incident.id, summary: 'All is well.', promises: { made: 2, kept: 1 } }]);
});

t.test('the worst comes first, planned work stands apart', async (t) => {
  const house = await openHouse({ database: 'sqlite' });
  const [payments, search] = house.components;
  const say = async (title: string, component: Component, status: ComponentStatus) =>
    house.say(await house.openIncident(title), {
      ...wordsAt(house.clock.now(), `${title}.`),
      components: { [component.id]: status },
    });
  await say('Search slow', search!, 'degraded_performance');
  house.clock.advance(MINUTE);
  await say('Payments down', payments!, 'major_outage');
  house.clock.advance(MINUTE);
  await say('Search slower', search!, 'partial_outage');
  const work = await openIncident(house.ctx(house.author), {
    pageId: house.page.id,
    kind: 'maintenance',
    title: 'New machines',
    scheduledFor: house.clock.now() + DAY,
    scheduledUntil: house.clock.now() + DAY + HOUR,
  });
  await house.say(work, { blocks: { known: 'We move.' }, nextUpdateBy: house.clock.now() + DAY });
  const view = await viewOf(house);
  t.strictSame(
    view.incidents.map((i) => i.title),
    ['Payments down', 'Search slower', 'Search slow'],
  );
  t.match(view.maintenance, [{ title: 'New machines', status: 'scheduled', text: 'We move.' }]);
});

t.test('a language says how far it is behind, and never shows old words as the newest', async (t) => {
  const house = await openHouse({ database: 'sqlite', page: { languages: ['en', 'de', 'ar'] } });
  const incident = await house.openIncident();
  const say = (language: string, known: string, more = {}) =>
    house.say(incident, { ...wordsAt(house.clock.now(), known), language, ...more });
  await say('en', 'Payments fail.');
  await say('de', 'Zahlungen schlagen fehl.');
  house.clock.advance(8 * MINUTE);
  await say('en', 'Half of them work.');
  const german = await viewOf(house, 'de');
  t.equal(german.incidents[0]?.headline, 'Zahlungen schlagen fehl.', 'a reader is told in their language');
  t.equal(german.incidents[0]?.timeline.length, 1);
  t.match(german.page.languages, [
    { code: 'en', name: 'English', url: '/', behindMs: 0, current: false },
    { code: 'de', name: 'Deutsch', url: '/de', behindMs: 8 * MINUTE, current: true },
    { code: 'ar', dir: 'rtl', url: '/ar' },
  ]);
  t.ok((german.page.languages[2]?.behindMs ?? 0) >= 8 * MINUTE, 'a language without a word is behind');
  t.equal(
    (await viewOf(house, 'ar')).incidents[0]?.headline,
    'Half of them work.',
    'and shows what there is',
  );
  await say('en', 'It is over.', { status: 'resolved', nextUpdateBy: null });
  t.equal(
    (await viewOf(house, 'de')).incidents[0]?.headline,
    'It is over.',
    'an end is an end in every language',
  );
});

t.test('accounts say where the newest words are', async (t) => {
  const connection = (channel: string, more: Partial<Connection> = {}) =>
    ({
      id: channel,
      channel,
      name: 'n',
      role: 'brand',
      account: `@${channel}`,
      url: null,
      enabled: true,
      pausedAt: null,
      ...more,
    }) as Connection;
  const posting = (
    connectionId: string,
    ord: number,
    state: 'delivered' | 'pending' | 'dead',
    acceptedAt: number | null = null,
  ) => ({ connectionId, ord, part: 0, state, acceptedAt });
  const connections = [
    connection('mastodon'),
    connection('x'),
    connection('linkedin'),
    connection('bluesky', { pausedAt: 5 }),
    connection('email'),
    connection('discord'),
    connection('webhook'),
    connection('slack', { enabled: false }),
    connection('threads', { enabled: false }),
    connection('facebook', { role: 'care' }),
    connection('telegram', { role: 'executive' }),
    connection('matrix', { role: 'oncall' }),
  ];
  const postings = [
    posting('mastodon', 1, 'delivered', 10),
    posting('mastodon', 2, 'delivered', 20),
    posting('x', 1, 'delivered', 10),
    posting('x', 2, 'pending'),
    posting('linkedin', 2, 'dead'),
    posting('bluesky', 1, 'delivered', 10),
    posting('email', 2, 'delivered', 21),
  ];
  const names: Record<string, string> = {
    linkedin: 'LinkedIn',
    email: 'Email (SMTP)',
    discord: 'Discord webhook',
  };
  const drawn = accounts(connections, postings, false, (kind) => names[kind]);
  t.strictSame(
    drawn.map((a) => [a.network, a.state, a.at]),
    [
      ['Mastodon', 'posted', 20],
      ['X', 'waiting', 10],
      ['LinkedIn', 'cannot_post', null],
      ['Bluesky', 'cannot_post', 10],
      ['Email', 'sent', 21],
      ['Discord', 'idle', null],
      ['Threads', 'cannot_post', null],
      ['Facebook', 'answers', null],
    ],
  );
  t.strictSame(
    [...new Set(accounts(connections, postings, true).map((a) => a.state))],
    ['cannot_post'],
    'while sending is off nothing else is true of any of them',
  );
});

t.test('a component that is young, hidden or out of its group', async (t) => {
  const house = await openHouse({ database: 'sqlite' });
  await addComponent(house.ctx(house.admin), house.page.id, { name: 'Alone', description: 'By itself' });
  house.clock.advance(2 * DAY);
  const view = await viewOf(house);
  t.strictSame(
    view.groups.map((g) => [g.name, g.components.map((c) => c.name)]),
    [
      ['Shop', ['Payments', 'Search']],
      ['', ['Alone']],
    ],
  );
  const { days, uptime } = view.groups[0]!.components[0]!;
  t.equal(days.length, DAYS);
  t.strictSame(
    days.map((d) => d.status).slice(-4),
    [null, 'operational', 'operational', 'operational'],
    'it has no past before it was there',
  );
  t.equal(uptime, 1);
});

const component = (more: Partial<Component> = {}): Component => ({
  id: 'c',
  pageId: 'p',
  groupId: null,
  name: 'C',
  description: null,
  status: 'operational',
  position: 1,
  showcase: true,
  onlyShowIfDegraded: false,
  startDate: '2020-01-01',
  createdAt: 0,
  updatedAt: 0,
  ...more,
});

t.test('days are counted the same bit by bit as all at once', async (t) => {
  fc.assert(
    fc.property(
      fc.array(
        fc.record({ gap: fc.integer({ min: 1, max: 9 * DAY }), to: fc.constantFrom(...COMPONENT_STATUSES) }),
        { maxLength: 40 },
      ),
      fc.constantFrom('UTC', 'Europe/Berlin', 'America/St_Johns', 'Pacific/Kiritimati'),
      fc.array(fc.nat(), { maxLength: 40 }),
      (moves, zone, cuts) => {
        const start = MONDAY - 150 * DAY;
        let at = start;
        let from: ComponentStatus = 'operational';
        const changes: ComponentChange[] = moves.map(({ gap, to }, i) => {
          at += gap;
          const change = {
            id: `x${i}`,
            pageId: 'p',
            componentId: 'c',
            fromStatus: from,
            toStatus: to,
            incidentId: null,
            updateId: null,
            at,
          };
          from = to;
          return change;
        });
        const now = Math.max(MONDAY, at + 1);
        const keeper = buildDayKeeper(zone);
        // Fed in pieces, some of them twice, and looked at in between.
        for (let i = 0; i < changes.length; i += 1) {
          const change = changes[i]!;
          keeper.add([change]);
          if ((cuts[i] ?? 0) % 3 === 0) keeper.daysOf(component(), change.at);
          if ((cuts[i] ?? 0) % 3 === 1) keeper.add([change]);
          if ((cuts[i] ?? 0) % 5 === 0) keeper.readFrom(change.at);
        }
        const { days, uptime } = keeper.daysOf(component({ status: from }), now);
        let trouble = 0;
        for (const day of days) {
          const begin = startOfDay(day.date, zone);
          const end = Math.min(now, begin + 26 * HOUR, nextStart(day.date, zone));
          let ms = 0;
          let worst: ComponentStatus = 'operational';
          for (let i = 0; i < changes.length; i += 1) {
            const { toStatus, at: since } = changes[i]!;
            const overlap = Math.min(changes[i + 1]?.at ?? now, end) - Math.max(since, begin);
            if (toStatus === 'operational' || overlap <= 0) continue;
            ms += overlap;
            if (COMPONENT_STATUSES.indexOf(toStatus) > COMPONENT_STATUSES.indexOf(worst)) worst = toStatus;
          }
          if (worst !== day.status || ms !== day.troubleMs)
            throw new Error(`${day.date}: ${worst} ${ms}, not ${day.status} ${day.troubleMs}`);
          if (worst !== 'under_maintenance') trouble += ms;
        }
        const known = now - startOfDay(days[0]!.date, zone);
        if (Math.abs((uptime ?? 0) - (1 - trouble / known)) > 1e-9) throw new Error(`uptime ${uptime}`);
      },
    ),
    { numRuns: 200 },
  );
  t.pass('200 histories in four zones');
});

const nextStart = (date: string, zone: string) =>
  startOfDay(new Date(Date.parse(`${date}T12:00:00Z`) + DAY).toISOString().slice(0, 10), zone);

t.test('a day begins when its date does, also when clocks change', async (t) => {
  t.equal(startOfDay('2026-03-29', 'Europe/Berlin'), Date.UTC(2026, 2, 28, 23));
  t.equal(startOfDay('2026-03-30', 'Europe/Berlin'), Date.UTC(2026, 2, 29, 22), 'that Sunday had 23 hours');
  t.equal(startOfDay('2026-11-01', 'America/New_York'), Date.UTC(2026, 10, 1, 4));
  t.equal(startOfDay('2026-11-02', 'America/New_York'), Date.UTC(2026, 10, 2, 5), 'that one had 25');
  t.equal(startOfDay('2026-01-01', 'Pacific/Kiritimati'), Date.UTC(2025, 11, 31, 10));
  t.equal(startOfDay('2026-01-01', 'Etc/GMT+12'), Date.UTC(2026, 0, 1, 12));
});

t.test('a status nobody ever changed counts for all its days', async (t) => {
  const keeper = buildDayKeeper('UTC');
  const { days, uptime } = keeper.daysOf(component({ status: 'major_outage' }), MONDAY);
  t.ok(days.every((d) => d.status === 'major_outage'));
  t.equal(uptime, 0);
});
