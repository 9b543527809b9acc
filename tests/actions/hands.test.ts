import t, { type Test } from 'tap';
import { getUpdate } from '../../db/queries/incidents.ts';
import { listAudit } from '../../db/queries/log.ts';
import { changePage } from '../../db/queries/pages.ts';
import type { Person } from '../../db/queries/people.ts';
import { approveUpdate } from '../../src/actions/approve-update.ts';
import { clearTemplate } from '../../src/actions/clear-template.ts';
import type { Ctx } from '../../src/actions/context.ts';
import { draftUpdate, editUpdate } from '../../src/actions/draft-update.ts';
import { issueToken, signIn } from '../../src/actions/people.ts';
import { requestApproval } from '../../src/actions/request-approval.ts';
import { saveTemplate } from '../../src/actions/save-template.ts';
import type { Proof } from '../../src/actions/sign-in/prove.ts';
import { letInOf } from '../../src/actions/sign-in/session.ts';
import { DATABASES, type House, openHouse, wordsAt } from '../house.ts';
import { alertsOf } from './alerts.ts';

const SHOWN: Proof = { assurance: 'password', spend: async () => undefined };

for (const database of DATABASES)
  t.test(database, async (t) => {
    await links(t, await openHouse({ database }));
    await chains(t, await openHouse({ database }));
    await writing(t, await openHouse({ database }));
    await others(t, await openHouse({ database }));
  });

/** What somebody may do who came in by a link for `person` that `by` made. */
async function cameIn(house: House, by: Ctx, person: Person): Promise<Ctx> {
  const secret = house.newId();
  await issueToken(by, { kind: 'sign_in', personId: person.id, name: 'Link', secret });
  const { session } = await signIn(house.system, secret, house.newId());
  const ctx = house.ctx(person);
  return { ...ctx, actor: { ...ctx.actor, letIn: letInOf(session) } };
}

const audited = async (house: House, action: string) =>
  (await listAudit(house.store.read, 0, 1_000)).filter((a) => a.action === action);

async function links(t: Test, house: House) {
  await t.test(
    'a link made by the author approves nothing of theirs, and the try is on record',
    async (t) => {
      const { admin, approver, second } = house;
      const incident = await house.openIncident();
      const draft = await draftUpdate(
        house.ctx(admin),
        incident.id,
        wordsAt(house.clock.now(), 'Pay fails.'),
      );
      const asked = await requestApproval(house.ctx(admin), draft.id, draft.version);
      const posing = await cameIn(house, house.ctx(admin), approver);
      t.strictSame(posing.actor.letIn, { by: [admin.id], how: 'link' });
      await t.rejects(approveUpdate(posing, asked.id, asked.hash!), {
        code: 'forbidden',
        message: new RegExp(`^${admin.name} made the way in by which you came`),
      });
      t.equal((await getUpdate(house.store.read, asked.id)).state, 'in_review');
      const [refused] = await audited(house, 'update.approve_refused');
      t.match(refused, { actorId: approver.id, subjectId: asked.id });
      t.match(JSON.parse(refused?.detail ?? '{}'), { shared: admin.id, letInBy: [admin.id] });
      const told = await alertsOf(house, 'way_in');
      t.match(told, [
        { personId: approver.id, message: new RegExp(`${admin.name} made a sign-in link for you`) },
      ]);

      const invited: Ctx = {
        ...posing,
        actor: { ...posing.actor, letIn: { by: [admin.id], how: 'invitation' } },
      };
      await t.rejects(
        approveUpdate(invited, asked.id, asked.hash!, SHOWN),
        { code: 'forbidden' },
        'behind an invitation a password may be its maker’s',
      );
      const other = await cameIn(house, house.ctx(second), approver);
      t.match(
        await approveUpdate(posing, asked.id, asked.hash!, SHOWN),
        { state: 'published' },
        'their own password shows that it is them',
      );
      const again = await house.ask(incident, wordsAt(house.clock.now(), 'Pay still fails.'));
      t.match(
        await approveUpdate(other, again.id, again.hash!),
        { state: 'published' },
        'a link that somebody made who had no hand in the words is as good as any',
      );
    },
  );

  await t.test('one person’s two yeses are one', async (t) => {
    const { approver, second } = house;
    const policy = { ...house.page.policy, approvers: { ...house.page.policy.approvers, B: 2 } };
    await house.store.transact((w) => changePage(w, house.page.id, { policy }));
    const incident = await house.openIncident();
    const asked = await house.ask(incident);
    const posing = await cameIn(house, house.ctx(second), approver);
    await approveUpdate(posing, asked.id, asked.hash!);
    await t.rejects(
      approveUpdate(house.ctx(second), asked.id, asked.hash!),
      { message: /The other yes came from a session whose link you made/ },
      'first as somebody else, then as oneself',
    );
    const other = await house.ask(await house.openIncident());
    await approveUpdate(house.ctx(second), other.id, other.hash!);
    await t.rejects(approveUpdate(posing, other.id, other.hash!), { code: 'forbidden' }, 'or the other way');
    t.match(await approveUpdate(house.ctx(approver), other.id, other.hash!), { state: 'published' });
  });
}

async function chains(t: Test, house: House) {
  await t.test('a link made behind somebody else’s link leads back to the first', async (t) => {
    const { admin, approver } = house;
    const deputy = await house.addPerson('Deputy', ['admin']);
    const asDeputy = await cameIn(house, house.ctx(admin), deputy);
    const posing = await cameIn(house, asDeputy, approver);
    t.strictSame(posing.actor.letIn?.by, [deputy.id, admin.id]);
    const incident = await house.openIncident();
    const draft = await draftUpdate(house.ctx(admin), incident.id, wordsAt(house.clock.now(), 'Pay fails.'));
    const asked = await requestApproval(house.ctx(admin), draft.id, draft.version);
    await t.rejects(approveUpdate(posing, asked.id, asked.hash!), { code: 'forbidden' });
    const token = await issueToken(asDeputy, {
      kind: 'api',
      personId: deputy.id,
      name: 'Robot',
      scopes: ['approve'],
      secret: house.newId(),
    });
    t.strictSame(letInOf(token.token), { by: [admin.id], how: 'token' }, 'and so does a token made there');
  });
}

async function writing(t: Test, house: House) {
  await t.test('words written behind a link are also of whoever made it', async (t) => {
    const { admin, author, approver } = house;
    const posing = await cameIn(house, house.ctx(admin), author);
    const incident = await house.openIncident();
    const draft = await draftUpdate(posing, incident.id, wordsAt(house.clock.now(), 'Pay fails.'));
    t.strictSame(draft.authorIds, [author.id, admin.id]);
    const asked = await requestApproval(posing, draft.id, draft.version);
    await t.rejects(approveUpdate(house.ctx(admin), asked.id, asked.hash!), { code: 'forbidden' });
    t.match(await approveUpdate(house.ctx(approver), asked.id, asked.hash!), { state: 'published' });
  });
  await t.test('an approver who edits becomes an author, and somebody else must approve', async (t) => {
    const { author, approver, second } = house;
    const incident = await house.openIncident();
    const asked = await house.ask(incident);
    const edited = await editUpdate(house.ctx(approver), asked.id, asked.version, {
      blocks: { ...asked.blocks, known: 'Card payments fail for some.' },
    });
    t.match(edited, { state: 'draft', authorIds: [author.id, approver.id], hash: null });
    const again = await requestApproval(house.ctx(approver), edited.id, edited.version);
    for (const one of [approver, author])
      await t.rejects(approveUpdate(house.ctx(one), again.id, again.hash!), { code: 'forbidden' });
    t.match(await approveUpdate(house.ctx(second), again.id, again.hash!), { state: 'published' });
  });
}

async function others(t: Test, house: House) {
  await t.test('nor does it clear what its maker wrote', async (t) => {
    const { admin, approver } = house;
    const template = await saveTemplate(house.ctx(admin), house.page.id, {
      name: 'Payments',
      title: 'Payments fail',
      status: 'investigating',
      blocks: { known: 'Payments fail.', unknown: 'We do not know why.', doing: 'We look into it.' },
      slots: [],
    });
    const posing = await cameIn(house, house.ctx(admin), approver);
    await t.rejects(clearTemplate(posing, template.id, template.version, house.clock.now() + 86_400_000), {
      message: /also made the link by which you came in/,
    });
    await clearTemplate(house.ctx(approver), template.id, template.version, house.clock.now() + 86_400_000);
  });
}
