import t from 'tap';
import { issueToken } from '../../src/actions/people.ts';
import type { Scope } from '../../src/domain/words.ts';
import { newApiToken } from '../../src/ids.ts';
import { png, SVG } from '../pictures.ts';
import { fieldOf, idIn, sayYes, words } from './house.ts';
import { openPictureDesk, picturesIn } from './picture-desk.ts';

const { house, app, dana, marcus, attach, settled, posts } = await openPictureDesk(t);

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
