import t from 'tap';
import type { LintInput } from '../../src/domain/lint/lint.ts';
import { gradeOf } from '../../src/domain/lint/readability.ts';
import { lint } from '../../src/domain/lint/rules.ts';

const NOW = 1_800_000_000_000;
const MINUTE = 60_000;

const input = (change: Partial<LintInput> = {}): LintInput => ({
  kind: 'incident',
  status: 'investigating',
  language: 'en',
  blocks: { known: 'Card payments fail for some people.' },
  body: '',
  nextUpdateBy: NOW + 20 * MINUTE,
  longestPromiseMs: 60 * MINUTE,
  now: NOW,
  grave: false,
  peopleHarmed: false,
  exercise: false,
  facts: [],
  officialHosts: ['northwind.example'],
  media: [],
  tooLong: [],
  lastText: '',
  ...change,
});
const ids = (change: Partial<LintInput>) => lint(input(change)).map((f) => f.id);
const known = (text: string): Partial<LintInput> => ({ blocks: { known: text } });
const fact = (key: string, value: string, state: 'confirmed' | 'unconfirmed' | 'withdrawn' | 'disputed') => ({
  facts: [{ key, value, state }],
});

/** Rule, whether it blocks, texts it must find, texts it must leave alone. */
const CASES: [string, 'block' | 'warn', Partial<LintInput>[], Partial<LintInput>[]][] = [
  [
    'L1',
    'block',
    [{ nextUpdateBy: null }, { nextUpdateBy: NOW - 1 }, { nextUpdateBy: NOW + 61 * MINUTE }],
    [{}, { nextUpdateBy: null, status: 'resolved' }, { nextUpdateBy: NOW + 60 * MINUTE }],
  ],
  [
    'L1',
    'warn',
    [{ nextUpdateBy: NOW + 20 * MINUTE, status: 'resolved' }],
    [
      { nextUpdateBy: null, status: 'resolved' },
      { nextUpdateBy: NOW + 3 * 24 * 60 * MINUTE, status: 'resolved' },
      { nextUpdateBy: NOW + 20 * MINUTE, status: 'monitoring' },
    ],
  ],
  [
    'L2',
    'warn',
    [
      { peopleHarmed: true },
      { peopleHarmed: true, blocks: { care: ' ', known: 'A fire.' } },
      { peopleHarmed: true, status: 'identified' },
    ],
    [
      {},
      { peopleHarmed: true, blocks: { care: 'Our thoughts are with the families.', known: 'A fire.' } },
      { peopleHarmed: true, status: 'resolved' },
    ],
  ],
  [
    'L3',
    'block',
    [
      { ...known('Processor A is down.'), ...fact('Where', 'Processor A', 'unconfirmed') },
      { ...known('All regions are affected.'), ...fact('Region', 'All regions', 'disputed') },
      { body: 'Since 14:09 it fails.', ...fact('Started', '14:09', 'withdrawn') },
    ],
    [
      {
        blocks: { unknown: 'Whether Processor A is the cause.' },
        ...fact('Where', 'Processor A', 'unconfirmed'),
      },
      { ...known('Processor A is down.'), ...fact('Where', 'Processor A', 'confirmed') },
      { ...known('Processor Alpha is down.'), ...fact('Where', 'Processor A', 'unconfirmed') },
    ],
  ],
  [
    'L4',
    'warn',
    [
      known('Probably a cable was cut.'),
      known('We believe it was a change.'),
      known('It may have been caused by heat.'),
    ],
    [known('A cable was cut.'), known('We do not yet know the cause.'), known('We believe in being open.')],
  ],
  [
    'L5',
    'warn',
    [known('There is no risk.'), known('Your data is completely safe.'), known('We are 100 % sure.')],
    [
      known('No card data was lost.'),
      known('About 10 % of payments fail.'),
      known('It is safe to pay again.'),
    ],
  ],
  [
    'L6',
    'warn',
    [known('It will be back by 15:00.'), known('It will be fixed in an hour.'), known('We guarantee it.')],
    [
      known('We aim to have it back by 15:00.'),
      known('The next update is due by 15:00.'),
      known('It is fixed.'),
    ],
  ],
  [
    'L7',
    'warn',
    [
      known('We apologise for any inconvenience.'),
      known('Mistakes were made.'),
      known('We are sorry if you were affected.'),
    ],
    [
      known('We are sorry: you cannot pay.'),
      known('We made a mistake.'),
      known('This is inconvenient for shops.'),
    ],
  ],
  [
    'L8',
    'warn',
    [
      { ...known('We are sorry. It is over.'), status: 'resolved' },
      { ...known('We apologise to everyone.'), status: 'resolved' },
      { ...known('We’re sorry. We refund every order.'), status: 'resolved' },
    ],
    [
      { ...known('We’re sorry. That was our fault. We refund every order.'), status: 'resolved' },
      { ...known('We are sorry.') },
      { ...known('It is over.'), status: 'resolved' },
    ],
  ],
  [
    'L9',
    'warn',
    [
      known('This is due to a third-party.'),
      known('Caused by an external provider.'),
      known('It is not our fault.'),
    ],
    [known('We moved to our second route.'), known('It is our fault.'), known('We told the bank.')],
  ],
  [
    'L10',
    'block',
    [
      { ...known('It fails for 1 in 8 people.'), ...fact('Affected', '1 in 12', 'confirmed') },
      { ...known('Since 14:10 UTC it fails.'), ...fact('Started', '14:09 UTC', 'confirmed') },
      { ...known('We charged 2 orders.'), ...fact('Charged', '0 orders', 'confirmed') },
    ],
    [
      { ...known('It fails for 1 in 12 people.'), ...fact('Affected', '1 in 12', 'confirmed') },
      { ...known('It fails for many.'), ...fact('Affected', '1 in 12', 'confirmed') },
      { ...known('We have 3 teams on it.'), ...fact('Charged', '0', 'confirmed') },
    ],
  ],
  [
    'L11',
    'warn',
    [
      known('We see higher latency.'),
      known(
        'Customers who pay by card in shops or online may see that their payment fails and that the money is shown as pending for a while today.',
      ),
      known(
        'Organisational infrastructure necessitates comprehensive investigation regarding authentication functionality interruptions internationally, unfortunately.',
      ),
    ],
    [
      known('Pages load slowly.'),
      known('Card payments fail. We are looking into why.'),
      known('You can pay by bank transfer.'),
    ],
  ],
  [
    'L12',
    'block',
    [
      { media: [{ alt: '' }] },
      { media: [{ alt: '  ' }] },
      { media: [{ alt: 'A map.' }, { alt: '' }] },
      { media: [{ alt: 'IMG_2041.jpg' }] },
      { media: [{ alt: 'Screenshot 3' }] },
    ],
    [{}, { media: [{ alt: 'A map.' }] }, { media: [{ alt: 'x' }] }],
  ],
  [
    'L13',
    'warn',
    [
      known('Follow #northwindpayoutage.'),
      known('#cardpaymentsdown'),
      known('See #allcustomersaffected now.'),
    ],
    [known('Follow #NorthwindPayOutage.'), known('#recall'), known('Number 1 in the list.')],
  ],
  [
    'L14',
    'block',
    [
      { ...known('We are sorry 😢'), grave: true },
      { ...known('🔥 in the warehouse.'), grave: true },
      { body: 'Thank you ❤️', grave: true },
    ],
    [
      { ...known('We are sorry.'), grave: true },
      known('We are sorry 😢'),
      { ...known('A fire.'), grave: true },
    ],
  ],
  [
    'L15',
    'warn',
    [
      known('CARD PAYMENTS FAIL NOW'),
      known('PLEASE READ THIS'),
      known('WE ARE DOING SOMETHING. STAY WHERE YOU ARE PLEASE'),
      {
        ...known('Card payments fail since noon. Pay in cash or by bank transfer.'),
        media: [{ alt: 'Card payments fail since noon. Pay in cash or by bank transfer.' }],
      },
      { media: [{ alt: 'A screenshot of our statement' }] },
    ],
    [
      { media: [{ alt: 'A map of the two closed gates, with the way round the stadium in green.' }] },
      known('The API and DNS work.'),
      known('SEPA works.'),
      known('Read this. OK.'),
    ],
  ],
  [
    'L16',
    'block',
    [
      { tooLong: ['It is 3 over on X.'] },
      { tooLong: ['a', 'b'] },
      { tooLong: ['It is too long for Bluesky.'] },
    ],
    [{}, { tooLong: [] }, known('Short.')],
  ],
  [
    'L17',
    'block',
    [
      known('See https://evil.example/x.'),
      known('See http://northwind.example.evil.example/.'),
      { body: 'https://bit.ly/abc' },
    ],
    [
      known('See https://northwind.example/x.'),
      known('See https://status.northwind.example/x.'),
      known('Write to northwind dot example.'),
    ],
  ],
  [
    'L19',
    'warn',
    [
      { blocks: { known: 'It fails.', action: 'Please call us on 0800 1.' } },
      { blocks: { known: 'It fails.', action: 'Email us.' } },
      { blocks: { known: 'It fails.', action: 'Write to us for help.' } },
    ],
    [
      { blocks: { known: 'It fails.', action: 'Pay by bank transfer. If that fails, call us.' } },
      { blocks: { known: 'It fails.', action: 'Do not retry.' } },
      { blocks: { known: 'Many people call us.' } },
    ],
  ],
  [
    'L21',
    'block',
    [
      known('EXERCISE: a fire.'),
      { ...known('EXERCISE. This is not a drill.'), exercise: true },
      { ...known('EXERCISE. It is not an exercise.'), exercise: true },
    ],
    [
      known('Exercise care.'),
      { ...known('EXERCISE. A fire.'), exercise: true },
      known('This is not a drill.'),
    ],
  ],
  [
    'L22',
    'warn',
    [
      { ...known('Card payments fail for some people.'), lastText: 'Card payments fail for some people.' },
      { ...known('Card payments fail for some people.'), lastText: 'CARD PAYMENTS FAIL FOR SOME PEOPLE!' },
      { ...known('Some people cannot pay by card now.'), lastText: 'Now some people cannot pay by card.' },
    ],
    [
      { lastText: '' },
      {
        ...known('We found the cause and are moving payments.'),
        lastText: 'Card payments fail for some people.',
      },
      { ...known('No change.'), lastText: 'No change.' },
    ],
  ],
  [
    'L23',
    'warn',
    [
      known('We are sorry. We did nothing wrong.'),
      known('We apologise, and deny the report.'),
      known('We’re sorry, but we are not responsible.'),
    ],
    [known('We are sorry.'), known('We deny the report.'), known('We are sorry. We were wrong.')],
  ],
  [
    'L24',
    'warn',
    [known('It is fixed tomorrow.'), known('Since this morning it fails.'), known('Refunds start today.')],
    [
      known('It is fixed on 24 November.'),
      known('Since 09:10 UTC it fails.'),
      known('The day after it began.'),
    ],
  ],
];

t.test('every rule finds what it must and leaves alone what it may', async (t) => {
  for (const [id, level, hits, misses] of CASES) {
    for (const change of hits) {
      const found = lint(input(change)).find((f) => f.id === id && f.level === level);
      t.ok(found, `${id} finds ${JSON.stringify(change)}`);
      t.ok(found && found.message !== '' && found.fix.endsWith('.'), `${id} says why and what to do`);
    }
    for (const change of misses)
      t.notOk(
        lint(input(change)).some((f) => f.id === id && f.level === level),
        `${id} leaves ${JSON.stringify(change)} alone`,
      );
  }
});

t.test('what blocks comes before what only warns', async (t) => {
  const found = lint(
    input({ ...known('Probably it will be back by 15:00. https://evil.example'), nextUpdateBy: null }),
  );
  const levels = found.map((f) => f.level);
  t.same(levels, [...levels].sort());
  t.ok(levels.includes('block') && levels.includes('warn'));
});

t.test('other languages are not read as English', async (t) => {
  t.same(ids({ ...known('Wahrscheinlich ein Kabel. No risk, any inconvenience.'), language: 'de' }), []);
  t.ok(ids({ ...known('Siehe https://evil.example'), language: 'de' }).includes('L17'));
});

t.test('the good texts of the handbook raise nothing that blocks', async (t) => {
  for (const text of [
    'Some card payments are failing right now. We’re looking into why. Please don’t retry a payment that shows as pending - you could be charged twice.',
    'Checkout is slow and some prices were wrong from 07:40 to 08:15. We were not ready for this many shoppers. Your card is charged once only.',
    'We have lost contact with flight MD218, Kuala Selat to Nanhai, since 02:40 local time. Our thoughts are with everyone on board and their families.',
  ])
    t.same(
      lint(input(known(text))).filter((f) => f.level === 'block'),
      [],
      text,
    );
});

t.test('reading level', async (t) => {
  t.ok(gradeOf('Card payments fail. We are on it.') < 6);
  t.ok(gradeOf('Comprehensive organisational investigations necessitate extraordinary coordination.') > 12);
});
