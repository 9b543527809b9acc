import t from 'tap';
import { findOpenPromise, getIncident, getUpdate, listPromises } from '../../db/queries/incidents.ts';
import { listEventsAfter } from '../../db/queries/log.ts';
import { listComponents } from '../../db/queries/pages.ts';
import { correctUpdate } from '../../src/actions/amend/correct-update.ts';
import { retractUpdate } from '../../src/actions/amend/retract-update.ts';
import { approveUpdate } from '../../src/actions/approve-update.ts';
import { editUpdate } from '../../src/actions/draft-update.ts';
import { previewUpdate, requestApproval } from '../../src/actions/request-approval.ts';
import { correct, retract } from '../amend.ts';
import { DATABASES, MINUTE, NETWORKS, openHouse, wordsAt } from '../house.ts';

const EDITS = { ...NETWORKS.findable, edit: 'in_place' } as const;

for (const database of DATABASES)
  t.test(database, async (t) => {
    t.test('a correction goes the road of every update, bound to its sentence and its plan', async (t) => {
      const house = await openHouse({ database, connect: [{ can: EDITS }, { name: 'Wall' }] });
      const incident = await house.openIncident();
      const wrong = await house.say(incident);
      const author = house.ctx(house.author);
      const draft = await correctUpdate(author, wrong.id, '');
      t.match(draft, {
        class: 'D',
        correctsId: wrong.id,
        amends: 'correction',
        blocks: wrong.blocks,
        nextUpdateBy: null,
      });
      await t.rejects(
        requestApproval(author, draft.id, draft.version),
        { code: 'invalid', field: 'note' },
        'the public is told what was wrong',
      );
      const noted = await editUpdate(author, draft.id, draft.version, { note: 'We said all; it is some.' });
      await t.rejects(
        requestApproval(author, noted.id, noted.version),
        { code: 'invalid', field: 'blocks' },
        'and the words must differ',
      );
      const blocks = { ...draft.blocks, known: 'Some card payments fail.' };
      const words = await editUpdate(author, noted.id, noted.version, { blocks });
      await t.rejects(editUpdate(author, words.id, words.version, { class: 'B' }), {
        code: 'invalid',
        field: 'class',
      });
      const { plan } = await previewUpdate(house.store.read, words.id, house.clock.now());
      t.equal(plan.length, 2);
      const asked = await requestApproval(author, words.id, words.version);
      t.same(asked.plan, plan, 'the plan that is approved is the plan that is shown');
      await t.rejects(approveUpdate(author, asked.id, asked.hash!), { code: 'forbidden' });
      const other = await editUpdate(author, asked.id, asked.version, { note: 'We said all; it is a few.' });
      const again = await requestApproval(author, other.id, other.version);
      t.not(again.hash, asked.hash, 'another sentence is another hash');
      await t.rejects(approveUpdate(house.ctx(house.approver), again.id, asked.hash!), { code: 'conflict' });
      const done = await approveUpdate(house.ctx(house.approver), again.id, again.hash!);
      t.equal(done.state, 'published');
      t.equal((await getUpdate(house.store.read, wrong.id)).state, 'corrected');
      const events = await listEventsAfter(house.store.read, 0, 100, { pageId: house.page.id, public: true });
      t.match(events.at(-1), { kind: 'update.corrected', incidentId: incident.id, updateId: done.id });
    });

    t.test('one at a time, and only what stands', async (t) => {
      const house = await openHouse({ database });
      const incident = await house.openIncident();
      const author = house.ctx(house.author);
      const asked = await house.ask(incident);
      await t.rejects(correctUpdate(author, asked.id, 'Not public.'), { code: 'conflict' });
      const wrong = await approveUpdate(house.ctx(house.approver), asked.id, asked.hash!);
      const draft = await correctUpdate(author, wrong.id, 'It is some.', { blocks: { known: 'Some fail.' } });
      await t.rejects(correctUpdate(author, wrong.id, 'Me too.'), { code: 'conflict', message: /begun/ });
      await t.rejects(retractUpdate(author, wrong.id, 'Me too.'), { code: 'conflict' });
      const waiting = await requestApproval(author, draft.id, draft.version);
      await approveUpdate(house.ctx(house.approver), waiting.id, waiting.hash!);
      const second = await correctUpdate(author, wrong.id, 'It is few.', { blocks: { known: 'Few fail.' } });
      t.equal(second.correctsId, draft.id, 'who still sees the first words means those that stand now');
    });

    t.test('the running promise goes on; only a time that was itself wrong is given up', async (t) => {
      const house = await openHouse({ database });
      const incident = await house.openIncident();
      const wrong = await house.say(incident);
      const open = await findOpenPromise(house.store.read, incident.id);
      house.clock.advance(30 * MINUTE);
      const right = await correct(house, wrong, 'Some card payments fail.');
      t.same(
        await findOpenPromise(house.store.read, incident.id),
        open,
        'neither kept nor broken, late as it is',
      );
      const author = house.ctx(house.author);
      const draft = await correctUpdate(author, right.id, 'We named the wrong time.', {
        blocks: right.blocks,
      });
      const dueAt = house.clock.now() + 40 * MINUTE;
      const timed = await editUpdate(author, draft.id, draft.version, { nextUpdateBy: dueAt });
      const asked = await requestApproval(author, timed.id, timed.version);
      await approveUpdate(house.ctx(house.approver), asked.id, asked.hash!);
      t.match(
        (await listPromises(house.store.read, [incident.id])).map((p) => [p.state, p.dueAt]),
        [
          ['dropped', open!.dueAt],
          ['open', dueAt],
        ],
      );
    });

    t.test('of the newest words it moves the incident, of older ones only words', async (t) => {
      const house = await openHouse({ database });
      const r = house.store.read;
      const incident = await house.openIncident();
      const payments = house.components[0]!.id;
      const first = await house.say(incident, {
        ...wordsAt(house.clock.now()),
        components: { [payments]: 'major_outage' },
      });
      const second = await house.say(incident, {
        ...wordsAt(house.clock.now(), 'A fix is out.'),
        status: 'monitoring',
      });
      await correct(house, first, 'Few card payments failed.');
      t.equal((await getIncident(r, incident.id)).status, 'monitoring');
      const author = house.ctx(house.author);
      const draft = await correctUpdate(author, second.id, 'The fix is not out.', {
        blocks: { known: 'A fix is being tried.' },
      });
      const moved = await editUpdate(author, draft.id, draft.version, {
        status: 'identified',
        components: { [payments]: 'partial_outage' },
      });
      const asked = await requestApproval(author, moved.id, moved.version);
      await approveUpdate(house.ctx(house.approver), asked.id, asked.hash!);
      t.equal((await getIncident(r, incident.id)).status, 'identified');
      t.equal(
        (await listComponents(r, house.page.id)).find((c) => c.id === payments)?.status,
        'partial_outage',
      );
    });

    t.test('taking back "resolved" opens the incident again, and that owes a promise', async (t) => {
      const house = await openHouse({ database });
      const incident = await house.openIncident();
      await house.say(incident);
      const over = await house.say(incident, {
        status: 'resolved',
        blocks: { known: 'It works again.' },
        nextUpdateBy: null,
      });
      t.not((await getIncident(house.store.read, incident.id)).resolvedAt, null);
      const author = house.ctx(house.author);
      const draft = await retractUpdate(author, over.id, 'It does not work yet.');
      t.match(draft, { status: 'investigating', blocks: {} });
      await t.rejects(requestApproval(author, draft.id, draft.version), {
        code: 'invalid',
        field: 'nextUpdateBy',
      });
      const timed = await editUpdate(author, draft.id, draft.version, {
        nextUpdateBy: house.clock.now() + 20 * MINUTE,
      });
      const asked = await requestApproval(author, timed.id, timed.version);
      await approveUpdate(house.ctx(house.approver), asked.id, asked.hash!);
      t.match(await getIncident(house.store.read, incident.id), {
        status: 'investigating',
        resolvedAt: null,
      });
      t.match(await getUpdate(house.store.read, over.id), {
        state: 'retracted',
        reason: 'It does not work yet.',
      });
      await t.rejects(correctUpdate(author, over.id, 'No.'), { code: 'conflict' });
    });

    t.test('posts are taken off networks only where the page allows it and an approver asks', async (t) => {
      const house = await openHouse({ database, page: { policy: { mayRemove: true } } as never });
      const closed = await openHouse({ database });
      const wrong = await house.say(await house.openIncident());
      const other = await closed.say(await closed.openIncident());
      await t.rejects(retractUpdate(closed.ctx(closed.approver), other.id, 'Harm.', true), {
        code: 'forbidden',
        message: /policy/,
      });
      await t.rejects(retractUpdate(house.ctx(house.author), wrong.id, 'Harm.', true), { code: 'forbidden' });
      t.equal((await retractUpdate(house.ctx(house.approver), wrong.id, 'Harm.', true)).amends, 'removal');
    });

    t.test(
      'what is newer is told by the order of the log: a clock that jumps voids nothing, and hides nothing',
      async (t) => {
        const house = await openHouse({ database });
        const incident = await house.openIncident();
        house.clock.jump(60 * MINUTE);
        const first = await house.say(incident);
        house.clock.jump(-60 * MINUTE);
        const asked = await house.ask(incident, wordsAt(house.clock.now(), 'We found the cause.'));
        t.ok(first.publishedAt! > asked.requestedAt!, 'by the clocks, what was said before is newer');
        const done = await approveUpdate(house.ctx(house.approver), asked.id, asked.hash!);
        t.equal(done.state, 'published');
        const waiting = await house.ask(incident, wordsAt(house.clock.now(), 'A fix is out.'));
        house.clock.jump(-60 * MINUTE);
        await house.say(incident, wordsAt(house.clock.now(), 'It is worse.'));
        await t.rejects(approveUpdate(house.ctx(house.approver), waiting.id, waiting.hash!), {
          code: 'conflict',
          message: /newer update/,
        });
      },
    );

    t.test(
      'a correction of older words holds whatever is said meanwhile; other words do not outlive a correction',
      async (t) => {
        const house = await openHouse({ database });
        const incident = await house.openIncident();
        const wrong = await house.say(incident);
        await house.say(incident, wordsAt(house.clock.now(), 'We found the cause.'));
        const author = house.ctx(house.author);
        const draft = await correctUpdate(author, wrong.id, 'It was some.', {
          blocks: { known: 'Some failed.' },
        });
        const asked = await requestApproval(author, draft.id, draft.version);
        await house.say(incident, wordsAt(house.clock.now(), 'A fix is being tried.'));
        const waiting = await house.ask(incident, wordsAt(house.clock.now(), 'All of them are fixed.'));
        await approveUpdate(house.ctx(house.approver), asked.id, asked.hash!);
        await t.rejects(
          approveUpdate(house.ctx(house.approver), waiting.id, waiting.hash!),
          { code: 'conflict' },
          'written before the mistake was known',
        );
      },
    );

    t.test('a retraction says one thing', async (t) => {
      const house = await openHouse({ database });
      const incident = await house.openIncident();
      const wrong = await house.say(incident);
      const author = house.ctx(house.author);
      const draft = await retractUpdate(author, wrong.id, 'A draft, sent by mistake.');
      const edited = await editUpdate(author, draft.id, draft.version, {
        blocks: { known: 'And this, too.' },
      });
      t.same(edited.blocks, {});
      const back = await retract(
        house,
        await house.say(incident, wordsAt(house.clock.now(), 'Something else.')),
      );
      t.equal(back.state, 'published');
    });
  });
