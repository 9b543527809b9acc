import { createTransport } from 'nodemailer';
import { countDeliveries } from '../../db/queries/deliveries.ts';
import { listRenditions } from '../../db/queries/words.ts';
import { expandNext } from '../../src/actions/subscribers/fan-out.ts';
import { ask, hear, round, start } from './child.ts';
import { openSubscribersHouse, SENDER } from './subscribers-house.ts';

const PEOPLE = Number(process.env['BENCH_PEOPLE'] ?? 100_000);
const MAILS = 3_000;
/** As many mails at once as a line has on its way. */
const AT_ONCE = 10;

/** One update handed to a hundred thousand subscribers: rows that are ready to send, on disk. */
export async function subscribers() {
  const peer = start('mail-peer.ts');
  const { url } = await hear<{ url: string }>(peer);
  const house = await openSubscribersHouse(PEOPLE, url);
  try {
    const approveMs = await house.publish();
    globalThis.gc?.();
    const before = process.memoryUsage().heapUsed;
    let peak = 0;
    let longest = 0;
    const begun = performance.now();
    for (;;) {
      const at = performance.now();
      if (!(await expandNext(house.ctx))) break;
      longest = Math.max(longest, performance.now() - at);
      peak = Math.max(peak, process.memoryUsage().heapUsed);
    }
    const seconds = (performance.now() - begun) / 1_000;
    const { pending = 0 } = await countDeliveries(house.store.read);
    return {
      subscribers: pending,
      approve_ms: round(approveMs),
      queued_s: round(seconds, 2),
      longest_batch_ms: round(longest),
      heap_mb: round((peak - before) / 1_048_576),
    };
  } finally {
    await house.close();
    peer.kill();
  }
}

/** Mails a second to a mail server, each with its own links and its own row on disk, against a bare pooled loop. */
export async function smtp() {
  const peer = start('mail-peer.ts');
  const { url } = await hear<{ url: string }>(peer);
  const house = await openSubscribersHouse(MAILS, url);
  try {
    await house.publish();
    while (await expandNext(house.ctx));
    const [words] = await listRenditions(house.store.read, await newestUpdate(house));
    const part = words?.parts[0];
    const { taken: warm } = await ask<{ taken: number }>(peer, {});
    const worked = process.cpuUsage();
    const begun = performance.now();
    const lines = house.lines();
    do await lines.idle();
    while (((await countDeliveries(house.store.read)).delivered ?? 0) < MAILS);
    const seconds = (performance.now() - begun) / 1_000;
    const cpu = cpuMs(worked);
    await lines.close();
    const { taken } = await ask<{ taken: number }>(peer, {});
    if (taken - warm !== MAILS) throw new Error(`${taken - warm} mails arrived, not ${MAILS}`);
    const idle = process.cpuUsage();
    const bare = await bareLoop(url, { text: part?.text ?? '', html: part?.html ?? '' });
    const perSecond = MAILS / seconds;
    const baseline = MAILS / bare;
    return {
      mails: MAILS,
      per_second: round(perSecond, 0),
      baseline_per_second: round(baseline, 0),
      ratio: round(perSecond / baseline, 3),
      // What a busy machine does not blur: our own work for each mail.
      cpu_us: round((cpu / MAILS) * 1_000, 0),
      baseline_cpu_us: round((cpuMs(idle) / MAILS) * 1_000, 0),
    };
  } finally {
    await house.close();
    peer.kill();
  }
}

function cpuMs(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1_000;
}

async function newestUpdate(house: Awaited<ReturnType<typeof openSubscribersHouse>>): Promise<string> {
  const { deliveries: d } = house.store.read.t;
  const [row] = await house.store.read.sql.select({ id: d.updateId }).from(d).limit(1);
  return row?.id ?? '';
}

/** The same words to as many people by nodemailer's own pool, writing nothing down. */
async function bareLoop(url: string, words: { text: string; html: string }): Promise<number> {
  const { hostname, port } = new URL(url);
  const transport = createTransport({
    pool: true,
    host: hostname,
    port: Number(port),
    ignoreTLS: true,
    maxConnections: AT_ONCE,
    maxMessages: 100,
  });
  const begun = performance.now();
  let next = 0;
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (next < MAILS) {
        const i = next++;
        await transport.sendMail({
          from: SENDER,
          to: `person${i}@customer.example`,
          subject: 'Investigating: Card payments fail',
          headers: { 'List-Unsubscribe': `<https://status.bench.example/subscription/${i}>` },
          ...words,
        });
      }
    }),
  );
  const seconds = (performance.now() - begun) / 1_000;
  transport.close();
  return seconds;
}
