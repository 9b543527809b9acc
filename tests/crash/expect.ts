import type { Test } from 'tap';
import { LEASE_MS } from '../../src/domain/delivery-times.ts';
import { crashRun } from './crash-run.ts';

/** Every durable step, from both sides. */
const STEPS = [
  'before_sending',
  'after_sending',
  'after_accepted',
  'after_failed',
  'after_recorded',
  'after_look',
  'before_commit',
  'after_commit',
];

/** A crash run in which nothing may be lost, doubled or claimed falsely. */
async function expectTruth(t: Test, options: Omit<Parameters<typeof crashRun>[0], 'say'>): Promise<void> {
  const notes: string[] = [];
  const result = await crashRun({ ...options, say: (line) => notes.push(line) });
  const { lost, duplicated, false_delivered, integrity } = result;
  t.same(
    { lost, duplicated, false_delivered, integrity },
    { lost: 0, duplicated: 0, false_delivered: 0, integrity: 'ok' },
    notes.join('\n'),
  );
  t.ok(result.posts > 0, 'the networks were spoken to');
  t.comment(`the first request left ${result.first_send_ms} ms after a restart`);
  t.ok(result.first_send_ms < LEASE_MS / 2, 'nobody waits for the leases of the dead to run out');
}

export const expectKills = (t: Test, database: 'sqlite' | 'postgres', kills: number) =>
  expectTruth(t, { database, kills, seed: 'ci' });

export const expectSteps = (t: Test, database: 'sqlite' | 'postgres') =>
  expectTruth(t, { database, kills: STEPS.length, seed: 'steps', failpoints: STEPS });
