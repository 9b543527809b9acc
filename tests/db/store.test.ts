import fc from 'fast-check';
import t, { type Test } from 'tap';
import { openPg } from '../../db/pg.ts';
import { changeUpdate, getIncident, getUpdate } from '../../db/queries/incidents.ts';
import { findInstallation, removeInstallation, setInstallation } from '../../db/queries/installation.ts';
import { appendAudit, appendEvents, lastSeq, listAudit, listEventsAfter } from '../../db/queries/log.ts';
import { insertPage, listPages } from '../../db/queries/pages.ts';
import { insertPerson } from '../../db/queries/people.ts';
import { bootName, schemasAgree, type Writer } from '../../db/store.ts';
import { verifyAudit } from '../../src/actions/verify-audit.ts';
import { DATABASES, type DatabaseKind, type House, openHouse } from '../house.ts';
import { raw } from './raw.ts';

const event = (kind: string) => ({
  at: 1,
  pageId: null,
  kind,
  public: true,
  incidentId: null,
  updateId: null,
  detail: { z: 1, a: 'ü' },
});
const entry = (n: number) => ({
  at: n,
  actorKind: 'person' as const,
  actorId: `p${n}`,
  action: 'update.draft',
  subjectKind: 'update',
  subjectId: `u${n}`,
  detail: JSON.stringify({ n }),
});
class Refused extends Error {}

t.test('both schemas have the same tables, columns and types', async (t) => t.equal(schemasAgree, true));

for (const database of DATABASES)
  t.test(database, async (t) => {
    const house = await openHouse({ database });
    await settings(t, database, house);
    await decisions(t, house);
    await theLog(t, database, house);
    await hints(t, database, house);
    await conflicts(t, house);
    await auditChain(t, database);
  });

async function settings(t: Test, database: DatabaseKind, { store }: House) {
  if (database === 'sqlite')
    return t.test('every connection keeps what was committed through a power cut', async (t) => {
      const read = async (r: Parameters<typeof raw>[1]) => {
        const found: Record<string, unknown> = {};
        for (const name of ['journal_mode', 'synchronous', 'foreign_keys', 'trusted_schema'])
          found[name] = Object.values((await raw('sqlite', r, `pragma ${name}`))[0]!)[0];
        return found;
      };
      const safe = { journal_mode: 'wal', synchronous: 2, foreign_keys: 1, trusted_schema: 0 };
      t.strictSame(await read(store.read), safe, 'the reader');
      t.strictSame(await store.transact(read), safe, 'the writer');
      await t.rejects(
        raw('sqlite', store.read, 'delete from pages'),
        { cause: { code: 'SQLITE_READONLY' } },
        'the reader cannot write',
      );
    });
  return t.test('no session waits for ever', async (t) => {
    const [row] = await store.transact((w) =>
      raw(
        'pg',
        w,
        "select current_setting('lock_timeout') as lock, current_setting('idle_in_transaction_session_timeout') as idle",
      ),
    );
    t.strictSame(row, { lock: '2s', idle: '15s' });
  });
}

async function decisions(t: Test, house: House) {
  const { store, page } = house;
  await t.test('everything of a decision is there, or nothing', async (t) => {
    const before = { pages: (await listPages(store.read)).length, seq: await lastSeq(store.read) };
    let hooks = 0;
    const work = async (w: Writer, slug: string) => {
      await insertPage(w, { ...page, id: slug, slug });
      await appendEvents(w, [event('first')]);
      await appendAudit(w, entry(1), () => 'x');
      w.afterCommit(() => {
        hooks += 1;
      });
    };
    await t.rejects(
      store.transact(async (w) => {
        await work(w, 'undone');
        throw new Refused('no');
      }),
      { message: 'no' },
    );
    t.strictSame({ pages: (await listPages(store.read)).length, seq: await lastSeq(store.read) }, before);
    t.equal(hooks, 0, 'nothing is announced that did not happen');
    await store.transact((w) => work(w, 'done'));
    t.equal((await listPages(store.read)).length, before.pages + 1);
    t.equal(await lastSeq(store.read), before.seq + 1);
    t.equal(hooks, 1);
  });
  await t.test('a decision inside a decision is refused, one after it is not', async (t) => {
    await t.rejects(
      store.transact(() => store.transact(async () => 1)),
      /inside transact/,
    );
    const later = new Promise<number>((done, fail) => {
      store
        .transact(async (w) => w.afterCommit(() => void store.transact(async () => 2).then(done, fail)))
        .catch(fail);
    });
    t.equal(await later, 2, 'what follows a commit may decide something itself');
    const [a, b] = await Promise.all([store.transact(async () => 'a'), store.transact(async () => 'b')]);
    t.equal(a + b, 'ab', 'two at once wait for each other');
  });
  await t.test('facts of the installation', async (t) => {
    t.equal(await findInstallation(store.read, 'heartbeat'), undefined);
    await store.transact((w) => setInstallation(w, 'heartbeat', 'a', 1));
    await store.transact((w) => setInstallation(w, 'heartbeat', 'b', 2));
    t.equal(await findInstallation(store.read, 'heartbeat'), 'b');
    await store.transact((w) => removeInstallation(w, 'heartbeat'));
    t.equal(await findInstallation(store.read, 'heartbeat'), undefined);
  });
}

async function theLog(t: Test, database: DatabaseKind, house: House) {
  await t.test('300 decisions at once leave no gap, and a reader that follows misses nothing', async (t) => {
    const { store } = house;
    // Two nodes where there can be two.
    const other = database === 'pg' ? await openPg(house.place.url!, bootName(1, 'other')) : store;
    const start = await lastSeq(store.read);
    const seen: number[] = [];
    let writing = true;
    const reader = (async () => {
      for (let last = false; ; last = !writing) {
        for (const e of await listEventsAfter(store.read, seen.at(-1) ?? start, 50)) seen.push(e.seq);
        // SQLite answers at once: let the writers have a turn.
        await new Promise((done) => setImmediate(done));
        if (last && !writing && (await lastSeq(store.read)) === (seen.at(-1) ?? start)) return;
      }
    })();
    const rolledBack = (i: number) => i % 7 === 3;
    const all = await Promise.allSettled(
      Array.from({ length: 300 }, (_, i) =>
        (i % 2 ? store : other).transact(
          async (w) => {
            await appendEvents(
              w,
              Array.from({ length: 1 + (i % 3) }, () => event(`decision ${i}`)),
            );
            if (rolledBack(i)) throw new Refused('no');
          },
          { patienceMs: 60_000 },
        ),
      ),
    );
    writing = false;
    await reader;
    let expected = 0;
    for (const [i, result] of all.entries()) {
      if (rolledBack(i)) {
        if (result.status !== 'rejected' || !(result.reason instanceof Refused)) t.fail(`decision ${i}`);
      } else if (result.status === 'rejected') t.fail(`decision ${i}: ${result.reason}`);
      else expected += 1 + (i % 3);
    }
    t.strictSame(
      seen,
      Array.from({ length: expected }, (_, i) => start + 1 + i),
      'every event once, in order, without a gap',
    );
    if (other !== store) await other.close();
  });
  await t.test('bulk work cannot append by mistake', async (t) => {
    const bulk = { appends: false };
    await t.rejects(
      house.store.transact((w) => appendEvents(w, [event('x')]), bulk),
      /appends: false/,
    );
    await t.rejects(
      house.store.transact((w) => appendAudit(w, entry(1), () => 'x'), bulk),
      /appends: false/,
    );
  });
  await t.test('a page reads its own public events and no others', async (t) => {
    const { store, page } = house;
    const start = await lastSeq(store.read);
    await store.transact((w) =>
      appendEvents(w, [
        { ...event('mine'), pageId: page.id },
        { ...event('inside'), pageId: page.id, public: false },
        { ...event('theirs'), pageId: 'another' },
      ]),
    );
    const mine = await listEventsAfter(store.read, start, 10, { pageId: page.id, public: true });
    t.strictSame(
      mine.map((e) => [e.seq, e.kind, e.detail]),
      [[start + 1, 'mine', { z: 1, a: 'ü' }]],
    );
  });
}

async function hints(t: Test, database: DatabaseKind, house: House) {
  await t.test('a hint follows every event, and nothing else', async (t) => {
    const { store } = house;
    let heard = 0;
    const stop = store.onHint(() => {
      heard += 1;
    });
    await store.transact(async () => undefined);
    await store.transact((w) => setInstallation(w, 'heartbeat', 'x', 1));
    await store
      .transact((w) => appendEvents(w, [event('x')]).then(() => Promise.reject(new Refused('no'))))
      .catch(() => undefined);
    t.equal(heard, 0, 'a hint for nothing would wake its reader for ever');
    await store.transact((w) => appendEvents(w, [event('x')]));
    t.equal(heard, 1);
    stop();
    await store.transact((w) => appendEvents(w, [event('x')]));
    t.equal(heard, 1, 'nobody listens any more');
  });
  await t.test('a listener or hook that throws breaks nothing but itself', async (t) => {
    const { store } = house;
    const warnings: string[] = [];
    const note = (warning: Error) => warnings.push(warning.message);
    process.on('warning', note);
    const stop = store.onHint(() => {
      throw new Error('a broken listener');
    });
    const seq = await store.transact((w) => {
      w.afterCommit(() => {
        throw new Error('a broken hook');
      });
      return appendEvents(w, [event('x')]);
    });
    stop();
    t.equal(await lastSeq(store.read), seq[0], 'what was committed is committed');
    await store.transact((w) => appendEvents(w, [event('x')]));
    t.equal(await lastSeq(store.read), seq[0]! + 1, 'and the next decision is taken');
    t.strictSame(warnings.toSorted(), ['a broken hook', 'a broken listener']);
    process.off('warning', note);
  });
  if (database === 'pg')
    await t.test('other nodes hear it too', async (t) => {
      const other = await openPg(house.place.url!, bootName(1, 'listener'));
      t.teardown(() => other.close());
      const heard = new Promise<void>((done) => {
        other.onHint(() => done());
      });
      await house.store.transact((w) => appendEvents(w, [event('x')]));
      await heard;
      t.pass('heard');
    });
}

async function conflicts(t: Test, house: House) {
  const { store, page, author } = house;
  await t.test('a duplicate is told from every other error', async (t) => {
    const reason = (work: (w: Writer) => Promise<unknown>) =>
      store.transact(work).then(
        () => undefined,
        (error: unknown) => error,
      );
    const same = { ...page, id: 'again' };
    t.ok(store.isDuplicate(await reason((w) => insertPage(w, same))), 'a unique column');
    t.ok(store.isDuplicate(await reason((w) => insertPage(w, { ...page, slug: 'x' }))), 'a key');
    t.ok(store.isDuplicate(await reason((w) => insertPerson(w, { ...author, id: 'again' }))), 'an email');
    const nameless = { ...page, id: 'y', slug: 'y', name: null as unknown as string };
    const missing = await reason((w) => insertPage(w, nameless));
    t.ok(missing);
    t.notOk(store.isDuplicate(missing), 'a missing value');
    t.notOk(store.isDuplicate(new Error('no')));
    t.notOk(store.isDuplicate(undefined));
  });
  await t.test('an update is changed only by who read its newest version', async (t) => {
    const asked = await house.ask(await house.openIncident());
    const mine = await store.transact((w) => changeUpdate(w, asked, { body: 'mine' }));
    t.equal(mine.version, asked.version + 1);
    await t.rejects(
      store.transact((w) => changeUpdate(w, asked, { body: 'theirs' })),
      { code: 'conflict', field: 'version' },
    );
    t.equal((await getUpdate(store.read, asked.id)).body, 'mine');
    await t.rejects(getUpdate(store.read, 'nothing'), {
      code: 'not_found',
      message: 'There is no such update.',
    });
    await t.rejects(getIncident(store.read, 'nothing'), { code: 'not_found' });
  });
}

async function auditChain(t: Test, database: DatabaseKind) {
  const { store, secrets } = await openHouse({ database });
  const hash = (text: string) => secrets.sign('audit', text);
  const rows = async () => (await listAudit(store.read, 0, 1_000)).length;
  await t.test('nobody can change or shorten a log', async (t) => {
    const commands = [
      "update audit set actor_id = 'somebody else' where seq = 1",
      'delete from audit where seq = 1',
      "update events set kind = 'nothing' where seq = 1",
      ...(database === 'pg' ? ['truncate audit'] : []),
    ];
    for (const command of commands) {
      const error = await store
        .transact((w) => raw(database, w, command))
        .then(
          () => undefined,
          (e: Error) => `${e.message} ${(e.cause as Error | undefined)?.message}`,
        );
      t.match(error, /log cannot be changed/, command);
    }
    t.ok((await rows()) > 5);
  });
  await t.test('a log as it was written is found in order', async (t) => {
    const verdict = await verifyAudit(store.read, hash);
    t.strictSame(
      { rows: verdict.rows, seq: verdict.head.seq, broken: verdict.broken },
      { rows: await rows(), seq: await rows(), broken: null },
    );
    t.strictSame((await verifyAudit(store.read, hash, verdict.head)).broken, null);
    t.match((await verifyAudit(store.read, (text) => `other key ${text}`)).broken, { seq: 1 });
  });
  await t.test('1,000 tampered logs are all found out, at the row', async (t) => {
    await store.transact(async (w) => {
      for (let i = 1; i <= 12; i += 1) await appendAudit(w, entry(i), hash);
    });
    const { rows: count, head } = await verifyAudit(store.read, hash);
    const triggers =
      database === 'pg' ? ['audit_append_only on audit'] : ['audit_no_update', 'audit_no_delete'];
    for (const trigger of triggers) await store.transact((w) => raw(database, w, `drop trigger ${trigger}`));
    const seq = fc.integer({ min: 1, max: count });
    const columns = ['actor_id', 'action', 'subject_kind', 'subject_id', 'detail', 'prev_hash', 'hash'];
    const tampering = fc.oneof(
      fc.tuple(seq, fc.constantFrom(...columns)).map(([n, column]) => ({
        at: n,
        commands: [`update audit set ${column} = ${column} || '0' where seq = ${n}`],
      })),
      seq.map((n) => ({ at: n, commands: [`update audit set at = at + 1 where seq = ${n}`] })),
      seq.map((n) => ({ at: n, commands: [`delete from audit where seq = ${n}`] })),
      seq.map((n) => ({ at: n, commands: [`delete from audit where seq >= ${n}`] })),
      seq.map((n) => ({
        at: n,
        commands: [
          `delete from audit where seq = ${n}`,
          `update audit set seq = -seq where seq > ${n}`,
          'update audit set seq = -seq - 1 where seq < 0',
        ],
      })),
      fc
        .tuple(seq, seq)
        .filter(([a, b]) => a !== b)
        .map(([a, b]) => ({
          at: Math.min(a, b),
          commands: [
            `update audit set seq = -${a} where seq = ${a}`,
            `update audit set seq = ${a} where seq = ${b}`,
            `update audit set seq = ${b} where seq = -${a}`,
          ],
        })),
      fc.constant({
        at: count + 1,
        commands: [
          `insert into audit select seq + 1, at, actor_kind, actor_id, action, subject_kind, subject_id, detail, hash, hash from audit where seq = ${count}`,
        ],
      }),
    );
    await fc.assert(
      fc.asyncProperty(tampering, async ({ at, commands }) => {
        let found: Awaited<ReturnType<typeof verifyAudit>> | undefined;
        await store
          .transact(async (w) => {
            for (const command of commands) await raw(database, w, command);
            found = await verifyAudit(w, hash, head);
            throw new Refused('put it back');
          })
          .catch((error: unknown) => {
            if (!(error instanceof Refused)) throw error;
          });
        if (found?.broken?.seq !== at) throw new Error(`${JSON.stringify(found)} for ${commands} at ${at}`);
      }),
      { numRuns: 1_000 },
    );
    t.equal((await verifyAudit(store.read, hash, head)).broken, null, 'all put back');
    await store.transact((w) => raw(database, w, `delete from audit where seq = ${count}`));
    t.equal((await verifyAudit(store.read, hash)).broken, null, 'a cut end shows only by a kept head');
    t.equal((await verifyAudit(store.read, hash, head)).broken?.seq, count);
  });
}
