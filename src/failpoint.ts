import { invalid } from './domain/error.ts';

export type Failpoint = (name: string) => void;

/**
 * Stops the process on purpose, as a power cut would, when the place `name` is passed for the n-th time: `name:n`. For
 * the crash tests; without a wish it does nothing. Throws `invalid` for a wish that cannot be read.
 */
export function openFailpoint(wish: string | undefined): Failpoint {
  if (wish === undefined || wish === '') return () => undefined;
  const [name, count] = wish.split(':');
  const n = Number(count ?? 1);
  if (!name || !Number.isInteger(n) || n < 1)
    throw invalid('FAILPOINT', 'Write FAILPOINT as name:n, for example after_sending:3.');
  let passed = 0;
  return (here) => {
    if (here !== name) return;
    passed += 1;
    if (passed === n) process.kill(process.pid, 'SIGKILL');
  };
}
