import t from 'tap';
import { connectAccount } from '../../src/actions/connect-account.ts';
import { importSubscribers } from '../../src/actions/subscribers/import.ts';
import { openHouse } from './house.ts';
import { openPeer } from './peer.ts';

const PEOPLE = 1_500;

t.test(
  'an incident’s posts leave while thousands of mails are still being written',
  { timeout: 300_000 },
  async (t) => {
    const peer = await openPeer(() => ({ status: 200 }));
    const house = await openHouse({ origins: [peer.base] });
    const cli = house.app.ctx({ kind: 'cli', id: 'test', roles: [] });
    const id = cli.newId();
    const values = { url: `${peer.base}/network`, secret: `whsec_${Buffer.alloc(32, 7).toString('base64')}` };
    const { verified, settings, sealed, kind } = await house.app.channels.prepare('webhook', id, values);
    await connectAccount(cli, {
      id,
      pageId: house.page.id,
      channel: 'webhook',
      name: 'Network',
      role: 'brand',
      settings,
      sealed,
      template: kind.template,
      verified,
    });
    await importSubscribers(cli, house.app.subscribers.locks, {
      pageId: house.page.id,
      kind: 'email',
      people: Array.from({ length: PEOPLE }, (_, i) => ({ address: `person${i}@customer.example` })),
      basis: 'They were made up for a test.',
    });
    const mails = () => house.mail.mails.filter((m) => m.to.startsWith('person')).length;
    await house.say(await house.openIncident('First'));
    await house.mail.waitFor('person0@customer.example');
    const second = await house.openIncident('Second');
    await house.say(second, { blocks: { known: 'Something else is down.' } });
    const calls = await peer.waitFor('/network', 2);
    const then = mails();
    t.match(calls[1]!.body, 'Something else is down.');
    t.ok(then < PEOPLE, `${then} of the first ${PEOPLE} mails were written when the second post had left`);
  },
);
