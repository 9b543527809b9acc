import t from 'tap';
import { insertAlert } from '../../db/queries/alerts.ts';
import { getUpdate, listPromises } from '../../db/queries/incidents.ts';
import { insertApproval } from '../../db/queries/words.ts';
import { newId } from '../../src/ids.ts';
import { arrivalPlot, promisePlot } from '../../src/server/desk/report-plots.ts';
import { ask, fieldOf, idIn, openHouse, sayYes, words } from './house.ts';

let skew = 0;
const house = await openHouse({
  parts: { clock: { now: () => Date.now() + skew, mono: () => performance.now() + skew } },
});
await house.plug('Mastodon');
t.teardown(() => house.close());
let dana = await house.enter(house.dana);
let marcus = await house.enter(house.marcus);
const r = house.app.store.read;

const first = await ask(dana);
await sayYes(marcus, first);
const { incidentId } = await getUpdate(r, first);

t.test('no change says what was checked', async (t) => {
  t.match((await dana.get(`/desk/incidents/${incidentId}`)).body, /no-change" aria-keyshortcuts="n"/);
  const open = await dana.get(`/desk/incidents/${incidentId}/no-change`);
  t.match(open.body, 'Some card payments fail since 14:09 UTC.', 'with the words that still hold');
  for (const checked of ['', ' ', 'it', 'everything.']) {
    const mute = await dana.post(`/desk/incidents/${incidentId}/no-change`, { checked });
    t.equal(mute.status, 400, `“${checked}” is not enough`);
    t.match(mute.body, /id="e-checked"[\s\S]*Say what was checked/);
  }
  const drafted = await dana.post(`/desk/incidents/${incidentId}/no-change`, {
    checked: 'payments with three banks.',
  });
  const update = await getUpdate(r, idIn(drafted.to));
  t.match(
    update.blocks.known,
    /^We checked payments with three banks at \d\d:\d\d UTC: nothing has changed\. Some card payments fail since 14:09 UTC\.$/,
  );
  const page = await dana.get(drafted.to);
  t.match(fieldOf(page.body, 'nextUpdateBy'), /^\d\d:\d\d$/, 'the cadence proposes the next update');
  // Later than a session that nobody uses lasts.
  skew = 90 * 60_000;
  dana = await house.enter(house.dana);
  marcus = await house.enter(house.marcus);
  await dana.post(drafted.to, {
    ...words(update.version, { known: update.blocks.known ?? '', do: 'plus20' }),
  });
  const saved = await getUpdate(r, update.id);
  await dana.post(drafted.to, {
    ...words(saved.version, {
      known: update.blocks.known ?? '',
      nextUpdateBy: fieldOf((await dana.get(drafted.to)).body, 'nextUpdateBy'),
    }),
    do: 'request',
  });
  t.match((await sayYes(marcus, update.id)).to, 'said=released');
  const again = await dana.post(`/desk/incidents/${incidentId}/no-change`, { checked: 'the card scheme' });
  t.notMatch(
    (await getUpdate(r, idIn(again.to))).blocks.known,
    'three banks',
    'what was checked the last time is not said again',
  );
});

t.test('the report says what came of every promise', async (t) => {
  t.match(
    (await listPromises(r, [incidentId])).map((p) => p.state),
    ['late', 'open'],
  );
  const { status, body } = await dana.get(`/desk/incidents/${incidentId}/report`);
  t.equal(status, 200);
  t.match(body, /Promises kept<\/dt><dd>0 <small>of 1<\/small>/);
  t.match(body, /median lateness 1:\d\d:\d\d/);
  t.match(body, /0 of 1 promise kept<\/desc>[\s\S]*class="badm"[\s\S]*late 1:/, 'drawn, with its words');
  t.match(body, /Update 1<\/a>[\s\S]*Late[\s\S]*by update 2 at/, 'statement, promise, outcome');
  t.match(body, /Dana Cole, class B[\s\S]*Marcus Lee, /, 'who asked and who said yes');
  t.match(body, /Mastodon<\/td>/);
  t.match(body, 'Approval was asked for', 'and every line of the log');
  t.notMatch(body, /style="/, 'no style that the page’s policy would refuse');
  const link = /href="(\/api\/v1\/incidents\/\w+\/record)"/.exec(body)?.[1] ?? '';
  const record = await dana.get(link, { accept: 'application/json' });
  t.equal(record.status, 200, 'the record opens with the session of the desk');
  t.equal((JSON.parse(record.body) as { metrics: { promises: { made: number } } }).metrics.promises.made, 2);
  const empty = idIn((await dana.post('/desk/declare', { title: 'Quiet', kind: 'incident', go: 'only' })).to);
  const quiet = await dana.get(`/desk/incidents/${empty}/report`);
  t.match(quiet.body, 'Nothing has been said yet.');
  t.match(quiet.body, 'No promise was made.');
});

t.test('plots stand where their numbers are', async (t) => {
  const plot = promisePlot(
    [
      { label: '14:40', at: -240_000, late: false },
      { label: '15:00', at: 240_000, late: true },
    ],
    '1 of 2 promises kept',
  );
  const [early, late] = plot?.rows ?? [];
  t.ok((early?.x ?? 0) < (plot?.due ?? 0) && (late?.x ?? 0) > (plot?.due ?? 0), 'early left, late right');
  t.equal((plot?.due ?? 0) - (early?.x ?? 0), (late?.x ?? 0) - (plot?.due ?? 0), 'as far as each was off');
  t.equal(late?.note, 'late 4:00');
  t.equal(promisePlot([], ''), null);
  const arrived = arrivalPlot([{ label: 'Update 1', after: [10_000, 20_000], all: false }]);
  t.equal(arrived?.rows[0]?.note, '0:20, not everywhere');
  t.equal(arrivalPlot([{ label: 'Update 1', after: [], all: true }]), null);
});

t.test('the board says what the house was told', async (t) => {
  const raisedAt = Date.now() + skew;
  for (const [message, at] of [
    ['Cards: The next update is due in 5 minutes.', raisedAt],
    ['Something of yesterday.', raisedAt - 86_400_000],
  ] as const)
    await house.app.store.transact((w) =>
      insertAlert(w, {
        id: newId(),
        pageId: house.page.id,
        kind: 'promise',
        connectionId: null,
        deliveryId: null,
        message,
        raisedAt: at,
        sentAt: null,
        tries: 0,
        nextAt: raisedAt + 86_400_000,
      }),
    );
  const { body } = await dana.get('/desk');
  t.match(
    body,
    /Needs a person[\s\S]*Cards: The next update is due in 5 minutes\.[\s\S]*on call has not been told/,
  );
  t.notMatch(body, 'Something of yesterday.');
});

t.test('the record that is filed says of every yes what it was', async (t) => {
  const { hash } = await getUpdate(r, first);
  const said = (decision: 'consented' | 'returned', reason: string | null) =>
    house.app.store.transact((w) =>
      insertApproval(w, {
        id: newId(),
        updateId: first,
        personId: house.dana.id,
        decision,
        hash: hash ?? '',
        reason,
        at: Date.now(),
        assurance: 'passkey',
        behind: null,
        voidedAt: null,
        voidReason: null,
      }),
    );
  await said('consented', null);
  await said('returned', 'A number is wrong');
  const { body } = await marcus.get(`/desk/incidents/${incidentId}/record`);
  t.match(body, /Marcus Lee: yes, /);
  t.match(body, /Dana Cole: consent, in their own voice, .*, passkey/);
  t.match(body, /Dana Cole: sent back, .*: A number is wrong/);
  t.equal(body.match(/sent back/g)?.length, 1, 'a consent is not a no');
});
