import t, { type Test } from 'tap';
import { listAlerts } from '../../db/queries/alerts.ts';
import { listAudit } from '../../db/queries/log.ts';
import { changePage } from '../../db/queries/pages.ts';
import { answerMention, dismissMention } from '../../src/actions/answer-mention.ts';
import { approveUpdate } from '../../src/actions/approve-update.ts';
import { changeVoiceOf } from '../../src/actions/connect-account.ts';
import { draftUpdate, editUpdate } from '../../src/actions/draft-update.ts';
import { judgeReply } from '../../src/actions/inbox/judge-reply.ts';
import { requestApproval } from '../../src/actions/request-approval.ts';
import { changeVoice } from '../../src/actions/sign-in/change-person.ts';
import { DATABASES, type House, NETWORKS, openHouse } from '../house.ts';
import { said } from './said.ts';

const hear = ({ store, connections, clock }: House, text: string): Promise<string> =>
  said(store, connections[0]!, text, clock.now());

for (const database of DATABASES)
  t.test(database, async (t) => {
    const house = await openHouse({ database, connect: [{ can: NETWORKS.findable }] });
    await ending(t, house);
    await helpers(t, house);
  });

async function ending(t: Test, house: House) {
  const { author, approver, store } = house;
  await t.test('an incident does not end while people wait, unless somebody says why', async (t) => {
    const incident = await house.openIncident();
    await house.say(incident);
    const [one, two] = [await hear(house, 'Is it down?'), await hear(house, 'Was I charged twice?')];
    const end = await draftUpdate(house.ctx(author), incident.id, {
      status: 'resolved',
      blocks: { known: 'Card payments work again.' },
    });
    const ask = (version: number) => requestApproval(house.ctx(author), end.id, version);
    await t.rejects(ask(end.version), {
      code: 'invalid',
      field: 'leaves',
      message: /^Not before everybody was answered\. @person\d+ and @person\d+ still wait/,
    });
    await dismissMention(house.ctx(author), one, 'Answered on the phone.');
    await t.rejects(ask(end.version), { message: /@person\d+ still waits:/, code: 'invalid' });
    const why = 'She asked us to write by mail, and we did.';
    const left = await editUpdate(house.ctx(author), end.id, end.version, { leaves: why });
    const asked = await ask(left.version);
    t.match(await approveUpdate(house.ctx(approver), asked.id, asked.hash!), { state: 'published' });
    const row = (await listAudit(store.read, 0, 1_000)).findLast((a) => a.action === 'approval.request');
    t.equal(JSON.parse(row?.detail ?? '{}').leaves, why, 'and it is on record');
    await dismissMention(house.ctx(author), two, 'By mail.');
  });
}

async function helpers(t: Test, house: House) {
  const { admin, approver, page, store } = house;
  await t.test('the first five answers of a helper are read by a second person', async (t) => {
    const policy = { ...page.policy, answers: { firstFive: true } };
    await store.transact((w) => changePage(w, page.id, { policy }));
    const rosa = house.ctx(await house.addPerson('Rosa', ['responder']));
    const alerts = async () => (await listAlerts(store.read, page.id, 50)).filter((a) => a.kind === 'second');
    for (let i = 1; i <= 5; i += 1) {
      const mentionId = await hear(house, `Question ${i}?`);
      const reply = await answerMention(rosa, mentionId, `We look into it, number ${i}.`);
      t.type(reply.askedAt, 'number', `answer ${i} waits`);
      await judgeReply(house.ctx(approver), { mentionId, replyId: reply.id }, 'yes', '');
    }
    t.equal((await alerts()).length, 5);
    t.match((await alerts())[0]?.message, /waits for a second person: the first 5 answers of a helper/);
    const sixth = await answerMention(rosa, await hear(house, 'And I?'), 'We look into it for you, too.');
    t.equal(sixth.askedAt, null, 'the sixth goes out');
    const own = await answerMention(
      house.ctx(house.author),
      await hear(house, 'Hello?'),
      'We look into it as well.',
    );
    t.equal(own.askedAt, null, 'whoever may write is no helper');
  });

  await t.test('on a person’s own account only they answer', async (t) => {
    const aisha = await house.addPerson('Aisha', ['responder']);
    await changeVoice(house.ctx(aisha), { title: '', delegates: [] });
    await store.transact((w) => changePage(w, page.id, { policy: page.policy }));
    await changeVoiceOf(house.ctx(admin), house.connections[0]!.id, aisha.id);
    const mentionId = await hear(house, 'Ms Aisha, what now?');
    await t.rejects(answerMention(house.ctx(house.author), mentionId, 'We are on it.'), {
      code: 'forbidden',
    });
    await answerMention(house.ctx(aisha), mentionId, 'I am on it.');
  });
}
