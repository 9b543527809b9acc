import { createServer } from 'node:http';
import { listDeliveriesOfUpdates } from '../../db/queries/deliveries.ts';
import { listReceipts } from '../../db/queries/receipts.ts';
import { round } from './child.ts';
import { openOutboxHouse } from './outbox-house.ts';

const CONNECTIONS = 10;
const ANSWER_MS = 40;
const UPDATES = 120;
const ROUNDS = 3;

/** From approval to acceptance on ten healthy networks, 99th percentile: beside one that takes a call and never answers. */
export async function beside() {
  let met = false;
  // It takes the call that connects it, and from then on every call without an answer.
  const hanging = createServer((request, response) => {
    request.resume();
    if (!met) response.end('{}');
    met = true;
  });
  await new Promise<void>((done) => hanging.listen(0, '127.0.0.1', done));
  const { port } = hanging.address() as { port: number };
  const address = `http://127.0.0.1:${port}`;
  const alone: number[] = [];
  const next: number[] = [];
  try {
    // By turns, so that a busy machine is unfair to both alike.
    for (let i = 0; i < ROUNDS; i += 1) {
      alone.push(await p99(undefined));
      met = false;
      next.push(await p99(address));
    }
  } finally {
    hanging.closeAllConnections();
    hanging.close();
  }
  const best = (times: number[]) => Math.min(...times);
  return {
    updates: UPDATES,
    alone_p99_ms: round(best(alone)),
    beside_p99_ms: round(best(next)),
    ratio: round(best(next) / best(alone), 3),
  };
}

async function p99(hanging: string | undefined): Promise<number> {
  const house = await openOutboxHouse(CONNECTIONS, ANSWER_MS, hanging ? [hanging] : []);
  const down = hanging ? await house.connect(`${hanging}/`) : undefined;
  const outbox = house.outbox();
  const times: number[] = [];
  try {
    for (let i = 0; i < UPDATES; i += 1) {
      const { updateId, approve } = await house.readyToApprove();
      const start = Date.now();
      await approve();
      for (;;) {
        const rows = (await listDeliveriesOfUpdates(house.store.read, [updateId])).filter(
          (d) => d.connectionId !== down,
        );
        const receipts = await listReceipts(
          house.store.read,
          rows.map((d) => d.id),
        );
        if (receipts.length === CONNECTIONS) {
          if (i >= 20) times.push(...receipts.map((x) => x.acceptedAt - start));
          break;
        }
        await new Promise((done) => setTimeout(done, 5));
      }
    }
  } finally {
    await outbox.close(0);
    await house.close();
  }
  return times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.99)] ?? 0;
}
