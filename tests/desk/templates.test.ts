import t from 'tap';
import { getUpdate } from '../../db/queries/incidents.ts';
import { getTemplate, listTemplates } from '../../db/queries/templates.ts';
import { clearTemplate } from '../../src/actions/clear-template.ts';
import type { Actor } from '../../src/actions/context.ts';
import { draftFromTemplate } from '../../src/actions/draft-from-template.ts';
import { editUpdate } from '../../src/actions/draft-update.ts';
import { requestApproval } from '../../src/actions/request-approval.ts';
import { LIBRARY } from '../../src/actions/template-library.ts';
import { assertSaysEnough, lintTemplate } from '../../src/actions/template-words.ts';
import { readSlots, writeSlots } from '../../src/server/desk/template-form.ts';
import { openChromium } from '../chromium.ts';
import { handsOn } from './hands.ts';
import { fieldOf, idIn, openHouse, sayYes, words } from './house.ts';

const house = await openHouse();
await house.plug('Mastodon');
await house.plug('X', 'x');
t.teardown(() => house.close());
const dana = await house.enter(house.dana);
const marcus = await house.enter(house.marcus);
const r = house.app.store.read;
const as = (person: { id: string }, role: 'author' | 'approver'): Actor => ({
  kind: 'person',
  id: person.id,
  roles: [role],
});
const named = async (name: string) => {
  const found = (await listTemplates(r, house.page.id)).find((x) => x.name === name);
  if (!found) throw new Error(`no template ${name}`);
  return found;
};

t.test('every shipped text can be cleared and sent as it is', async (t) => {
  for (const text of LIBRARY) {
    assertSaysEnough(text);
    const page = { url: 'https://status.example', settings: {}, languages: ['en'] };
    const slots = text.slots.map((s) =>
      s.type === 'component' ? { ...s, of: ['Card payments', 'Dashboard'] } : s,
    );
    const found = lintTemplate(text, slots, page, 0);
    t.same(
      found.map((f) => `${f.level} ${f.id} ${f.field} ${f.quote} ${f.message}`),
      [],
      text.name,
    );
  }
});

t.test('slots are read as they are written', async (t) => {
  const said =
    'since: time\nwhat: component\nremedy: choice refund, repair\nwho: text 40\nn: number 1-600\nat: place';
  t.equal(writeSlots(readSlots(said)), said);
  for (const wrong of ['since', 'since: hour', 'remedy: choice one', 'n: number many', 'who: text long'])
    t.throws(() => readSlots(wrong), { field: 'slots' } as unknown as Error, wrong);
});

t.test('a text is cleared by another person than its author', async (t) => {
  const added = await marcus.post('/desk/templates/library', { page: house.page.id });
  t.equal(added.status, 303);
  t.match((await marcus.get('/desk/templates')).body, 'Payment failure');
  const outage = await named('Outage');
  const own = await marcus.post(`/desk/templates/${outage.id}/clear`, { version: '1', days: '90' });
  t.equal(own.status, 403);
  t.match(own.body, 'another person must clear them');
  const ruth = await house.enter(await house.add('Ruth Bell', ['approver']));
  t.equal((await dana.post(`/desk/templates/${outage.id}/clear`, { version: '1', days: '90' })).status, 403);
  t.match((await ruth.get('/desk/templates')).body, /Clear<span class="vh"> Outage/);
  const cleared = await ruth.post(`/desk/templates/${outage.id}/clear`, { version: '1', days: '90' });
  t.equal(cleared.status, 303);
  t.match((await ruth.get('/desk/templates')).body, /Cleared until [\s\S]*by Ruth Bell/);
  for (const name of ['Payment failure', 'Apology']) {
    const { id } = await named(name);
    await ruth.post(`/desk/templates/${id}/clear`, { version: '1', days: '90' });
  }
  const again = await ruth.post(`/desk/templates/${outage.id}/clear`, { version: '1', days: '90' });
  t.equal(again.status, 409, 'a version that was not read is not cleared');
});

t.test('a text that would be blocked, or says too little, is not cleared', async (t) => {
  const form = {
    page: house.page.id,
    name: 'Half said',
    title: 'Something with {{what}}',
    status: 'investigating',
    known: 'There is a problem with {{what}}.',
    slots: 'what: text 40',
  };
  const stray = await dana.post('/desk/templates', { ...form, slots: 'who: text 40' });
  t.equal(stray.status, 400);
  t.match(stray.body, /There is a problem with \{\{what\}\}/, 'nothing written is lost');
  t.match(stray.body, 'not among its slots');
  t.equal((await dana.post('/desk/templates', form)).status, 303);
  const half = await named('Half said');
  const mute = await marcus.post(`/desk/templates/${half.id}/clear`, { version: '1', days: '90' });
  t.equal(mute.status, 400);
  t.match(mute.body, 'Say what is not known yet');
  const link = {
    ...form,
    version: '1',
    unknown: 'We do not know why.',
    known: 'See https://x.example/{{what}}',
  };
  t.equal((await dana.post(`/desk/templates/${half.id}`, link)).status, 303);
  t.match(
    (await dana.get(`/desk/templates/${half.id}`)).body,
    /lint block[\s\S]*leads away/,
    'the author sees it',
  );
  const away = await marcus.post(`/desk/templates/${half.id}/clear`, { version: '2', days: '90' });
  t.match(away.body, 'This link leads away');
});

t.test('from nothing to the approver in one form', async (t) => {
  const { id } = await named('Payment failure');
  const empty = await dana.get('/desk/declare');
  t.match(empty.body, /<option value="\w+">Payment failure<\/option>/);
  t.match(empty.body, 'Data breach (not cleared)');
  const open = await dana.get(`/desk/declare?template=${id}`);
  t.match(fieldOf(open.body, 's.since'), /^\d\d:\d\d UTC$/, 'the time is there already');
  t.match(open.body, /name="s\.what"[\s\S]*Card payments/, 'components are chosen, not typed');
  const form = { kind: 'incident', title: '', template: id, 's.since': '14:09 UTC', go: 'request' };
  const missing = await dana.post('/desk/declare', form);
  t.equal(missing.status, 400);
  t.match(missing.body, /id="e-s\.what"[\s\S]*has no value/);
  const asked = await dana.post('/desk/declare', { ...form, 's.what': 'Card payments' });
  t.match(asked, { status: 303, to: /\/desk\/approvals\/\w+\?said=asked/ });
  const update = await getUpdate(r, idIn(asked.to));
  t.match(update, { class: 'A', state: 'in_review', templateId: id });
  const seen = await marcus.get(`/desk/approvals/${update.id}`);
  t.match(seen.body, 'Payments failing: Card payments');
  t.match(seen.body, 'Some payments fail since 14:09 UTC.');
  t.match((await sayYes(marcus, update.id)).to, 'said=released', 'one yes is enough');
});

t.test('eight keys from calm to the approver', async (t) => {
  const browser = await openChromium();
  t.teardown(() => browser.close());
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const [name = '', value = ''] = dana.cookie.split('=');
  await context.addCookies([{ name, value, url: house.url }]);
  const page = await context.newPage();
  await page.goto(`${house.url}/desk`);
  const hands = handsOn(page);
  await hands.press('!');
  await page.waitForURL('**/desk/declare');
  await page.waitForLoadState();
  await page.locator('#f-template:focus').waitFor();
  await hands.choose(page.locator('#f-template'), 'pay', 'Payment failure');
  const what = page.locator('select[name="s.what"]');
  await what.waitFor();
  await hands.press('Tab');
  t.equal(await page.evaluate(() => document.activeElement?.textContent), 'Show its slots');
  await hands.press('Tab');
  await hands.choose(what, 'c', 'Card payments');
  await hands.press('Control+Enter');
  await page.waitForURL('**/desk/approvals/*');
  t.equal(hands.keys, 8);
  t.match(await page.locator('#main').textContent(), 'The problem is with Card payments.');
});

t.test('a change of a word, and only that, takes the clearance away', async (t) => {
  const { id } = await named('Payment failure');
  const form = {
    kind: 'incident',
    title: 'Cards',
    template: id,
    's.since': '14:09 UTC',
    's.what': 'Dashboard',
  };
  const declared = await dana.post('/desk/declare', { ...form, go: 'write' });
  const update = await getUpdate(r, idIn(declared.to));
  const page = await dana.get(declared.to);
  t.match(page.body, 'Pre-cleared words');
  const same = {
    ...words(1, { nextUpdateBy: fieldOf(page.body, 'nextUpdateBy'), class: 'A' }),
    ...update.blocks,
  };
  await dana.post(`/desk/updates/${update.id}`, { ...same, do: 'plus30' });
  t.match(await getUpdate(r, update.id), { class: 'A', templateId: id }, 'another time is a slot too');
  await dana.post(`/desk/updates/${update.id}`, {
    ...same,
    version: '2',
    doing: 'We are on it.',
    do: 'save',
  });
  t.match(await getUpdate(r, update.id), { class: 'B', templateId: null });
  const back = await dana.post(`/desk/updates/${update.id}`, { ...same, version: '3', do: 'request' });
  t.equal(back.status, 409, 'and nobody chooses class A for their own words');
  t.match(back.body, 'Choose class B');
});

t.test('what is not cleared any more is not sent as if it were', async (t) => {
  const outage = await named('Outage');
  const author = { ...house.app.ctx(as(house.dana, 'author')) };
  const incident = (
    await getUpdate(
      r,
      idIn((await dana.post('/desk/declare', { title: 'X', kind: 'incident', go: 'write' })).to),
    )
  ).incidentId;
  const values = { what: 'Dashboard', since: '14:09 UTC' };
  const next = { nextUpdateBy: Date.now() + 20 * 60_000 };
  await t.rejects(draftFromTemplate(author, incident, outage.id, { since: '14:09' }), {
    field: 'slots.what',
  } as unknown as Error);
  const before = await draftFromTemplate(author, incident, outage.id, values, next);
  t.equal(before.class, 'A');
  const later = { ...author, now: () => (outage.clearedUntil ?? 0) + 1 };
  t.equal(
    (await draftFromTemplate(later, incident, outage.id, values, next)).class,
    'B',
    'clearance runs out',
  );
  t.equal((await marcus.post(`/desk/templates/${outage.id}/revoke`, {})).status, 303);
  await t.rejects(requestApproval(author, before.id, before.version), { code: 'conflict', field: 'class' });
  const { version } = await getTemplate(r, outage.id);
  await clearTemplate(
    house.app.ctx(as({ id: 'somebody' }, 'approver')),
    outage.id,
    version,
    Date.now() + 86_400_000,
  );
  await t.rejects(
    requestApproval(author, before.id, before.version),
    { field: 'class' } as unknown as Error,
    'a new clearance is not for what was drafted before it',
  );
  const own = await editUpdate(author, before.id, before.version, { class: 'B' });
  t.equal((await requestApproval(author, own.id, own.version)).state, 'in_review');
});
