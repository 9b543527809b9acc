import t, { type Test } from 'tap';
import { cidOf } from '../../src/simulator/networks/bluesky-records.ts';
import { ask, type Loose, misfits, open } from './ask.ts';

const POST = 'app.bsky.feed.post';
const RKEY = '3jzfcijpj2z2a';
const record = (text: string, more: object = {}) => ({
  $type: POST,
  text,
  createdAt: '2026-11-21T12:00:00.000Z',
  langs: ['en'],
  ...more,
});

async function signedIn(t: Test) {
  const opened = await open(t);
  const account = opened.of('bluesky');
  const base = `${account.settings['service']}/xrpc`;
  const session = (
    await ask(`${base}/com.atproto.server.createSession`, {
      body: { identifier: account.settings['identifier'], password: account.secrets['password'] },
    })
  ).json;
  const call = (nsid: string, body: object, token: string = session.accessJwt) =>
    ask(`${base}/${nsid}`, { token, body });
  const put = (text: string, more: object = {}) =>
    call('com.atproto.repo.putRecord', {
      repo: account.id,
      collection: POST,
      rkey: RKEY,
      record: record(text),
      swapRecord: null,
      ...more,
    });
  const get = (rkey: string) =>
    ask(`${base}/com.atproto.repo.getRecord?repo=${account.handle}&collection=${POST}&rkey=${rkey}`);
  return { ...opened, account, base, session, call, put, get };
}

t.test('CIDs are those of the published test vectors', async (t) => {
  // bluesky-social/atproto, interop-test-files/data-model/data-model-fixtures.json
  t.equal(
    cidOf({
      a: { $link: 'bafyreidfayvfuwqa7qlnopdjiqrxzs6blmoeu4rujcjtnci5beludirz2a' },
      b: { $bytes: 'nFERjvLLiw9qm45JrqH9QTzyC2Lu1Xb4ne6+sBrCzI0' },
      c: {
        $type: 'blob',
        ref: { $link: 'bafkreiccldh766hwcnuxnf2wh6jgzepf2nlu2lvcllt63eww5p6chi4ity' },
        mimeType: 'image/jpeg',
        size: 10000,
      },
    }),
    'bafyreihldkhcwijkde7gx4rpkkuw7pl6lbyu5gieunyc7ihactn5bkd2nm',
  );
  t.throws(() => cidOf({ half: 0.5 }), TypeError);
});

t.test('putRecord with a key of our own is idempotent for ever', async (t) => {
  const { account, put, get, clock, sim, call } = await signedIn(t);
  const first = await put('Looking into it.');
  t.equal(first.status, 200);
  t.same(
    misfits(first.json, {
      uri: 'string',
      cid: 'string',
      validationStatus: 'string',
      commit: { cid: 'string', rev: 'string' },
    }),
    [],
  );
  t.equal(first.json.uri, `at://${account.id}/${POST}/${RKEY}`);
  clock.now += 40 * 60_000;
  const again = await put('Looking into it.');
  t.same(
    again.json,
    { uri: first.json.uri, cid: first.json.cid, validationStatus: 'valid' },
    'same bytes: same place, no commit',
  );
  const other = await put('Other words.');
  t.equal(other.status, 400);
  t.same(other.json, { error: 'InvalidSwap', message: `Record was at ${first.json.cid}` });
  t.match((await get(RKEY)).json, {
    uri: first.json.uri,
    cid: first.json.cid,
    value: record('Looking into it.'),
  });
  t.match(sim.world.posts('bluesky'), [{ key: RKEY, receipts: 2, text: 'Looking into it.' }]);

  const created = await call('com.atproto.repo.createRecord', {
    repo: account.id,
    collection: POST,
    rkey: RKEY,
    record: record('x'),
  });
  t.equal(created.status, 500);
  t.same(created.json, { error: 'InternalServerError', message: 'Internal Server Error' });
  const swapped = await put('Corrected words.', { swapRecord: first.json.cid });
  t.ok(swapped.json.commit, 'with the cid it replaces, a record changes');
  t.equal((await get(RKEY)).json.value.text, 'Corrected words.');
});

t.test('what the server refuses in a record', async (t) => {
  const { put } = await signedIn(t);
  const said = async (text: string, more: object = {}) => {
    const { status, json } = await put(text, more);
    return `${status} ${json.error}: ${json.message}`;
  };
  t.match(await said('é'.repeat(301)), /^400 InvalidRequest: .*grapheme too big \(maximum 300, got 301\)/);
  t.match(await said('👨‍👩‍👧‍👧'.repeat(121)), /string too big \(maximum 3000, got 3025\)/);
  t.match(await said('Hi', { rkey: 'self' }), /Invalid TID string/);
  t.match(
    await said('Hi', { record: { $type: POST, text: 'Hi', createdAt: 'yesterday' } }),
    /Invalid datetime/,
  );
  t.match(await said('Hi', { repo: 'did:plc:nobody' }), /Could not find repo/);
  t.match(
    await said('Hi', { record: record('Hi', { reply: { root: {}, parent: {} } }) }),
    /Invalid AT-URI at \$\.reply\.root\.uri/,
  );
  t.match(await said(''), /^200/, 'empty words are taken: guard against them before');
});

t.test('sessions: tokens run out with a 400, and renew once', async (t) => {
  const { base, session, clock, put, account, call } = await signedIn(t);
  const claims = JSON.parse(Buffer.from(session.accessJwt.split('.')[1], 'base64url').toString());
  t.match(claims, { scope: 'com.atproto.appPass', sub: account.id, exp: clock.now / 1000 + 7200 });
  t.equal((await put('Before')).status, 200);
  clock.now += 7_200_000;
  const old = await put('Before');
  t.equal(old.status, 400);
  t.same(old.json, { error: 'ExpiredToken', message: 'Token has expired' });
  const refresh = () =>
    ask(`${base}/com.atproto.server.refreshSession`, { method: 'POST', token: session.refreshJwt });
  const renewed = await refresh();
  t.equal(renewed.status, 200);
  const again = await call(
    'com.atproto.repo.putRecord',
    { repo: account.id, collection: POST, rkey: RKEY, record: record('Before') },
    renewed.json.accessJwt,
  );
  t.equal(again.status, 200);
  t.match((await refresh()).json, { error: 'ExpiredToken' }, 'a refresh token works once');
  t.equal((await put('x', {})).json.error, 'ExpiredToken');
  t.match((await ask(`${base}/com.atproto.server.getSession`, { token: 'a.b.c' })).json, {
    error: 'InvalidToken',
  });
  t.match(await ask(`${base}/com.atproto.server.getSession`), {
    status: 401,
    json: { error: 'AuthMissing' },
  });
  const wrong = await ask(`${base}/com.atproto.server.createSession`, {
    body: { identifier: account.handle, password: 'no' },
  });
  t.equal(wrong.status, 401);
  t.same(wrong.json, { error: 'AuthenticationRequired', message: 'Invalid identifier or password' });
  for (let n = 0; n < 28; n++)
    await ask(`${base}/com.atproto.server.createSession`, {
      body: { identifier: account.handle, password: 'no' },
    });
  clock.now += 1;
  const often = await ask(`${base}/com.atproto.server.createSession`, {
    body: { identifier: account.handle, password: account.secrets['password'] },
  });
  t.equal(often.status, 200, 'the five minutes of the first ones are over');
  for (let n = 0; n < 30; n++)
    await ask(`${base}/com.atproto.server.createSession`, {
      body: { identifier: account.handle, password: 'no' },
    });
  t.equal(
    (
      await ask(`${base}/com.atproto.server.createSession`, {
        body: { identifier: account.handle, password: 'no' },
      })
    ).status,
    429,
  );
});

t.test('feeds, threads and notifications; removing our post takes the answer out of sight', async (t) => {
  const { account, base, session, put, call, sim, clock, get } = await signedIn(t);
  const root = (await put('One')).json;
  clock.now += 1000;
  const ref = { uri: root.uri, cid: root.cid };
  const second = await put('Two', {
    rkey: '3jzfcijpj2z2b',
    record: record('Two', { reply: { root: ref, parent: ref } }),
  });
  t.equal(second.status, 200);
  const token = session.accessJwt;
  const feed = (await ask(`${base}/app.bsky.feed.getAuthorFeed?actor=${account.id}`, { token })).json
    .feed as Loose[];
  t.same(
    feed.map((one) => one.post.record.text),
    ['Two', 'One'],
  );
  t.same(
    misfits(feed, [
      {
        post: {
          uri: 'string',
          cid: 'string',
          author: { did: 'string', handle: 'string' },
          record: { text: 'string', createdAt: 'time' },
          indexedAt: 'time',
        },
      },
    ]),
    [],
  );
  t.equal(feed[0].reply.parent.uri, root.uri);

  await ask(`${sim.url}/_sim/mentions`, {
    body: {
      network: 'bluesky',
      text: 'Is my card safe?',
      inReplyTo: root.uri,
      author: { handle: 'mira.test', name: 'Mira' },
    },
  });
  clock.now += 1000;
  await ask(`${sim.url}/_sim/mentions`, {
    body: { network: 'bluesky', text: 'Hey @northwindpay.test', author: { handle: 'jonas.test' } },
  });
  const told = async (query = '') =>
    (await ask(`${base}/app.bsky.notification.listNotifications?${query}`, { token })).json
      .notifications as Loose[];
  t.same(
    (await told()).map((one) => [one.reason, one.author.handle]),
    [
      ['mention', 'jonas.test'],
      ['reply', 'mira.test'],
    ],
  );
  t.same(
    misfits(await told(), [
      {
        uri: 'string',
        cid: 'string',
        reason: 'string',
        isRead: 'boolean',
        indexedAt: 'time',
        author: { did: 'string', handle: 'string' },
        record: { text: 'string' },
      },
    ]),
    [],
  );
  t.equal((await told('reasons=reply')).length, 1);
  t.equal(
    (await ask(`${base}/com.atproto.identity.resolveHandle?handle=mira.test`)).json.did,
    (await told('reasons=reply'))[0].author.did,
  );

  const remove = () =>
    call('com.atproto.repo.deleteRecord', { repo: account.id, collection: POST, rkey: RKEY });
  t.equal((await remove()).status, 200);
  t.equal((await remove()).status, 200, 'removal is idempotent');
  const gone = await get(RKEY);
  t.equal(gone.status, 400);
  t.same(gone.json, { error: 'RecordNotFound', message: `Could not locate record: ${root.uri}` });
  t.same(
    (await told()).map((one) => one.reason),
    ['mention'],
  );
  const after = (await ask(`${base}/app.bsky.feed.getAuthorFeed?actor=${account.id}`, { token })).json
    .feed as Loose[];
  t.equal(after[0].reply.parent.$type, 'app.bsky.feed.defs#notFoundPost');
  t.same((await ask(`${base}/app.bsky.feed.getPosts?uris=${root.uri}`, { token })).json.posts, []);
  t.equal(
    (await ask(`${base}/com.atproto.repo.listRecords?repo=${account.id}&collection=${POST}`)).json.records
      .length,
    1,
  );
});
