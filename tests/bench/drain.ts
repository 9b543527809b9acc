import { countDeliveries } from '../../db/queries/deliveries.ts';
import { openGuardedFetch } from '../../src/channels/guard.ts';
import { webhook } from '../../src/channels/webhook.ts';
import { openOutboxHouse } from './outbox-house.ts';

const CONNECTIONS = 10;
/** Sent before the clock starts: what is measured is the steady state, of the outbox as of the bare loop. */
const WARM_UP = 40;
const UPDATES = 200;

/** Deliveries a second through the whole state machine on disk, against a bare loop of the same signed requests. */
export async function drain() {
  const house = await openOutboxHouse(CONNECTIONS, 0);
  try {
    const approve = async (updates: number) => {
      for (let i = 0; i < updates; i += 1) await (await house.readyToApprove()).approve();
    };
    let done = 0;
    /** Seconds it takes to deliver what waits. */
    const drained = async (updates: number) => {
      done += updates * CONNECTIONS;
      const start = performance.now();
      const outbox = house.outbox();
      // Asking costs time too, so it asks only when nothing is on its way.
      do await outbox.idle();
      while ((await countDeliveries(house.store.read)).delivered !== done);
      const seconds = (performance.now() - start) / 1_000;
      await outbox.close();
      return seconds;
    };
    await approve(WARM_UP);
    await drained(WARM_UP);
    await approve(UPDATES);
    const seconds = await drained(UPDATES);
    await bareLoop(house.url, house.receivers, WARM_UP);
    const bare = await bareLoop(house.url, house.receivers, UPDATES);
    const total = CONNECTIONS * UPDATES;
    const perSecond = total / seconds;
    const baseline = total / bare;
    return {
      deliveries: total,
      per_second: Math.round(perSecond),
      baseline_per_second: Math.round(baseline),
      ratio: Math.round((perSecond / baseline) * 1_000) / 1_000,
    };
  } finally {
    await house.close();
  }
}

/** As many loops as there are accounts, each sending what the outbox sent, and writing nothing down. */
async function bareLoop(
  url: string,
  receivers: readonly Record<string, string>[],
  updates: number,
): Promise<number> {
  const text = 'Something is slow. Next update by 12:00 UTC. https://status.example/u/abcdefghi';
  const start = performance.now();
  await Promise.all(
    receivers.map(async (values, i) => {
      const guarded = openGuardedFetch({ allow: [url] });
      const channel = webhook.open(values, { ...guarded, now: Date.now, saveSecrets: async () => undefined });
      for (let n = 0; n < updates; n += 1)
        await channel.publish(
          { text },
          { id: `bare-${i}-${n}`, at: Date.now() },
          AbortSignal.timeout(10_000),
        );
      await guarded.close();
    }),
  );
  return (performance.now() - start) / 1_000;
}
