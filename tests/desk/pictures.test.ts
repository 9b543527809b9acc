import t from 'tap';
import { issueToken } from '../../src/actions/people.ts';
import { cleanPictures } from '../../src/actions/pictures/clean-pictures.ts';
import { readPhoto } from '../../src/domain/pictures/photo.ts';
import type { Scope } from '../../src/domain/words.ts';
import { newApiToken } from '../../src/ids.ts';
import { formWith, gif, movingPng, noise, photo, png, SECRET, SVG } from '../pictures.ts';
import { fieldOf, idIn, openHouse, sayYes, type Visitor, words } from './house.ts';

const house = await openHouse({ networks: true });
t.teardown(() => house.close());
const { app, simulator } = house;
const dana = await house.enter(house.dana);
const marcus = await house.enter(house.marcus);

const ALT = 'A notice on a shop door: no cards today, cash only.';

/** Sends a form with a picture in it, as a browser without scripts does. */
async function attach(
  visitor: Visitor,
  id: string,
  fields: Record<string, string | string[]>,
  bytes: Buffer | undefined,
  filename = 'photo.jpg',
) {
  const { headers, payload } = formWith(
    { csrf: visitor.csrf, pics: '1', do: 'attach', ...fields },
    bytes && { name: 'picture', filename, type: 'image/jpeg', bytes },
  );
  const answer = await app.server.inject({
    method: 'POST',
    url: `/desk/updates/${id}/pictures`,
    headers: { ...headers, accept: 'text/html', cookie: visitor.cookie },
    payload,
  });
  return { status: answer.statusCode, body: answer.body, to: String(answer.headers.location ?? '') };
}

const picturesIn = (body: string): string[] =>
  Array.from(body.matchAll(/name="pic" value="(\w+)"/g), (m) => m[1] ?? '');

/** An incident whose update has a picture, described, saved and not yet asked for. */
async function draftWith(bytes: Buffer, more: Record<string, string> = {}) {
  const declared = await dana.post('/desk/declare', { title: 'Cards fail', kind: 'incident', go: 'write' });
  const id = idIn(declared.to);
  const draft = await dana.get(`/desk/updates/${id}`);
  const next = fieldOf(draft.body, 'nextUpdateBy');
  const typed = { ...words(fieldOf(draft.body, 'version'), { nextUpdateBy: next, ...more }) };
  const attached = await attach(dana, id, typed, bytes);
  const after = await dana.get(`/desk/updates/${id}?edit`);
  const [picture = ''] = picturesIn(after.body);
  const all = { ...typed, version: fieldOf(after.body, 'version'), pics: '1', pic: picture };
  return { id, attached, after, picture, typed: all };
}

async function settled(id: string): Promise<void> {
  const read = async () => {
    const answer = await marcus.get(`/desk/updates/${id}/deliveries`);
    return !/>(?:Sending|Queued|Accepted|waiting)</i.test(answer.body);
  };
  while (!(await read())) await new Promise((done) => setTimeout(done, 200));
  await app.live.settled();
}

const posts = async (network: string) =>
  (await fetch(`${simulator?.url}/_sim/posts?network=${network}`).then((r) => r.json())) as {
    text: string;
    deletedAt: number | null;
    raw: { media?: { alt: string; mime: string; name: string }[] };
  }[];

t.test('from a form without scripts to every network that shows pictures', async (t) => {
  const { id, attached, after, picture, typed } = await draftWith(photo());
  t.match(attached, { status: 303, to: `/desk/updates/${id}?edit#f-alt-${picture}` });
  t.match(after.body, 'Some card payments fail since 14:09 UTC.', 'what was typed came along');
  t.match(after.body, /JPEG, 64 × 96/, 'and what it is, upright');
  t.match(after.body, /A picture has no description/, 'nobody can overlook that it is not described');

  const silent = await dana.post(`/desk/updates/${id}`, { ...typed, do: 'request' });
  t.equal(silent.status, 400);
  t.match(silent.body, /A picture has no description[\s\S]*Describe in a sentence what it shows/);

  const asked = await dana.post(`/desk/updates/${id}`, {
    ...typed,
    version: fieldOf(silent.body, 'version'),
    [`alt.${picture}`]: ALT,
    do: 'request',
  });
  t.match(asked, { status: 303, to: /approvals/ });
  const seen = await marcus.get(`/desk/approvals/${id}`);
  t.match(seen.body, new RegExp(`<img class="tall" src="/desk/pictures/${picture}" alt="${ALT}"`));
  t.match(seen.body, `For people who cannot see it</b>${ALT}`);
  t.match(seen.body, /No picture on SMS[^<]*: a text message carries words alone/);
  const kept = readPhoto('media', photo());
  const bytes = await app.server.inject({
    url: `/desk/pictures/${picture}`,
    headers: { cookie: marcus.cookie },
  });
  t.same(bytes.rawPayload, Buffer.from(kept.bytes));
  t.match(bytes.headers, { 'content-type': 'image/jpeg', 'x-content-type-options': 'nosniff' });
  t.match(String(bytes.headers['content-security-policy']), /sandbox/);
  t.equal((await app.server.inject(`/desk/pictures/${picture}`)).statusCode, 401, 'a stranger gets none');
  t.equal(
    (await app.server.inject(`/files/${picture}.jpg`)).statusCode,
    404,
    'nothing is public before the yes',
  );

  t.equal((await sayYes(marcus, id)).status, 303);
  await settled(id);
  for (const network of ['x', 'mastodon', 'bluesky', 'facebook', 'linkedin', 'discord', 'discord_webhook']) {
    const shown = (await posts(network)).find((p) => p.text.includes('Some card payments fail'));
    t.match(shown?.raw.media, [{ alt: ALT, mime: 'image/jpeg' }], network);
    const there = await fetch(`${simulator?.url}/_sim/pictures/${shown?.raw.media?.[0]?.name}`);
    t.same(Buffer.from(await there.arrayBuffer()), Buffer.from(kept.bytes), `${network}, byte for byte`);
  }
  for (const network of ['telegram', 'slack', 'threads', 'sms', 'matrix']) {
    const shown = (await posts(network)).find((p) => p.text.includes('Some card payments fail'));
    t.ok(shown, `${network} has the words`);
    t.equal(shown?.raw.media, undefined, 'and no picture');
  }

  const page = await fetch(`${house.url}/`);
  const html = await page.text();
  t.match(
    html,
    `<a href="/files/${picture}.jpg"><img class="tall" src="/files/${picture}.jpg" alt="${ALT}" width="64" height="96" loading="lazy" decoding="async"></a>`,
  );
  t.match(page.headers.get('content-security-policy'), /img-src 'self'/);
  const file = await fetch(`${house.url}/files/${picture}.jpg`);
  t.equal(file.headers.get('content-type'), 'image/jpeg');
  t.equal(file.headers.get('cache-control'), 'public, max-age=31536000, immutable');
  t.equal(file.headers.get('x-content-type-options'), 'nosniff');
  t.match(file.headers.get('content-security-policy'), /default-src 'none'.*sandbox/);
  const body = Buffer.from(await file.arrayBuffer());
  t.same(body, Buffer.from(kept.bytes));
  t.notOk(body.includes(SECRET), 'nobody learns where it was taken');
  const again = await fetch(`${house.url}/files/${picture}.jpg`, {
    headers: { 'if-none-match': file.headers.get('etag') ?? '' },
  });
  t.equal(again.status, 304);
  t.equal((await fetch(`${house.url}/files/${picture}.png`)).status, 404, 'it has one name only');
  t.equal((await fetch(`${house.url}/files/${'0'.repeat(40)}.jpg`)).status, 404);

  const atom = await fetch(`${house.url}/updates.atom`).then((r) => r.text());
  t.match(atom, new RegExp(`rel="enclosure" type="image/jpeg" length="${kept.bytes.length}"`));
  t.match(await fetch(`${house.url}/updates.rss`).then((r) => r.text()), /<enclosure url="[^"]+\.jpg"/);
  const feed = (await fetch(`${house.url}/feed.json`).then((r) => r.json())) as {
    items: { attachments?: { url: string; title: string }[]; content_html: string }[];
  };
  t.match(feed.items[0]?.attachments, [{ url: `${house.url}/files/${picture}.jpg`, title: ALT }]);
  t.match(feed.items[0]?.content_html, `alt="${ALT}"`);
  const alone = await fetch(`${house.url}${html.match(/\/incidents\/\w+/)?.[0]}`).then((r) => r.text());
  t.match(alone, `alt="${ALT}"`, 'the incident’s own page shows it too');
});

t.test('a changed description, and a changed picture, void what was approved', async (t) => {
  await app.store.transact((w) =>
    w.sql.update(w.t.pages).set({
      policy: { ...house.page.policy, approvers: { ...house.page.policy.approvers, B: 2 } },
    }),
  );
  const { id, picture, typed } = await draftWith(png(10));
  await dana.post(`/desk/updates/${id}`, { ...typed, [`alt.${picture}`]: ALT, do: 'request' });
  const first = await marcus.get(`/desk/approvals/${id}`);
  const hash = fieldOf(first.body, 'hash');
  t.equal((await marcus.post(`/desk/approvals/${id}/approve`, { hash })).status, 303, 'one yes of two');
  const open = await dana.get(`/desk/updates/${id}?edit`);
  await dana.post(`/desk/updates/${id}`, {
    ...typed,
    version: fieldOf(open.body, 'version'),
    [`alt.${picture}`]: `${ALT} Open till 6.`,
    do: 'request',
  });
  const second = await marcus.get(`/desk/approvals/${id}`);
  t.not(fieldOf(second.body, 'hash'), hash, 'another description is another question');
  t.match(second.body, /0 of 2 yes/, 'and the yes to the old one is gone');
  const late = await marcus.post(`/desk/approvals/${id}/approve`, { hash });
  t.equal(late.status, 409);
  t.match(late.body, 'The words have changed since you looked at them');

  const again = await dana.get(`/desk/updates/${id}?edit`);
  const dropped = await dana.post(`/desk/updates/${id}`, {
    ...typed,
    version: fieldOf(again.body, 'version'),
    [`alt.${picture}`]: ALT,
    do: `drop:${picture}`,
  });
  t.match(dropped, { status: 303, to: `/desk/updates/${id}?edit#f-media` });
  t.same(picturesIn((await dana.get(`/desk/updates/${id}?edit`)).body), []);
  await app.store.transact((w) => w.sql.update(w.t.pages).set({ policy: house.page.policy }));
});

t.test('what an approver sees changed includes pictures', async (t) => {
  const { id, picture, typed } = await draftWith(png(20));
  await dana.post(`/desk/updates/${id}`, { ...typed, [`alt.${picture}`]: ALT, do: 'request' });
  await sayYes(marcus, id);
  const { incidentId } = (await app.store.read.sql.select().from(app.store.read.t.updates)).find(
    (u) => u.id === id,
  )!;
  const begun = await dana.post(`/desk/incidents/${incidentId}/updates`, {});
  const next = idIn(begun.to);
  const draft = await dana.get(`/desk/updates/${next}?edit`);
  t.same(picturesIn(draft.body), [], 'a new update begins without pictures');
  const fields = words(fieldOf(draft.body, 'version'), {
    nextUpdateBy: fieldOf(draft.body, 'nextUpdateBy'),
    known: 'Every shop takes cash.',
  });
  await attach(dana, next, fields, png(21));
  const after = await dana.get(`/desk/updates/${next}?edit`);
  const [other = ''] = picturesIn(after.body);
  await dana.post(`/desk/updates/${next}`, {
    ...fields,
    version: fieldOf(after.body, 'version'),
    pics: '1',
    pic: other,
    [`alt.${other}`]: 'A map of the shops.',
    do: 'request',
  });
  const seen = await marcus.get(`/desk/approvals/${next}`);
  t.match(seen.body, new RegExp(`${other}"[\\s\\S]{0,200}New picture`));
  t.match(seen.body, new RegExp(`${picture}"[\\s\\S]{0,200}Not shown any more`));
  await sayYes(marcus, next);
  await settled(next);
  const facebook = (await posts('facebook')).find((p) => p.text.includes('Every shop takes cash'));
  t.ok(facebook, 'an answer on Facebook has the words');
  t.equal(facebook?.raw.media, undefined, 'and, as was said before the yes, no picture');
  const html = await fetch(`${house.url}/`).then((r) => r.text());
  t.match(html, new RegExp(`id="pictures">[\\s\\S]{0,80}${other}`), 'the newest stands at the top');
  t.match(html, new RegExp(`id="timeline"[\\s\\S]*${picture}`), 'the one before where its words are');
});

t.test('what is no picture, or too much of one, is refused beside its field', async (t) => {
  const declared = await dana.post('/desk/declare', { title: 'Cards fail', kind: 'incident', go: 'write' });
  const id = idIn(declared.to);
  const draft = await dana.get(`/desk/updates/${id}`);
  const typed = words(fieldOf(draft.body, 'version'), { known: 'Still here.' });
  for (const [bytes, why] of [
    [SVG, /SVG/],
    [Buffer.from('<html><script>alert(1)</script>'), /no JPEG, PNG, WebP or GIF/],
    [png(1, 8, 8, [50_000, 50_000]), /50000 × 50000 pixels/],
    [movingPng(), /moves/],
    [gif(3), /moves/],
    [photo().subarray(0, 300), /damaged/],
    [Buffer.concat([png(), Buffer.alloc(4_100_000)]), /4\.2 MB; 4\.0 MB is the most/],
    [undefined, /Choose a picture/],
  ] as const) {
    const refused = await attach(dana, id, typed, bytes);
    t.equal(refused.status, 400);
    t.match(refused.body, /id="e-media" role="alert"/);
    t.match(refused.body.match(/id="e-media"[\s\S]{0,400}/)?.[0], why);
    t.match(refused.body, 'Still here.', 'and what was typed stays');
  }
  const huge = await attach(dana, id, typed, Buffer.alloc(100 * 1024 * 1024));
  t.equal(huge.status, 413);
  const stranger = await app.server.inject({
    method: 'POST',
    url: `/desk/updates/${id}/pictures`,
    ...formWith({}, { name: 'picture', filename: 'x.png', type: 'image/png', bytes: Buffer.alloc(900_000) }),
  });
  t.equal(stranger.statusCode, 401);
  const forged = await attach({ ...dana, csrf: 'x' }, id, typed, png());
  t.equal(forged.status, 403);
  const none = await app.store.read.sql.select().from(app.store.read.t.pictures);
  t.notOk(
    none.some((p) => p.createdBy === 'x'),
    'nothing of it was kept',
  );

  for (const shade of [31, 32, 33, 34]) {
    const open = await dana.get(`/desk/updates/${id}?edit`);
    const have = picturesIn(open.body);
    const alts = Object.fromEntries(have.map((p) => [`alt.${p}`, `Shade ${p.slice(0, 4)}, a plain field.`]));
    await attach(
      dana,
      id,
      { ...typed, version: fieldOf(open.body, 'version'), pic: have, ...alts },
      png(shade),
    );
  }
  const full = await dana.get(`/desk/updates/${id}?edit`);
  t.equal(picturesIn(full.body).length, 4);
  t.notMatch(full.body, 'data-attach', 'four are the most');
  const fifth = await attach(
    dana,
    id,
    { ...typed, version: fieldOf(full.body, 'version'), pic: picturesIn(full.body) },
    png(35),
  );
  t.match(fifth.body, '4 pictures are the most');
});

t.test('a wrong time beside it costs nobody their picture', async (t) => {
  const declared = await dana.post('/desk/declare', { title: 'Cards fail', kind: 'incident', go: 'write' });
  const id = idIn(declared.to);
  const draft = await dana.get(`/desk/updates/${id}`);
  const typed = words(fieldOf(draft.body, 'version'), { nextUpdateBy: 'half past two' });
  const refused = await attach(dana, id, typed, png(40));
  t.equal(refused.status, 400);
  const [picture = ''] = picturesIn(refused.body);
  t.ok(picture, 'it is in the form already');
  const saved = await dana.post(`/desk/updates/${id}`, {
    ...typed,
    nextUpdateBy: '',
    pics: '1',
    pic: picture,
    [`alt.${picture}`]: ALT,
  });
  t.equal(saved.status, 303);
  t.same(picturesIn((await dana.get(`/desk/updates/${id}?edit`)).body), [picture]);
});

t.test(
  'what is taken back is shown to nobody any more, and who may not read the page sees none',
  async (t) => {
    const { id, picture, typed } = await draftWith(png(50), { known: 'Refunds are closed.' });
    await dana.post(`/desk/updates/${id}`, { ...typed, [`alt.${picture}`]: ALT, do: 'request' });
    await sayYes(marcus, id);
    await app.live.settled();
    const at = `${house.url}/files/${picture}.png`;
    t.equal((await fetch(at)).status, 200);

    const door = `/desk/pages/${house.page.id}/access`;
    await marcus.post(door, { password: 'a long enough password', emails: '', networks: '' });
    await app.live.settled();
    t.equal((await fetch(at)).status, 401, 'a private page shows its pictures to those it lets in');
    await marcus.post(door, { do: 'open' });
    await app.live.settled();
    t.equal((await fetch(at)).status, 200);

    const begun = await dana.post(`/desk/updates/${id}/retract`, {
      note: 'That was a draft, sent by mistake.',
    });
    const back = idIn(begun.to);
    const open = await dana.get(`/desk/updates/${back}?edit`);
    t.notMatch(open.body, 'name="picture"', 'a retraction shows nothing');
    await dana.post(`/desk/updates/${back}`, {
      ...words(fieldOf(open.body, 'version'), { known: '', doing: '', class: 'D' }),
      note: 'That was a draft, sent by mistake.',
      do: 'request',
    });
    await sayYes(marcus, back);
    await app.live.settled();
    t.equal((await fetch(at)).status, 404);
    t.notMatch(await fetch(`${house.url}/`).then((r) => r.text()), picture);
    t.notMatch(await fetch(`${house.url}/updates.atom`).then((r) => r.text()), picture);
  },
);

t.test(
  'a program sends the bytes, attaches them, and a correction puts another picture in their place',
  async (t) => {
    const secret = newApiToken();
    const token = (person: string, scopes: Scope[]) =>
      issueToken(app.ctx({ kind: 'cli', id: 'test', roles: [] }), {
        kind: 'api',
        personId: person,
        name: 'program',
        secret,
        scopes,
      });
    await token(house.dana.id, ['read', 'draft']);
    const call = async (method: 'GET' | 'POST' | 'PATCH', path: string, body?: unknown, type?: string) => {
      const answer = await app.server.inject({
        method,
        url: `/api/v1${path}`,
        headers: {
          authorization: `Bearer ${secret}`,
          ...(body === undefined ? {} : { 'content-type': type ?? 'application/json' }),
        },
        ...(body === undefined ? {} : { payload: Buffer.isBuffer(body) ? body : JSON.stringify(body) }),
      });
      return { status: answer.statusCode, json: answer.json() as Record<string, unknown> };
    };
    const incident = await call('POST', '/incidents', { title: 'Gate 4 is closed' });
    const pictures = `/incidents/${incident.json['id']}/pictures`;
    const made = await call('POST', pictures, png(80), 'image/jpeg');
    t.match(
      made,
      { status: 201, json: { type: 'image/png', width: 64, height: 48 } },
      'the bytes say what it is',
    );
    const same = await call('POST', pictures, png(80), 'image/png');
    t.equal(same.json['id'], made.json['id'], 'the same picture is the same one');
    t.match(await call('POST', pictures, SVG, 'image/png'), { status: 400, json: { field: 'media' } });
    t.match(await call('POST', pictures, { a: 1 }), { status: 400 });
    t.equal((await call('POST', pictures, SVG, 'image/svg+xml')).status, 415);
    t.equal((await call('POST', pictures, Buffer.alloc(5_000_000), 'image/png')).status, 413);
    const media = [{ id: made.json['id'], alt: 'A map of the gates.' }];
    const elsewhere = await call('POST', '/incidents', { title: 'Another' });
    t.match(
      await call('POST', `/incidents/${elsewhere.json['id']}/updates`, { blocks: { known: 'x' }, media }),
      { status: 400, json: { field: 'media' } },
      'it is of its own incident only',
    );
    const draft = await call('POST', `/incidents/${incident.json['id']}/updates`, {
      blocks: { known: 'Gate 4 is closed. Use gate 2.' },
      nextUpdateBy: Date.now() + 20 * 60_000,
      media,
    });
    t.match(draft, { status: 201, json: { media } });
    const id = String(draft.json['id']);
    t.equal((await call('POST', `/updates/${id}/request-approval`, { version: 1 })).status, 200);
    await sayYes(marcus, id);
    await settled(id);
    t.match((await posts('mastodon')).at(-1)?.raw.media, [{ alt: 'A map of the gates.' }]);

    const begun = await dana.post(`/desk/updates/${id}/correct`, { note: 'The map was of last year.' });
    const next = idIn(begun.to);
    const open = await dana.get(`/desk/updates/${next}?edit`);
    const [old = ''] = picturesIn(open.body);
    t.equal(old, made.json['id'], 'what was shown with the wrong words is there to be looked at');
    const fields = words(fieldOf(open.body, 'version'), {
      known: 'Gate 4 is closed. Use gate 2.',
      doing: '',
      class: 'D',
      note: 'The map was of last year.',
    });
    await attach(dana, next, { ...fields }, png(81));
    const after = await dana.get(`/desk/updates/${next}?edit`);
    t.match(after.body, /Facebook[\s\S]{0,600}Its pictures stay: an edit there changes words only/);
    t.match(after.body, 'The pictures are those given here.');
    const [other = ''] = picturesIn(after.body);
    t.equal(
      (
        await dana.post(`/desk/updates/${next}`, {
          ...fields,
          version: fieldOf(after.body, 'version'),
          pics: '1',
          pic: other,
          [`alt.${other}`]: 'A map of the gates this year.',
          do: 'request',
        })
      ).status,
      303,
    );
    await sayYes(marcus, next);
    await settled(next);
    const now = (await posts('mastodon')).at(-1);
    t.match(now?.text, 'The map was of last year.');
    t.match(now?.raw.media, [{ alt: 'A map of the gates this year.' }], 'changed with the post');
    t.match(
      (await posts('facebook')).findLast((p) => p.text.includes('The map was of last year'))?.raw.media,
      [{ alt: 'A map of the gates.' }],
      'and left where it was said that it would be',
    );
    t.equal((await fetch(`${house.url}/files/${old}.png`)).status, 404);
    t.equal((await fetch(`${house.url}/files/${other}.png`)).status, 200);
  },
);

t.test('what nobody attached is deleted after a day, and nothing else', async (t) => {
  const before = await app.store.read.sql.select().from(app.store.read.t.pictures);
  const shown = (await app.store.read.sql.select().from(app.store.read.t.updates)).flatMap((u) =>
    (u.media ?? []).map((m) => m.id),
  );
  t.ok(before.some((p) => !shown.includes(p.id)));
  t.equal(await cleanPictures({ store: app.store, now: () => Date.now() }), 0, 'not while it may be wanted');
  await cleanPictures({ store: app.store, now: () => Date.now() + 25 * 60 * 60_000 });
  const after = await app.store.read.sql.select().from(app.store.read.t.pictures);
  t.same(after.map((p) => p.id).toSorted(), [...new Set(shown)].toSorted());
});

t.test('a picture too large for one network is named with the way out', async (t) => {
  const { id, picture, typed } = await draftWith(noise(1_200, 1_000));
  const refused = await dana.post(`/desk/updates/${id}`, {
    ...typed,
    [`alt.${picture}`]: ALT,
    do: 'request',
  });
  t.equal(refused.status, 400);
  t.match(
    refused.body,
    /The picture has 1\.\d MB; Bluesky takes 1\.0 MB\. Make it smaller, or leave Bluesky out under “Goes to”\./,
  );
  t.match(refused.body, '<a href="#f-media">', 'and leads there');
  const to = Array.from(refused.body.matchAll(/name="to" value="(\w+)"[^>]*> <span>([^<]+)/g))
    .filter(([, , name]) => name?.trim() !== 'Bluesky')
    .map(([, one]) => one ?? '');
  const asked = await dana.post(`/desk/updates/${id}`, {
    ...typed,
    version: fieldOf(refused.body, 'version'),
    [`alt.${picture}`]: ALT,
    aud: '1',
    to,
    do: 'request',
  });
  t.equal(asked.status, 303);
});
