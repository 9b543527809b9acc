import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Account } from './facts.ts';
import type { SimulatorOptions } from './simulator.ts';

export interface StartedSimulator {
  url: string;
  accounts: Account[];
  pid: number;
  /** Ends the process and waits until it is gone. */
  stop(): Promise<void>;
}

/** Starts the stand-in networks as a child process, which ends with this one even if this one is killed. */
export async function startSimulator(
  options: Omit<SimulatorOptions, 'now' | 'networks'> = {},
): Promise<StartedSimulator> {
  const args = [fileURLToPath(new URL('main.ts', import.meta.url)), '--with-parent'];
  if (options.port !== undefined) args.push('--port', String(options.port));
  if (options.host !== undefined) args.push('--host', options.host);
  if (options.seed !== undefined) args.push('--seed', options.seed);
  if (options.accounts !== undefined) args.push('--accounts', JSON.stringify(options.accounts));
  if (options.faults !== undefined) args.push('--faults', JSON.stringify(options.faults));
  if (options.rates !== undefined) args.push('--rates', options.rates);
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const gone = once(child, 'exit');
  const lines = createInterface({ input: child.stdout });
  const first = await Promise.race([
    once(lines, 'line'),
    gone.then(([code]) => ({ code: code as number | null })),
  ]);
  if (!Array.isArray(first))
    throw new Error(`The simulator ended before it was ready (exit code ${first.code})`);
  const ready = JSON.parse(String(first[0])) as { url: string; accounts: Account[] };
  return {
    url: ready.url,
    accounts: ready.accounts,
    pid: child.pid ?? 0,
    async stop() {
      child.kill('SIGTERM');
      await gone;
    },
  };
}
