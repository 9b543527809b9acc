import t from 'tap';
import { nextStep, STEPS } from '../../src/domain/escalation.ts';
import { type Measured, measure, spread } from '../../src/domain/metrics.ts';

const DUE = 1_800_000_000_000;
const MINUTE = 60_000;
const promise = (
  escalatedTo: number | null,
  state: 'open' | 'kept' = 'open',
  madeAt = DUE - 30 * MINUTE,
) => ({
  dueAt: DUE,
  state,
  madeAt,
  escalatedTo,
});

t.test(
  'each step of a promise is told once, in its minute, and only the newest of those slept through',
  async (t) => {
    let told: number | null = null;
    const seen: [number, string][] = [];
    for (let minute = -12; minute <= 8; minute += 1) {
      const step = nextStep(promise(told), DUE + minute * MINUTE);
      if (!step) continue;
      told = step.at;
      seen.push([minute, step.who]);
    }
    t.same(
      seen,
      STEPS.map((s) => [s.at, s.who]),
    );
    t.equal(nextStep(promise(null), DUE + 20 * MINUTE)?.at, 5, 'after a long sleep the newest, not all');
    t.equal(nextStep(promise(null, 'kept'), DUE + 20 * MINUTE), undefined, 'a kept promise is silent');
    t.equal(
      nextStep(promise(null, 'open', DUE - 4 * MINUTE), DUE - 3 * MINUTE),
      undefined,
      'nor what lay before it',
    );
  },
);

t.test('the numbers of scenario S3: one late promise of six', async (t) => {
  const at = (text: string) => Date.parse(`2026-11-24T${text}Z`);
  const update = (id: string, published: string, asked: string, correctsId: string | null = null) => ({
    id,
    correctsId,
    requestedAt: at(asked),
    approvedAt: at(published),
    publishedAt: at(published),
  });
  const record: Measured = {
    detectedAt: at('14:12:00'),
    declaredAt: at('14:12:10'),
    updates: [
      update('a', '14:13:05', '14:12:40'),
      update('b', '14:18:00', '14:17:00'),
      update('c', '14:46:00', '14:45:00'),
      update('d', '15:05:00', '15:04:00', 'c'),
      { id: 'e', correctsId: null, requestedAt: at('15:10:00'), approvedAt: null, publishedAt: null },
    ],
    promises: [
      { state: 'kept', lateMs: 0 },
      { state: 'late', lateMs: 6 * MINUTE },
      { state: 'kept', lateMs: 0 },
      { state: 'kept', lateMs: 0 },
      { state: 'kept', lateMs: 0 },
      { state: 'kept', lateMs: 0 },
      { state: 'open', lateMs: null },
    ],
    deliveries: [
      { updateId: 'a', state: 'delivered', doneAt: at('14:13:08') },
      { updateId: 'a', state: 'manual_confirmed', doneAt: at('14:13:45') },
      { updateId: 'b', state: 'delivered', doneAt: at('14:18:03') },
      { updateId: 'c', state: 'delivered', doneAt: at('14:46:02') },
      { updateId: 'c', state: 'held', doneAt: null },
    ],
  };
  const m = measure(record);
  t.equal(m.firstWordMs, 65_000, 'M1 is 1 min 05 s from the alert');
  t.equal(m.firstWordFromDeclaredMs, 55_000);
  t.same(
    m.allChannelsMs,
    { median: 3_000, worst: 40_000, n: 2 },
    'an update that is held somewhere is not counted',
  );
  t.same(m.approvalMs, { median: 60_000, worst: 60_000, n: 4 });
  t.same(m.promises, { made: 7, settled: 6, kept: 5, medianLateMs: 6 * MINUTE });
  t.same(m.correctionMs, { median: 19 * MINUTE, worst: 19 * MINUTE, n: 1 });
  t.same(m.deliveries, { delivered: 3, manual_confirmed: 1, held: 1 });
});

t.test('nothing happened, nothing is claimed', async (t) => {
  const m = measure({ detectedAt: 0, declaredAt: 0, updates: [], promises: [], deliveries: [] });
  t.equal(m.firstWordMs, null);
  t.equal(m.allChannelsMs, null);
  t.equal(spread([]), null);
});
