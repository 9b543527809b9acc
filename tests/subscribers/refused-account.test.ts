import t from 'tap';
import { listAlerts } from '../../db/queries/alerts.ts';
import { listConnections } from '../../db/queries/connections.ts';
import { listEventsAfter } from '../../db/queries/log.ts';
import { changeSubscriber } from '../../db/queries/subscribers.ts';
import { connectAccount } from '../../src/actions/connect-account.ts';
import { subscribe } from '../../src/actions/subscribers/subscribe.ts';
import { openHouse } from './house.ts';
import { openPeer } from './peer.ts';

const PHONES = 10;

t.test('an account that is refused while many messages are on their way is told of once', async (t) => {
  let refuses = false;
  const peer = await openPeer(({ path }) => {
    if (!path.includes('/Messages.json')) return { status: 200, body: '{"status":"active"}' };
    if (refuses) return { status: 401, body: '{"code":20003,"message":"Authenticate"}' };
    return {
      status: 201,
      body: JSON.stringify({ sid: `SM${'0'.repeat(32)}`, status: 'queued', body: '', date_created: 'now' }),
    };
  });
  const house = await openHouse({ origins: [peer.base], withoutMail: true });
  const { store } = house.app;
  const cli = house.app.ctx({ kind: 'cli', id: 'test', roles: [] });
  const id = cli.newId();
  const values = { accountSid: 'AC1', authToken: 'token', from: '+15550006245', api: peer.base };
  const { verified, settings, sealed, kind } = await house.app.channels.prepare('sms', id, values);
  await connectAccount(cli, {
    id,
    pageId: house.page.id,
    channel: 'sms',
    name: 'SMS',
    role: 'status',
    settings,
    sealed,
    template: kind.template,
    verified,
  });
  for (let i = 0; i < PHONES; i += 1) {
    const one = await subscribe(cli, house.app.subscribers.locks, {
      pageId: house.page.id,
      kind: 'sms',
      address: `+1555123450${i}`,
      source: 'page',
      everything: true,
    });
    await store.transact((w) => changeSubscriber(w, one.id, { state: 'active' }));
  }
  await peer.waitFor('/2010-04-01/Accounts/AC1/Messages.json', PHONES);
  await house.app.told();
  refuses = true;
  const incident = await house.openIncident();
  await house.say(incident);
  await house.app.told();
  const line = (await listConnections(store.read, house.page.id)).find((c) => c.role === 'subscribers')!;
  t.type(line.pausedAt, 'number');
  const tried = peer.calls.filter((call) => call.path.includes('/Messages.json')).length - PHONES;
  t.ok(tried > 1, `${tried} were on their way`);
  const about = (one: { kind: string; connectionId?: string | null }) => one.kind === 'paused';
  const alerts = (await listAlerts(store.read, house.page.id, 100)).filter(about);
  t.equal(alerts.filter((a) => a.connectionId === line.id).length, 1);
  const events = await listEventsAfter(store.read, 0, 1_000);
  t.equal(
    events.filter((e) => e.kind === 'connection.paused' && e.detail['connectionId'] === line.id).length,
    1,
  );
});
