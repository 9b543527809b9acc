import t from 'tap';
import { approveUpdate } from '../../src/actions/approve-update.ts';
import { connectAccount } from '../../src/actions/connect-account.ts';
import { draftUpdate } from '../../src/actions/draft-update.ts';
import { openIncident } from '../../src/actions/open-incident.ts';
import { requestApproval } from '../../src/actions/request-approval.ts';
import { setUpPage } from '../../src/actions/set-up-page.ts';
import { changePageRoles } from '../../src/actions/sign-in/change-person.ts';
import { LIMITS, NETWORKS } from '../house.ts';
import { openHouse } from './house.ts';

/** People with roles on single pages: what they see and may do is of those pages, and all of it. */
const house = await openHouse();
const { app, clock } = house;
const cli = app.ctx({ kind: 'cli', id: 'test', roles: [] });
const first = house.page;
const shop = await setUpPage(cli, { name: 'Shop', url: 'http://shop.localhost:8080', slug: 'shop' });
const boss = await house.add('Ada Admin', ['admin']);
const author = await house.add('Dana Author', ['author']);

/** Somebody with these roles on the shop, and none on the first page. */
async function ofTheShop(name: string, roles: ('author' | 'approver')[]) {
  const person = await house.add(name, ['viewer']);
  await changePageRoles(cli, person.id, first.id, []);
  await changePageRoles(cli, person.id, shop.id, roles);
  return person;
}
const eve = await ofTheShop('Eve Writer', ['author']);
const desk = await house.enter(eve);

/** What a browser would send of the form with this action, as it stands, with what its person typed. */
function filled(body: string, action: string, typed: Record<string, string>): Record<string, string> {
  const form = body.split('<form ').find((part) => part.includes(`action="${action}"`)) ?? t.fail(action);
  const fields: Record<string, string> = {};
  for (const [tag] of String(form).matchAll(/<input [^>]*type="(?:hidden|checkbox)"[^>]*>/g)) {
    const [, name] = /name="([^"]+)"/.exec(tag) ?? [];
    const [, value] = /value="([^"]*)"/.exec(tag) ?? [];
    if (name && (tag.includes('hidden') || tag.includes('checked'))) fields[name] = value ?? '';
  }
  for (const [, name, options] of String(form).matchAll(
    /<select [^>]*name="([^"]+)"[^>]*>(.*?)<\/select>/gs,
  )) {
    const chosen =
      /<option value="([^"]*)" selected/.exec(options!) ?? /<option value="([^"]*)"/.exec(options!);
    fields[name!] = chosen?.[1] ?? '';
  }
  return { ...fields, ...typed };
}

t.test('whoever writes on one page plans, declares and prepares there without naming it', async (t) => {
  const plan = await desk.get('/desk/maintenance/new');
  const planned = await desk.post(
    '/desk/maintenance',
    filled(plan.body, '/desk/maintenance', {
      title: 'New shelves',
      known: 'The shop is closed for two hours.',
      scheduledFor: '2026-03-05 02:00',
      scheduledUntil: '2026-03-05 04:00',
    }),
  );
  t.match(planned, { status: 303, to: /^\/desk\/updates\/\w+\?said=planned/ });
  const form = await desk.get('/desk/declare');
  const declared = await desk.post('/desk/declare', {
    ...filled(form.body, '/desk/declare', { title: 'Orders fail' }),
    kind: 'incident',
    go: 'only',
  });
  t.match(declared, { status: 303, to: /^\/desk\/incidents\// });
  t.match((await desk.get('/desk/incidents')).body, 'Orders fail');
  // A program of an older form, or a hand-made one: theirs is the only page that can be meant.
  t.match(await desk.post('/desk/declare', { title: 'Late', kind: 'incident', go: 'only' }), { status: 303 });
  t.equal(
    (await desk.post('/desk/declare', { title: 'Late', page: first.id, kind: 'incident' })).status,
    403,
  );
});

t.test('the desk offers them what they may do on their page', async (t) => {
  const texts = await desk.get('/desk/templates');
  t.match(texts.body, `/desk/templates/new?page=${shop.id}`);
  t.match(texts.body, 'action="/desk/heartbeat"', 'and the words for when an update is late');
  t.match((await desk.get('/desk/maps')).body, `/desk/maps/new?page=${shop.id}`);
  const library = await desk.post('/desk/templates/library', { page: shop.id });
  t.equal(library.status, 303);
  const approver = await house.enter(await ofTheShop('Ann Approver', ['approver']));
  const [, clear] =
    /action="(\/desk\/templates\/\w+\/clear)"/.exec((await approver.get('/desk/templates')).body) ?? [];
  t.equal((await approver.post(clear ?? '', { version: '1', days: '30' })).status, 303);
  t.notMatch((await desk.get('/desk/templates')).body, '/clear"', 'an author clears nothing');
  const commands = (await desk.get('/desk/commands', { accept: 'application/json' })).json();
  t.match(JSON.stringify(commands), `/desk/declare?page=${shop.id}&template=`);
});

t.test('what waits for a person on another page is not counted for them', async (t) => {
  await connectAccount(cli, {
    id: 'by-hand',
    pageId: first.id,
    channel: 'manual',
    name: 'Radio',
    role: 'brand',
    settings: {},
    sealed: app.secrets.seal('connections|by-hand|sealed', '{}'),
    template: 'post',
    verified: { account: 'Radio', url: null, limits: LIMITS, can: NETWORKS.findable },
  });
  const writes = app.ctx({ kind: 'person', id: author.id, roles: ['author'] });
  const incident = await openIncident(writes, { pageId: first.id, title: 'Card payments fail' });
  const draft = await draftUpdate(writes, incident.id, {
    blocks: { known: 'Card payments fail.' },
    nextUpdateBy: clock.now() + 20 * 60_000,
  });
  const asked = await requestApproval(writes, draft.id, draft.version);
  const says = app.ctx({ kind: 'person', id: boss.id, roles: ['admin'] });
  await approveUpdate(says, draft.id, asked.hash!);
  const counted = (body: string) =>
    /href="\/desk\/deliveries".*?<\/a>/s.exec(body)?.[0].match(/(\d+)<span class="vh"> waiting/)?.[1];
  const admin = await house.enter(boss);
  await new Promise<void>((done, fail) => {
    const look = async () => {
      if (counted((await admin.get('/desk/help')).body) === '1') done();
    };
    const stop = app.store.onHint(() => void look().catch(fail));
    t.teardown(stop);
    void look().catch(fail);
  });
  t.equal(counted((await desk.get('/desk/help')).body), undefined, 'nothing of it concerns the shop');

  const token = (person: typeof eve) => house.token(person, ['read']);
  const list = async (person: typeof eve, query = '') => {
    const answer = await app.server.inject({
      url: `/api/v1/deliveries${query}`,
      headers: { authorization: `Bearer ${await token(person)}` },
    });
    return answer.statusCode === 200
      ? (answer.json() as { pageId: string }[]).map((d) => d.pageId)
      : answer.statusCode;
  };
  t.same(await list(boss), [first.id]);
  t.same(await list(boss, `?pageId=${shop.id}`), [], 'the page that is named, and no other');
  t.same(await list(boss, `?pageId=${first.id}`), [first.id]);
  t.same(await list(eve), [], 'hers need nobody');
  t.same(await list(eve, `?pageId=${first.id}`), 404);
});
