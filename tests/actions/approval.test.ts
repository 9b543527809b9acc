import t, { type Test } from 'tap';
import { listDeliveriesOfIncident } from '../../db/queries/deliveries.ts';
import { getUpdate, type Update } from '../../db/queries/incidents.ts';
import { listAudit, listIncidentEvents } from '../../db/queries/log.ts';
import type { Person } from '../../db/queries/people.ts';
import { listApprovals, listRenditions } from '../../db/queries/words.ts';
import { approveUpdate } from '../../src/actions/approve-update.ts';
import { switchConnection } from '../../src/actions/connect-account.ts';
import { draftUpdate, editUpdate } from '../../src/actions/draft-update.ts';
import { publishUpdate } from '../../src/actions/publish-update.ts';
import { approvalHash } from '../../src/actions/renditions.ts';
import { requestApproval } from '../../src/actions/request-approval.ts';
import { withdrawUpdate } from '../../src/actions/return-update.ts';
import type { DomainError } from '../../src/domain/error.ts';
import { DATABASES, type DatabaseKind, type House, MINUTE, openHouse, wordsAt } from '../house.ts';

for (const database of DATABASES)
  t.test(database, async (t) => {
    await whoMay(t, database);
    await voids(t, database);
    await races(t, database);
  });

async function whoMay(t: Test, database: DatabaseKind) {
  await t.test('whoever wrote a character of it cannot approve it', async (t) => {
    const house = await openHouse({ database });
    const both = await house.addPerson('Ann', ['author', 'approver']);
    const incident = await house.openIncident();
    const asked = await house.ask(incident);
    await t.rejects(approveUpdate(house.ctx(house.author), asked.id, asked.hash!), { code: 'forbidden' });
    const edited = await editUpdate(house.ctx(both), asked.id, asked.version, { body: 'One more thing.' });
    const again = await requestApproval(house.ctx(house.author), asked.id, edited.version);
    t.strictSame(again.authorIds, [house.author.id, both.id]);
    await t.rejects(approveUpdate(house.ctx(both), asked.id, again.hash!), {
      code: 'forbidden',
      message: /You wrote or edited/,
    });
    await t.rejects(
      approveUpdate(house.system, asked.id, again.hash!),
      { code: 'forbidden' },
      'nor can the house itself',
    );
    t.strictSame(await listApprovals(house.store.read, [asked.id]), [], 'a refusal leaves no approval');
    t.equal((await approveUpdate(house.ctx(house.approver), asked.id, again.hash!)).state, 'published');
  });
  await t.test('nor can somebody whose only role is another', async (t) => {
    const house = await openHouse({ database });
    const asked = await house.ask(await house.openIncident());
    for (const role of ['viewer', 'responder', 'author'] as const) {
      const person = await house.addPerson('Pat', [role]);
      await t.rejects(approveUpdate(house.ctx(person), asked.id, asked.hash!), { code: 'forbidden' }, role);
    }
  });
  await t.test('grave words need two people, each once', async (t) => {
    const house = await openHouse({ database });
    const asked = await house.ask(await house.openIncident(), { ...wordsAt(house.clock.now()), class: 'C' });
    const yes = (person: Person) => approveUpdate(house.ctx(person), asked.id, asked.hash!);
    t.equal((await yes(house.approver)).state, 'in_review', 'one is not enough');
    await t.rejects(yes(house.approver), { code: 'conflict', message: /already approved/ });
    t.equal((await yes(house.second)).state, 'published');
    t.match(await listApprovals(house.store.read, [asked.id]), [
      { personId: house.approver.id },
      { personId: house.second.id },
    ]);
  });
  await t.test(
    'one person alone may say yes only where the page is named solo, and it is on record',
    async (t) => {
      const house = await openHouse({ database, page: { policy: { solo: true } } });
      const both = await house.addPerson('Ann', ['author', 'approver']);
      const incident = await house.openIncident();
      const draft = await draftUpdate(house.ctx(both), incident.id, wordsAt(house.clock.now()));
      const asked = await requestApproval(house.ctx(both), draft.id, draft.version);
      t.equal((await approveUpdate(house.ctx(both), draft.id, asked.hash!)).state, 'published');
      const row = (await listAudit(house.store.read, 0, 1_000)).find((a) => a.action === 'update.approve');
      t.match(JSON.parse(row!.detail), { solo: true, hash: asked.hash });
    },
  );
}

async function voids(t: Test, database: DatabaseKind) {
  const house = await openHouse({ database });
  const { store, clock } = house;
  const author = house.ctx(house.author);
  const approver = house.ctx(house.approver);

  await t.test('a changed character voids what was approved', async (t) => {
    const asked = await house.ask(await house.openIncident(), { ...wordsAt(clock.now()), class: 'C' });
    await approveUpdate(approver, asked.id, asked.hash!);
    const { blocks, version } = await getUpdate(store.read, asked.id);
    const edited = await editUpdate(author, asked.id, version, {
      blocks: { ...blocks, known: `${blocks.known}!` },
    });
    t.match(edited, { state: 'draft', hash: null, requestedAt: null });
    t.match(await listApprovals(store.read, [asked.id]), [
      { voidedAt: clock.now(), voidReason: 'The words were changed.' },
    ]);
    const again = await requestApproval(author, asked.id, edited.version);
    t.not(again.hash, asked.hash);
    await t.rejects(
      approveUpdate(house.ctx(house.second), asked.id, asked.hash!),
      { code: 'conflict', field: 'hash' },
      'the hash they saw is stale',
    );
    t.equal(
      (await approveUpdate(house.ctx(house.second), asked.id, again.hash!)).state,
      'in_review',
      'and both must say yes again',
    );
  });
  await t.test('every single thing that would go out is in the hash', async (t) => {
    const incident = await house.openIncident();
    const asked = await house.ask(incident, {
      ...wordsAt(clock.now()),
      components: { [house.components[0]!.id]: 'major_outage' },
    });
    const renditions = await listRenditions(store.read, asked.id);
    const is = (i = incident, u: Update = asked, r: typeof renditions = renditions) =>
      approvalHash(i, u, r) === asked.hash;
    t.ok(is());
    const part = renditions[0]!.parts[0]!;
    const withPart = (more: object) => [{ ...renditions[0]!, parts: [{ ...part, ...more }] }];
    const changed: Record<string, boolean> = {
      title: is({ ...incident, title: `${incident.title} ` }),
      status: is(incident, { ...asked, status: 'identified' }),
      class: is(incident, { ...asked, class: 'A' }),
      body: is(incident, { ...asked, body: 'x' }),
      blocks: is(incident, { ...asked, blocks: { ...asked.blocks, care: 'Sorry.' } }),
      language: is(incident, { ...asked, language: 'de' }),
      promise: is(incident, { ...asked, nextUpdateBy: asked.nextUpdateBy! + 1 }),
      component: is(incident, { ...asked, components: { [house.components[0]!.id]: 'operational' } }),
      'other component': is(incident, { ...asked, components: {} }),
      text: is(incident, asked, withPart({ text: `${part.text} ` })),
      subject: is(incident, asked, withPart({ subject: 'x' })),
      link: is(incident, asked, withPart({ link: 'https://x.example' })),
      html: is(incident, asked, withPart({ html: '<p>x</p>' })),
      'a part more': is(incident, asked, [{ ...renditions[0]!, parts: [part, part] }]),
      'a connection less': is(incident, asked, []),
      'another connection': is(incident, asked, [{ ...renditions[0]!, connectionId: 'x' }]),
      'another update': is(incident, { ...asked, id: 'x' }),
    };
    t.strictSame(
      Object.keys(changed).filter((name) => changed[name]),
      [],
    );
  });
  await t.test('a network that was added or switched off since voids it, with the reason', async (t) => {
    const incident = await house.openIncident();
    const cases: [string, (update: Update) => Promise<unknown>, Partial<Parameters<House['ask']>[1]>][] = [
      ['added', () => house.connect({ name: 'New' }), {}],
      ['switched off', () => switchConnection(house.ctx(house.admin), house.connections[0]!.id, false), {}],
      [
        'switched off though named',
        () => switchConnection(house.ctx(house.admin), house.connections[0]!.id, false),
        { connectionIds: [house.connections[0]!.id] },
      ],
    ];
    for (const [why, change, more] of cases) {
      await switchConnection(house.ctx(house.admin), house.connections[0]!.id, true);
      const asked = await house.ask(incident, { ...wordsAt(clock.now()), ...more });
      await change(asked);
      await t.rejects(
        approveUpdate(approver, asked.id, asked.hash!),
        { code: 'conflict', field: 'hash', message: /networks have changed.*It went back/ },
        why,
      );
      const after = await getUpdate(store.read, asked.id);
      t.match(
        after,
        { state: 'returned', hash: null, reason: /networks have changed/ },
        'and that is written, not only said',
      );
      t.match((await listAudit(store.read, 0, 10_000)).at(-1), {
        action: 'update.void',
        subjectId: asked.id,
      });
      t.match((await listIncidentEvents(store.read, incident.id, 1))[0], {
        kind: 'update.voided',
        public: false,
      });
    }
    await switchConnection(house.ctx(house.admin), house.connections[0]!.id, true);
  });
  await t.test('a newer update that was published meanwhile voids it', async (t) => {
    const incident = await house.openIncident();
    const slow = await house.ask(incident);
    clock.advance(MINUTE);
    await house.say(incident, wordsAt(clock.now(), 'It is only in Norway.'));
    await t.rejects(approveUpdate(approver, slow.id, slow.hash!), {
      code: 'conflict',
      message: /A newer update of this incident/,
    });
    t.equal((await getUpdate(store.read, slow.id)).state, 'returned');
  });
  await t.test('what voids an approval voids it while the release ring runs, too', async (t) => {
    const ring = await openHouse({ database, page: { policy: { ringMs: 5_000 } } });
    const incident = await ring.openIncident();
    const approved = await ring.say(incident);
    t.equal(approved.state, 'approved');
    await ring.connect({ name: 'New' });
    ring.clock.advance(5_000);
    await t.rejects(publishUpdate(ring.system, approved.id), {
      code: 'conflict',
      message: /networks have changed/,
    });
    t.match(await getUpdate(ring.store.read, approved.id), { state: 'returned', releaseAt: null });
    t.match(await listApprovals(ring.store.read, [approved.id]), [{ voidedAt: ring.clock.now() }]);
    t.strictSame(await listDeliveriesOfIncident(ring.store.read, incident.id), []);
  });
}

async function races(t: Test, database: DatabaseKind) {
  const house = await openHouse({ database });
  const { store } = house;
  // Two nodes where there can be two: the second does the second act of every race.
  const node = database === 'pg' ? await openHouse({ database, at: house.place }) : house;
  const onNode = (person: Person) => ({ ...house.ctx(person), store: node.store });
  const race = async (...acts: (() => Promise<unknown>)[]) => {
    const all = await Promise.allSettled(acts.map((act) => act()));
    return {
      done: all.filter((x) => x.status === 'fulfilled').length,
      codes: all.flatMap((x) => (x.status === 'rejected' ? [(x.reason as DomainError).code] : [])),
    };
  };
  await t.test('two editors at once: one is told that the other was faster', async (t) => {
    for (let i = 0; i < 20; i += 1) {
      const draft = await draftUpdate(
        house.ctx(house.author),
        (await house.openIncident()).id,
        wordsAt(house.clock.now()),
      );
      const result = await race(
        () => editUpdate(house.ctx(house.author), draft.id, draft.version, { body: 'mine' }),
        () => editUpdate(onNode(house.approver), draft.id, draft.version, { body: 'theirs' }),
      );
      t.strictSame(result, { done: 1, codes: ['conflict'] });
      t.equal((await getUpdate(store.read, draft.id)).version, draft.version + 1);
    }
  });
  await t.test('two approvers at once: it is published once', async (t) => {
    for (let i = 0; i < 20; i += 1) {
      const incident = await house.openIncident();
      const asked = await house.ask(incident);
      const result = await race(
        () => approveUpdate(house.ctx(house.approver), asked.id, asked.hash!),
        () => approveUpdate(onNode(house.second), asked.id, asked.hash!),
      );
      t.strictSame(result, { done: 1, codes: ['conflict'] });
      t.equal((await listDeliveriesOfIncident(store.read, incident.id)).length, 1);
      const kinds = (await listIncidentEvents(store.read, incident.id, 100)).map((e) => e.kind);
      t.equal(kinds.filter((k) => k === 'update.published').length, 1);
    }
  });
  await t.test('approve and edit, approve and withdraw at once: one of them, whole', async (t) => {
    for (let i = 0; i < 20; i += 1) {
      const incident = await house.openIncident();
      const asked = await house.ask(incident);
      const other =
        i % 2
          ? () => editUpdate(onNode(house.author), asked.id, asked.version, { body: 'Wait.' })
          : () => withdrawUpdate(onNode(house.author), asked.id, 'Wait.');
      const result = await race(() => approveUpdate(house.ctx(house.approver), asked.id, asked.hash!), other);
      t.strictSame(result, { done: 1, codes: ['conflict'] });
      const { state } = await getUpdate(store.read, asked.id);
      const sent = (await listDeliveriesOfIncident(store.read, incident.id)).length;
      t.equal(sent, state === 'published' ? 1 : 0, state);
    }
  });
  await t.test('the timer on two nodes publishes once', async (t) => {
    const ring = await openHouse({ database, page: { policy: { ringMs: 1_000 } } });
    const incident = await ring.openIncident();
    const approved = await ring.say(incident);
    ring.clock.advance(1_000);
    const result = await race(
      ...Array.from({ length: 5 }, () => () => publishUpdate(ring.system, approved.id)),
    );
    t.strictSame(result, { done: 1, codes: Array(4).fill('conflict') });
    t.equal((await listDeliveriesOfIncident(ring.store.read, incident.id)).length, 1);
  });
}
