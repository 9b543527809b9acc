import t from 'tap';
import { formWith, gif, movingPng, noise, photo, png, SVG } from '../pictures.ts';
import { fieldOf, idIn, words } from './house.ts';
import { ALT, openPictureDesk, picturesIn } from './picture-desk.ts';

const { app, dana, attach, draftWith } = await openPictureDesk(t);

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
