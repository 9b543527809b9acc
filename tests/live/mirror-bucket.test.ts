import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t, { type Test } from 'tap';
import { setPageAccess } from '../../src/actions/page/page-access.ts';
import { openPasswords } from '../../src/actions/sign-in/passwords.ts';
import { readBucket, readConfig } from '../../src/config.ts';
import { urlOf } from '../../src/live/bucket/bucket.ts';
import { pauseAfter } from '../../src/live/bucket/bucket-copy.ts';
import { encodeKey, queryOf, signed } from '../../src/live/bucket/sign.ts';
import { newKey } from '../../src/secrets.ts';
import { copiedFiles, programLinks } from '../../src/server/programs.ts';
import { wordsAt } from '../house.ts';
import { openHouse as openServer } from '../server/house.ts';
import type { Heard } from './bucket-process.ts';
import { linksOf, openBucketStandIn, SECRET, TOKEN } from './bucket-stand-in.ts';
import { goLive, openLiveHouse } from './live-house.ts';

const folder = mkdtempSync(join(tmpdir(), 'tocsin-bucket-'));
t.teardown(() => rmSync(folder, { recursive: true, force: true }));

t.test('Amazon’s own examples of signatures', async (t) => {
  // "Examples: Signature Calculations" in docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
  const who = { keyId: 'AKIAIOSFODNN7EXAMPLE', secret: SECRET };
  const at = Date.UTC(2013, 4, 24);
  const sign = (method: string, path: string, query = {}, headers = {}, body = '') => {
    const url = new URL('https://examplebucket.s3.amazonaws.com');
    url.pathname = encodeKey(path);
    url.search = queryOf(query);
    const { authorization = '' } = signed({ method, url, headers, body }, who, 'us-east-1', at);
    return authorization.split('Signature=')[1];
  };
  t.equal(
    sign('GET', '/test.txt', {}, { range: 'bytes=0-9' }),
    'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
  );
  t.equal(
    sign(
      'PUT',
      '/test$file.text',
      {},
      { date: 'Fri, 24 May 2013 00:00:00 GMT', 'x-amz-storage-class': 'REDUCED_REDUNDANCY' },
      'Welcome to Amazon S3.',
    ),
    '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
  );
  t.equal(
    sign('GET', '/', { lifecycle: '' }),
    'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
  );
  t.equal(
    sign('GET', '/', { 'max-keys': '2', prefix: 'J' }),
    '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
  );
});

t.test('a real copy in a bucket: whole at every moment, sent once, and served as the page is', async (t) => {
  const bucket = await openBucketStandIn();
  const more = {
    mirror: join(folder, 'real'),
    mirrorBucket: bucket.targetOf(),
    mirrorFiles: copiedFiles(),
    links: programLinks,
  };
  const house = await openLiveHouse({ ...more, page: { languages: ['en', 'de'] } });
  const incident = await house.openIncident();
  await house.say(incident);
  await house.live.settled();
  await bucket.caughtUp();
  t.strictSame(house.reports, []);
  t.strictSame(house.live.copies(), [{ where: 'bucket', trouble: null }]);

  t.comment('read from the bucket as a browser would');
  const front = await fetch(bucket.site);
  t.match(await front.text(), 'Card payments fail for some customers.');
  const served = await fetch(house.base);
  for (const name of ['content-type', 'cache-control'])
    t.equal(front.headers.get(name), served.headers.get(name), name);
  t.equal(front.headers.get('content-encoding'), null);
  t.match(await (await fetch(`${bucket.site}/incidents/${incident.id}`)).text(), 'Card payments fail');
  for (const [path, type] of [
    ['/live.js', 'text/javascript; charset=utf-8'],
    ['/api/v2/summary.json', 'application/json; charset=utf-8'],
    ['/de/history.atom', 'application/atom+xml; charset=utf-8'],
    ['/maintenance.ics', 'text/calendar; charset=utf-8'],
    ['/badge.svg', 'image/svg+xml; charset=utf-8'],
  ] as const)
    t.equal((await fetch(bucket.site + path)).headers.get('content-type'), type, path);
  t.notOk([...bucket.objects().keys()].some((key) => /\.(gz|br|new)$/.test(key)));

  t.comment('only what changed is sent');
  const before = bucket.kept.length;
  await house.live.settled();
  await bucket.caughtUp();
  t.equal(bucket.kept.length, before);
  const second = await house.openIncident();
  await house.say(second, wordsAt(house.clock.now(), 'Logins are slow.'));
  await house.live.settled();
  await bucket.caughtUp();
  const sent = bucket.kept.slice(before).map((one) => one.key);
  t.ok(sent.includes(`incidents/${second.id}/index.html`) && sent.at(-1) === 'index.html');
  t.notOk(sent.some((key) => /\.js$|^(de\/)?incidents\/.*/.test(key) && key.includes(incident.id)));

  t.comment('and after a restart, by the bucket’s own list');
  await house.closeLive();
  const known = bucket.kept.length;
  const was = bucket.objects();
  const again = await goLive(house, more);
  await again.live.settled();
  await bucket.caughtUp();
  t.strictSame(differ(was, bucket.kept.slice(known)), [], 'what is there is not sent again');
  t.ok(bucket.heard.filter((one) => one.method === 'GET').length > 5, 'the list had several pages');
  t.strictSame([...house.reports, ...again.reports], []);
  checkWhole(t, bucket.kept);
});

t.test('killed in the middle, the bucket is whole; the next run sends only what is missing', async (t) => {
  const bucket = await openBucketStandIn();
  const house = await openLiveHouse({ page: { languages: ['en', 'de'] } });
  const incident = await house.openIncident();
  await house.say(incident);
  const cli = join(import.meta.dirname, '../../src/cli/tocsin.js');
  const env = {
    PATH: process.env['PATH'],
    DATABASE_FILE: house.place.file,
    TOCSIN_KEYS: Buffer.alloc(32, 7).toString('base64url'),
    BALLAST_MB: '0',
    MIRROR_S3_ENDPOINT: bucket.api,
    AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
    AWS_SECRET_ACCESS_KEY: SECRET,
  };
  const args = [cli, 'export', 's3://status/pages/eu'];
  /** Runs an export that is killed while a page of this name is on its way. */
  async function kill(key: string) {
    await bucket.wrong([{ method: 'PUT', key, how: 'hold' }]);
    const held = bucket.held();
    const child = spawn(process.execPath, args, { env, stdio: 'ignore' });
    const gone = once(child, 'exit');
    t.match(await held, key);
    child.kill('SIGKILL');
    await gone;
    // What was held goes on to be kept: the network had it already.
    await bucket.release();
    await bucket.caughtUp();
  }
  await kill(`${incident.id}/index.html`);
  const first = bucket.kept.length;
  t.notOk(bucket.objects().has('pages/eu/index.html'), 'no front before what it leads to');
  const run = () => promisify(execFile)(process.execPath, args, { env });
  const { stdout } = await run();
  t.match(stdout, 's3://status/pages/eu');
  await bucket.caughtUp();
  t.notOk(
    bucket.kept.slice(first).some((one) => one.key.endsWith('.js')),
    'what was there is not sent again',
  );

  const second = await house.openIncident();
  await house.say(second, wordsAt(house.clock.now(), 'Logins are slow.'));
  await kill('pages/eu/de/index.html');
  await run();
  await bucket.caughtUp();
  t.match(bucket.objects().get('pages/eu/index.html'), 'Logins are slow.');
  checkWhole(
    t,
    bucket.kept.map((one) => ({ ...one, key: one.key.replace('pages/eu/', '') })),
  );
});

t.test('what goes wrong is named, hides every secret, is tried again, and stops nothing', async (t) => {
  const bucket = await openBucketStandIn();
  const house = await openLiveHouse({
    mirror: join(folder, 'wrong'),
    mirrorBucket: bucket.targetOf(),
    mirrorFiles: copiedFiles(),
    links: programLinks,
  });
  const incident = await house.openIncident();
  const trouble = () => house.live.copies()[0]?.trouble;
  /** Why the bucket is behind after this was said. */
  const say = async (words: string) => {
    await house.say(incident, wordsAt(house.clock.now(), words));
    await house.live.settled();
    const why = trouble()?.why;
    t.match(await house.read('/'), words, 'the page itself has it');
    return why;
  };
  await bucket.changeSecret('another');
  t.equal(await say('One card in ten fails.'), '403 SignatureDoesNotMatch');
  t.equal(trouble()?.since, house.clock.now());
  await bucket.wrong([{ method: 'GET', how: 'NoSuchBucket', always: true }]);
  await bucket.changeSecret(SECRET);
  t.equal(await say('Two cards in ten fail.'), '404 NoSuchBucket');
  await bucket.wrong([]);
  t.equal(await say('Three cards in ten fail.'), undefined, 'it caught up');
  await bucket.wrong([{ method: 'PUT', key: `${incident.id}/index.html`, how: 'SlowDown', always: true }]);
  t.equal(await say('Four cards in ten fail.'), '503 SlowDown');
  await bucket.wrong([
    { method: 'PUT', key: 'history/index.html', how: 'cut' },
    { method: 'PUT', key: 'index.html', how: 'cut after' },
  ]);
  await say('Five cards in ten fail.');
  // Each try goes on from where the last one ended.
  for (let tries = 0; trouble() && tries < 10; tries++) await house.live.settled();
  await bucket.caughtUp();
  t.match(bucket.objects().get('index.html'), 'Five cards in ten fail.');
  t.ok(bucket.heard.filter((one) => one.status === 0).length >= 2, 'connections were cut');
  checkWhole(t, bucket.kept);
  t.ok(house.reports.length >= 2 && house.reports.length <= 4, 'told of once each time it begins');
  for (const error of house.reports) {
    const told = String((error as Error).stack) + JSON.stringify(error);
    for (const secret of [SECRET, TOKEN, 'AKIAIOSFODNN7EXAMPLE', 'Signature=']) t.notMatch(told, secret);
  }
  t.strictSame(
    [1, 2, 3, 4, 9, 40].map(pauseAfter),
    [2_000, 4_000, 8_000, 16_000, 300_000, 300_000],
    'pauses grow',
  );
});

t.test('what is not public any more is taken away, and what others put there is left alone', async (t) => {
  const bucket = await openBucketStandIn();
  const target = bucket.targetOf({ prefix: 'pages/' });
  const more = { mirror: join(folder, 'gone'), mirrorBucket: target, mirrorFiles: copiedFiles() };
  const house = await openLiveHouse(more);
  const incident = await house.openIncident();
  await house.say(incident);
  await house.live.settled();
  await house.closeLive();
  const put = async (key: string, headers: Record<string, string>) => {
    const url = urlOf(target, key);
    const asked = { method: 'PUT', url, headers, body: 'x' };
    const found = await fetch(url, {
      method: 'PUT',
      body: 'x',
      headers: signed(asked, target.credentials(), target.region, Date.now()),
    });
    t.equal(found.status, 200);
  };
  await put('pages/robots.txt', {});
  await put('elsewhere/index.html', { 'x-amz-meta-made-by': 'tocsin' });
  await put('pages/eu/index.html', { 'x-amz-meta-made-by': 'tocsin' });
  const again = await goLive(house, more);
  await again.live.settled();
  await bucket.caughtUp();
  const left = bucket.objects();
  t.ok(left.has('pages/robots.txt') && left.has('elsewhere/index.html'));
  t.notOk(left.has('pages/eu/index.html'), 'ours, and of a page that is no more');
  t.ok(left.has('pages/index.html'));

  t.comment('the page is made private');
  const gone = bucket.kept.length;
  await setPageAccess(house.ctx(house.admin), { passwords: openPasswords() }, house.page.id, {
    password: 'four unrelated words here',
    emails: [],
    networks: [],
  });
  await again.live.settled();
  await bucket.caughtUp();
  t.strictSame(
    [...bucket.objects().keys()].filter((key) => /index\.html|json|atom/.test(key)),
    ['elsewhere/index.html'],
  );
  t.equal(bucket.kept[gone]?.key, 'pages/index.html', 'first what leads to the others');
  t.strictSame([...house.reports, ...again.reports], []);
});

t.test('a copy that is behind is named where people look, and keeps nobody from working', async (t) => {
  const bucket = await openBucketStandIn();
  await bucket.changeSecret('another');
  const { app } = await openServer({
    MIRROR_DIR: join(folder, 'named'),
    MIRROR_S3: 's3://status',
    MIRROR_S3_ENDPOINT: bucket.api,
    AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
    AWS_SECRET_ACCESS_KEY: SECRET,
  });
  await app.live.settled();
  const red = await app.server.inject('/readyz');
  t.match(red.json().checks['copy in the bucket'], {
    ok: false,
    note: /^Behind since 2026-03-02 14:00 UTC: 403 SignatureDoesNotMatch\. It is tried again by itself\.$/,
  });
  await bucket.changeSecret(SECRET);
  await app.live.settled();
  t.match((await app.server.inject('/readyz')).json().checks['copy in the bucket'], { ok: true });
});

t.test('what is given is checked when the process starts', async (t) => {
  const base = {
    TOCSIN_KEYS: newKey(),
    DATABASE_FILE: join(folder, 'x.db'),
    MIRROR_DIR: join(folder, 'm'),
    AWS_ACCESS_KEY_ID: 'id',
    AWS_SECRET_ACCESS_KEY: 'not to be seen',
    MIRROR_S3_REGION: 'eu-central-1',
  };
  const read = (more: Record<string, string>) => {
    const env = { ...base, AWS_SECRET_ACCESS_KEY: 'hidden-key', ...more };
    return readConfig({ MIRROR_S3: 's3://status', ...env }).mirrorBucket;
  };
  const found = read({ AWS_SESSION_TOKEN: 'token' });
  t.match(found, { endpoint: 'https://s3.eu-central-1.amazonaws.com', addressing: 'host', prefix: '' });
  t.strictSame(found?.credentials(), { keyId: 'id', secret: 'hidden-key', token: 'token' });
  t.equal(
    String(found && urlOf(found, 'a b/ü.html')),
    'https://status.s3.eu-central-1.amazonaws.com/a%20b/%C3%BC.html',
  );
  const minio = read({
    MIRROR_S3: 's3://status/eu',
    MIRROR_S3_ENDPOINT: 'https://minio.company.example:9000',
  });
  t.match(minio, { addressing: 'path', prefix: 'eu/' });
  t.equal(
    String(minio && urlOf(minio, 'eu/index.html')),
    'https://minio.company.example:9000/status/eu/index.html',
  );
  for (const more of [
    { MIRROR_S3: 'status' },
    { MIRROR_S3: 's3://Status' },
    { MIRROR_S3: 's3://status/../other' },
    { MIRROR_S3: 's3://status//x' },
    { MIRROR_S3_REGION: '' },
    { MIRROR_S3_REGION: 'eu central' },
    { MIRROR_S3_ENDPOINT: 'http://minio.company.example' },
    { MIRROR_S3_ENDPOINT: 'https://minio.company.example/status' },
    { MIRROR_S3_ENDPOINT: 'https://user:pw@minio.company.example' },
    { MIRROR_S3_ADDRESSING: 'virtual' },
    { AWS_SECRET_ACCESS_KEY: '' },
    { EXERCISE: '1' },
    { MIRROR_DIR: '' },
  ])
    t.throws(() => read(more), /MIRROR_|AWS_/, JSON.stringify(more));
  t.ok(read({ MIRROR_S3_ENDPOINT: 'http://10.0.0.9:3900', ALLOW_ORIGINS: 'http://10.0.0.9:3900' }));

  t.comment('from a file, read anew each time');
  const file = join(folder, 'credentials');
  writeFileSync(file, '[default]\naws_access_key_id = one\naws_secret_access_key=two/+=\n');
  const filed = readBucket('s3://status', { ...base, MIRROR_S3_CREDENTIALS: file });
  t.match(filed.credentials(), { keyId: 'one', secret: 'two/+=', token: undefined });
  writeFileSync(file, 'aws_access_key_id = three\naws_secret_access_key = four\naws_session_token = five\n');
  t.match(filed.credentials(), { keyId: 'three', secret: 'four', token: 'five' });
  writeFileSync(file, 'aws_secret_access_key = hidden key');
  t.throws(() => filed.credentials(), /MIRROR_S3_CREDENTIALS/);
  try {
    filed.credentials();
  } catch (error) {
    t.notMatch(String(error), 'hidden');
  }
  t.ok(existsSync(file));
});

/** Each change was one. */
function differ(before: ReadonlyMap<string, string>, changes: readonly Heard[]): string[] {
  return changes
    .filter((one) => one.method === 'PUT' && before.get(one.key) === one.body)
    .map((one) => one.key);
}

/**
 * At any moment, whoever comes by a front page finds everything that it leads to, and what that leads to. (Pages that
 * nothing leads to yet may name each other: an incident in two languages.)
 */
function checkWhole(t: Test, changes: readonly Heard[]): void {
  const broken = new Set<string>();
  const state = new Map<string, string>();
  let moments = 0;
  for (const change of changes) {
    if (change.method === 'PUT') state.set(change.key, change.body);
    else state.delete(change.key);
    if (!state.has('index.html')) continue;
    moments += 1;
    const seen = new Set(['index.html', 'de/index.html'].filter((key) => state.has(key)));
    for (const key of seen)
      for (const { file, link } of linksOf(state, key))
        if (file === undefined) broken.add(`after ${change.method} ${change.key}: ${key} leads to ${link}`);
        else if (file.endsWith('.html')) seen.add(file);
  }
  t.ok(moments > 0, 'there was a page');
  t.strictSame([...broken], []);
}
