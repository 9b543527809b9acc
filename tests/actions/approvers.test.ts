import t from 'tap';
import { listAsks } from '../../db/queries/asks.ts';
import { getUpdate } from '../../db/queries/incidents.ts';
import { listAudit } from '../../db/queries/log.ts';
import { changePage, getPage } from '../../db/queries/pages.ts';
import { askApprovers, NEXT_ROUND_MS } from '../../src/actions/approval/ask-approvers.ts';
import { openAsk } from '../../src/actions/approval/open-ask.ts';
import { approveUpdate } from '../../src/actions/approve-update.ts';
import { type Ctx, decide } from '../../src/actions/context.ts';
import { issueToken } from '../../src/actions/people.ts';
import { remindPeople } from '../../src/actions/remind-people.ts';
import { DATABASES, MINUTE, openHouse } from '../house.ts';
import { alertsOf } from './alerts.ts';
import { SHOWN } from './proof.ts';

for (const database of DATABASES)
  t.test(database, async (t) => {
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
  });
