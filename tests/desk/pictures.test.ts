import t from 'tap';
import { readPhoto } from '../../src/domain/pictures/photo.ts';
import { photo, png, SECRET } from '../pictures.ts';
import { fieldOf, idIn, sayYes, words } from './house.ts';
import { ALT, openPictureDesk } from './picture-desk.ts';

const { house, app, dana, marcus, draftWith, settled, posts } = await openPictureDesk(t);

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
    const there = await fetch(`${house.simulator?.url}/_sim/pictures/${shown?.raw.media?.[0]?.name}`);
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
