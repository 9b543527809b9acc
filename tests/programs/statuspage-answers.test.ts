import t from 'tap';
import { READS } from '../../src/templates/feeds/statuspage.ts';
import { openProgramHouse } from './programs-house.ts';

t.test('answers are ready bytes for anybody: tags, encodings, HEAD, other origins', async (t) => {
  const house = await openProgramHouse();
  for (const path of READS)
    for (const url of [`/api/v2/${path}`, `/api/v2/${path}.json`]) {
      const plain = await house.look(url);
      t.equal(plain.status, 200, url);
      t.equal(plain.headers['content-type'], 'application/json; charset=utf-8');
      t.equal(plain.headers['access-control-allow-origin'], '*');
      t.notOk(plain.headers['set-cookie']);
      t.match(plain.headers['cache-control'], /^public, max-age=\d+, .*stale-if-error/);
      const packed = await house.look(url, { 'accept-encoding': 'br, gzip' });
      t.equal(packed.headers['content-encoding'], 'br');
      t.equal(packed.text, plain.text);
      const again = await house.look(url, { 'if-none-match': plain.headers['etag']! });
      t.equal(again.status, 304);
      t.equal(again.headers['access-control-allow-origin'], '*', 'also when nothing is new');
      const head = await house.look(url, {}, 'HEAD');
      t.equal(head.status, 200);
      t.equal(head.body.length, 0);
      t.equal(Number(head.headers['content-length']), plain.body.length);
    }
  const asked = await house.look('/api/v2/summary.json', { origin: 'https://other.example' }, 'OPTIONS');
  t.equal(asked.status, 204);
  t.equal(asked.headers['access-control-allow-methods'], 'GET, HEAD');
  // A page that is not there, what is known at once not to be there, and what is looked for first.
  for (const path of [
    '/nowhere/api/v2/summary.json',
    '/badge/No_Part.svg',
    '/badge/nopart.svg',
    '/cap/none.xml',
  ]) {
    const none = await house.look(path);
    t.equal(none.status, 404, path);
    t.equal(none.headers['access-control-allow-origin'], '*', `${path}: so that a script can read why`);
  }
});

t.test('reading changes nothing, and nothing else can be done here', async (t) => {
  const house = await openProgramHouse();
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'])
    for (const path of ['/api/v2/incidents.json?subscriber[id]=1', '/api/v2/summary']) {
      const answer = await house.look(path, { 'content-type': 'application/json' }, method);
      t.equal(answer.status, 405, `${method} ${path}`);
      t.equal(answer.headers['allow'], 'GET, HEAD');
      t.match(JSON.parse(answer.text), { error: String, message: String });
    }
  const subscribe = await house.look('/api/v2/subscribers.json?subscriber[email]=a@b.example');
  t.equal(subscribe.status, 405, 'an address opened by a mail scanner subscribes nobody');
  t.equal(subscribe.headers['allow'], 'POST');
});

t.test('no answer waits for the database, not even one nobody has asked for yet', async (t) => {
  const house = await openProgramHouse({ page: { languages: ['en', 'fr'] } });
  const incident = await house.openIncident();
  await house.say(incident);
  await house.live.settled();
  await house.close();
  for (const path of [
    '/api/v2/summary.json',
    '/fr/api/v2/incidents.json',
    '/history.atom',
    '/fr/updates.rss',
    '/feed.json',
    '/maintenance.ics',
    `/cap/${incident.id}.xml`,
    `/badge/${house.components[0]!.id}.svg`,
    `/embed/incidents/${incident.id}`,
    '/og.png',
    '/oembed?url=https://status.company.example',
  ])
    t.equal((await house.look(path)).status, 200, path);
});
