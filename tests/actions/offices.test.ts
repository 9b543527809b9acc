import t, { type Test } from 'tap';
import { listAsks } from '../../db/queries/asks.ts';
import { changeIncident, getIncident } from '../../db/queries/incidents.ts';
import { listAudit } from '../../db/queries/log.ts';
import { getPage } from '../../db/queries/pages.ts';
import type { Person } from '../../db/queries/people.ts';
import { approveUpdate } from '../../src/actions/approve-update.ts';
import { changePolicy } from '../../src/actions/change-policy.ts';
import { addFact } from '../../src/actions/facts/add-fact.ts';
import { confirmFact } from '../../src/actions/facts/confirm-fact.ts';
import { openGate, waiveGate } from '../../src/actions/open-gate.ts';
import { changeOffices } from '../../src/actions/sign-in/change-person.ts';
import type { UpdateClass } from '../../src/domain/words.ts';
import { DATABASES, type House, openHouse, wordsAt } from '../house.ts';

for (const database of DATABASES)
  t.test(database, async (t) => {
    await named(t, await openHouse({ database }));
    await nobody(t, await openHouse({ database }));
    await experts(t, await openHouse({ database }));
    await gate(t, await openHouse({ database }));
  });

const grave = (house: House, known = 'People are hurt.') => ({
  ...wordsAt(house.clock.now(), known),
  class: 'C' as const,
});

async function named(t: Test, house: House) {
  await t.test('class C needs two yeses, one of them legal or executive', async (t) => {
    const { admin, approver, second } = house;
    const third = await house.addPerson('Dora', ['approver']);
    const asked = await house.ask(await house.openIncident(), grave(house));
    const yes = (person: Person) => approveUpdate(house.ctx(person), asked.id, asked.hash!);
    const [first] = await listAsks(house.store.read, asked.id, asked.hash!);
    t.equal(first?.personId, second.id, 'whoever is legal is asked first');
    t.equal((await yes(approver)).state, 'in_review');
    t.equal((await yes(third)).state, 'in_review', 'two yeses, but nobody of them is legal or executive');
    const rows = await listAudit(house.store.read, 0, 1_000);
    t.match(JSON.parse(rows.at(-1)?.detail ?? '{}'), { complete: false, lacks: ['legal', 'executive'] });
    t.equal((await yes(second)).state, 'published');

    await changeOffices(house.ctx(admin), second.id, []);
    await changeOffices(house.ctx(admin), approver.id, ['executive']);
    const again = await house.ask(await house.openIncident(), grave(house));
    await approveUpdate(house.ctx(approver), again.id, again.hash!);
    t.match(await approveUpdate(house.ctx(second), again.id, again.hash!), { state: 'published' });
    await t.rejects(changeOffices(house.ctx(approver), approver.id, ['legal']), { code: 'forbidden' });
  });
}

async function nobody(t: Test, house: House) {
  await t.test('where nobody could give it the author is told when they ask', async (t) => {
    const { admin, author, second } = house;
    await changeOffices(house.ctx(admin), second.id, []);
    await changeOffices(house.ctx(admin), author.id, ['legal', 'executive']);
    const incident = await house.openIncident();
    await t.rejects(house.ask(incident, grave(house)), {
      code: 'conflict',
      field: 'class',
      message: /need a yes from somebody legal or executive, and nobody who may approve them is/,
    });
    t.match(await house.ask(incident, wordsAt(house.clock.now(), 'Pay fails.')), { state: 'in_review' });
  });

  await t.test('an admin says how many, and what one of them must be', async (t) => {
    const { admin, approver, second } = house;
    const each = <T>(value: (c: UpdateClass) => T) =>
      ({ A: value('A'), B: value('B'), C: value('C'), D: value('D'), E: value('E') }) as Record<
        UpdateClass,
        T
      >;
    const policy = { proofFor: [], overrideClasses: [], mayRemove: false };
    await t.rejects(changePolicy(house.ctx(admin), house.page.id, { ...policy, approvers: each(() => 0) }), {
      code: 'invalid',
      field: 'approvers',
    });
    await changePolicy(house.ctx(admin), house.page.id, {
      ...policy,
      approvers: each((c) => (c === 'B' ? 2 : 1)),
      offices: each((c) => (c === 'B' ? ['expert'] : [])),
      expertFacts: [],
    });
    t.match((await getPage(house.store.read, house.page.id)).policy, { approvers: { B: 2, C: 1 } });
    const incident = await house.openIncident();
    const hurt = await house.ask(incident, grave(house));
    t.match(await approveUpdate(house.ctx(second), hurt.id, hurt.hash!), { state: 'published' });
    await t.rejects(house.ask(incident, wordsAt(house.clock.now(), 'Now.')), { message: /somebody expert/ });
    await changeOffices(house.ctx(admin), approver.id, ['expert']);
    const asked = await house.ask(incident, wordsAt(house.clock.now(), 'Now.'));
    t.match(await approveUpdate(house.ctx(second), asked.id, asked.hash!), { state: 'in_review' });
    t.match(await approveUpdate(house.ctx(approver), asked.id, asked.hash!), { state: 'published' });
  });
}

async function experts(t: Test, house: House) {
  await t.test('facts that class C rests on were confirmed by an expert', async (t) => {
    const { admin, author, approver, second } = house;
    const li = await house.addPerson('Li', ['responder']);
    const incident = await house.openIncident();
    const says = () => house.ask(incident, grave(house, 'We know of 12,400 people who are affected.'));
    const fact = await addFact(house.ctx(author), incident.id, {
      key: 'People affected',
      value: '12,400',
      kind: 'number',
    });
    await confirmFact(house.ctx(approver), fact.id, fact.version);
    await t.rejects(says(), {
      field: 'class',
      message: /none has confirmed “People affected: 12,400”. Nobody here is named an expert/,
    });
    await changeOffices(house.ctx(admin), li.id, ['expert']);
    await t.rejects(says(), { message: /Ask Li to confirm it in the ledger/ });
    await changeOffices(house.ctx(admin), approver.id, ['expert']);
    const asked = await says();
    await approveUpdate(house.ctx(approver), asked.id, asked.hash!);
    t.match(await approveUpdate(house.ctx(second), asked.id, asked.hash!), { state: 'published' });
  });
}

async function gate(t: Test, house: House) {
  await t.test('the gate opens when all were told, or the owner and an executive waive it', async (t) => {
    const { admin, author, approver, second } = house;
    await changeOffices(house.ctx(admin), second.id, ['executive']);
    const made = async () => {
      const incident = await house.openIncident();
      await house.store.transact((w) => changeIncident(w, incident.id, { grave: true }));
      return incident.id;
    };
    const one = await made();
    const how = 'by phone, by the family team';
    await t.rejects(openGate(house.ctx(author), one, { told: 198, of: 225, how }), {
      code: 'conflict',
      message: /^27 of 225 have not been told yet/,
    });
    await t.rejects(openGate(house.ctx(author), one, { told: Number.NaN, of: 225, how }), {
      code: 'invalid',
      field: 'told',
    });
    await openGate(house.ctx(author), one, { told: 225, of: 225, how });
    t.match(await getIncident(house.store.read, one), { gateHow: 'told', gateNote: /^225 of 225 were told/ });

    const two = await made();
    const why = 'The names are on every channel already.';
    await t.rejects(waiveGate(house.ctx(approver), two, why), { code: 'forbidden' }, 'neither of the two');
    await t.rejects(waiveGate(house.ctx(author), two, 'now'), { code: 'invalid', field: 'reason' });
    t.equal(await waiveGate(house.ctx(author), two, why), false, 'the owner’s half');
    t.match(await getIncident(house.store.read, two), { gateAt: null, gateWaiver: { as: 'owner' } });
    await t.rejects(waiveGate(house.ctx(author), two, why), { message: /takes an executive/ });
    t.equal(await waiveGate(house.ctx(second), two, 'I answer for it as well.'), true);
    t.match(await getIncident(house.store.read, two), {
      gateHow: 'waived',
      gateBy: second.id,
      gateNote: /Waived by the owner and an executive: The names .* \/ I answer/,
    });

    const three = await made();
    await changeOffices(house.ctx(admin), author.id, ['executive']);
    t.equal(
      await waiveGate(house.ctx(author), three, why),
      false,
      'an owner who is an executive is one person',
    );
    await t.rejects(waiveGate(house.ctx(author), three, why), { code: 'forbidden' });
    t.equal(await waiveGate(house.ctx(second), three, why), true);
    const rows = (await listAudit(house.store.read, 0, 1_000)).map((a) => a.action);
    t.ok(rows.includes('gate.waive_half') && rows.includes('gate.waive') && rows.includes('gate.open'));
  });
}
