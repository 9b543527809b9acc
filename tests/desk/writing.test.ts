import t from 'tap';
import { readTime, writeTime } from '../../src/server/desk/times.ts';
import { ask, fieldOf, idIn, openHouse, sayYes, words } from './house.ts';

const house = await openHouse();
await house.plug('Mastodon');
await house.plug('X', 'x');
t.teardown(() => house.close());
const dana = await house.enter(house.dana);
const marcus = await house.enter(house.marcus);

t.test('from declared to published, by links and forms alone', async (t) => {
  const declared = await dana.post('/desk/declare', {
    title: 'Card payments failing',
    objective: 'Tell customers how to pay until cards work again.',
    kind: 'incident',
    detectedAt: '',
    go: 'write',
  });
  const id = idIn(declared.to);
  t.equal(declared.status, 303);
  const draft = await dana.get(declared.to);
  t.match(draft.body, 'Only the desk knows');
  t.match(draft.body, 'Write what you know', 'an empty draft says what to do');
  t.match(fieldOf(draft.body, 'nextUpdateBy'), /^\d\d:\d\d$/, 'the cadence proposes the next update');
  t.equal(
    (await fetch(`${house.url}/`).then((r) => r.text())).includes('Card payments failing'),
    false,
    'nothing is public',
  );

  const empty = await dana.post(`/desk/updates/${id}`, {
    ...words(1, { known: '', doing: '' }),
    do: 'request',
  });
  t.equal(empty.status, 400);
  t.match(
    empty.body,
    /id="e-known"[\s\S]{0,300}says nothing yet/,
    'a silent update is refused beside its field',
  );

  const plus = await dana.post(`/desk/updates/${id}`, {
    ...words(fieldOf(empty.body, 'version'), { care: 'We are sorry.' }),
    [`c.${house.components[0]?.id}`]: 'partial_outage',
    do: 'plus20',
  });
  t.match(plus, { status: 303, to: `/desk/updates/${id}?said=saved` });
  const saved = await dana.get(`/desk/updates/${id}`);
  const next = fieldOf(saved.body, 'nextUpdateBy');
  const minutes = (readTime('x', next, 'UTC', Date.now(), 'ahead') ?? 0) - Date.now();
  t.ok(minutes > 19 * 60_000 && minutes <= 21 * 60_000, '+20 is twenty minutes from now');
  // Shortly before midnight its day is said with it.
  t.match(saved.body, new RegExp(`Next update by ${next} UTC[^<.]*\\.`), 'and stands in the exact words');
  t.match(saved.body, /\d+ \/ 280 weighted/, 'with X’s own count');
  t.match(saved.body, 'Nothing in the way');

  const asked = await dana.post(`/desk/updates/${id}`, {
    ...words(fieldOf(saved.body, 'version'), { care: 'We are sorry.', nextUpdateBy: next }),
    [`c.${house.components[0]?.id}`]: 'partial_outage',
    do: 'request',
  });
  t.match(asked, { status: 303, to: `/desk/approvals/${id}?said=asked` });

  const own = await dana.get(`/desk/approvals/${id}`);
  t.match(own.body, 'Only a person with the role', 'the author is told why she cannot');
  t.notMatch(own.body, 'name="hash"', 'and has no button');
  const anyway = await dana.post(`/desk/approvals/${id}/approve`, { hash: 'a'.repeat(64) });
  t.equal(anyway.status, 403);

  t.match((await marcus.get('/desk')).body, 'Read and decide', 'the approver’s board asks him');
  const seen = await marcus.get(`/desk/approvals/${id}`);
  t.match(seen.body, 'Some card payments fail since 14:09 UTC.');
  t.match(seen.body, new RegExp(`We promise an update by</small><b>[^<]*${next} UTC`));
  t.match(seen.body, 'Working → Partial outage');
  t.match(seen.body, 'first public words');

  const stale = await marcus.post(`/desk/approvals/${id}/approve`, { hash: 'a'.repeat(64) });
  t.equal(stale.status, 409);
  t.match(stale.body, 'Read them again', 'a yes to other words than these is refused');

  const yes = await marcus.post(`/desk/approvals/${id}/approve`, { hash: fieldOf(seen.body, 'hash') });
  t.match(yes, { status: 303, to: `/desk/updates/${id}/deliveries?said=released` });
  t.match((await marcus.get(yes.to)).body, 'Approved and published');
  await house.app.live.settled();
  t.match(
    await fetch(`${house.url}/`).then((r) => r.text()),
    'Some card payments fail since 14:09 UTC.',
    'the public reads it',
  );
  t.match(
    (await dana.get('/desk')).body,
    new RegExp(`by [^<]*${next} UTC`),
    'and the board counts down to the promise',
  );
});

t.test('nobody approves their own words', async (t) => {
  const id = await ask(marcus, {}, 'Statements late');
  const own = await marcus.get(`/desk/approvals/${id}`);
  t.match(own.body, 'another person must approve');
  t.notMatch(own.body, 'name="hash"');
  const hash = /data-hash="(\w{64})"/.exec(own.body)?.[1] ?? '';
  const anyway = await marcus.post(`/desk/approvals/${id}/approve`, { hash });
  t.equal(anyway.status, 403);
  t.match(anyway.body, 'You wrote or edited these words');
  t.equal(
    (await marcus.get(`/desk/updates/${id}/deliveries`)).to,
    `/desk/updates/${id}`,
    'nothing was published',
  );
});

t.test('two authors never overwrite each other', async (t) => {
  const lena = await house.enter(await house.add('Lena Moreau', ['author']));
  const declared = await dana.post('/desk/declare', {
    title: 'Transfers delayed',
    kind: 'incident',
    go: 'write',
  });
  const id = idIn(declared.to);
  t.equal(
    (await lena.post(`/desk/updates/${id}`, { ...words(1, { known: 'Lena was first.' }), do: 'save' }))
      .status,
    303,
  );

  const late = await dana.post(`/desk/updates/${id}`, {
    ...words(1, { known: 'Dana wrote <this>.', action: 'Dana’s advice.' }),
    do: 'save',
  });
  t.equal(late.status, 409);
  t.match(late.body, 'Lena Moreau saved this update while you were writing');
  t.match(late.body, /Saved now[\s\S]*Lena was first\./, 'what is saved is shown');
  t.match(
    late.body,
    /<textarea[^>]*name="known"[^>]*>Dana wrote &lt;this&gt;\.<\/textarea>/,
    'what she wrote is in the form',
  );
  t.match(late.body, /<textarea[^>]*name="action"[^>]*>Dana’s advice\.<\/textarea>/);
  t.match((await dana.get(`/desk/updates/${id}`)).body, 'Lena was first.', 'and nothing was overwritten');

  const over = await dana.post(`/desk/updates/${id}`, {
    ...words(fieldOf(late.body, 'version'), { known: 'Dana wrote <this>.' }),
    do: 'save',
  });
  t.equal(over.status, 303, 'she may put hers over it, knowingly');
  t.match((await lena.get(`/desk/updates/${id}`)).body, 'Dana wrote &lt;this&gt;.');
});

t.test('a change takes the approval back', async (t) => {
  const id = await ask(dana, {}, 'Refunds slow');
  const seen = await marcus.get(`/desk/approvals/${id}`);
  const open = await dana.get(`/desk/updates/${id}?edit`);
  t.equal(open.status, 200);
  await dana.post(`/desk/updates/${id}`, {
    ...words(fieldOf(open.body, 'version'), {
      nextUpdateBy: fieldOf(open.body, 'nextUpdateBy'),
      known: 'Other words.',
    }),
    do: 'save',
  });
  const yes = await marcus.post(`/desk/approvals/${id}/approve`, { hash: fieldOf(seen.body, 'hash') });
  t.equal(yes.status, 409);
  t.match(yes.body, 'Nobody has asked for approval');
});

t.test('sending back says why', async (t) => {
  const id = await ask(dana, {}, 'Login slow');
  const mute = await marcus.post(`/desk/approvals/${id}/return`, { reason: ' ' });
  t.equal(mute.status, 400);
  t.match(mute.body, /id="e-reason"/);
  t.match(await marcus.post(`/desk/approvals/${id}/return`, { quick: 'A number is wrong' }), { status: 303 });
  const back = await dana.get(`/desk/updates/${id}`);
  t.match(back.body, 'Sent back');
  t.match(back.body, 'A number is wrong');
});

t.test('what does not fit says where to shorten it', async (t) => {
  const declared = await dana.post('/desk/declare', { title: 'Long story', kind: 'incident', go: 'write' });
  const id = idIn(declared.to);
  const next = fieldOf((await dana.get(declared.to)).body, 'nextUpdateBy');
  const long = { ...words(1, { known: `Cards fail ${'again and '.repeat(60)}again.`, nextUpdateBy: next }) };
  const preview = await dana.post(`/desk/updates/${id}/preview`, long);
  t.equal(preview.status, 200);
  const { html } = JSON.parse(preview.body) as { html: Record<string, string> };
  t.match(html['rends'], 'Does not fit');
  t.match(html['verdict'], /X: .*over the limit of 280[\s\S]*href="#f-known"/);
  t.match((await dana.get(`/desk/updates/${id}`)).body, 'Write what you know', 'looking saves nothing');
  const asked = await dana.post(`/desk/updates/${id}`, { ...long, do: 'request' });
  t.equal(asked.status, 400);
  t.match(asked.body, 'again and again', 'the words are kept');
  t.match((await dana.get(`/desk/updates/${id}`)).body, 'again and again', 'and the draft is saved');

  const tooFar = await dana.post(`/desk/updates/${id}`, {
    ...words(fieldOf(asked.body, 'version'), { nextUpdateBy: '2099-01-01 00:00' }),
    do: 'request',
  });
  t.equal(tooFar.status, 400);
  t.match(tooFar.body, /id="e-nextUpdateBy"[\s\S]*too far away/);
  const nonsense = await dana.post(`/desk/updates/${id}`, {
    ...words(fieldOf(tooFar.body, 'version'), { nextUpdateBy: 'later today' }),
    do: 'save',
  });
  t.match(nonsense.body, /value="later today"[\s\S]*Write a time like 14:40/);
});

t.test('maintenance needs its times', async (t) => {
  const form = { title: 'Database move', kind: 'maintenance', go: 'only' };
  const without = await dana.post('/desk/declare', form);
  t.equal(without.status, 400);
  t.match(without.body, /id="e-scheduledFor"/);
  const backwards = await dana.post('/desk/declare', {
    ...form,
    scheduledFor: '2099-11-29 04:00',
    scheduledUntil: '2099-11-29 02:00',
  });
  t.match(backwards.body, /value="2099-11-29 04:00"[\s\S]*id="e-scheduledUntil"/);
  const planned = await dana.post('/desk/declare', {
    ...form,
    scheduledFor: '2099-11-29 02:00',
    scheduledUntil: '2099-11-29 04:00',
  });
  t.match((await dana.get(planned.to)).body, '29 Nov, 02:00 UTC to 29 Nov, 04:00 UTC');
});

t.test('an update is of what was said before', async (t) => {
  const id = await ask(dana, {}, 'Dashboard down');
  await sayYes(marcus, id);
  const board = (await dana.get('/desk/incidents')).body;
  const incident = /incidents\/(\w+)">Dashboard down/.exec(board)?.[1] ?? '';
  const again = await dana.post(`/desk/incidents/${incident}/updates`, { from: 'last' });
  const second = idIn(again.to);
  const draft = await dana.get(again.to);
  t.match(draft.body, 'Some card payments fail since 14:09 UTC.', 'it starts with the words that are public');
  await dana.post(`/desk/updates/${second}`, {
    ...words(1, {
      known: 'Some card payments fail since 14:12 UTC.',
      nextUpdateBy: fieldOf(draft.body, 'nextUpdateBy'),
    }),
    do: 'request',
  });
  const seen = await marcus.get(`/desk/approvals/${second}`);
  t.match(seen.body, /since <del>14:09 <\/del><ins>14:12 <\/ins>UTC/, 'and the approver sees what changed');
});

t.test('a release ring can be stopped', async (t) => {
  const slow = await openHouse({ policy: { ringMs: 60_000, approvers: { A: 1, B: 2, C: 2, D: 1, E: 1 } } });
  t.teardown(() => slow.close());
  const author = await slow.enter(slow.dana);
  const first = await slow.enter(slow.marcus);
  const second = await slow.enter(await slow.add('Ruth Bell', ['approver']));
  const id = await ask(author);
  t.match(
    await sayYes(first, id),
    { status: 303, to: `/desk/approvals/${id}?said=approved` },
    'one yes of two',
  );
  const half = await second.get(`/desk/approvals/${id}`);
  t.match(half.body, 'Marcus Lee said yes');
  t.match(half.body, '1 of 2 yeses');
  t.equal((await sayYes(first, id)).status, 409, 'and nobody says it twice');
  await sayYes(second, id);
  const ring = await author.get(`/desk/approvals/${id}`);
  t.match(ring.body, 'until it goes out');
  t.match(ring.body, 'Stop');
  t.match(await author.post(`/desk/updates/${id}/withdraw`, { reason: 'Stopped before its release.' }), {
    status: 303,
  });
  await slow.app.live.settled();
  t.notMatch(await fetch(`${slow.url}/`).then((r) => r.text()), 'Some card payments fail');
});

t.test('solo and exercise are said on every screen', async (t) => {
  const drill = await openHouse({ exercise: true, policy: { solo: true } });
  t.teardown(() => drill.close());
  const marcus = await drill.enter(drill.marcus);
  for (const path of ['/desk', '/desk/declare', '/desk/approvals', '/desk/connections', '/desk/settings']) {
    const { body } = await marcus.get(path);
    t.match(body, '<strong class="mode">EXERCISE</strong>', path);
    t.notMatch(body, '<strong class="mode">LIVE</strong>');
    t.match(body, 'SOLO: one person may approve their own words');
  }
});

t.test('times', async (t) => {
  const at = (iso: string) => Date.parse(iso);
  const now = at('2026-11-21T14:31:18Z');
  const cases: [string, string, 'ahead' | 'behind', string][] = [
    ['14:40', 'UTC', 'ahead', '2026-11-21T14:40:00Z'],
    ['14:31', 'UTC', 'ahead', '2026-11-21T14:31:00Z'],
    ['14:20', 'UTC', 'ahead', '2026-11-22T14:20:00Z'],
    ['14:20', 'UTC', 'behind', '2026-11-21T14:20:00Z'],
    ['15:10', 'UTC', 'behind', '2026-11-20T15:10:00Z'],
    ['9:05', 'UTC', 'behind', '2026-11-21T09:05:00Z'],
    ['15:40', 'Europe/Berlin', 'ahead', '2026-11-21T14:40:00Z'],
    ['00:10', 'Asia/Kolkata', 'ahead', '2026-11-21T18:40:00Z'],
    ['22:00', 'America/Los_Angeles', 'ahead', '2026-11-22T06:00:00Z'],
    ['2026-11-29 02:00', 'Europe/Berlin', 'ahead', '2026-11-29T01:00:00Z'],
    ['2026-11-29T02:00', 'UTC', 'ahead', '2026-11-29T02:00:00Z'],
    ['2026-11-29T02:00:00+05:30', 'UTC', 'ahead', '2026-11-28T20:30:00Z'],
    // The night Berlin's clocks go forward has no 02:30; the night they go back has it twice.
    ['2026-03-29 02:30', 'Europe/Berlin', 'ahead', '2026-03-29T01:30:00Z'],
    ['2026-03-29 01:59', 'Europe/Berlin', 'ahead', '2026-03-29T00:59:00Z'],
    ['2026-03-29 03:00', 'Europe/Berlin', 'ahead', '2026-03-29T01:00:00Z'],
    ['2026-10-25 02:30', 'Europe/Berlin', 'ahead', '2026-10-25T00:30:00Z'],
    ['2026-10-25 03:00', 'Europe/Berlin', 'ahead', '2026-10-25T02:00:00Z'],
  ];
  for (const [typed, zone, mode, iso] of cases)
    t.equal(
      new Date(readTime('x', typed, zone, now, mode) ?? 0).toISOString(),
      new Date(at(iso)).toISOString(),
      `${typed} ${zone}`,
    );
  for (const typed of [
    'later',
    '25:00',
    '14:60',
    '2026-02-30 10:00',
    '2026-13-01 10:00',
    '14',
    'tomorrow 10:00',
  ])
    t.throws(
      () => readTime('x', typed, 'UTC', now, 'ahead'),
      { message: /^Write a time like 14:40/ } as unknown as Error,
      typed,
    );
  t.equal(readTime('x', '  ', 'UTC', now, 'ahead'), undefined);
  for (const zone of ['UTC', 'Europe/Berlin', 'Pacific/Auckland', 'America/St_Johns'])
    for (const minutes of [0, 1, 20, 90, 1_400, 1_439, 1_441, 100_000]) {
      const then = Math.floor(now / 60_000) * 60_000 + minutes * 60_000;
      t.equal(
        readTime('x', writeTime(then, zone, now), zone, now, 'ahead'),
        then,
        `${zone} ${minutes} is read as written`,
      );
    }
});

t.test('the hour that comes twice when clocks go back', (t) => {
  const at = (text: string) => Date.parse(text);
  const zone = 'Europe/Berlin';
  // 02:10 for the second time, and for the first.
  const [later, earlier] = [at('2026-10-25T01:10:00Z'), at('2026-10-25T00:10:00Z')];
  const read = (typed: string, now: number, mode: 'ahead' | 'behind' = 'ahead') =>
    new Date(readTime('x', typed, zone, now, mode) ?? 0).toISOString().slice(0, 16);
  t.equal(read('02:40', later), '2026-10-25T01:40', 'half an hour away, and not a day');
  t.equal(read('02:40', earlier), '2026-10-25T00:40');
  t.equal(read('02:40', later, 'behind'), '2026-10-25T00:40', 'half an hour ago');
  t.equal(read('02:05', later, 'behind'), '2026-10-25T01:05');
  for (const now of [earlier, later])
    for (const minutes of [0, 10, 30, 60, 90, 120, 1_400, 1_500]) {
      const then = now + minutes * 60_000;
      const written = writeTime(then, zone, now);
      t.equal(readTime('x', written, zone, now, 'ahead'), then, `${written} is read as it was written`);
    }
  t.end();
});
