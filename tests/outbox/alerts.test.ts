import t, { type Test } from 'tap';
import { insertAlert, listAlerts } from '../../db/queries/alerts.ts';
import { changePerson } from '../../db/queries/people.ts';
import { sendAlerts } from '../../src/outbox/alarm.ts';
import { type Connect, DATABASES, type DatabaseKind, type House, NETWORKS, openHouse } from '../house.ts';
import { openNetwork, partsOn } from './scripted.ts';

const PAGER: Connect = { can: NETWORKS.findable, role: 'oncall', name: 'Pager' };

for (const database of DATABASES)
  t.test(database, async (t) => {
    await once(t, database);
    await beside(t, database);
    await later(t, database);
    await ours(t, database);
  });

/** A house with alerts to send, and what two runs that share its database and its networks send them with. */
async function alarmed(t: Test, database: DatabaseKind, connect: readonly Connect[] = [PAGER]) {
  const house = await openHouse({ database, connect });
  t.teardown(() => house.close());
  const networks = new Map(house.connections.map((c) => [c.id, openNetwork(c.can, house.clock.now)]));
  const told = { alerts: [], reports: [] };
  const runs = ['one', 'another'].map((boot) => partsOn(house, house.store, boot, networks, told));
  return { house, networks: [...networks.values()], one: runs[0]!, another: runs[1]! };
}

const raise = (house: House, message: string, personId: string | null = null) =>
  house.store.transact((w) =>
    insertAlert(w, {
      id: house.newId(),
      pageId: house.page.id,
      kind: 'stuck',
      message,
      personId,
      raisedAt: house.clock.now(),
    }),
  );

async function once(t: Test, database: DatabaseKind) {
  await t.test('what one process is sending, no other sends', async (t) => {
    const { house, networks, one, another } = await alarmed(t, database);
    const pause = networks[0]!.pause();
    await raise(house, 'Look.');
    const sending = sendAlerts(one);
    await pause.arrived;
    await sendAlerts(another);
    t.equal(networks[0]!.calls.length, 1);
    pause.release();
    await sending;
    await sendAlerts(another);
    t.equal(networks[0]!.calls.length, 1);
    const [alert] = await listAlerts(house.store.read, house.page.id, 1);
    t.equal(alert?.sentAt, house.clock.now());
  });
}

async function beside(t: Test, database: DatabaseKind) {
  await t.test('an alert that hangs keeps no other waiting', async (t) => {
    const { house, networks, one } = await alarmed(t, database);
    const pause = networks[0]!.pause();
    let came: () => void = () => undefined;
    const second = new Promise<void>((done) => {
      came = done;
    });
    networks[0]!.watch = async () => {
      if (networks[0]!.calls.length === 2) came();
    };
    await raise(house, 'First.');
    await raise(house, 'Second.');
    const sending = sendAlerts(one);
    await Promise.all([pause.arrived, second]);
    pause.release();
    await sending;
    t.strictSame(networks[0]!.posts.map((p) => p.text).sort(), ['First.', 'Second.']);
  });
}

async function later(t: Test, database: DatabaseKind) {
  await t.test('what did not arrive, or was taken by a run that died, is sent again', async (t) => {
    const { house, networks, one, another } = await alarmed(t, database);
    networks[0]!.script.push('silence');
    await raise(house, 'Look.');
    await sendAlerts(one);
    t.strictSame(networks[0]!.posts, []);
    house.clock.advance(30_000);
    await sendAlerts(another);
    t.equal(networks[0]!.posts.length, 1);
    const pause = networks[0]!.pause();
    await raise(house, 'Look again.');
    const dying = sendAlerts(one);
    await pause.arrived;
    house.clock.advance(90_000);
    await sendAlerts(another);
    t.equal(networks[0]!.posts.length, 2);
    pause.release({ failure: 'unsent' });
    await dying;
  });
}

async function ours(t: Test, database: DatabaseKind) {
  await t.test('a line to subscribers carries nothing of ours', async (t) => {
    const { house, networks, one } = await alarmed(t, database, [
      { channel: 'sms', name: 'Subscribers', role: 'subscribers', can: NETWORKS.findable },
      { channel: 'sms', name: 'Texts', can: NETWORKS.findable },
    ]);
    await house.store.transact((w) => changePerson(w, house.admin.id, { phone: '+15550006245' }));
    await raise(house, 'Look.', house.admin.id);
    await sendAlerts(one);
    t.strictSame(
      networks.map((n) => n.posts.length),
      [0, 1],
    );
  });
}
