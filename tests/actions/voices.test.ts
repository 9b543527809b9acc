import t, { type Test } from 'tap';
import { getUpdate } from '../../db/queries/incidents.ts';
import { listAudit } from '../../db/queries/log.ts';
import type { Person } from '../../db/queries/people.ts';
import { listRenditions } from '../../db/queries/words.ts';
import { draftAmendment } from '../../src/actions/amend/draft-amendment.ts';
import { consentTo } from '../../src/actions/approval/consent.ts';
import { overrideApproval } from '../../src/actions/approval/override.ts';
import { approveUpdate } from '../../src/actions/approve-update.ts';
import { changeVoiceOf } from '../../src/actions/connect-account.ts';
import { draftUpdate, editUpdate } from '../../src/actions/draft-update.ts';
import { requestApproval } from '../../src/actions/request-approval.ts';
import { changeVoice } from '../../src/actions/sign-in/change-person.ts';
import { NO_PROOF, type Proof } from '../../src/actions/sign-in/prove.ts';
import { DATABASES, type House, MINUTE, openHouse, wordsAt } from '../house.ts';
import { alertsOf } from './alerts.ts';
import { SHOWN } from './proof.ts';

for (const database of DATABASES)
  t.test(database, async (t) => {
    await consent(t, await openHouse({ database }));
    await elsewhere(t, await openHouse({ database }));
  });

/** Aisha, whose voice the author may draft in. */
async function speaker(house: House): Promise<Person> {
  const aisha = await house.addPerson('Aisha', ['viewer']);
  await changeVoice(house.ctx(aisha), { title: 'CEO', delegates: [house.author.id] });
  return aisha;
}
const own = (house: House, voiceOf: string) => ({
  ...wordsAt(house.clock.now()),
  blocks: {},
  body: 'This is the hardest day of our lives. I will tell you what we know, when we know it.',
  voiceOf,
});

async function consent(t: Test, house: House) {
  const aisha = await speaker(house);
  const { author, approver, second, store } = house;

  await t.test('words in a person’s own voice go out with their own consent, and not without', async (t) => {
    const incident = await house.openIncident();
    await t.rejects(draftUpdate(house.ctx(second), incident.id, own(house, aisha.id)), {
      code: 'forbidden',
      message: /Aisha has not named you to write for them/,
    });
    const draft = await draftUpdate(house.ctx(author), incident.id, own(house, aisha.id));
    t.match(draft, { class: 'E', voiceOf: aisha.id });
    t.match(draft.body, /when we know it\.\n— Aisha, CEO$/, 'it is signed');
    const asked = await requestApproval(house.ctx(author), draft.id, draft.version);
    const [told] = await alertsOf(house, 'consent');
    t.match(told, { personId: aisha.id, message: new RegExp(`/desk/approvals/${asked.id}$`) });
    t.notMatch(told?.message, /hardest day/, 'not a word of it');
    const say = (by: Person, proof: Proof = SHOWN) => consentTo(house.ctx(by), asked.id, asked.hash!, proof);

    t.match(await approveUpdate(house.ctx(approver), asked.id, asked.hash!), { state: 'in_review' });
    for (const [by, proof] of [
      [author, SHOWN],
      [approver, SHOWN],
      [aisha, NO_PROOF],
    ] as const)
      await t.rejects(say(by, proof), { code: 'forbidden' }, `${by.name}, ${proof.assurance}`);
    const behind = { ...house.ctx(aisha) };
    behind.actor = { ...behind.actor, letIn: { by: [author.id], how: 'invitation' } };
    await t.rejects(consentTo(behind, asked.id, asked.hash!, SHOWN), { code: 'forbidden' });
    const program = { ...house.ctx(aisha) };
    program.actor = { ...program.actor, kind: 'token', scopes: ['approve'] };
    await t.rejects(consentTo(program, asked.id, asked.hash!, SHOWN), { code: 'forbidden' });
    t.equal((await getUpdate(store.read, asked.id)).state, 'in_review');
    const refused = (await listAudit(store.read, 0, 1_000)).filter(
      (a) => a.action === 'update.consent_refused',
    );
    t.equal(refused.length, 5, 'each is on record');

    house.clock.advance(2 * MINUTE);
    await t.rejects(
      overrideApproval(
        house.ctx(approver),
        asked.id,
        { hash: asked.hash!, reason: 'life_safety', sentence: 'It cannot wait any longer.', looking: false },
        SHOWN,
      ),
      { code: 'forbidden', message: /own voice/ },
    );
    t.match(await say(aisha), { state: 'published' });
  });

  await t.test('her consent is no yes of the class, and a changed word takes it back', async (t) => {
    const incident = await house.openIncident();
    const draft = await draftUpdate(house.ctx(author), incident.id, own(house, aisha.id));
    const asked = await requestApproval(house.ctx(author), draft.id, draft.version);
    t.match(await consentTo(house.ctx(aisha), asked.id, asked.hash!, SHOWN), { state: 'in_review' });
    await t.rejects(consentTo(house.ctx(aisha), asked.id, asked.hash!, SHOWN), { code: 'conflict' });
    await t.rejects(
      approveUpdate(
        { ...house.ctx(aisha), actor: { ...house.ctx(aisha).actor, roles: ['approver'] } },
        asked.id,
        asked.hash!,
      ),
      { message: /in your own voice: you consent to them, and somebody else approves/ },
    );
    const edited = await editUpdate(house.ctx(author), asked.id, asked.version + 1, {
      body: 'I am on my way.',
    });
    t.equal(edited.body, 'I am on my way.\n— Aisha, CEO');
    const again = await requestApproval(house.ctx(author), edited.id, edited.version);
    t.match(await approveUpdate(house.ctx(approver), again.id, again.hash!), { state: 'in_review' });
    t.match(await consentTo(house.ctx(aisha), again.id, again.hash!, SHOWN), { state: 'published' });

    const wrong = await draftAmendment(house.ctx(author), again.id, 'correction', 'The place was wrong.');
    t.equal(wrong.voiceOf, aisha.id, 'better words are hers to say');
    const back = await editUpdate(house.ctx(author), wrong.id, wrong.version, { body: 'I am there.' });
    t.match(back, { class: 'D', voiceOf: aisha.id, body: 'I am there.\n— Aisha, CEO' });
  });

  await t.test('nobody signs for her by hand', async (t) => {
    const incident = await house.openIncident();
    await t.rejects(
      house.ask(incident, { ...wordsAt(house.clock.now()), blocks: {}, body: 'All is well.\n— Aisha, CEO' }),
      { code: 'invalid', field: 'voiceOf', message: /signed by Aisha/ },
    );
    const draft = await draftUpdate(house.ctx(author), incident.id, own(house, aisha.id));
    await t.rejects(editUpdate(house.ctx(second), draft.id, draft.version, { body: 'Other words.' }), {
      code: 'forbidden',
    });
    const house_ = await editUpdate(house.ctx(author), draft.id, draft.version, { voiceOf: null });
    t.match(house_, { class: 'B', voiceOf: null });
    t.notMatch(house_.body, /Aisha/, 'the house’s words are not signed by her');
    await t.rejects(house.ask(incident, { ...wordsAt(house.clock.now()), class: 'E' }), {
      field: 'voiceOf',
      code: 'invalid',
    });
    await changeVoice(house.ctx(aisha), null);
    await t.rejects(draftUpdate(house.ctx(author), incident.id, own(house, aisha.id)), {
      code: 'invalid',
      message: /lends their voice to nobody/,
    });
  });
}

async function elsewhere(t: Test, house: House) {
  const aisha = await speaker(house);
  await t.test('a person’s own account carries her words and nothing else', async (t) => {
    const { admin, author, store } = house;
    const hers = await house.connect({ name: 'Aisha on Town Square', role: 'executive' });
    await t.rejects(changeVoiceOf(house.ctx(admin), hers.id, author.id), { code: 'invalid' });
    await changeVoiceOf(house.ctx(admin), hers.id, aisha.id);
    const incident = await house.openIncident();
    await t.rejects(
      draftUpdate(house.ctx(author), incident.id, {
        ...wordsAt(house.clock.now()),
        connectionIds: [hers.id],
      }),
      { field: 'connectionIds', code: 'invalid', message: /own voice/ },
    );
    const plain = await house.ask(incident, wordsAt(house.clock.now(), 'Pay fails.'));
    const placesOf = async (id: string) => (await listRenditions(store.read, id)).map((x) => x.connectionId);
    t.notOk((await placesOf(plain.id)).includes(hers.id));
    const draft = await draftUpdate(house.ctx(author), incident.id, own(house, aisha.id));
    const asked = await requestApproval(house.ctx(author), draft.id, draft.version);
    t.ok((await placesOf(asked.id)).includes(hers.id));
    const [words] = await listRenditions(store.read, asked.id);
    t.match(
      words?.parts[0]?.text,
      /when we know it\.\n— Aisha, CEO\nNext update by/,
      'signed once, before the promise',
    );
  });

  await t.test('no network is too short for her name', async (t) => {
    const tiny = await house.connect({ name: 'Tiny', limits: { unit: 'graphemes', max: 110 } });
    const incident = await house.openIncident();
    const draft = await draftUpdate(house.ctx(house.author), incident.id, {
      ...own(house, aisha.id),
      body: 'I am on my way. This is the hardest day of our lives. I will tell you what we know.',
    });
    const asked = await requestApproval(house.ctx(house.author), draft.id, draft.version);
    const words = (await listRenditions(house.store.read, asked.id)).find((x) => x.connectionId === tiny.id);
    t.match(words?.parts[0]?.text, /^I am on my way\.\n— Aisha, CEO\nNext update/);
    t.notMatch(words?.parts[0]?.text, /hardest/, 'sentences go, she stays');
  });
}
