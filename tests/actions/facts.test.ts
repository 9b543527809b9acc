import t from 'tap';
import { getUpdate } from '../../db/queries/incidents.ts';
import { draftAmendment } from '../../src/actions/amend/draft-amendment.ts';
import { approveUpdate } from '../../src/actions/approve-update.ts';
import { addFact, correctFact } from '../../src/actions/facts/add-fact.ts';
import { confirmFact } from '../../src/actions/facts/confirm-fact.ts';
import { doubtFact } from '../../src/actions/facts/doubt-fact.ts';
import { impactOf } from '../../src/actions/facts/ledger.ts';
import { requestApproval } from '../../src/actions/request-approval.ts';
import { DATABASES, openHouse, wordsAt } from '../house.ts';

for (const database of DATABASES)
  t.test(database, async (t) => {
    await t.test(
      'a fact is confirmed by another person or a named source, and words are held to it',
      async (t) => {
        const house = await openHouse({ database });
        const [author, approver] = [house.ctx(house.author), house.ctx(house.approver)];
        const incident = await house.openIncident();
        const fact = await addFact(author, incident.id, { key: 'Customers affected', value: '1 in 12' });
        await t.rejects(
          confirmFact(author, fact.id, 1),
          { code: 'invalid', field: 'source' },
          'not by its author alone',
        );
        const says = (known: string) => ({ ...wordsAt(house.clock.now(), known) });
        await t.rejects(house.ask(incident, says('Payments fail for 1 in 12.')), {
          message: /unconfirmed, and is said here as if it were known/,
        });
        const confirmed = await confirmFact(approver, fact.id, 1);
        t.match(confirmed, { state: 'confirmed', verifierId: house.approver.id });
        await t.rejects(house.ask(incident, says('Payments fail for 1 in 8.')), {
          message: /The ledger says 1 in 12/,
        });
        const asked = await house.ask(incident, says('Payments fail for 1 in 12.'));
        t.strictSame(asked.cites, [{ factId: fact.id, version: confirmed.version }]);
        await doubtFact(author, fact.id, confirmed.version, 'disputed', 'Support says fewer.');
        await t.rejects(approveUpdate(approver, asked.id, asked.hash!), {
          message: /has changed since approval/,
        });
        t.equal((await getUpdate(house.store.read, asked.id)).state, 'returned');
      },
    );

    await t.test('what was published with a fact that is corrected is found', async (t) => {
      const house = await openHouse({ database });
      const [author, approver] = [house.ctx(house.author), house.ctx(house.approver)];
      const incident = await house.openIncident();
      const fact = await addFact(author, incident.id, {
        key: 'People affected',
        value: '12,400',
        unit: 'people',
        source: 'File 1',
      });
      const confirmed = await confirmFact(author, fact.id, 1);
      const said = await house.say(incident, wordsAt(house.clock.now(), 'This affects 12,400 people.'));
      t.strictSame(await impactOf(house.store.read, incident.id), []);
      const next = await correctFact(approver, fact.id, confirmed.version, {
        key: '',
        value: '31,000',
        unit: 'people',
        source: 'File 2',
        reason: 'A second file was found.',
      });
      const [impact] = await impactOf(house.store.read, incident.id);
      t.match(impact, {
        update: { id: said.id },
        fact: { id: fact.id, state: 'withdrawn' },
        now: { id: next.id },
      });
      await confirmFact(author, next.id, 1, { source: 'File 2' });
      await t.rejects(house.ask(incident, wordsAt(house.clock.now(), 'This affects 12,400 people.')), {
        message: /The ledger says 31,000 people/,
      });
      const put = await house.ask(
        incident,
        wordsAt(house.clock.now(), '31,000 people are affected, not 12,400 as we said.'),
      );
      t.equal(put.state, 'in_review', 'the right number may stand beside the wrong one');
      const wrong = await draftAmendment(author, said.id, 'retraction', 'It was the wrong number.');
      const back = await requestApproval(author, wrong.id, wrong.version);
      t.equal(
        (await approveUpdate(approver, back.id, back.hash!)).state,
        'published',
        'and it may be taken back',
      );
      t.strictSame(await impactOf(house.store.read, incident.id), [], 'which puts it right');
    });

    await t.test('what was found on a network needs another person, two sources and a grade', async (t) => {
      const house = await openHouse({ database });
      const incident = await house.openIncident();
      const fact = await addFact(house.ctx(house.author), incident.id, {
        key: 'Where',
        value: 'Rotterdam',
        source: '@somebody',
        origin: 'social',
      });
      await t.rejects(confirmFact(house.ctx(house.author), fact.id, 1), { code: 'forbidden' });
      await t.rejects(confirmFact(house.ctx(house.approver), fact.id, 1), {
        code: 'invalid',
        field: 'secondSource',
      });
      await t.rejects(
        confirmFact(house.ctx(house.approver), fact.id, 1, { secondSource: 'Harbour office' }),
        {
          code: 'invalid',
          field: 'grade',
        },
      );
      const given = { secondSource: 'Harbour office', grade: 'b2' };
      t.match(await confirmFact(house.ctx(house.approver), fact.id, 1, given), {
        state: 'confirmed',
        grade: 'B2',
      });
    });
  });
