import { once } from 'node:events';
import t from 'tap';
import { WebSocket } from 'ws';
import { insertAttempt } from '../../db/queries/attempts.ts';
import { changeDelivery, listDeliveriesOfUpdates } from '../../db/queries/deliveries.ts';
import type { DeliveryState } from '../../src/domain/words.ts';
import { newId } from '../../src/ids.ts';
import type { Visitor } from '../visitor.ts';
import { ask, fieldOf, idIn, openHouse, sayYes } from './house.ts';

const house = await openHouse();
t.teardown(() => house.close());
const mastodon = await house.plug('Mastodon');
const dana = await house.enter(house.dana);
const marcus = await house.enter(house.marcus);

/** Publishes an update whose one delivery is then in this state, as if the network had left it so. */
async function published(
  state: DeliveryState,
  reason: string,
  title: string,
): Promise<{ id: string; delivery: string }> {
  const id = await ask(dana, {}, title);
  await sayYes(marcus, id);
  const { store } = house.app;
  const [row] = await listDeliveriesOfUpdates(store.read, [id]);
  if (!row) throw new Error('no delivery');
  const now = Date.now();
  await store.transact(async (w) => {
    await changeDelivery(w, row, { state, reason, heldAt: now, sentAt: now, attempts: 1 });
    await insertAttempt(w, {
      id: newId(),
      deliveryId: row.id,
      kind: 'publish',
      by: 'test',
      startedAt: now,
      endedAt: now + 900,
      outcome: 'unknown',
      code: null,
      status: 504,
      message: 'Gateway <timeout>',
    });
  });
  return { id, delivery: row.id };
}

t.test('a delivery nobody is sure of', async (t) => {
  const { id, delivery } = await published('held', 'Nobody can say whether it is there.', 'Cards fail');
  const board = await dana.get('/desk');
  t.match(board.body, `/desk/updates/${id}/deliveries#card-${delivery}`, 'the board asks for a person');
  const strips = await dana.get(`/desk/updates/${id}/deliveries`);
  t.match(strips.body, 'Held for a person');
  t.match(strips.body, 'Nobody can say whether it is there.');
  t.match(strips.body, /class="unk"/, 'its strip shows how long nobody knew');
  t.match(strips.body, 'Gateway &lt;timeout&gt;', 'and the log of tries is there');
  t.match(strips.body, 'It is there: its address');
  t.match(strips.body, 'It is not there: send again');
  t.match(strips.body, 'Give up');

  const wrong = await dana.post(`/desk/deliveries/${delivery}/confirm`, { url: 'javascript:alert(1)' });
  t.equal(wrong.status, 400);
  t.match(
    wrong.body,
    /value="javascript:alert\(1\)"[\s\S]*Paste the full address/,
    'a wrong address is kept, and named',
  );
  t.notMatch(wrong.body, 'href="javascript:');
  const settled = await dana.post(`/desk/deliveries/${delivery}/confirm`, {
    url: 'https://social.example/@northwind/1',
  });
  t.equal(settled.status, 303);
  const after = await dana.get(`/desk/updates/${id}/deliveries`);
  t.match(after.body, 'Confirmed by a person');
  t.match(after.body, 'href="https://social.example/@northwind/1"');
  t.notMatch(after.body, `id="card-${delivery}"`);
  const twice = await dana.post(`/desk/deliveries/${delivery}/resend`, {});
  t.equal(twice.status, 409, 'what is settled is not sent again');
});

t.test('what waits behind a post of which nobody knows says so, and the board counts it', async (t) => {
  const { id, delivery } = await published('held', 'Nobody can say whether it is there.', 'Cards are slow');
  const begun = await dana.post(`/desk/updates/${id}/correct`, { note: 'We said cards; it is transfers.' });
  const draft = await dana.get(begun.to);
  const right = idIn(begun.to);
  const asked = await dana.post(begun.to, {
    version: fieldOf(draft.body, 'version'),
    known: 'Transfers are slow since 14:09 UTC.',
    note: 'We said cards; it is transfers.',
    status: 'investigating',
    class: 'D',
    nextUpdateBy: '',
    do: 'request',
  });
  t.equal(asked.status, 303, asked.body);
  await sayYes(marcus, right);
  const strips = (await dana.get(`/desk/updates/${right}/deliveries`)).body;
  t.match(strips, 'Waits behind update 1: nobody can say whether that post is there.');
  t.match(strips, `<a href="/desk/updates/${id}/deliveries#card-${delivery}">Decide there</a>`);
  t.match(
    (await dana.get(`/desk/updates/${id}/deliveries`)).body,
    'A correction waits behind it.',
    'and where somebody decides, what hangs on it',
  );
  const board = (await dana.get('/desk')).body;
  t.match(board, /Nobody can say whether it is there\. A correction waits behind it\./);
  t.match(board, /Deliveries<\/span><span class="n">1</, 'the one thing that somebody must do is counted');
});

t.test('a delivery that cannot even be looked for', async (t) => {
  const { id, delivery } = await published('unknown', 'Could not look: the network is down.', 'Cards stall');
  const screen = async () => (await dana.get(`/desk/updates/${id}/deliveries`)).body;
  t.notMatch(await screen(), `id="card-${delivery}"`, 'nobody is asked while it may soon be known');
  const { store } = house.app;
  const [row] = await listDeliveriesOfUpdates(store.read, [id]);
  await store.transact((w) => changeDelivery(w, row!, { sentAt: Date.now() - 6 * 60_000 }));
  t.match(await screen(), `id="card-${delivery}"`, 'after five minutes somebody is');
  t.match(
    (await dana.get('/desk')).body,
    `/desk/updates/${id}/deliveries#card-${delivery}`,
    'at the board, too',
  );
  t.match(await screen(), 'we cannot look whether it is there');
  t.match(await screen(), 'It is there: its address');
  t.notMatch(await screen(), 'It is not there: send again', 'which we find out ourselves');
  const url = 'https://social.example/@northwind/2';
  t.equal((await dana.post(`/desk/deliveries/${delivery}/confirm`, { url })).status, 303);
  t.match(await screen(), 'Confirmed by a person');
});

t.test('sending again, and giving up', async (t) => {
  const first = await published('refused', 'Too similar to our last post.', 'Transfers fail');
  t.equal((await dana.post(`/desk/deliveries/${first.delivery}/resend`, {})).status, 303);
  t.match((await dana.get(`/desk/updates/${first.id}/deliveries`)).body, /Queued|Waits to try again/);

  const second = await published('dead', 'After 12 tries.', 'Refunds fail');
  const mute = await dana.post(`/desk/deliveries/${second.delivery}/give-up`, { reason: '' });
  t.equal(mute.status, 400);
  t.match(mute.body, /<details[^>]*open[^>]*>[\s\S]*Say in a sentence why/, 'giving up needs a reason');
  t.equal(
    (await dana.post(`/desk/deliveries/${second.delivery}/give-up`, { reason: 'Overtaken by events.' }))
      .status,
    303,
  );
  const viewer = await house.enter(await house.add('Vera Voss', ['viewer']));
  t.equal((await viewer.post(`/desk/deliveries/${second.delivery}/resend`, {})).status, 403);
});

t.test('an account that the network refuses', async (t) => {
  const id = await ask(dana, {}, 'Cards stand still');
  await sayYes(marcus, id);
  t.match(
    (await dana.get(`/desk/updates/${id}/deliveries`)).body,
    /Queued[\s\S]*Refuses us: Token revoked\.<\/span> <a href="\/desk\/connections">Mend it</,
    'what waits for its account says so, and where that is mended',
  );
  const board = await marcus.get('/desk');
  t.match(
    board.body,
    /id="sees"[\s\S]*>Mastodon [\s\S]*Behind: [^<]*\d queued/,
    'and nobody takes the old words there for the newest',
  );
  t.match(board.body, /Refuses us[\s\S]*Token revoked\. Its queue is kept/);
  t.match(await marcus.post(`/desk/connections/${mastodon.id}/resume`, {}), { status: 303 });
  t.notMatch((await marcus.get('/desk/connections')).body, 'Token revoked');
});

t.test('the desk’s socket', async (t) => {
  const open = (visitor: Pick<Visitor, 'cookie'>, origin: string) =>
    new WebSocket(`${house.url.replace('http', 'ws')}/desk/live?at=/desk`, {
      origin,
      headers: { cookie: visitor.cookie },
    });
  const refusedWith = async (socket: WebSocket) => {
    const [error] = (await once(socket, 'error')) as [Error];
    return error.message;
  };
  t.match(await refusedWith(open({ cookie: '' }, house.url)), '401', 'is for people who are signed in');
  t.match(await refusedWith(open(dana, 'https://evil.example')), '403', 'and for our own pages');

  const session = await house.enter(house.dana);
  const socket = open(session, house.url);
  const heard: { kind: string; seq: number; incidentId: string | null; updateId: string | null }[] = [];
  socket.on('message', (data) => heard.push(JSON.parse(String(data))));
  await once(socket, 'message');
  await dana.post('/desk/declare', { title: 'Heard at once', kind: 'incident', go: 'only' });
  while (!heard.some((x) => x.kind === 'incident.opened')) await once(socket, 'message');
  const event = heard.find((x) => x.kind === 'incident.opened');
  t.type(event?.seq, 'number', 'says what happened, at once');
  t.same(Object.keys(event ?? {}).sort(), ['incidentId', 'kind', 'seq', 'updateId'], 'and no words');

  const closed = once(socket, 'close');
  await session.post('/desk/sign-out', {});
  const [code] = (await closed) as [number];
  t.equal(code, 4401, 'a session that ends loses its socket by itself, and is told why');
});

t.test('who is looking too', async (t) => {
  const id = await ask(dana, {}, 'Looked at by two');
  const ruth = await house.add('Ruth Bell', ['approver']);
  const visitor = await house.enter(ruth);
  const socket = new WebSocket(`${house.url.replace('http', 'ws')}/desk/live?at=/desk/approvals/${id}`, {
    origin: house.url,
    headers: { cookie: visitor.cookie },
  });
  await once(socket, 'message');
  t.match((await marcus.get(`/desk/approvals/${id}`)).body, 'Ruth Bell is looking too');
  t.notMatch((await visitor.get(`/desk/approvals/${id}`)).body, 'Ruth Bell is looking');
  const closed = once(socket, 'close');
  socket.close();
  await closed;
});

t.test('the desk’s files', async (t) => {
  const board = await dana.get('/desk');
  for (const path of [/href="(\/desk\/desk-\w+\.css)"/, /src="(\/desk\/desk-\w+\.js)"/]) {
    const address = path.exec(board.body)?.[1] ?? '';
    const file = await house.app.server.inject(address);
    t.equal(file.statusCode, 200, address);
    t.match(file.headers['cache-control'], 'immutable');
    const old = await house.app.server.inject(address.replace(/desk-\w+/, 'desk-000000000000'));
    t.equal(old.headers['cache-control'], 'no-cache', 'an old address gets today’s file, not to be kept');
  }
});
