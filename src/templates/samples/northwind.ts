import type {
  AccountView,
  DayView,
  GroupView,
  IncidentNotice,
  LanguageView,
  PageHead,
  PageView,
  TimelineEntry,
} from '../views.ts';

/**
 * A page in every state that matters, told as one story: card payments at Northwind Pay, 24 November 2026. The style
 * page draws them, and so do the tests.
 */

export const at = (clock: string, day = '2026-11-24') => Date.parse(`${day}T${clock}:00Z`);
export const MINUTE = 60_000;

export const language = (code: string, name: string, behindMs = 0, current = false): LanguageView => ({
  code,
  name,
  dir: code === 'ar' ? 'rtl' : 'ltr',
  url: `/${code}`,
  current,
  behindMs,
  updatedAt: at('14:20') - behindMs,
});

export const head: PageHead = {
  id: 'northwind',
  name: 'Northwind Pay',
  url: 'https://status.northwind.example',
  language: 'en',
  dir: 'ltr',
  timeZone: 'UTC',
  languages: [
    language('en', 'English', 0, true),
    language('fr', 'Français'),
    language('de', 'Deutsch', 8 * MINUTE),
    language('ar', 'العربية'),
  ],
  links: {
    home: '/',
    history: '/history',
    promises: '/promises',
    corrections: '/corrections',
    atom: '/feed.atom',
    rss: '/feed.rss',
    api: '/api',
    affected: '/affected',
    ask: '/ask',
    subscribe: '/subscribe',
    ways: [
      { label: 'SMS', url: '/s/sms' },
      { label: 'webhook', url: '/s/hook' },
    ],
    verify: '/verify',
  },
  theme: 'auto',
  isExercise: false,
  epoch: '',
  isPrivate: false,
  style: null,
  logo: null,
  favicon: null,
  description: '',
  company: { homepage: null, support: null, contact: null },
  grave: false,
  scriptUrl: null,
};

function days(trouble: Record<number, [DayView['status'], number]>, known = 90): DayView[] {
  return Array.from({ length: 90 }, (_, i) => {
    const [status, minutes] = trouble[i] ?? ['operational', 0];
    return {
      date: new Date(at('12:00') - (89 - i) * 86_400_000).toISOString().slice(0, 10),
      status: i < 90 - known ? null : status,
      troubleMs: minutes * MINUTE,
    };
  });
}

export const groups = (now: boolean): GroupView[] => [
  {
    id: 'pay',
    name: 'Payments',
    components: [
      {
        id: 'cards',
        name: 'Card payments',
        description: '',
        status: now ? 'major_outage' : 'operational',
        uptime: 0.9989,
        days: days({
          37: ['degraded_performance', 84],
          77: ['partial_outage', 47],
          ...(now && { 89: ['major_outage', 13] }),
        }),
      },
      {
        id: 'bank',
        name: 'Bank transfers',
        description: '',
        status: 'operational',
        uptime: 1,
        days: days({}),
      },
      {
        id: 'refunds',
        name: 'Refunds',
        description: '',
        status: 'operational',
        uptime: 0.9998,
        days: days({ 58: ['degraded_performance', 26] }),
      },
    ],
  },
  {
    id: 'dev',
    name: 'For shops and developers',
    components: [
      {
        id: 'dash',
        name: 'Dashboard',
        description: '',
        status: now ? 'degraded_performance' : 'operational',
        uptime: 0.9993,
        days: days({
          37: ['degraded_performance', 78],
          80: ['under_maintenance', 120],
          ...(now && { 89: ['degraded_performance', 11] }),
        }),
      },
      {
        id: 'api',
        name: 'API and webhooks',
        description: '',
        status: now ? 'partial_outage' : 'operational',
        uptime: 0.9997,
        days: days({ 77: ['partial_outage', 28], ...(now && { 89: ['partial_outage', 13] }) }),
      },
    ],
  },
  {
    id: 'help',
    name: 'Help',
    components: [
      {
        id: 'phone',
        name: 'Phone and chat',
        description: '',
        status: 'operational',
        uptime: 1,
        days: days({}, 30),
      },
    ],
  },
];

export const account = (
  network: string,
  handle: string,
  when: number,
  state: AccountView['state'] = 'posted',
) => ({
  network,
  handle,
  url: `https://${network.toLowerCase()}.example/northwind`,
  state,
  at: state === 'cannot_post' ? null : when,
});
export const accounts = (when: number, x: AccountView['state'] = 'posted'): AccountView[] => [
  account('Mastodon', '@status@northwind.example', when),
  account('Bluesky', '@northwind.example', when),
  account('LinkedIn', 'Northwind Pay', when),
  account('Facebook', 'NorthwindPay', when),
  { ...account('Email', '417 subscribers', when, 'sent'), url: null },
  account('X', '@northwindpay', when, x),
];

export const entry = (
  id: string,
  clock: string,
  status: TimelineEntry['status'],
  text: string,
  more: Partial<TimelineEntry> = {},
): TimelineEntry => ({
  id,
  at: at(clock),
  status,
  heading: null,
  paragraphs: [text],
  wrong: [],
  before: [],
  note: '',
  pictures: [],
  correctedAt: null,
  retractedAt: null,
  promise: null,
  nextBy: null,
  ...more,
});

export const settled = (due: string, by: string): TimelineEntry['promise'] => ({
  dueAt: at(due),
  state: at(by) - at(due) < MINUTE ? 'kept' : 'late',
  lateMs: at(by) - at(due),
});

export const cards: IncidentNotice = {
  id: 'i7',
  url: 'https://status.northwind.example/i/7',
  kind: 'incident',
  status: 'identified',
  impact: 'critical',
  title: 'Card payments failing',
  headline: 'Some card payments are failing right now.',
  lede: 'Bank transfers and refunds work. We’re sorry: we know shops and customers are waiting at the till.',
  startedAt: at('14:09'),
  updatedAt: at('14:20'),
  endedAt: null,
  promise: { dueAt: at('14:40'), state: 'open', kept: 2, made: 2, lastCheckAt: null },
  pictures: [],
  blocks: {
    action: [
      'Don’t retry a payment that shows as pending. You could be charged twice.',
      'If it can’t wait, pay by bank transfer. That works.',
    ],
    known: [
      'Since 14:09 UTC about 3 in 10 card payments fail, in shops and online.',
      'A change we made at 14:05 broke one of our two routes to the card networks.',
      'Bank transfers and refunds are not affected.',
    ],
    unknown: ['When every card payment will work again.', 'How many pending payments will need a refund.'],
    doing: [
      'Moving all card payments to the route that works. About half have moved.',
      'Checking each pending payment, so that nobody pays twice. See https://northwind.example/pending.',
    ],
  },
  corrections: [
    {
      id: 'c1',
      at: at('14:20'),
      wrongAt: at('14:16'),
      takenBack: false,
      wrong: '“Refunds are failing too.”',
      right: 'Refunds work, and have worked all day.',
      note: 'We misread a test. We are sorry for the error.',
    },
  ],
  timeline: [
    entry(
      'u3',
      '14:20',
      'identified',
      'A change we made at 14:05 broke one of our two routes to the card networks. We are moving all payments to the other one. Refunds are not affected; our 14:16 text was wrong.',
      { promise: settled('14:30', '14:20'), nextBy: at('14:40') },
    ),
    entry(
      'u2',
      '14:16',
      'investigating',
      'About 3 in 10 card payments fail. Refunds are failing too. Don’t retry a payment that shows as pending.',
      {
        wrong: ['Refunds are failing too.'],
        correctedAt: at('14:20'),
        promise: settled('14:25', '14:16'),
        nextBy: at('14:30'),
      },
    ),
    entry(
      'u1',
      '14:12',
      'investigating',
      'Some card payments are failing right now. We’re looking into why. Please don’t retry a payment that shows as pending: you could be charged twice.',
      { nextBy: at('14:25') },
    ),
  ],
  components: [{ id: 'cards', name: 'Card payments', status: 'major_outage' }],
  safety: false,
  contact: null,
};

export const history: PageView['history'] = [
  {
    id: 'i6',
    url: '/i/6',
    title: 'Some card payments failed for 47 minutes',
    kind: 'incident',
    status: 'postmortem',
    impact: 'major',
    startedAt: at('09:00', '2026-11-12'),
    endedAt: at('09:47', '2026-11-12'),
    summary: 'One of two card routes was overloaded. No card data was lost and nobody was charged twice.',
    promises: { made: 4, kept: 4 },
  },
  {
    id: 'i5',
    url: '/i/5',
    title: 'Refunds slow for 26 minutes',
    kind: 'incident',
    status: 'resolved',
    impact: 'minor',
    startedAt: at('15:00', '2026-10-24'),
    endedAt: at('15:26', '2026-10-24'),
    summary: 'All refunds arrived the same day.',
    promises: { made: 2, kept: 2 },
  },
  {
    id: 'i4',
    url: '/i/4',
    title: 'Card payments and Dashboard slow for 84 minutes',
    kind: 'incident',
    status: 'postmortem',
    impact: 'minor',
    startedAt: at('11:00', '2026-10-03'),
    endedAt: at('12:24', '2026-10-03'),
    summary: 'Our report says what went wrong and what we changed.',
    promises: { made: 5, kept: 4 },
  },
];

export const planned: PageView['maintenance'] = [
  {
    id: 'm3',
    url: '/m/3',
    title: 'Dashboard moves to new machines',
    status: 'scheduled',
    startsAt: at('02:00', '2026-11-29'),
    endsAt: at('04:00', '2026-11-29'),
    text: 'The Dashboard will be off. Card payments go on as usual. We will confirm or move this by Friday 17:00 UTC.',
    components: ['Dashboard'],
    overdue: null,
    calendarUrl: '/m/3.ics',
  },
];

export const active: PageView = {
  page: head,
  seq: 41,
  renderedAt: at('14:22') + 38_000,
  copyOf: null,
  status: { indicator: 'major', description: 'Partial System Outage' },
  checkedAt: null,
  incidents: [cards],
  maintenance: planned,
  groups: groups(true),
  accounts: accounts(at('14:21'), 'cannot_post'),
  history: [],
  owed: null,
  promises: { made: 41, kept: 40 },
  press: '',
};
