import t from 'tap';
import {
  brief,
  codesOf,
  failureOfAnswer,
  failureOfError,
  failureOfStatus,
  retryAfter,
} from '../../src/channels/classify.ts';
import { ChannelError } from '../../src/channels/contract.ts';
import { failureOf as failureOfTelegram } from '../../src/channels/telegram-failure.ts';

const NOW = Date.parse('2026-11-21T12:00:00Z');
const wait = (headers: Record<string, string>, body?: unknown) => retryAfter(new Headers(headers), body, NOW);
const epoch = (seconds: number) => String(NOW / 1000 + seconds);

t.test('every spelling of "wait" that the networks use', async (t) => {
  const cases: [string, Record<string, string>, unknown, number][] = [
    ['Retry-After in seconds', { 'retry-after': '120' }, undefined, 120_000],
    ['Retry-After as a date', { 'retry-after': 'Sat, 21 Nov 2026 12:01:30 GMT' }, undefined, 90_000],
    ['X', { 'x-rate-limit-reset': epoch(900) }, undefined, 900_000],
    ['Mastodon', { 'x-ratelimit-reset': '2026-11-21T12:05:00.000000Z' }, undefined, 300_000],
    ['Bluesky', { 'ratelimit-reset': epoch(45) }, undefined, 45_000],
    [
      'Discord header',
      { 'x-ratelimit-reset-after': '1.337', 'x-ratelimit-reset': epoch(77) },
      undefined,
      1_337,
    ],
    [
      'Discord body',
      {},
      { message: 'You are being rate limited.', retry_after: 64.57, global: false },
      64_570,
    ],
    ['Reddit', { 'x-ratelimit-reset': '57' }, undefined, 57_000],
    ['Telegram', {}, { ok: false, error_code: 429, parameters: { retry_after: 35 } }, 35_000],
    [
      'Meta, business use case',
      {
        'x-business-use-case-usage': JSON.stringify({
          '178': [
            { type: 'pages', call_count: 100, estimated_time_to_regain_access: 0 },
            { type: 'instagram', call_count: 100, estimated_time_to_regain_access: 19 },
          ],
        }),
      },
      undefined,
      19 * 60_000,
    ],
    [
      'Meta, app',
      { 'x-app-usage': '{"call_count":100,"estimated_time_to_regain_access":2}' },
      undefined,
      120_000,
    ],
    ['Discourse', {}, { errors: ['slow down'], extras: { wait_seconds: 13 } }, 13_000],
    ['Matrix', {}, { errcode: 'M_LIMIT_EXCEEDED', retry_after_ms: 2500 }, 2_500],
    ['now', { 'retry-after': '0' }, undefined, 0],
  ];
  for (const [name, headers, body, expected] of cases) t.equal(wait(headers, body), expected, name);
});

t.test('X: the budget of the day decides when it is the one that is empty', async (t) => {
  const spent = { 'x-rate-limit-reset': epoch(60), 'x-app-limit-24hour-reset': epoch(7200) };
  t.equal(wait({ ...spent, 'x-app-limit-24hour-remaining': '0' }), 7_200_000);
  t.equal(wait({ ...spent, 'x-app-limit-24hour-remaining': '9' }), 60_000);
});

t.test('the first usable spelling counts, and rubbish is no answer', async (t) => {
  const rubbish = [
    '-5',
    '-1',
    'soon',
    '',
    ' ',
    'NaN',
    'Infinity',
    '1e9',
    '0x10',
    '5 minutes',
    'May 1',
    '1,5',
    '9'.repeat(400),
  ];
  const names = [
    'retry-after',
    'x-ratelimit-reset-after',
    'x-rate-limit-reset',
    'x-ratelimit-reset',
    'ratelimit-reset',
  ];
  for (const value of rubbish)
    for (const name of names)
      t.equal(wait({ [name]: value }), undefined, `${name}: ${JSON.stringify(value).slice(0, 30)}`);
  for (const bad of [-1, Number.NaN, null, '7 s', {}, [5], true]) {
    t.equal(wait({}, { retry_after: bad }), undefined);
    t.equal(wait({}, { retry_after_ms: bad }), undefined);
    t.equal(wait({}, { parameters: { retry_after: bad } }), undefined);
    t.equal(wait({}, { extras: { wait_seconds: bad } }), undefined);
  }
  for (const body of [undefined, null, 'text', 7, [], '<html>']) t.equal(wait({}, body), undefined);
  t.equal(wait({ 'x-business-use-case-usage': '{not json' }), undefined);
  t.equal(
    wait({ 'retry-after': '-3', 'ratelimit-reset': epoch(20) }),
    20_000,
    'a bad one does not hide a good one',
  );
  t.equal(
    wait({ 'retry-after': 'Sat, 21 Nov 2020 12:00:00 GMT' }),
    undefined,
    'a date that is past says nothing',
  );
  t.equal(wait({ 'x-rate-limit-reset': epoch(-30) }), undefined, 'nor does a reset that is past');
  t.equal(wait({ 'retry-after': '1000000000' }), 1e12, 'absurd is passed on; the domain caps it');
  t.equal(wait({ 'retry-after': '10' }, { retry_after: 99 }), 10_000, 'the standard header first');
});

t.test('what a status means for a write, and for a read', async (t) => {
  for (const status of [400, 402, 403, 404, 405, 409, 410, 413, 415, 418, 422])
    t.equal(failureOfStatus(status), 'rejected', `${status}`);
  t.equal(failureOfStatus(401), 'auth');
  t.equal(failureOfStatus(429), 'limited');
  t.equal(failureOfStatus(503), 'unsent');
  for (const status of [408, 500, 501, 502, 504, 520, 524, 599]) {
    t.equal(failureOfStatus(status), 'unknown', `write ${status}`);
    t.equal(failureOfStatus(status, true), 'unsent', `read ${status}`);
  }
});

t.test('what a broken connection means', async (t) => {
  const coded = (code: string) => Object.assign(new Error(code), { code });
  for (const code of [
    'ECONNREFUSED',
    'ENOTFOUND',
    'EAI_AGAIN',
    'UND_ERR_CONNECT_TIMEOUT',
    'CERT_HAS_EXPIRED',
  ]) {
    t.equal(failureOfError(coded(code)), 'unsent', code);
    t.equal(
      failureOfError(new TypeError('fetch failed', { cause: coded(code) })),
      'unsent',
      `${code} as a cause`,
    );
    t.equal(failureOfError(new AggregateError([coded('x'), coded(code)])), 'unsent', `${code} among others`);
  }
  for (const error of [
    coded('UND_ERR_SOCKET'),
    coded('ECONNRESET'),
    new DOMException('', 'TimeoutError'),
    'x',
    null,
  ])
    t.equal(failureOfError(error), 'unknown', String(error));
  t.equal(failureOfError(coded('ECONNRESET'), { started: false }), 'unsent', 'nothing had left');
  t.equal(failureOfError(coded('ECONNRESET'), { safe: true }), 'unsent', 'only a read');
  const loop = coded('A');
  loop.cause = loop;
  t.ok(codesOf(loop).length > 0, 'an error that causes itself does not hang us');
});

t.test('the sentences name the network, the status, and what it said, on one line', async (t) => {
  const answer = (status: number, json?: unknown) => ({ status, json, headers: new Headers() });
  const about = { network: 'Mastodon', now: NOW };
  t.match(failureOfAnswer(answer(422), { ...about, said: 'Text\nis \u202etoo\u0007 long' }), {
    failure: 'rejected',
    status: 422,
    code: 'http_422',
    message: /^Mastodon refused this \(422\)\. It said: Text is too long$/,
  });
  t.match(failureOfAnswer(answer(302), about), {
    failure: 'rejected',
    code: 'redirect',
    message: /do not follow/,
  });
  t.match(failureOfAnswer(answer(200), about), { failure: 'unknown', code: 'unreadable' });
  t.match(failureOfAnswer(answer(200), { ...about, safe: true }), { failure: 'unsent' });
  t.match(failureOfAnswer(answer(429, { retry_after: 3 }), about), {
    failure: 'limited',
    retryAfterMs: 3_000,
  });
  t.equal(brief('x'.repeat(999)).length, 240);
});

t.test('a network that answers with a book is quoted in a line', (t) => {
  const book = `Forbidden: bot was blocked by the user\n${'📕'.repeat(500_000)}`;
  const json = { ok: false, error_code: 403, description: book };
  const { message } = failureOfTelegram({ status: 403, headers: new Headers(), json, text: '' }, NOW, false);
  t.match(message, /It said: Forbidden: bot was blocked by the user 📕/);
  t.ok(message.length < 500 && !message.includes('\n') && message.isWellFormed(), message);
  for (const words of [book, `a${book}`]) {
    const failure = new ChannelError('rejected', words, { code: words });
    t.ok(failure.message.length <= 1_000 && failure.message.isWellFormed());
    t.ok(failure.code !== undefined && failure.code.length <= 100 && failure.code.isWellFormed());
  }
  t.end();
});
