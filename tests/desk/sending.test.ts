import t from 'tap';
import { listDeliveriesOfUpdates } from '../../db/queries/deliveries.ts';
import type { Person } from '../../db/queries/people.ts';
import { issueToken } from '../../src/actions/people.ts';
import type { Scope } from '../../src/domain/words.ts';
import { newApiToken } from '../../src/ids.ts';
import { ask, openHouse, sayYes } from './house.ts';

const house = await openHouse({ networks: true });
t.teardown(() => house.close());
const { app } = house;
const ready = async () => (await app.server.inject('/readyz')).json();
/** The public page, as soon as it is drawn with these words. */
async function publicPage(words: string): Promise<string> {
  for (;;) {
    const { body } = await app.server.inject('/');
    if (body.includes(words)) return body;
    await new Promise((done) => setImmediate(done));
  }
}

t.test('a person stops every network and lets them go again', async (t) => {
  const dana = await house.enter(house.dana);
  const marcus = await house.enter(house.marcus);
  t.notMatch((await dana.get('/desk/settings')).body, 'Switch sending off', 'an author has no such switch');
  t.match(await dana.post('/desk/settings/sending/off', { sure: '1', reason: 'No.' }), { status: 403 });
  t.match((await marcus.get('/desk/settings')).body, 'Switch sending off');

  const unsure = await marcus.post('/desk/settings/sending/off', { reason: 'Our account was taken over.' });
  t.match(unsure, { status: 400, body: /Tick the box/ });
  t.match(unsure.body, 'value="Our account was taken over."', 'what was typed is kept');
  t.match(await marcus.post('/desk/settings/sending/off', { sure: '1', reason: '' }), {
    status: 400,
    body: /Say why/,
  });
  t.notMatch((await marcus.get('/desk')).body, 'SENDING IS OFF');

  const off = await marcus.post('/desk/settings/sending/off', {
    sure: '1',
    reason: 'Our account was taken over.',
  });
  t.match(off, { status: 303, to: '/desk/settings?said=sending-off' });
  const board = (await dana.get('/desk')).body;
  t.match(board, 'SENDING IS OFF', 'on the band of every screen');
  t.match(board, 'Our account was taken over.', 'and among what needs a person');
  const shown = await publicPage('cannot post now');
  t.notMatch(shown, /nothing new|taken over/, 'of no account, and the reason stays inside');
  t.match(await ready(), { ok: true, checks: { sending: { ok: true, note: 'switched off by a person' } } });

  const updateId = await ask(dana, {}, 'Card payments failing');
  await sayYes(marcus, updateId);
  await app.outbox.idle();
  const rows = await listDeliveriesOfUpdates(app.store.read, [updateId]);
  t.ok(rows.length > 0);
  t.ok(
    rows.every((d) => d.state === 'pending'),
    'published on the page, and waiting for every network',
  );
  t.match((await marcus.get('/desk/settings')).body, `${rows.length} posts wait, and will go out at once.`);

  t.match(await marcus.post('/desk/settings/sending/on', {}), { status: 400 });
  t.match(await marcus.post('/desk/settings/sending/on', { sure: '1' }), { status: 303 });
  await app.outbox.idle();
  const after = await listDeliveriesOfUpdates(app.store.read, [updateId]);
  t.notOk(
    after.some((d) => d.state === 'pending'),
    'what waited went out',
  );
  t.notMatch((await dana.get('/desk')).body, 'SENDING IS OFF');
  t.match(await ready(), { checks: { sending: { note: 'on' } } });
});

t.test('a program does the same', async (t) => {
  const tokenOf = async (person: Person, scopes: Scope[]) =>
    (
      await issueToken(app.ctx({ kind: 'cli', id: 'test', roles: [] }), {
        kind: 'api',
        personId: person.id,
        name: 'Program',
        scopes,
        secret: newApiToken(),
      })
    ).secret;
  const call = async (token: string, method: 'GET' | 'POST', path: string, payload?: object) => {
    const headers = { authorization: `Bearer ${token}` };
    const answer = await app.server.inject({
      method,
      url: `/api/v1${path}`,
      headers,
      ...(payload && { payload }),
    });
    return { status: answer.statusCode, body: answer.json() };
  };
  const reader = await tokenOf(house.marcus, ['read']);
  const admin = await tokenOf(house.marcus, ['read', 'admin']);
  t.match(await call(reader, 'POST', '/sending/off', { reason: 'Drill.' }), { status: 403 });
  t.match(await call(admin, 'POST', '/sending/off', {}), { status: 400 });
  const off = { on: false, reason: 'Drill.' };
  t.strictSame(await call(admin, 'POST', '/sending/off', { reason: 'Drill.' }), { status: 200, body: off });
  t.strictSame(await call(reader, 'GET', '/sending'), { status: 200, body: off });
  t.match(await call(admin, 'POST', '/sending/on'), { status: 200, body: { on: true } });
  t.match(await call(reader, 'GET', '/sending'), { body: { on: true, reason: null } });
});
