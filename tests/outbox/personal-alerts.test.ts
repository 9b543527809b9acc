import t from 'tap';
import { listAlerts } from '../../db/queries/alerts.ts';
import { changePerson } from '../../db/queries/people.ts';
import type { Channel } from '../../src/channels/contract.ts';
import type { Draft } from '../../src/domain/channel.ts';
import { openOutbox } from '../../src/outbox/outbox.ts';
import { DATABASES, openHouse } from '../house.ts';
import { partsOn } from './scripted.ts';

for (const database of DATABASES)
  t.test(`${database}: whoever may approve is told by mail and phone, and nobody else`, async (t) => {
    const house = await openHouse({
      database,
      connect: [
        { channel: 'email', name: 'Mail', role: 'care' },
        { channel: 'sms', name: 'Texts', role: 'care' },
        { channel: 'slack', name: 'On call', role: 'oncall' },
      ],
    });
    const told: { by: string; draft: Draft }[] = [];
    let enough: () => void = () => undefined;
    const arrived = new Promise<void>((done) => {
      enough = done;
    });
    const parts = partsOn(
      house,
      house.store,
      house.boot,
      new Map(),
      { alerts: [], reports: [] },
      {
        channelOf: (connection) =>
          ({
            verify: async () => ({ account: '', url: null, limits: connection.limits, can: connection.can }),
            async publish(draft: Draft) {
              told.push({ by: connection.channel, draft });
              if (told.length === 4) enough();
              return { id: String(told.length), url: null };
            },
          }) as unknown as Channel,
      },
    );
    await house.store.transact((w) => changePerson(w, house.approver.id, { phone: '+15550006245' }));
    await house.ask(await house.openIncident());
    const outbox = openOutbox(parts);
    await arrived;
    await outbox.idle();
    await outbox.close();
    const to = told.map((x) => `${x.by} ${x.draft.recipient ?? 'on call'}`).sort();
    t.strictSame(
      to,
      [
        `email ${house.admin.email}`,
        `email ${house.approver.email}`,
        `email ${house.second.email}`,
        'sms +15550006245',
      ].sort(),
      'three approvers by mail, one of them by phone; neither the author nor the channel on call',
    );
    t.ok(told.every((x) => x.draft.subject === 'Tocsin: your yes is needed'));
    t.notOk(
      told.some((x) => x.draft.text.includes('Card payments fail for some customers')),
      'the words themselves are read at the desk alone',
    );
    const rows = (await listAlerts(house.store.read, house.page.id, 10)).filter((a) => a.kind === 'approval');
    t.ok(rows.every((a) => a.sentAt !== null));
  });
