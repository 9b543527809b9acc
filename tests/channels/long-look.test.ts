import t from 'tap';
import { connect, draftOf, failureOf, keyOf, never } from './stand-in.ts';

/** How many posts each network is looked through for, and somewhat more. */
const MANY = { mastodon: 330, x: 810, facebook: 810, threads: 810, linkedin: 810 };

// After an outage, or with many answers in an hour, a lost post may lie further back than anybody looks.
for (const [network, many] of Object.entries(MANY))
  t.test(`${network}: a look that ends too early is no absence`, async (t) => {
    const stand = await connect(t, { network }, { rates: 'open' });
    const lost = draftOf();
    const key = keyOf(stand, 'dlv_lost');
    await stand.channel.publish(lost, key, never);
    stand.sim.world.skip(60_000);
    for (let i = 0; i < many; i += 10)
      await Promise.all(
        Array.from({ length: 10 }, (_, n) =>
          stand.channel.publish(draftOf(), keyOf(stand, `dlv_${i + n}`), never),
        ),
      );
    t.match(await failureOf(stand.channel.find!(lost, key, never)), { failure: 'unsent', code: 'too_many' });
  });
