import type { IncidentNotice, PageView } from '../views.ts';
import { accounts, active, at, cards, entry, groups, head, history, planned, settled } from './northwind.ts';

/** The same page before, during and after. */

export const operational: PageView = {
  ...active,
  status: { indicator: 'none', description: 'All Systems Operational' },
  checkedAt: at('14:22') + 18_000,
  incidents: [],
  groups: groups(false),
  accounts: accounts(at('09:48', '2026-11-12')),
  history,
  owed: {
    title: 'Report on the card problem of 12 November',
    url: null,
    dueAt: at('17:00', '2026-11-27'),
  },
};

export const late: PageView = {
  ...active,
  renderedAt: at('14:41') + 5_000,
  incidents: [
    { ...cards, promise: { dueAt: at('14:40'), state: 'open', kept: 2, made: 3, lastCheckAt: at('14:41') } },
  ],
};

export const stale: PageView = { ...active, renderedAt: at('14:52'), copyOf: at('14:21') };

const transfers: IncidentNotice = {
  ...cards,
  id: 'i8',
  url: 'https://status.northwind.example/i/8',
  status: 'monitoring',
  impact: 'minor',
  title: 'Bank transfers delayed in the UK',
  headline: 'Some UK bank transfers arrive up to an hour late.',
  lede: 'No transfer is lost.',
  corrections: [],
  updatedAt: at('14:02'),
  promise: { dueAt: at('15:00'), state: 'open', kept: 3, made: 3, lastCheckAt: null },
  blocks: { ...cards.blocks, action: ['Please do not send a transfer again.'] },
};
const sms: IncidentNotice = {
  ...transfers,
  id: 'i9',
  impact: 'none',
  status: 'investigating',
  title: 'False messages in our name',
  headline: 'Text messages that ask for your card number are not from us.',
  lede: 'Delete them. We never ask for a card number.',
  promise: { dueAt: at('14:20'), state: 'late', kept: 0, made: 1, lastCheckAt: null },
};
export const several: PageView = { ...active, incidents: [cards, transfers, sms] };

export const resolved: PageView = {
  ...operational,
  renderedAt: at('15:40'),
  accounts: accounts(at('15:21')),
  owed: null,
  incidents: [
    {
      ...cards,
      status: 'resolved',
      headline: 'Card payments work again.',
      lede: 'All payments have gone through the second route since 15:12. Nobody was charged twice.',
      updatedAt: at('15:20'),
      endedAt: at('15:20'),
      blocks: {
        action: ['Nothing. A payment that was pending is settled by tonight.'],
        known: ['The change of 14:05 is taken back.'],
        unknown: [],
        doing: [],
      },
      timeline: [
        entry('u4', '15:20', 'resolved', 'All payments have gone through the second route since 15:12.', {
          promise: settled('15:30', '15:20'),
        }),
        ...cards.timeline,
      ],
      promise: { dueAt: at('15:30'), state: 'kept', kept: 4, made: 4, lastCheckAt: null },
    },
  ],
};

export const working: PageView = {
  ...operational,
  owed: null,
  status: { indicator: 'maintenance', description: 'Service Under Maintenance' },
  maintenance: [
    {
      ...planned[0]!,
      status: 'in_progress',
      startsAt: at('14:00'),
      endsAt: at('16:00'),
      title: 'The Dashboard is off until 16:00 UTC.',
      text: 'We move it to new machines. Card payments go on as usual.',
    },
  ],
};

export const empty: PageView = {
  ...active,
  page: {
    ...head,
    name: 'New page',
    languages: [],
    links: { ...head.links, subscribe: null, verify: null, affected: null, ask: null, ways: [] },
  },
  status: { indicator: 'none', description: 'All Systems Operational' },
  incidents: [],
  maintenance: [],
  groups: [],
  accounts: [],
  history: [],
  promises: null,
};

export const rtl: PageView = {
  ...active,
  page: {
    ...head,
    language: 'ar',
    dir: 'rtl',
    languages: head.languages.map((l) => ({ ...l, current: l.code === 'ar' })),
  },
};
