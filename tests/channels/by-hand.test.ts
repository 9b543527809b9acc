import t from 'tap';
import { openChannel } from '../../src/channels/registry.ts';
import { relayLink } from '../../src/domain/relay.ts';
import { scripted } from './peer.ts';
import { draftOf, failureOf, never } from './stand-in.ts';

t.test('by hand: nothing leaves, and the composer opens with our words alone', async (t) => {
  const { tools, asked } = await scripted(t, () => ({}));
  const values = {
    network: 'Nextdoor',
    relay: 'Dana Cole, +1 555 0134',
    composer: 'https://x.example/c?t={text}&u={link}',
  };
  const channel = openChannel('manual', values, tools);
  t.match(await channel.verify(never), {
    account: 'Nextdoor, by Dana Cole, +1 555 0134',
    limits: { max: 2_000 },
  });
  t.match(await failureOf(channel.publish(draftOf(), { id: 'k', at: 0 }, never)), {
    failure: 'rejected',
    code: 'manual',
    message: /by hand, by Dana Cole/,
  });
  t.equal(asked.length, 0);
  t.match(await openChannel('manual', { ...values, max: '300' }, tools).verify(never), {
    limits: { max: 300 },
  });
  t.throws(() => openChannel('manual', { ...values, max: '3' }, tools), { code: 'invalid', field: 'max' });
  for (const composer of [
    'javascript:alert({text})',
    'http://x.example/{text}',
    'https://{text}/',
    'https://x.example/{name}',
  ])
    t.throws(
      () => openChannel('manual', { ...values, composer }, tools),
      { code: 'invalid', field: 'composer' },
      composer,
    );
  t.equal(
    relayLink('https://x.example/c?t={text}&u={link}', {
      text: 'a&u=evil#{link}\n“b” \ud800',
      link: 'https://s.example/u/1',
    }),
    'https://x.example/c?t=a%26u%3Devil%23%7Blink%7D%0A%E2%80%9Cb%E2%80%9D%20%EF%BF%BD&u=https%3A%2F%2Fs.example%2Fu%2F1',
  );
});
