import fc from 'fast-check';
import t from 'tap';
import { countOver, foresee, type Work } from '../../src/domain/staffing.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOW = 1_000 * HOUR;

/** Answers one after another and lets people write, evenly; when the first hour runs out that had not by then. */
function play(w: Work): number | null {
  const queue = [...w.due];
  const everyIn = w.overMs / w.arrived;
  const everyOut = w.overMs / w.done;
  for (let n = 1; n * everyIn < 12 * HOUR; n += 1) queue.push(NOW + n * everyIn + HOUR);
  const missed = queue.find((due, i) => due > NOW && NOW + (i + 1) * everyOut > due);
  return missed === undefined || missed - NOW > 12 * HOUR ? null : missed;
}

const waiting = (n: number, oldestMin: number): number[] =>
  Array.from({ length: n }, (_, i) => NOW + HOUR - oldestMin * MINUTE * (1 - i / n));

t.test('when the hour is missed is what happens when the rates hold', async () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 300 }),
      fc.integer({ min: 0, max: 59 }),
      fc.integer({ min: 1, max: 400 }),
      fc.integer({ min: 1, max: 400 }),
      (n, oldest, arrived, done) => {
        const w = { due: waiting(n, oldest), arrived, done, people: 4, overMs: HOUR };
        const said = foresee(w, NOW).missedAt;
        const real = play(w);
        if (said === null || real === null) return said === real;
        return Math.abs(said - real) <= 0.1 * (real - NOW);
      },
    ),
    { numRuns: 300 },
  );
});

t.test('somebody who is answered on the very minute is not missed', async (t) => {
  const w = { due: [], arrived: 4, done: 2, people: 4, overMs: HOUR };
  t.equal(
    foresee(w, NOW).missedAt,
    NOW + 135 * MINUTE,
    'the fifth: the fourth is answered when its hour ends',
  );
});

t.test('as many people as are said to be short keep the hour, and one fewer do not', async (t) => {
  const w = { due: waiting(100, 30), arrived: 120, done: 48, people: 6, overMs: HOUR };
  const { short, missedAt } = foresee(w, NOW);
  t.ok(missedAt !== null && missedAt > NOW);
  const withMore = (n: number) => ({ ...w, people: w.people + n, done: w.done + 8 * n });
  t.equal(short, 9, '120 an hour at 8 each are 15 people');
  t.equal(foresee(withMore(9), NOW).missedAt, null);
  t.not(foresee(withMore(8), NOW).missedAt, null);
});

t.test('nothing is made up where there is nothing to count by', async (t) => {
  const quiet = { arrived: 0, done: 0, people: 0, overMs: HOUR };
  t.strictSame(foresee({ ...quiet, due: [] }, NOW), { overdue: 0, missedAt: null, short: null });
  t.strictSame(
    foresee({ ...quiet, due: [NOW - MINUTE, NOW + 20 * MINUTE], arrived: 2 }, NOW),
    { overdue: 1, missedAt: NOW + 20 * MINUTE, short: null },
    'nobody answers: the next hour runs out as it is',
  );
  t.equal(foresee({ ...quiet, due: [NOW + MINUTE], arrived: 1, done: 1, people: 1 }, NOW).short, 0);
  t.equal(countOver(null, NOW), HOUR);
  t.equal(countOver(NOW - 20 * MINUTE, NOW), 20 * MINUTE, 'a storm is not thinned by the quiet before it');
  t.equal(countOver(NOW - 1_000, NOW), 10 * MINUTE);
});
