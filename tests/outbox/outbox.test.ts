import t, { type Test } from 'tap';
import { getConnection } from '../../db/queries/connections.ts';
import { listEventsAfter } from '../../db/queries/log.ts';
import { getRendition } from '../../db/queries/words.ts';
import { resumeConnection } from '../../src/actions/connect-account.ts';
import { resendDelivery } from '../../src/actions/settle-delivery.ts';
import { LONGEST_WAIT_MS } from '../../src/domain/delivery-times.ts';
import { DATABASES, type DatabaseKind, MINUTE, NETWORKS, wordsAt } from '../house.ts';
import { openDesk, REQUEST_MS, type Step } from './scripted.ts';

/** Timeout, lag of the tests' networks, and how far clocks may differ: how long an absent post may still appear. */
const SETTLE_MS = REQUEST_MS + 2_000 + 2_000;
const names = Object.keys(NETWORKS) as (keyof typeof NETWORKS)[];
const unknown: Step = 'silence';

for (const database of DATABASES)
  t.test(database, async (t) => {
    await durable(t, database);
    await failures(t, database);
    await finding(t, database);
  });

async function durable(t: Test, database: DatabaseKind) {
  await t.test('100 sends: before each, the database says that it is being sent, and by whom', async (t) => {
    const desk = await openDesk(t, { database, connect: names.slice(0, 5).map((name) => ({ name })) });
    let seen = 0;
    for (const network of desk.networks.values())
      network.watch = async (key) => {
        const row = await desk.delivery(key);
        const isMarked = row.state === 'sending' && row.leaseBy === desk.house.boot && row.sentAt !== null;
        if (isMarked && (await desk.tries(key)).at(-1) === 'publish null') seen += 1;
      };
    const incident = await desk.house.openIncident();
    for (let i = 0; i < 20; i += 1) {
      await desk.say(incident, wordsAt(desk.house.clock.now(), `Fact number ${i}.`));
      await desk.pass(5_000);
    }
    t.equal(seen, 100);
    t.equal([...desk.networks.values()].flatMap((n) => n.posts).length, 100, 'and all of them arrived');
    t.ok((await desk.deliveries(incident.id)).every((d) => d.state === 'delivered'));
    t.strictSame(desk.reports, []);
  });
  await t.test('what is sent is what was approved, to the byte', async (t) => {
    const desk = await openDesk(t, { database });
    const { rows } = await desk.say(
      undefined,
      wordsAt(desk.house.clock.now(), 'Ümläute, 漢字, 👩‍🚀 and "quotes".'),
    );
    await desk.rest();
    const [row] = rows;
    const words = await getRendition(desk.house.store.read, row!.renditionId);
    const [post] = desk.network().posts;
    t.equal(post!.text, words!.parts[0]!.text);
    t.match(post!.text, 'Ümläute, 漢字, 👩‍🚀 and "quotes".');
    t.equal(post!.draft.link, words!.parts[0]!.link);
    t.ok(post!.text.includes(post!.draft.link!), 'with a link of its own');
  });
}

/** Where one failed try leads, by what the network guarantees. */
const TABLE: Record<string, { step: Step; leads: Partial<Record<keyof typeof NETWORKS | 'all', string>> }> = {
  rejected: { step: { failure: 'rejected' }, leads: { all: 'refused, alert refused' } },
  auth: { step: { failure: 'auth' }, leads: { all: 'pending at once, alert paused, not counted' } },
  limited: {
    step: { failure: 'limited', retryAfterMs: 7_000 },
    leads: { all: 'pending in 7000, account waits, not counted' },
  },
  'limited for ever': {
    step: { failure: 'limited', retryAfterMs: 1e12 },
    leads: { all: `pending in ${LONGEST_WAIT_MS}, account waits, not counted` },
  },
  unsent: { step: { failure: 'unsent' }, leads: { all: 'pending in 1000' } },
  'unsent, asked to wait': {
    step: { failure: 'unsent', retryAfterMs: 9_000 },
    leads: { all: 'pending in 9000' },
  },
  unknown: {
    step: { failure: 'unknown' },
    leads: {
      always: 'pending in 1000, may be there',
      receiver: 'pending in 1000, may be there',
      window: 'unknown in 5000, may be there',
      findable: 'unknown in 5000, may be there',
      direct: 'pending in 1000, may be there',
      blind: 'held, alert held, may be there',
    },
  },
  'an error of its own code': {
    step: { throws: new TypeError('x is not a function') },
    leads: { findable: 'unknown in 5000, may be there', blind: 'held, alert held, may be there' },
  },
  'something that is no error': {
    step: { throws: 'nonsense' },
    leads: { findable: 'unknown in 5000, may be there', blind: 'held, alert held, may be there' },
  },
  'the post that is there already': {
    step: { failure: 'rejected', existing: { id: 'old', url: null } },
    leads: { findable: 'accepted at once', blind: 'delivered' },
  },
};

async function failures(t: Test, database: DatabaseKind) {
  await t.test('every failure leads where the table says', async (t) => {
    for (const [name, { step, leads }] of Object.entries(TABLE)) {
      const desk = await openDesk(t, {
        database,
        connect: names.map((network) => ({ name: network, can: NETWORKS[network] })),
      });
      // Only what comes of the first try is asked for: the account is not spoken to again.
      for (const [i, network] of names.entries()) {
        const net = desk.network(i);
        net.script.push(step, ...Array.from({ length: 20 }, () => ({ failure: 'unsent' }) as Step));
        net.looks.push(...Array.from({ length: 20 }, () => ({ failure: 'unsent' }) as Step));
        t.equal(names[i], network);
      }
      const { rows } = await desk.say();
      await desk.rest();
      const found: Record<string, string> = {};
      for (const row of rows) {
        const d = await desk.delivery(row.id);
        const c = await getConnection(desk.house.store.read, row.connectionId);
        const alert = desk.alerts.find((a) => a.connectionId === c.id);
        const waits = d.nextAt - desk.house.clock.now();
        found[c.name] = [
          d.state +
            (d.state === 'pending' || d.state === 'unknown'
              ? waits > 0
                ? ` in ${waits}`
                : ' at once'
              : d.state === 'accepted'
                ? ' at once'
                : ''),
          ...(alert ? [`alert ${alert.kind}`] : []),
          ...(c.notBefore !== null ? ['account waits'] : []),
          ...(d.attempts === 0 ? ['not counted'] : []),
          ...(d.mayBeThere ? ['may be there'] : []),
        ].join(', ');
      }
      const expected = Object.fromEntries(
        names.flatMap((n) => {
          const leadsTo = leads[n] ?? leads.all;
          return leadsTo === undefined ? [] : [[n, leadsTo]];
        }),
      );
      t.strictSame(Object.fromEntries(Object.keys(expected).map((n) => [n, found[n]])), expected, name);
      t.strictSame(desk.reports, [], `${name}: nothing unexpected`);
      await desk.outbox.close();
    }
  });
  await t.test('a network that does not let us in for a day is given up, and a person is told', async (t) => {
    const desk = await openDesk(t, { database });
    desk.network().script.push(...Array.from({ length: 2_000 }, () => ({ failure: 'unsent' }) as Step));
    const { rows } = await desk.say();
    const id = rows[0]!.id;
    for (let i = 0; i < 4 * 23; i += 1) await desk.pass(15 * MINUTE);
    t.equal((await desk.delivery(id)).state, 'pending', 'a long outage does not end it');
    for (let i = 0; i < 5; i += 1) await desk.pass(15 * MINUTE);
    t.match(await desk.delivery(id), { state: 'dead', reason: /^Tried \d+ times/, doneAt: Number });
    t.strictSame(
      desk.alerts.map((a) => [a.kind, a.deliveryId]),
      [['dead', id]],
    );
    await resendDelivery(desk.house.ctx(desk.house.approver), id);
    desk.network().script = [];
    await desk.rest();
    t.equal((await desk.delivery(id)).state, 'delivered', 'and can have it sent again');
  });
  await t.test('a refused account keeps its queue, and it goes on when somebody has mended it', async (t) => {
    const desk = await openDesk(t, { database });
    desk.network().script.push({ failure: 'auth' });
    const first = await desk.say();
    await desk.rest();
    const second = await desk.say();
    await desk.pass(60 * MINUTE);
    t.match(await desk.connection(), { pausedAt: Number, pausedReason: 'The network said: auth.' });
    t.equal(desk.network().calls.length, 1, 'it is not spoken to any more');
    const [row] = first.rows;
    t.match(await desk.delivery(row!.id), { state: 'pending', attempts: 0, mayBeThere: false });
    const told = (await listEventsAfter(desk.house.store.read, 0, 1_000)).filter(
      (e) => e.kind === 'connection.paused',
    );
    t.match(told, [{ public: true, detail: { connectionId: row!.connectionId } }], 'the page says so too');
    await resumeConnection(desk.house.ctx(desk.house.admin), row!.connectionId);
    await desk.rest();
    for (const { rows } of [first, second]) t.equal((await desk.delivery(rows[0]!.id)).state, 'delivered');
  });
  await t.test('credentials that cannot be opened pause the account, and nothing was sent', async (t) => {
    let broken = true;
    const desk = await openDesk(t, {
      database,
      channelOf(connection, networks) {
        if (broken) throw new Error('It was sealed with a key that is not here.');
        return networks.get(connection.id)!.channel;
      },
    });
    const { rows } = await desk.say();
    await desk.rest();
    t.match(await desk.delivery(rows[0]!.id), {
      state: 'pending',
      leaseBy: null,
      mayBeThere: false,
      attempts: 0,
    });
    t.match(await desk.connection(), {
      pausedReason: /cannot be opened: It was sealed with a key that is not here/,
    });
    broken = false;
    await resumeConnection(desk.house.ctx(desk.house.admin), rows[0]!.connectionId);
    await desk.rest();
    t.equal((await desk.delivery(rows[0]!.id)).state, 'delivered');
    t.strictSame(desk.reports, []);
  });
}

async function finding(t: Test, database: DatabaseKind) {
  for (const network of ['findable', 'window'] as const)
    await t.test(`${network}: an answer that was lost is found, not sent again`, async (t) => {
      const desk = await openDesk(t, { database, connect: [{ can: NETWORKS[network] }] });
      desk.network().script.push({ lost: 0 });
      const { rows } = await desk.say();
      const id = rows[0]!.id;
      await desk.rest();
      t.equal((await desk.delivery(id)).state, 'unknown');
      await desk.pass(5_000);
      t.match(await desk.delivery(id), { state: 'delivered', reason: null });
      t.match(await desk.receipt(id), {
        remoteId: 'post-1',
        proof: 'read',
        textRead: desk.network().posts[0]!.text,
      });
      t.strictSame(await desk.tries(id), ['publish unknown', 'find seen']);
      t.equal(desk.network().posts.length, 1);
    });
  await t.test(
    'a request that never arrived is sent again, after two looks that are far enough apart',
    async (t) => {
      const desk = await openDesk(t, { database });
      desk.network().script.push(unknown);
      const { rows } = await desk.say();
      const id = rows[0]!.id;
      await desk.rest();
      let waited = 0;
      while ((await desk.delivery(id)).state !== 'delivered' && waited < 10 * MINUTE) {
        await desk.pass(1_000);
        waited += 1_000;
      }
      const tries = await desk.tries(id);
      t.strictSame([tries[0], ...tries.slice(-2)], ['publish unknown', 'publish accepted', 'read seen']);
      t.ok(
        tries.slice(1, -2).length >= 2 && tries.slice(1, -2).every((x) => x === 'find absent'),
        'two looks at least',
      );
      const [, ...looks] = desk.network().calls;
      const finds = looks.filter((c) => c.what === 'find');
      t.ok(
        finds.at(-1)!.at - finds[0]!.at >= SETTLE_MS,
        'the first and the last as far apart as it may take to appear',
      );
      t.equal(desk.network().posts.length, 1);
    },
  );
  await t.test('a post that appears at the very last moment is still found', async (t) => {
    for (const lateMs of [0, 4_000, 20_000, REQUEST_MS]) {
      const desk = await openDesk(t, { database });
      desk.network().lagMs = 2_000;
      desk.network().script.push({ lost: lateMs });
      const { rows } = await desk.say();
      const id = rows[0]!.id;
      for (let waited = 0; waited < 5 * MINUTE; waited += 1_000) await desk.pass(1_000);
      t.equal((await desk.delivery(id)).state, 'delivered', `after ${lateMs} ms`);
      t.equal(desk.network().posts.length, 1, `after ${lateMs} ms: once`);
      await desk.outbox.close();
    }
  });
  await t.test('a key that the network knows for ever needs no look', async (t) => {
    const desk = await openDesk(t, { database, connect: [{ can: NETWORKS.always }] });
    desk.network().script.push({ lost: 0 }, { lost: 0 });
    const { rows } = await desk.say();
    for (let i = 0; i < 10; i += 1) await desk.pass(1_000);
    t.strictSame(await desk.tries(rows[0]!.id), [
      'publish unknown',
      'publish unknown',
      'publish accepted',
      'read seen',
    ]);
    t.equal(desk.network().posts.length, 1);
  });
  await t.test('"you have said that already" after a lost answer is a reason to look', async (t) => {
    const desk = await openDesk(t, { database, connect: [{ can: NETWORKS.always }] });
    desk.network().script.push({ lost: 0 }, { failure: 'rejected', duplicate: true });
    const { rows } = await desk.say();
    const id = rows[0]!.id;
    await desk.rest();
    await desk.pass(1_000);
    t.match(await desk.delivery(id), { state: 'delivered' });
    t.strictSame(await desk.tries(id), ['publish unknown', 'publish rejected', 'find seen']);
    t.strictSame(desk.alerts, []);
  });
  await t.test('"you have said that already" the first time is a refusal', async (t) => {
    const desk = await openDesk(t, { database });
    desk.network().script.push({ failure: 'rejected', duplicate: true });
    const { rows } = await desk.say();
    await desk.pass(60_000);
    t.match(await desk.delivery(rows[0]!.id), { state: 'refused', mayBeThere: false });
  });
  await t.test('a network that lets us look no more is left alone, and still spoken to', async (t) => {
    const desk = await openDesk(t, { database });
    const net = desk.network();
    net.looks.push({ failure: 'limited', retryAfterMs: 120_000 });
    const first = await desk.say();
    await desk.rest();
    const second = await desk.say();
    await desk.rest();
    t.equal(net.posts.length, 2, 'sending goes on');
    const looked = () => net.calls.filter((c) => c.what === 'read').length;
    for (let waited = 0; waited < 119_000; waited += 1_000) await desk.pass(1_000);
    const early = looked();
    await desk.pass(1_000);
    t.equal((await desk.delivery(first.rows[0]!.id)).state, 'delivered');
    t.equal((await desk.delivery(second.rows[0]!.id)).state, 'delivered');
    t.ok(early <= 2, `${early} looks in two minutes`);
    t.notOk((await desk.connection()).notBefore, 'the account itself was not asked to wait');
  });
  await t.test('what cannot be looked up for a day needs a person', async (t) => {
    const desk = await openDesk(t, { database });
    desk.network().script.push(unknown);
    desk.network().looks.push(...Array.from({ length: 3_000 }, () => ({ failure: 'unsent' }) as Step));
    const { rows } = await desk.say();
    await desk.rest();
    await desk.pass(60_000);
    t.match(await desk.delivery(rows[0]!.id), { state: 'unknown', reason: /Could not look/ });
    await desk.pass(24 * 60 * MINUTE);
    t.match(await desk.delivery(rows[0]!.id), {
      state: 'held',
      reason: /could not look for it for a long time/,
    });
    t.equal(desk.alerts.at(-1)?.kind, 'held');
  });
}
