import t from 'tap';
import { belongsTo, comparable, linksIn, openProvenance } from '../../src/domain/provenance.ts';

const provenance = openProvenance(
  [
    {
      id: 'second',
      sentences: ['We are sorry.', 'Refunds are open until 31 December.', '请不要重试待处理的付款。'],
    },
    {
      id: 'first',
      sentences: [
        'We are sorry.',
        'Some card payments are failing right now.',
        'Please don’t retry a payment that shows as pending.',
        '12,400 people are affected, and we write to each of them.',
      ],
    },
  ].map(({ id, sentences }) => ({ id, texts: [sentences] })),
);
const judge = (...sentences: string[]) => provenance.judge(sentences.join(' '), sentences);

t.test('our words, whatever became of their marks on the way', async (t) => {
  t.same(judge('We are sorry.', 'Some card payments are failing right now.'), { is: 'ours', id: 'first' });
  t.same(
    judge(
      'SOME card payments are failing right now!',
      "Please don't retry a payment that shows as “pending” https://x.example/u/1",
    ),
    { is: 'ours', id: 'first' },
    'case, quotes and links fall away',
  );
  t.same(judge('We are sorry.', 'Refunds are open until 31 December'), { is: 'ours', id: 'second' });
  t.same(
    judge('请不要重试待处理的付款', 'We are sorry'),
    { is: 'ours', id: 'second' },
    'in a language without spaces',
  );
});

t.test('changed words are named', async (t) => {
  t.same(judge('31,000 people are affected, and we write to each of them.'), {
    is: 'close',
    id: 'first',
    strange: ['31,000 people are affected, and we write to each of them.'],
  });
  t.same(
    judge('Refunds are closed until 31 December.'),
    { is: 'close', id: 'second', strange: ['Refunds are closed until 31 December.'] },
    'one word',
  );
  t.same(
    judge('Some card payments are failing right now.', 'Send us your card number to be paid back.'),
    { is: 'close', id: 'first', strange: ['Send us your card number to be paid back.'] },
    'something added',
  );
  t.match(
    judge('Some card payments are failing right now.', 'Refunds are open until 31 December.'),
    { is: 'close' },
    'two messages made one are not one of ours',
  );
});

t.test('what we never said', async (t) => {
  t.same(judge('Northwind is bankrupt and all accounts are frozen from today.'), { is: 'unknown' });
  t.same(judge('We are sorry.'), { is: 'short' }, 'three words of anybody');
  t.same(judge('https://northwind.example/u/abc', '!!!'), { is: 'short' });
  t.same(openProvenance([]).judge('', ['Some card payments are failing right now.']), { is: 'unknown' });
});

t.test('figures are words, points in them too', async (t) => {
  t.equal(comparable('At 14:40, 1,204 of €5.50 – 20 %!'), 'at 14:40 1,204 of €5.50 20 %');
  t.not(comparable('12.40'), comparable('12 40'));
});

t.test('where links lead', async (t) => {
  t.same(linksIn('See https://status.northwind.example/u/1, or www.north-wind.example.'), [
    'status.northwind.example',
    'www.north-wind.example.',
  ]);
  t.ok(belongsTo('a.northwind.example', ['northwind.example']));
  t.notOk(belongsTo('evilnorthwind.example', ['northwind.example']));
});

t.test('a long nonsense is answered soon', async (t) => {
  const said = Array.from({ length: 150 }, (_, i) => ({
    id: `u${i}`,
    texts: [],
    sentences: Array.from(
      { length: 20 },
      (_, k) => `Sentence ${k} of message ${i} says that something is being looked into.`,
    ),
  }));
  const big = openProvenance(said);
  const asked = Array.from(
    { length: 500 },
    (_, i) => `Sentence ${i} of nobody says that nothing will ever be looked into again.`,
  );
  t.ok(['close', 'unknown'].includes(big.judge('', asked).is), 'at most sixty sentences are looked at');
});

t.test('a piece of a sentence is not ours: without its “never” it says the opposite', async (t) => {
  const { judge } = openProvenance([
    {
      id: 'warning',
      texts: [
        ['We write to each of you.', 'We never ask you to send us your password by mail.', 'Take care.'],
      ],
    },
  ]);
  const asked = 'Send us your password by mail.';
  t.not(judge(asked, [asked]).is, 'ours');
  const unmarked = 'We write to each of you We never ask you to send us your password by mail';
  t.match(judge(unmarked, [unmarked]), { is: 'ours' }, 'whole sentences without their full stops are');
});

t.test('nothing hides behind many words of ours', async (t) => {
  const ours = Array.from({ length: 80 }, (_, i) => `Part ${i} of the report is on our page.`);
  const { judge } = openProvenance([{ id: 'long', texts: [ours] }]);
  const evil = 'Send your card number to the address below.';
  t.match(judge([...ours, evil].join(' '), [...ours, evil]), { is: 'close', strange: [evil] });
  const again = Array.from({ length: 90 }, () => ours[0]!);
  t.match(judge([...again, evil].join(' '), [...again, evil]), { is: 'close', strange: [evil] });
});

t.test('a link hides nothing', async (t) => {
  t.same(linksIn('ｈｔｔｐｓ：／／evil.example/refund'), ['evil.example'], 'in wide letters');
  t.same(linksIn('See https://[refund now'), ['https://[refund'], 'one that names no host');
  const glued = 'https://status.example.com\u2800Send\u2800us\u2800your\u2800password';
  t.match(comparable(glued), /password/, 'words behind a blank that is none');
});
