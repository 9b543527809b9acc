import t from 'tap';
import { findInstallation } from '../../db/queries/installation.ts';
import { listAudit, listEventsAfter } from '../../db/queries/log.ts';
import { switchSending } from '../../src/actions/switch-sending.ts';
import { DATABASES, openHouse } from '../house.ts';

for (const database of DATABASES)
  t.test(`${database}: every network at once, off and on`, async (t) => {
    const house = await openHouse({ database });
    const { read } = house.store;
    const said = async () =>
      (await listEventsAfter(read, 0, 100)).filter((e) => e.kind.startsWith('sending.'));
    const accounted = async () =>
      (await listAudit(read, 0, 100)).filter((a) => a.action.startsWith('sending.'));
    const approver = house.ctx(house.approver);
    await t.rejects(switchSending(house.ctx(house.author), false, 'No.'), { code: 'forbidden' });
    for (const bad of ['', '  ', 'x'.repeat(301)])
      await t.rejects(switchSending(approver, false, bad), { code: 'invalid', field: 'reason' });
    t.equal(await findInstallation(read, 'sending_off'), undefined);

    t.strictSame(await switchSending(approver, false, ' Somebody posts in our name. '), {
      on: false,
      reason: 'Somebody posts in our name.',
    });
    t.equal(await findInstallation(read, 'sending_off'), 'Somebody posts in our name.');
    t.match(await said(), [{ kind: 'sending.off', public: true, pageId: house.page.id }]);
    t.notMatch(JSON.stringify(await said()), 'in our name', 'the reason is not for the public log');
    t.match(await accounted(), [{ action: 'sending.off', actorId: house.approver.id, detail: /our name/ }]);

    t.strictSame(
      await switchSending(house.ctx(house.admin), false, 'Me too.'),
      { on: false, reason: 'Somebody posts in our name.' },
      'who pressed first gave the reason',
    );
    t.equal((await accounted()).length, 1);

    t.strictSame(await switchSending(house.ctx(house.admin), true), { on: true, reason: null });
    t.equal(await findInstallation(read, 'sending_off'), undefined);
    await switchSending(house.ctx(house.admin), true);
    t.strictSame(
      (await said()).map((e) => e.kind),
      ['sending.off', 'sending.on'],
    );
    t.equal((await accounted()).length, 2);
  });
