import t from 'tap';
import { cleanPictures } from '../../src/actions/pictures/clean-pictures.ts';
import { png } from '../pictures.ts';
import { fieldOf, idIn, sayYes, words } from './house.ts';
import { ALT, openPictureDesk, picturesIn } from './picture-desk.ts';

const { house, app, dana, marcus, attach, draftWith, settled, posts } = await openPictureDesk(t);

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
