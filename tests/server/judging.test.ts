import t from 'tap';
import { listAlerts } from '../../db/queries/alerts.ts';
import { getUpdate } from '../../db/queries/incidents.ts';
import { getPerson } from '../../db/queries/people.ts';
import { changePolicy } from '../../src/actions/change-policy.ts';
import { draftUpdate } from '../../src/actions/draft-update.ts';
import { addFact } from '../../src/actions/facts/add-fact.ts';
import { openIncident } from '../../src/actions/open-incident.ts';
import { requestApproval } from '../../src/actions/request-approval.ts';
import { saveTemplate } from '../../src/actions/save-template.ts';
import { setUpPage } from '../../src/actions/set-up-page.ts';
import { changePageRoles } from '../../src/actions/sign-in/change-person.ts';
import type { Visitor } from '../visitor.ts';
import { buildAuthenticator } from './authenticator.ts';
import { buildVisitor, ORIGIN, openHouse, PASSWORD } from './house.ts';

const house = await openHouse();
const { app, clock } = house;
const CLI = app.ctx({ kind: 'cli', id: 'test', roles: [] });
const author = await house.addWithPassword('Arno Author', ['author']);
const approver = await house.addWithPassword('Bea Approver', ['approver']);
const ctx = app.ctx({ kind: 'person', id: author.id, roles: ['author'] });

async function ask(pageId = house.page.id) {
  const incident = await openIncident(ctx, { pageId, title: 'Card payments fail' });
  const draft = await draftUpdate(ctx, incident.id, {
    blocks: { known: 'Card payments fail.' },
    nextUpdateBy: clock.now() + 20 * 60_000,
  });
  return requestApproval(ctx, draft.id, draft.version);
}
const signIn = (visitor: Visitor, email: string) =>
  visitor.post('/desk/sign-in', { email, password: PASSWORD });
const state = async (id: string) => (await getUpdate(app.store.read, id)).state;

t.test(
  'the link an approver gets leads to the very words after signing in, once, and approves nothing',
  async (t) => {
    const asked = await ask();
    const alert = (await listAlerts(app.store.read, house.page.id, 50)).find(
      (a) => a.kind === 'approval' && a.personId === approver.id && a.updateId === asked.id,
    );
    t.match(alert?.message, `${ORIGIN}/desk/approvals/link/`, 'at the desk’s own address');
    const path = /\/desk\/approvals\/link\/[0-9a-f]{64}/.exec(alert?.message ?? '')?.[0] ?? '';
    const stranger = buildVisitor(app);
    t.match(await stranger.get(path), { status: 303, to: '/desk/sign-in' }, 'it lets nobody in');
    const wrong = buildVisitor(app);
    await wrong.get(path);
    t.match(await signIn(wrong, author.email), { to: `${path}?said=in` });
    t.equal((await wrong.get(path)).status, 403, 'nor is it for somebody else');
    t.match(await signIn(stranger, approver.email), { status: 303, to: `${path}?said=in` });
    t.match(await stranger.get(`${path}?said=in`), { status: 303, to: `/desk/approvals/${asked.id}` });
    t.equal((await stranger.get(path)).status, 410, 'once');
    t.equal(await state(asked.id), 'in_review', 'following it is no yes');
    t.equal((await stranger.post(path, {})).status, 404, 'and nothing can be posted there');
  },
);

t.test('a password is asked for with the yes of whoever has nothing better', async (t) => {
  await changePolicy(CLI, house.page.id, { proofFor: ['B'], overrideClasses: ['A'], mayRemove: false });
  const asked = await ask();
  const visitor = buildVisitor(app);
  await signIn(visitor, approver.email);
  const path = `/desk/approvals/${asked.id}`;
  t.match((await visitor.get(path)).body, 'Your password');
  const yes = (more: Record<string, string>) =>
    visitor.post(`${path}/approve`, { hash: asked.hash!, ...more });
  t.equal((await yes({})).status, 403);
  t.match(await yes({ password: 'not this one' }), { status: 400, body: /This is not your password/ });
  t.equal(await state(asked.id), 'in_review');
  t.match(await yes({ password: PASSWORD }), { status: 303 });
  t.equal(await state(asked.id), 'published');
});

t.test('a passkey’s answer is for these words, this session and one decision', async (t) => {
  const keyed = await house.add('Kay Keyed', ['approver']);
  const visitor = await house.enter(keyed);
  const key = buildAuthenticator(ORIGIN, 'localhost');
  const made = (await visitor.post('/desk/me/passkeys/ask', {})).json() as { challenge: string };
  await visitor.post('/desk/me/passkeys', { passkey: key.make(made), passkeyName: 'phone' });
  const [one, two] = [await ask(), await ask()];
  const challenge = async (v: Visitor, id: string) =>
    (await v.post(`/desk/approvals/${id}/ask`, {})).json() as { challenge: string };
  const yes = (v: Visitor, asked: typeof one, passkey: string) =>
    v.post(`/desk/approvals/${asked.id}/approve`, { hash: asked.hash!, passkey });
  const unverified = key.show(await challenge(visitor, one.id), { unverified: true });
  t.equal((await yes(visitor, one, unverified)).status, 400, 'not without finger, face or PIN');
  const forOne = key.show(await challenge(visitor, one.id));
  t.equal((await yes(visitor, two, forOne)).status, 400, 'not for other words');
  const elsewhere = await house.enter(keyed);
  const other = key.show(await challenge(elsewhere, one.id));
  t.equal((await yes(visitor, one, other)).status, 400, 'nor from another session');
  t.equal(await state(one.id), 'in_review');
  t.equal((await yes(visitor, one, forOne)).status, 303);
  t.equal(await state(one.id), 'published');
  t.equal((await yes(visitor, one, forOne)).status, 400, 'and then it is spent');
  const secret = await house.token(keyed, ['read', 'approve']);
  const program = await app.server.inject({
    method: 'POST',
    url: `/api/v1/updates/${two.id}/approve`,
    headers: { authorization: `Bearer ${secret}` },
    payload: { hash: two.hash },
  });
  t.equal(program.statusCode, 403, 'nor is a program led around it');
  t.match(program.json(), { message: /which a program cannot show/ });
});

t.test(
  'a session that ended while somebody decided: nothing is lost, and they come back to it',
  async (t) => {
    const asked = await ask();
    const visitor = buildVisitor(app);
    await signIn(visitor, approver.email);
    await visitor.get(`/desk/approvals/${asked.id}`);
    clock.advance(61 * 60_000);
    const from = { referer: `${ORIGIN}/desk/approvals/${asked.id}` };
    const lost = await visitor.post(
      `/desk/approvals/${asked.id}/return`,
      { reason: 'A number is wrong: it is 1 in 12.' },
      from,
    );
    t.equal(lost.status, 401);
    t.match(lost.body, 'A number is wrong: it is 1 in 12.', 'what they wrote is on the page they get');
    t.match(await signIn(visitor, approver.email), { to: `/desk/approvals/${asked.id}?said=in` });
    const composing = buildVisitor(app);
    await signIn(composing, author.email);
    const draft = await draftUpdate(ctx, asked.incidentId, {});
    await composing.post(`/desk/updates/${draft.id}/draft`, { version: '1', known: 'Half a sentence' });
    clock.advance(61 * 60_000);
    t.equal(
      (await composing.post(`/desk/updates/${draft.id}`, { version: '1', known: 'Half a sentence' })).status,
      401,
    );
    await signIn(composing, author.email);
    t.match((await composing.get(`/desk/updates/${draft.id}`)).body, /never saved it[\s\S]*Half a sentence/);
    const other = buildVisitor(app);
    await signIn(other, approver.email);
    t.notMatch((await other.get(`/desk/updates/${draft.id}`)).body, 'Half a sentence', 'it is theirs alone');
  },
);

t.test(
  'where a second factor is required, approvers are led to set one up, and to nothing else',
  async (t) => {
    const ada = await house.addWithPassword('Ada Admin', ['admin']);
    const admin = buildVisitor(app);
    await signIn(admin, ada.email);
    t.match(await admin.post('/desk/settings/second', { to: 'on' }), { status: 400, body: /locks you out/ });
    const key = buildAuthenticator(ORIGIN, 'localhost');
    const made = (await admin.post('/desk/me/passkeys/ask', {})).json() as { challenge: string };
    await admin.post('/desk/me/passkeys', { passkey: key.make(made), passkeyName: 'key' });
    t.match(await admin.post('/desk/settings/second', { to: 'on' }), { status: 303 });
    const visitor = buildVisitor(app);
    t.match(await signIn(visitor, approver.email), { status: 303 }, 'they are let in');
    t.match(await visitor.get('/desk'), { status: 303, to: '/desk/me?said=enrol' });
    const asked = await ask();
    t.equal(
      (await visitor.post(`/desk/approvals/${asked.id}/approve`, { hash: asked.hash!, password: PASSWORD }))
        .status,
      403,
    );
    const secret = await house.token(approver, ['read', 'approve']);
    const program = await app.server.inject({
      method: 'POST',
      url: `/api/v1/updates/${asked.id}/return`,
      headers: { authorization: `Bearer ${secret}` },
      payload: { reason: 'x' },
    });
    t.equal(program.statusCode, 403, 'their programs neither');
    t.equal((await (await house.enter(author)).get('/desk')).status, 200, 'authors are not asked');
    t.match(await admin.post('/desk/settings/second', { to: 'off' }), { status: 303 });
  },
);

t.test('a person may write on one page, read another, and not know a third', async (t) => {
  const [two, three] = await Promise.all(
    ['two', 'three'].map((slug) => setUpPage(CLI, { name: `Page ${slug}`, url: `${ORIGIN}/${slug}`, slug })),
  );
  const pat = await house.add('Pat Partly', ['author']);
  await changePageRoles(CLI, pat.id, two!.id, ['viewer']);
  await changePageRoles(CLI, pat.id, three!.id, []);
  const things = async (pageId: string) => {
    const incident = await openIncident(ctx, { pageId, title: `Incident of ${pageId}` });
    const update = await draftUpdate(ctx, incident.id, { blocks: { known: 'Words.' } });
    const fact = await addFact(ctx, incident.id, { key: 'k', value: '1' });
    const template = await saveTemplate(ctx, pageId, {
      name: 'x',
      title: 'x',
      status: 'investigating',
      blocks: { known: 'x' },
      slots: [],
    });
    return { incident, update, fact, template };
  };
  const own = await things(house.page.id);
  const read = await things(two!.id);
  const hidden = await things(three!.id);
  const visitor = await house.enter(await getPerson(app.store.read, pat.id));
  const secret = await house.token(await getPerson(app.store.read, pat.id), [
    'read',
    'draft',
    'approve',
    'admin',
  ]);
  const api = async (method: 'GET' | 'POST' | 'PATCH' | 'PUT', url: string, payload?: object) =>
    (
      await app.server.inject({
        method,
        url: `/api/v1${url}`,
        headers: { authorization: `Bearer ${secret}` },
        ...(payload ? { payload } : {}),
      })
    ).statusCode;
  const writes = (x: typeof own, pageId: string) =>
    [
      ['desk', `/incidents/${x.incident.id}/updates`, { from: 'blank' }],
      ['desk', `/updates/${x.update.id}`, { version: '1', known: 'x', status: 'investigating', class: 'B' }],
      ['desk', `/updates/${x.update.id}/draft`, { version: '1' }],
      ['desk', `/updates/${x.update.id}/withdraw`, { reason: 'x' }],
      ['desk', `/incidents/${x.incident.id}/facts`, { key: 'a', value: '2' }],
      ['desk', `/facts/${x.fact.id}/dispute`, { version: '99', reason: 'x' }],
      [
        'desk',
        `/templates/${x.template.id}`,
        { version: '99', name: 'x', title: 'x', status: 'investigating', known: 'x' },
      ],
      ['desk', '/declare', { page: pageId, title: 'x', kind: 'incident', go: 'only' }],
      ['desk', '/heartbeat', { page: pageId, words: 'We are late. Next {next}.', minutes: '10' }],
    ] as const;
  for (const [page, x, may] of [
    ['own', own, true],
    ['viewer’s', read, false],
    ['hidden', hidden, false],
  ] as const) {
    const pageId = x.incident.pageId;
    for (const [, path, form] of writes(x, pageId)) {
      const { status } = await visitor.post(`/desk${path}`, form);
      t.equal(status === 403, !may, `${page}: POST ${path.replace(/\w{14,}/, ':id')} ${status}`);
    }
    for (const [method, url, body] of [
      ['PATCH', `/updates/${x.update.id}`, { version: 999 }],
      ['POST', `/incidents/${x.incident.id}/updates`, { blocks: { known: 'x' } }],
      ['POST', `/incidents/${x.incident.id}/facts`, { key: 'b', value: '3' }],
      ['POST', '/incidents', { pageId, title: 'x' }],
      [
        'POST',
        '/templates',
        { pageId, name: 'y', title: 'y', status: 'investigating', blocks: { known: 'y' } },
      ],
    ] as const)
      t.equal(
        (await api(method, url, body)) === 403,
        !may,
        `${page}: ${method} ${url.replace(/\w{14,}/, ':id')}`,
      );
    t.equal(
      (await visitor.post(`/desk/incidents/${x.incident.id}/hand-over`, { to: approver.id })).status,
      403,
      'it is not theirs to give away, here or there',
    );
    const seen = page === 'hidden' ? 403 : 200;
    for (const path of [
      `/incidents/${x.incident.id}`,
      `/incidents/${x.incident.id}/facts`,
      `/incidents/${x.incident.id}/report`,
    ])
      t.equal(
        (await visitor.get(`/desk${path}`)).status,
        seen,
        `${page}: GET ${path.replace(/\w{14,}/, ':id')}`,
      );
    t.equal(await api('GET', `/incidents/${x.incident.id}`), seen);
    t.equal(await api('GET', `/incidents?pageId=${pageId}`), seen);
  }
  // One page in the address, another in the form: what counts is the one that is acted on.
  const both = [own.incident.pageId, hidden.incident.pageId];
  for (const [query, form] of [both, both.toReversed()] as const)
    for (const fields of [{ page: form! }, { page: form!, pageId: query! }, { page: [form!, query!] }]) {
      const { status } = await visitor.post(`/desk/declare?page=${query}`, {
        ...fields,
        title: 'x',
        kind: 'incident',
        go: 'only',
      });
      t.equal(status === 403, form === hidden.incident.pageId, JSON.stringify({ query, fields }));
    }
  t.equal(await api('POST', `/incidents?pageId=${both[0]}`, { pageId: both[1], title: 'x' }), 403);
  const made = await visitor.post(`/desk/declare?page=${both[1]}`, {
    title: 'x',
    kind: 'incident',
    go: 'only',
  });
  t.equal(made.status, 303, 'a form that names none is about the first page, whatever its address says');
  for (const path of ['/desk/declare', '/desk/connections', '/desk/subscribers', '/desk/settings'])
    t.notMatch(
      (await visitor.get(path)).body,
      'Page three',
      `${path} does not tell of a page without a role`,
    );
  const asProgram = async (url: string) =>
    (await app.server.inject({ url: `/api/v1${url}`, headers: { authorization: `Bearer ${secret}` } })).body;
  t.notMatch(await asProgram('/pages'), 'Page three');
  t.notMatch(await asProgram('/pages'), '"access"', 'nor what opens a private page');
  t.equal(await api('GET', `/subscribers/counts?pageId=${both[1]}`), 403);
  const list = (await visitor.get('/desk/incidents')).body;
  t.match(list, read.incident.title);
  t.notMatch(list, hidden.incident.title, 'lists do not tell either');
  const bar = (await visitor.get('/desk/commands')).body;
  t.notMatch(bar, hidden.incident.title);
  t.equal(
    (await visitor.post('/desk/advice/apology', { do: 'draft', incident: read.incident.id })).status,
    403,
    'what is about no page that we can name is refused',
  );
});
