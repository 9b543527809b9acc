import t from 'tap';
import { crashRun } from './crash-run.ts';

const KILLS = 40;

for (const database of ['sqlite', 'postgres'] as const)
  t.test(
    `${database}: killed ${KILLS} times while it speaks, nothing is lost, doubled or claimed falsely`,
    async (t) => {
      const notes: string[] = [];
      const result = await crashRun({ kills: KILLS, seed: 'ci', database, say: (line) => notes.push(line) });
      const { lost, duplicated, false_delivered, integrity } = result;
      t.same(
        { lost, duplicated, false_delivered, integrity },
        { lost: 0, duplicated: 0, false_delivered: 0, integrity: 'ok' },
        notes.join('\n'),
      );
      t.ok(result.posts > KILLS, 'the networks were spoken to');
      t.ok(result.first_send_ms <= 5_000, 'after a restart the first request leaves within five seconds');
    },
  );

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

for (const database of ['sqlite', 'postgres'] as const)
  t.test(`${database}: stopped before and after each durable step, twice`, async (t) => {
    const notes: string[] = [];
    const result = await crashRun({
      kills: STEPS.length * 2,
      seed: 'steps',
      database,
      failpoints: STEPS,
      say: (line) => notes.push(line),
    });
    const { lost, duplicated, false_delivered, integrity } = result;
    t.same(
      { lost, duplicated, false_delivered, integrity },
      { lost: 0, duplicated: 0, false_delivered: 0, integrity: 'ok' },
      notes.join('\n'),
    );
  });
