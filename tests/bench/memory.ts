import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { listDeliveriesOfUpdates } from '../../db/queries/deliveries.ts';
import { openOutboxHouse } from './outbox-house.ts';

const CONNECTIONS = 3;

/** The heap when nothing that is dead is in it, bytes. */
function heap(): number {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  gc();
  gc();
  return process.memoryUsage().heapUsed;
}

/**
 * Many updates one after another over the whole road, from approval to the receiver's yes: what the process keeps of
 * each when it is done, after `warm` of them have filled what fills once.
 */
export async function memory(updates = 1_000, warm = 200) {
  const house = await openOutboxHouse(CONNECTIONS, 0);
  const outbox = house.outbox();
  try {
    const play = async () => {
      const { updateId, approve } = await house.readyToApprove();
      await approve();
      for (;;) {
        await outbox.idle();
        const rows = await listDeliveriesOfUpdates(house.store.read, [updateId]);
        if (rows.length === CONNECTIONS && rows.every((d) => d.state === 'delivered')) return;
      }
    };
    for (let i = 0; i < warm; i += 1) await play();
    const before = heap();
    for (let i = 0; i < updates; i += 1) await play();
    const after = heap();
    return {
      updates,
      deliveries: updates * CONNECTIONS,
      heap_mb: Math.round(after / 104_857.6) / 10,
      grown_kb: Math.round((after - before) / 1_024),
      bytes_an_update: Math.round((after - before) / updates),
    };
  } finally {
    await outbox.close();
    await house.close();
  }
}
