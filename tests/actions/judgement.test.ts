import t, { type Test } from 'tap';
import { listAlerts } from '../../db/queries/alerts.ts';
import { listAsks } from '../../db/queries/asks.ts';
import { getIncident, getUpdate, listPromises } from '../../db/queries/incidents.ts';
import { listAudit } from '../../db/queries/log.ts';
import { listOverrides } from '../../db/queries/overrides.ts';
import { changePage, getPage } from '../../db/queries/pages.ts';
import { draftAmendment } from '../../src/actions/amend/draft-amendment.ts';
import { askApprovers, NEXT_ROUND_MS } from '../../src/actions/approval/ask-approvers.ts';
import { openAsk } from '../../src/actions/approval/open-ask.ts';
import { overrideApproval } from '../../src/actions/approval/override.ts';
import { reviewOverride } from '../../src/actions/approval/review-override.ts';
import { approveUpdate } from '../../src/actions/approve-update.ts';
import { clearTemplate } from '../../src/actions/clear-template.ts';
import { type Ctx, decide } from '../../src/actions/context.ts';
import { draftFromTemplate } from '../../src/actions/draft-from-template.ts';
import { draftUpdate, editUpdate } from '../../src/actions/draft-update.ts';
import { addFact, correctFact } from '../../src/actions/facts/add-fact.ts';
import { confirmFact } from '../../src/actions/facts/confirm-fact.ts';
import { doubtFact } from '../../src/actions/facts/doubt-fact.ts';
import { impactOf } from '../../src/actions/facts/ledger.ts';
import { answer } from '../../src/actions/hand-over/answer-hand-over.ts';
import { handOver } from '../../src/actions/hand-over/hand-over.ts';
import { whoOwnedAt } from '../../src/actions/hand-over/owners.ts';
import { clearHeartbeat, saveHeartbeat } from '../../src/actions/heartbeat/save-heartbeat.ts';
import { sendHeartbeat } from '../../src/actions/heartbeat/send-heartbeat.ts';
import { incidentRecord } from '../../src/actions/incident-record.ts';
import { issueToken } from '../../src/actions/people.ts';
import { publishUpdate } from '../../src/actions/publish-update.ts';
import { remindPeople } from '../../src/actions/remind-people.ts';
import { requestApproval } from '../../src/actions/request-approval.ts';
import { saveTemplate } from '../../src/actions/save-template.ts';
import type { Proof } from '../../src/actions/sign-in/prove.ts';
import { correct } from '../amend.ts';
import { DATABASES, type House, MINUTE, openHouse, wordsAt } from '../house.ts';

const SHOWN: Proof = { assurance: 'passkey', spend: async () => undefined };
const alertsOf = async (house: House, kind: string) =>
  (await listAlerts(house.store.read, house.page.id, 100)).filter((a) => a.kind === kind);

for (const database of DATABASES)
  t.test(database, async (t) => {
    await ledger(t, database);
    await owners(t, database);
    await asks(t, database);
    await glass(t, database);
    await beats(t, database);
    await times(t, database);
    await rest(t, database);
  });

async function ledger(t: Test, database: (typeof DATABASES)[number]) {
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
    await t.rejects(confirmFact(house.ctx(house.approver), fact.id, 1, { secondSource: 'Harbour office' }), {
      code: 'invalid',
      field: 'grade',
    });
    const given = { secondSource: 'Harbour office', grade: 'b2' };
    t.match(await confirmFact(house.ctx(house.approver), fact.id, 1, given), {
      state: 'confirmed',
      grade: 'B2',
    });
  });
}

async function owners(t: Test, database: (typeof DATABASES)[number]) {
  await t.test(
    'an incident changes hands only by the other’s yes, and everybody is told of silence',
    async (t) => {
      const house = await openHouse({ database });
      const [author, approver, second] = [house.author, house.approver, house.second].map(house.ctx) as [
        Ctx,
        Ctx,
        Ctx,
      ];
      const incident = await house.openIncident();
      const owner = async () => (await getIncident(house.store.read, incident.id)).ownerId;
      const asked = await handOver(author, incident.id, house.approver.id, 'My shift ends at 15:00.');
      t.equal(await owner(), house.author.id, 'asking changes nothing');
      await t.rejects(answer(second, asked.id, true, ''), { code: 'conflict' }, 'nobody else can answer');
      t.match(await alertsOf(house, 'hand_over'), [{ personId: house.approver.id, incidentId: incident.id }]);
      house.clock.advance(5 * MINUTE);
      await remindPeople(house.system);
      t.match(
        (await alertsOf(house, 'hand_over'))[0],
        { personId: null, message: /has not answered. It still belongs to Arno/ },
        'after five minutes whoever is on call is told',
      );
      await remindPeople(house.system);
      t.equal((await alertsOf(house, 'hand_over')).length, 2, 'once');
      await t.rejects(
        answer(approver, asked.id, false, ' '),
        { code: 'invalid', field: 'answer' },
        'declining says why',
      );
      await answer(approver, asked.id, false, 'I am on a train.');
      t.equal(await owner(), house.author.id);
      const before = house.clock.now();
      house.clock.advance(MINUTE);
      const again = await handOver(author, incident.id, house.second.id, '');
      await answer(second, again.id, true, 'Got it.');
      t.equal(await owner(), house.second.id);
      t.equal(await whoOwnedAt(house.store.read, incident.id, before), house.author.id);
      t.equal(await whoOwnedAt(house.store.read, incident.id, house.clock.now()), house.second.id);
      await t.rejects(
        handOver(author, incident.id, house.author.id, ''),
        { code: 'forbidden' },
        'not theirs now',
      );
      const viewer = await house.addPerson('Vera', ['viewer']);
      await t.rejects(handOver(second, incident.id, viewer.id, ''), { code: 'invalid', field: 'to' });
      const log = (await listAudit(house.store.read, 0, 1_000)).map((x) => x.action);
      for (const action of ['hand_over.ask', 'hand_over.remind', 'hand_over.decline', 'hand_over.accept'])
        t.ok(log.includes(action), action);
    },
  );
}

async function asks(t: Test, database: (typeof DATABASES)[number]) {
  await t.test(
    'approvers are asked by links that work once, and the next ones when nobody answers',
    async (t) => {
      const house = await openHouse({ database });
      for (const name of ['Dee', 'Eve', 'Flo']) await house.addPerson(name, ['approver']);
      const incident = await house.openIncident();
      const asked = await house.ask(incident);
      const rows = () => listAsks(house.store.read, asked.id, asked.hash!);
      t.equal((await rows()).length, 3, 'three at once');
      t.notOk(
        (await rows()).some((a) => a.personId === house.author.id),
        'never an author',
      );
      const mine = (await rows())[0]!;
      const message =
        (await alertsOf(house, 'approval')).find((a) => a.personId === mine.personId)?.message ?? '';
      const secret = /\/desk\/approvals\/link\/([0-9a-f]{64}) /.exec(message)?.[1] ?? '';
      t.notMatch(message, 'Card payments fail for some', 'never the words that are to be approved');
      const as = (id: string): Ctx => ({
        ...house.system,
        actor: { kind: 'person', id, roles: ['approver'] },
      });
      const other = (await rows())[1]!;
      await t.rejects(openAsk(as(other.personId), secret), { code: 'forbidden' }, 'it is for one person');
      t.equal(await openAsk(as(mine.personId), secret), asked.id);
      await t.rejects(openAsk(as(mine.personId), secret), { code: 'gone' }, 'and works once');
      t.equal((await getUpdate(house.store.read, asked.id)).state, 'in_review', 'it approves nothing');
      house.clock.advance(NEXT_ROUND_MS);
      await remindPeople(house.system);
      t.equal((await rows()).length, 6, 'the next round: everybody else who may');
      house.clock.advance(NEXT_ROUND_MS);
      await remindPeople(house.system);
      await remindPeople(house.system);
      t.match(await alertsOf(house, 'approval_unanswered'), [{ personId: null, updateId: asked.id }]);
      const late =
        (await alertsOf(house, 'approval')).find((a) => a.personId === other.personId)?.message ?? '';
      house.clock.advance(10 * MINUTE);
      const old = /link\/([0-9a-f]{64}) /.exec(late)?.[1] ?? '';
      await t.rejects(openAsk(as(other.personId), old), { code: 'gone' }, 'and runs out with the question');
      const none = await decide(house.system, async (d) =>
        askApprovers(house.system, d, asked, incident, await getPage(d.w, house.page.id)),
      );
      t.equal(none, 0);
    },
  );

  await t.test('nobody makes a token that says yes for somebody else', async (t) => {
    const house = await openHouse({ database });
    const mint = (ctx: Ctx, personId: string, scopes: ('read' | 'approve' | 'admin')[]) =>
      issueToken(ctx, { kind: 'api', personId, name: 'x', scopes, secret: house.newId().repeat(3) });
    await t.rejects(mint(house.ctx(house.admin), house.approver.id, ['read', 'approve']), {
      message: /only be made by the person it approves for/,
    });
    await mint(house.ctx(house.admin), house.approver.id, ['read']);
    await mint(house.ctx(house.admin), house.admin.id, ['read', 'approve']);
    const program: Ctx = {
      ...house.system,
      actor: { kind: 'token', id: house.admin.id, roles: ['admin'], scopes: ['read', 'admin'] },
    };
    await t.rejects(mint(program, house.admin.id, ['approve']), { message: /lacks the scope "approve"/ });
    const details = (await listAudit(house.store.read, 0, 1_000))
      .filter((x) => x.action === 'token.api')
      .map((x) => (JSON.parse(x.detail) as { for: string }).for);
    t.strictSame(details, ['other', 'self'], 'the log says whose it is');
  });
}

async function glass(t: Test, database: (typeof DATABASES)[number]) {
  await t.test(
    'S11: without a second person only what was cleared goes out, loudly, and is reviewed',
    async (t) => {
      const house = await openHouse({ database });
      const sam = await house.addPerson('Sam', ['author']);
      const incident = await house.openIncident('Gas leak');
      const template = await saveTemplate(house.ctx(house.author), house.page.id, {
        name: 'Gas leak',
        title: 'Gas leak',
        status: 'investigating',
        blocks: {
          known: 'There is a gas leak.',
          unknown: 'We do not know where from.',
          action: 'Leave the hall.',
        },
        slots: [],
      });
      const year = house.clock.now() + 300 * 24 * 60 * MINUTE;
      await clearTemplate(house.ctx(house.approver), template.id, template.version, year);
      house.clock.advance(MINUTE);
      const ctx = house.ctx(sam);
      const ask = async () => {
        const draft = await draftFromTemplate(ctx, incident.id, template.id, {}, wordsAt(house.clock.now()));
        return requestApproval(ctx, draft.id, draft.version);
      };
      const asked = await ask();
      const words = (hash: string) => ({
        hash,
        reason: 'life_safety' as const,
        sentence: 'People are still in the hall.',
        looking: false,
      });
      await t.rejects(overrideApproval(ctx, asked.id, words(asked.hash!), SHOWN), {
        message: /have 90 s more to answer/,
      });
      house.clock.advance(90_000);
      await t.rejects(overrideApproval(ctx, asked.id, { ...words(asked.hash!), looking: true }, SHOWN), {
        message: /has opened these words/,
      });
      const bare: Proof = { assurance: 'session', spend: async () => undefined };
      await t.rejects(overrideApproval(ctx, asked.id, words(asked.hash!), bare), {
        message: /Show your passkey/,
      });
      await t.rejects(overrideApproval(ctx, asked.id, { ...words(asked.hash!), sentence: 'now' }, SHOWN), {
        code: 'invalid',
        field: 'sentence',
      });
      const titled = await house.openIncident('Acme did this');
      const theirs = await draftFromTemplate(ctx, titled.id, template.id, {}, wordsAt(house.clock.now()));
      const shown = await requestApproval(ctx, theirs.id, theirs.version);
      house.clock.advance(90_000);
      await t.rejects(overrideApproval(ctx, shown.id, words(shown.hash!), SHOWN), {
        message: /The title “Acme did this” is your own/,
      });
      const out = await overrideApproval(ctx, asked.id, words(asked.hash!), SHOWN);
      t.equal(out.state, 'published');
      const told = (await alertsOf(house, 'override')).map((a) => a.personId);
      for (const who of [null, house.approver.id, house.second.id, house.admin.id])
        t.ok(told.includes(who), `${who ?? 'on call'} is alarmed`);
      const [o] = await listOverrides(house.store.read, incident.id);
      await t.rejects(reviewOverride(ctx, o!.id, 'right', 'Looked at it.'), { code: 'forbidden' });
      house.clock.advance(61 * MINUTE);
      await remindPeople(house.system);
      await remindPeople(house.system);
      t.equal(
        (await alertsOf(house, 'override')).filter((a) => /nobody has reviewed/.test(a.message)).length,
        1,
        'a review that is overdue is said once',
      );
      await reviewOverride(house.ctx(house.approver), o!.id, 'right', 'It could not wait.');
      const { metrics } = await incidentRecord(house.store.read, incident.id, house.clock.now());
      t.strictSame(metrics.overrides, { count: 1, reviewedInTime: 0 });

      const own = await draftUpdate(ctx, incident.id, wordsAt(house.clock.now(), 'My own words.'));
      const free = await requestApproval(ctx, own.id, own.version);
      house.clock.advance(90_000);
      await t.rejects(overrideApproval(ctx, free.id, words(free.hash!), SHOWN), {
        message: /class B never go out/,
      });
      for (let n = 2; n <= 3; n += 1) {
        const more = await ask();
        house.clock.advance(90_000);
        await overrideApproval(ctx, more.id, words(more.hash!), SHOWN);
      }
      const fourth = await ask();
      house.clock.advance(90_000);
      await t.rejects(overrideApproval(ctx, fourth.id, words(fourth.hash!), SHOWN), {
        message: /done 3 times in this incident/,
      });
    },
  );

  await t.test('an override brings no words forward that were written for later', async (t) => {
    const house = await openHouse({ database });
    const ctx = house.ctx(house.author);
    const wrong = await house.say(await house.openIncident());
    const draft = await draftAmendment(ctx, wrong.id, 'correction', 'We said all cards; it is some.', {
      blocks: { known: 'Some card payments fail.' },
    });
    const publishAt = house.clock.now() + 60 * MINUTE;
    const later = await editUpdate(ctx, draft.id, draft.version, { publishAt });
    const asked = await requestApproval(ctx, later.id, later.version);
    const out = await overrideApproval(
      ctx,
      asked.id,
      { hash: asked.hash!, reason: 'harm_grows', sentence: 'Nobody answers the phone.', looking: false },
      SHOWN,
    );
    t.match(out, { state: 'approved', releaseAt: publishAt, publishedAt: null });
  });

  await t.test('a cleared apology still needs what its class needs', async (t) => {
    const house = await openHouse({ database });
    const ctx = house.ctx(house.author);
    const incident = await house.openIncident();
    const template = await saveTemplate(ctx, house.page.id, {
      name: 'Apology',
      title: 'We are sorry',
      status: 'investigating',
      class: 'C',
      blocks: { known: 'That was our fault.', unknown: 'Whom it hit is not clear yet.' },
      slots: [],
    });
    await clearTemplate(house.ctx(house.approver), template.id, 1, house.clock.now() + 1_000_000);
    const draft = await draftFromTemplate(ctx, incident.id, template.id, {}, wordsAt(house.clock.now()));
    t.equal(draft.class, 'C');
    const lower = await editUpdate(ctx, draft.id, draft.version, { class: 'B' });
    await t.rejects(requestApproval(ctx, draft.id, lower.version), { code: 'conflict', field: 'class' });
    const back = await editUpdate(ctx, draft.id, lower.version, { class: 'C' });
    const asked = await requestApproval(ctx, draft.id, back.version);
    t.equal((await approveUpdate(house.ctx(house.approver), asked.id, asked.hash!)).state, 'in_review');
  });
}

async function beats(t: Test, database: (typeof DATABASES)[number]) {
  await t.test(
    'S3: one heartbeat when late, to the page only; it neither keeps the promise nor counts',
    async (t) => {
      const house = await openHouse({ database });
      const [author, approver] = [house.ctx(house.author), house.ctx(house.approver)];
      const words = 'We are late with this update. The team is still working. Next update by {next}.';
      await t.rejects(saveHeartbeat(author, house.page.id, { words: 'Late.', minutes: 10, auto: false }), {
        code: 'invalid',
        field: 'words',
      });
      await saveHeartbeat(author, house.page.id, { words, minutes: 10, auto: false });
      await t.rejects(clearHeartbeat(author, house.page.id), { code: 'forbidden' });
      const incident = await house.openIncident();
      await house.say(incident);
      await t.rejects(sendHeartbeat(author, incident.id), { message: /no cleared heartbeat/ });
      await clearHeartbeat(approver, house.page.id);
      await t.rejects(sendHeartbeat(author, incident.id), { message: /No promise is late/ });
      house.clock.advance(21 * MINUTE);
      const beat = await sendHeartbeat(author, incident.id);
      t.match(beat, { state: 'published', heartbeat: true, connectionIds: [] });
      t.match(beat.blocks, {
        known: 'Card payments fail for some customers.',
        doing:
          /^We are late with this update. The team is still working. Next update by 14:31 UTC. Our engineers/,
      });
      t.match(
        await listPromises(house.store.read, [incident.id]),
        [{ state: 'open' }],
        'the promise stays late',
      );
      await t.rejects(sendHeartbeat(author, incident.id), { message: /A second one in a row/ });
      house.clock.advance(5 * MINUTE);
      await house.say(incident, wordsAt(house.clock.now(), 'It works again for most.'));
      const [first, second] = await listPromises(house.store.read, [incident.id]);
      t.match(first, { state: 'late', lateMs: 6 * MINUTE }, 'late from the promised time, heartbeat or not');
      t.equal(second?.state, 'open');
    },
  );

  await t.test('it repeats what stands now, not what was put right last', async (t) => {
    const house = await openHouse({ database });
    const author = house.ctx(house.author);
    const words = 'We are late. Next update by {next}.';
    await saveHeartbeat(author, house.page.id, { words, minutes: 10, auto: false });
    await clearHeartbeat(house.ctx(house.approver), house.page.id);
    const incident = await house.openIncident();
    const first = await house.say(incident);
    await house.say(incident, wordsAt(house.clock.now(), 'Only refunds fail now.'));
    await correct(house, first, 'Some card payments fail.');
    const promises = await listPromises(house.store.read, [incident.id]);
    house.clock.advance(21 * MINUTE);
    const beat = await sendHeartbeat(author, incident.id);
    t.match(beat, { blocks: { known: 'Only refunds fail now.' }, amends: null, note: null });
    t.strictSame(await listPromises(house.store.read, [incident.id]), promises, 'and no promise moves');
  });

  await t.test('by itself only where it was cleared so and somebody owns the incident', async (t) => {
    const house = await openHouse({ database });
    const words = 'We are late. The team is still working. Next update by {next}.';
    await saveHeartbeat(house.ctx(house.author), house.page.id, { words, minutes: 10, auto: true });
    await clearHeartbeat(house.ctx(house.approver), house.page.id);
    const incident = await house.openIncident();
    await house.say(incident);
    house.clock.advance(21 * MINUTE);
    await remindPeople(house.system);
    await remindPeople(house.system);
    const record = await incidentRecord(house.store.read, incident.id, house.clock.now());
    t.equal(record.updates.filter((u) => u.heartbeat).length, 1);
  });
}

async function times(t: Test, database: (typeof DATABASES)[number]) {
  await t.test('approved words go out at their time, if nothing has changed by then', async (t) => {
    const house = await openHouse({ database });
    const incident = await house.openIncident();
    const at = house.clock.now() + 30 * MINUTE;
    const words = { ...wordsAt(at), publishAt: at };
    const asked = await house.ask(incident, words);
    const approved = await approveUpdate(house.ctx(house.approver), asked.id, asked.hash!);
    t.match(approved, { state: 'approved', releaseAt: at });
    await t.rejects(publishUpdate(house.system, asked.id), { code: 'conflict' });
    house.clock.advance(30 * MINUTE);
    t.equal((await publishUpdate(house.system, asked.id)).state, 'published');

    const later = house.clock.now() + 30 * MINUTE;
    const second = await house.ask(incident, { ...wordsAt(later, 'Later.'), publishAt: later });
    await approveUpdate(house.ctx(house.approver), second.id, second.hash!);
    house.clock.advance(MINUTE);
    await house.say(incident, wordsAt(house.clock.now(), 'There is news meanwhile.'));
    house.clock.advance(29 * MINUTE);
    await t.rejects(publishUpdate(house.system, second.id), { message: /newer update/ });
    t.equal((await getUpdate(house.store.read, second.id)).state, 'returned');
    await t.rejects(
      house.ask(incident, { ...wordsAt(house.clock.now()), publishAt: house.clock.now() - 1 }),
      {
        code: 'invalid',
        field: 'publishAt',
      },
    );
  });
}

async function rest(t: Test, database: (typeof DATABASES)[number]) {
  await t.test('the page’s policy says which yes needs a proof', async (t) => {
    const house = await openHouse({ database });
    const { policy } = await getPage(house.store.read, house.page.id);
    await house.store.transact((w) =>
      changePage(w, house.page.id, { policy: { ...policy, overrideClasses: [], proofFor: [] } }),
    );
    const asked = await house.ask(await house.openIncident());
    t.equal(
      (await approveUpdate(house.ctx(house.approver), asked.id, asked.hash!, SHOWN)).state,
      'published',
    );
  });
}
