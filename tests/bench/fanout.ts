import { listDeliveriesOfUpdates } from '../../db/queries/deliveries.ts';
import { openOutboxHouse } from './outbox-house.ts';

const CONNECTIONS = 25;
const SLOW_MS = 200;
const ROUNDS = 5;

/** Twenty-five accounts that each take 200 ms to answer: all of them together against the slowest one alone. */
export async function fanout() {
  const house = await openOutboxHouse(CONNECTIONS, SLOW_MS);
  const outbox = house.outbox();
  try {
    const walls: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const { updateId, approve } = await house.readyToApprove();
      const start = performance.now();
      await approve();
      await allDelivered(house.store, updateId);
      walls.push(performance.now() - start);
    }
    // The baseline is one request to the same peer, alone, in the same run.
    const slowest = await slowestAlone(`${house.url}/alone`);
    const wall = walls.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? 0;
    return {
      wall_ms: round1(wall),
      slowest_ms: round1(slowest),
      ratio: Math.round((wall / slowest) * 1_000) / 1_000,
    };
  } finally {
    await outbox.close();
    await house.close();
  }
}

async function allDelivered(
  store: Awaited<ReturnType<typeof openOutboxHouse>>['store'],
  updateId: string,
): Promise<void> {
  await new Promise<void>((done) => {
    const off = store.onHint(async () => {
      const rows = await listDeliveriesOfUpdates(store.read, [updateId]);
      if (rows.length === CONNECTIONS && rows.every((d) => d.state === 'delivered')) {
        off();
        done();
      }
    });
  });
}

async function slowestAlone(url: string): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < ROUNDS; i += 1) {
    const start = performance.now();
    await (await fetch(url, { method: 'POST', body: '{}' })).text();
    times.push(performance.now() - start);
  }
  return Math.max(...times);
}

const round1 = (n: number) => Math.round(n * 10) / 10;
