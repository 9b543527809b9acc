import { createServer } from 'node:net';

/** Below what a system hands out by itself (32768 and up), so that nobody gets ours before its listener is there. */
const FIRST = 20_000;
const OF_A_PROCESS = 10;
const PROCESSES = 1_200;
let count = 0;

/** A TCP port of 127.0.0.1 that nobody listens on just now, for a process that must be told its address beforehand. */
export async function freePort(): Promise<number> {
  for (;;) {
    // Another process begins elsewhere; who needs more than its share goes on into the next one's.
    const at = ((process.pid % PROCESSES) * OF_A_PROCESS + count) % (PROCESSES * OF_A_PROCESS);
    count += 1;
    if (await mayListen(FIRST + at)) return FIRST + at;
  }
}

const mayListen = (port: number): Promise<boolean> =>
  new Promise((done) => {
    const probe = createServer();
    probe.on('error', () => done(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => done(true)));
  });
