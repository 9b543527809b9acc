import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const CLI = fileURLToPath(new URL('../../src/cli/tocsin.js', import.meta.url));

/** The real server in a process of its own. */
export interface Victim {
  child: ChildProcess;
  /** Settles when it is gone. */
  gone: Promise<unknown>;
}

/** Starts the server and waits until it listens; undefined when it died on the way (a failpoint may want that). */
export async function startVictim(env: Record<string, string>): Promise<Victim | undefined> {
  const child = spawn(process.execPath, [CLI, 'serve'], {
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  const gone = once(child, 'exit');
  const ready = new Promise<boolean>((done) => {
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes('Tocsin is running')) done(true);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    void gone.then(() => done(false));
  });
  if (await ready) return { child, gone };
  if (child.signalCode === 'SIGKILL') return undefined;
  throw new Error(`The server did not start: ${said}`);
}

export async function kill(victim: Victim): Promise<void> {
  victim.child.kill('SIGKILL');
  await victim.gone;
}
