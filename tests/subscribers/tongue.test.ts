import t from 'tap';
import { setPageAccess } from '../../src/actions/page/page-access.ts';
import { setUpPage } from '../../src/actions/set-up-page.ts';
import { openPasswords } from '../../src/actions/sign-in/passwords.ts';
import { renderError, wear } from '../../src/templates/plain.ts';
import { errorWords } from '../../src/templates/strings/errors.ts';
import { LANGUAGES, pageWords } from '../../src/templates/strings/page/words.ts';
import { subscriberWords } from '../../src/templates/strings/subscriber/words.ts';
import { openHouse, pathIn } from './house.ts';
import { foreignIn, textOf } from './tongue.ts';

/** Everything a customer can meet is in the language of the page, whatever goes wrong. */

const routes = new Set<string>();
const house = await openHouse({
  env: { TRUST_PROXY: 'loopback' },
  page: { name: 'نورثويند', languages: ['ar', 'de'] },
  parts: {
    onRoute: ({ method, url }) => {
      for (const one of [method].flat()) routes.add(`${one} ${url}`);
    },
  },
});
const { app } = house;
const cli = app.ctx({ kind: 'cli', id: 'test', roles: [] });
const locked = await setUpPage(cli, { name: 'سري', url: 'http://x.example', slug: 's', languages: ['ar'] });
await setPageAccess(cli, { passwords: openPasswords() }, locked.id, {
  emails: [],
  networks: [],
  password: 'four unrelated words here',
});
const incident = await house.openIncident('الدفع لا يعمل');
await house.say(incident, {
  blocks: { known: 'الدفع بالبطاقة لا يعمل عند بعض الزبائن.', action: 'انتظروا قليلا.' },
});
await app.live.settled();
const manage = await house.join('rim@customer.example');

interface Visit {
  path: string;
  form?: Record<string, string | string[]>;
  headers?: Record<string, string>;
  /** What it is, where it is not simply shown. */
  status?: number;
  /** Asked again until it is so answered. */
  until?: boolean;
}

/** Every page and every refusal below a page's path. */
async function* walk(before: string): AsyncGenerator<Visit> {
  const of = (tail: string) => `${before}${tail}` || '/';
  for (const tail of [
    '',
    `/incidents/${incident.id}`,
    '/history',
    '/history?q=zzzz',
    '/wall',
    '/verify',
    '/ask',
  ])
    yield { path: of(tail) };
  for (const by of ['email', 'webhook', 'web_push', 'slack', 'sms'])
    yield { path: of(`/subscribe?by=${by}&incident=${incident.id}`) };
  yield { path: of('/embed/frame') };
  yield { path: of(`/embed/incidents/${incident.id}`) };
  for (const tail of ['/nothing', '/incidents/nothing', '/history?month=2026-99', '/u/nothing', '/a/b/c/d'])
    yield { path: of(tail), status: 404 };
  for (const tail of ['/badge/nothing.svg', `/u/${'x'.repeat(300)}`, '/%zz'])
    yield { path: of(tail), status: 404 };
  yield { path: of('/subscription/nothing'), status: 404 };
  yield { path: of('/subscribe'), form: { by: 'email', address: 'nobody' }, status: 400 };
  yield { path: of('/subscribe'), form: { by: 'sms', address: 'nobody' }, status: 400 };
  yield { path: of('/subscribe'), form: { by: 'webhook', address: 'ftp://x' }, status: 400 };
  yield { path: of('/subscribe'), form: { by: 'pigeon', address: 'nobody' }, status: 400 };
  const mail = { by: 'email', address: 'new@customer.example' };
  yield { path: of('/subscribe'), form: { ...mail, scope: 'parts' }, status: 400 };
  yield { path: of('/subscribe'), form: { ...mail, scope: 'parts', part: 'gone' }, status: 400 };
  yield { path: of('/subscribe'), form: { ...mail, scope: 'incident', incident: 'gone' }, status: 404 };
  yield { path: of('/subscribe'), form: mail };
  yield { path: of('/subscribe/code'), form: { address: '+15551234567', code: '1' }, status: 400 };
  yield { path: of('/verify'), form: { q: 'الدفع بالبطاقة لا يعمل عند بعض الزبائن.' } };
  yield { path: of('/verify'), form: { q: 'كل شيء مجاني اليوم لكل الزبائن في كل مكان.' } };
  yield { path: of('/verify'), form: { q: 'قصير' } };
  yield { path: of('/ask'), form: { question: '', email: 'rim@customer.example' }, status: 400 };
  yield { path: of('/ask'), form: { question: 'متى؟', email: 'nobody' }, status: 400 };
  yield { path: of('/affected'), form: { incident: 'nothing' }, status: 404 };
  yield { path: of('/affected'), form: { incident: incident.id } };
  // Somebody who asks and asks, from a place of their own.
  const headers = { 'x-forwarded-for': before === '' ? '10.9.9.9' : '10.9.9.8' };
  yield { path: of('/verify'), form: { q: 'قصير' }, headers, status: 429, until: true };
  yield { path: of('/history?q=zz'), headers, status: 429, until: true };
}

async function ask({ path, form, headers = {} }: Visit) {
  if (form) return house.post(path, form, headers);
  return fetch(`${house.base}${path}`, {
    redirect: 'manual',
    headers: { accept: 'text/html', 'accept-language': 'en', ...headers },
  });
}

/** What a language says that another would not; words that are the same in both tell nothing. */
function sentences(words: unknown, own: unknown): string[] {
  if (typeof words === 'string')
    return words === own ? [] : words.split(/\{\w*\}/).filter((part) => part.trim().length > 11);
  if (typeof words !== 'object' || words === null) return [];
  return Object.entries(words).flatMap(([k, v]) => sentences(v, (own as Record<string, unknown>)?.[k]));
}
const english = [pageWords, subscriberWords, errorWords].flatMap((of) => sentences(of('en'), of('de')));

t.test('in Arabic no word of another script is ours; in German no sentence is English', async (t) => {
  const seen = new Set<string>();
  const wrong: string[] = [];
  for (const [before, language] of [
    ['', 'ar'],
    ['/de', 'de'],
  ] as const)
    for await (const visit of walk(before)) {
      let answer = await ask(visit);
      for (let i = 0; visit.until && answer.status !== visit.status && i < 200; i += 1)
        answer = await ask(visit);
      const name = `${visit.form ? `POST ${Object.values(visit.form).join(' ').slice(0, 40)}` : 'GET'} ${visit.path}`;
      seen.add(name);
      const html = await answer.text();
      if (answer.status !== (visit.status ?? 200))
        wrong.push(`${name}: ${answer.status} ${html.slice(0, 200)}`);
      if (!html.includes(`<html lang="${language}"`)) wrong.push(`${name}: not in ${language}`);
      const said = textOf(html, language);
      const foreign =
        language === 'ar' ? foreignIn(said) : english.filter((sentence) => said.includes(sentence.trim()));
      if (foreign.length > 0) wrong.push(`${name}: ${foreign.join(', ')}`);
      if (answer.status >= 400 && !html.includes(`href="${before || '/'}"`))
        wrong.push(`${name}: no way back`);
      if (!html.includes('نورثويند')) wrong.push(`${name}: whose page is it?`);
    }
  t.strictSame(wrong, []);
  t.ok(seen.size > 70, `${seen.size} pages and refusals`);
});

t.test('a form that is too large', async (t) => {
  // Without a socket: one that is closed with words on the way may lose the answer.
  const { statusCode, body } = await app.server.inject({
    method: 'POST',
    url: '/de/subscribe',
    headers: { accept: 'text/html', 'content-type': 'application/x-www-form-urlencoded' },
    payload: `address=${'x'.repeat(40_000)}`,
  });
  t.equal(statusCode, 413);
  t.match(body, '<html lang="de"');
  t.match(body, errorWords('de').large[0]);
});

t.test('behind a private link', async (t) => {
  const wrong: string[] = [];
  const look = async (name: string, answer: Response, status: number) => {
    const html = await answer.text();
    if (answer.status !== status) wrong.push(`${name}: ${answer.status}`);
    const foreign = foreignIn(textOf(html, 'ar'));
    if (foreign.length > 0) wrong.push(`${name}: ${foreign.join(', ')}`);
  };
  const asked = await house.post('/subscribe', { by: 'email', address: 'late@customer.example' });
  t.equal(asked.status, 200);
  const letter = (await house.mail.waitFor('late@customer.example', 1)).at(-1)!;
  t.strictSame(
    foreignIn(letter.text.replace(/https?:\S+/g, '').replaceAll('late@customer.example', '')),
    [],
    'the letter that asks',
  );
  await look('confirm', await house.get(pathIn(letter.text)), 200);
  await look('manage', await house.get(manage), 200);
  await look('saved', await house.get(`${manage}?said=saved`), 200);
  await look('no part', await house.post(manage, { do: 'save', scope: 'parts' }), 400);
  await look('a part that is gone', await house.post(manage, { do: 'save', scope: 'parts', part: 'x' }), 400);
  await look('stopped', await house.post(manage, { do: 'stop' }), 200);
  await look('stopped before', await house.get(manage), 200);
  t.strictSame(wrong, []);
});

t.test('at the door of a private page', async (t) => {
  const wrong: string[] = [];
  const headers = { 'accept-language': 'ar' };
  const look = async (name: string, answer: Response, status: number) => {
    const html = await answer.text();
    if (answer.status !== status) wrong.push(`${name}: ${answer.status}`);
    if (!html.includes('<html lang="ar" dir="rtl"')) wrong.push(`${name}: not in Arabic`);
    const foreign = foreignIn(textOf(html, 'ar'));
    if (foreign.length > 0) wrong.push(`${name}: ${foreign.join(', ')}`);
    if (html.includes('سري')) wrong.push(`${name}: says whose it is`);
  };
  await look('door', await ask({ path: '/s', headers }), 401);
  await look('incident', await ask({ path: '/s/incidents/x', headers }), 401);
  await look('wrong', await house.post(`/visit/${locked.id}/password`, { password: 'x' }, headers), 401);
  await look('sent', await house.post(`/visit/${locked.id}/link`, { email: 'a@b.example' }, headers), 200);
  await look('by link', await ask({ path: `/visit/${locked.id}/open/x`, headers }), 200);
  await look('old link', await house.post(`/visit/${locked.id}/open/x`, {}, headers), 401);
  await look('nothing', await ask({ path: '/s/a/b/c', headers }), 404);
  await look(
    'from elsewhere',
    await house.post(
      `/visit/${locked.id}/password`,
      { password: 'x' },
      { ...headers, 'sec-fetch-site': 'cross-site' },
    ),
    403,
  );
  t.strictSame(wrong, []);
});

t.test('what went wrong, in every language we have words in', async (t) => {
  const place = house.app.live.findPlace([])!;
  const page = wear(house.app.live.head(place)!, '', true);
  for (const language of LANGUAGES)
    for (const status of [400, 403, 404, 410, 413, 429, 500, 503]) {
      const html = renderError({
        page: { ...page, language },
        status,
        id: status === 500 ? 'deadbeef' : null,
        history: null,
        help: null,
      });
      const said = textOf(html, language);
      t.equal(said.includes('deadbeef'), status === 500, `${language} ${status}`);
      if (language !== 'en')
        for (const sentence of sentences(errorWords('en'), errorWords(language)))
          if (said.includes(sentence.trim())) t.fail(`${language} ${status}: ${sentence}`);
    }
});

t.test('every public page is walked', async (t) => {
  // What programs read, files, and what has no words: each for a reason that has nothing to do with language.
  const without =
    /^\/(desk|api|hooks|livez|readyz|files|card|live|visit|style|oembed|\.well-known|badge|og|cap|u|subscription)\b|\.(js|svg|ico|txt|png|xml|atom|rss|ics|json)$|\*|:b|^\/:a|push/;
  const pages = [...routes]
    .filter((route) => /^(GET|POST) /.test(route))
    .map((route) => route.split(' ')[1]!)
    .filter((url) => !without.test(url));
  t.strictSame([...new Set(pages)].sort(), [
    '/',
    '/affected',
    '/ask',
    '/embed/frame',
    '/embed/incidents/:file',
    '/history',
    '/incidents/:id',
    '/subscribe',
    '/subscribe/code',
    '/verify',
    '/wall',
  ]);
});
