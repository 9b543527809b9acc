import fc from 'fast-check';
import t from 'tap';
import {
  assertMayBecome,
  firstStatus,
  impactOf,
  isEnded,
  mayBecome,
  pageStatus,
  STATUSES_OF,
} from '../../src/domain/incident.ts';
import { CADENCES, checkPromise, isLate, settle } from '../../src/domain/promise.ts';
import {
  COMPONENT_STATUSES,
  type ComponentStatus,
  type Impact,
  INCIDENT_KINDS,
  INCIDENT_STATUSES,
  type IncidentKind,
  type IncidentStatus,
  PROMISE_STATES,
} from '../../src/domain/words.ts';

/** From each status, everything an update may make of it. */
const MAY: Record<IncidentKind, Partial<Record<IncidentStatus, IncidentStatus[]>>> = {
  incident: {
    investigating: ['investigating', 'identified', 'monitoring', 'resolved', 'false_alarm'],
    identified: ['investigating', 'identified', 'monitoring', 'resolved', 'false_alarm'],
    monitoring: ['investigating', 'identified', 'monitoring', 'resolved', 'false_alarm'],
    resolved: ['investigating', 'identified', 'monitoring', 'resolved', 'postmortem', 'false_alarm'],
    postmortem: ['postmortem'],
    false_alarm: ['false_alarm'],
  },
  maintenance: {
    scheduled: ['scheduled', 'in_progress', 'verifying', 'completed', 'cancelled'],
    in_progress: ['in_progress', 'verifying', 'completed'],
    verifying: ['in_progress', 'verifying', 'completed'],
    completed: ['in_progress', 'verifying', 'completed'],
    cancelled: ['cancelled'],
  },
};

t.test('every status from every status, for incidents and for maintenance', async (t) => {
  for (const kind of INCIDENT_KINDS)
    for (const from of STATUSES_OF[kind])
      for (const to of INCIDENT_STATUSES) {
        const may = MAY[kind][from]?.includes(to) ?? false;
        t.equal(mayBecome(kind, from, to), may, `${kind}: ${from} → ${to}`);
        if (may) t.doesNotThrow(() => assertMayBecome(kind, from, to));
        else
          t.throws(() => assertMayBecome(kind, from, to), {
            code: 'invalid',
            field: 'status',
            message: new RegExp(`cannot become "${to}"\\. Choose one of: ${MAY[kind][from]?.join(', ')}\\.`),
          });
      }
});

t.test('where an incident begins and when it has ended', async (t) => {
  t.equal(firstStatus('incident'), 'investigating');
  t.equal(firstStatus('maintenance'), 'scheduled');
  t.same(INCIDENT_STATUSES.filter(isEnded), [
    'resolved',
    'postmortem',
    'completed',
    'false_alarm',
    'cancelled',
  ]);
});

t.test('impact is that of the worst component', async (t) => {
  const one: Record<ComponentStatus, Impact> = {
    operational: 'none',
    under_maintenance: 'maintenance',
    degraded_performance: 'minor',
    partial_outage: 'major',
    major_outage: 'critical',
  };
  for (const status of COMPONENT_STATUSES) t.equal(impactOf([status]), one[status]);
  t.equal(impactOf([]), 'none');
  const order: Impact[] = ['none', 'maintenance', 'minor', 'major', 'critical'];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...COMPONENT_STATUSES), { minLength: 1 }), (list) => {
      const worst = Math.max(...list.map((s) => order.indexOf(one[s])));
      return impactOf(list) === order[worst] && impactOf(list.toReversed()) === order[worst];
    }),
  );
});

t.test("the page's one line", async (t) => {
  const rows: [ComponentStatus[], Impact, string][] = [
    [[], 'none', 'All Systems Operational'],
    [['operational', 'operational'], 'none', 'All Systems Operational'],
    [['operational', 'under_maintenance'], 'maintenance', 'Service Under Maintenance'],
    [['under_maintenance', 'degraded_performance'], 'minor', 'Partially Degraded Service'],
    [['degraded_performance', 'partial_outage', 'operational'], 'minor', 'Minor Service Outage'],
    [['partial_outage', 'partial_outage'], 'major', 'Partial System Outage'],
    [['major_outage', 'operational'], 'major', 'Partial System Outage'],
    [['major_outage', 'major_outage'], 'critical', 'Major Service Outage'],
  ];
  for (const [statuses, indicator, description] of rows)
    t.same(pageStatus(statuses), { indicator, description }, statuses.join(', ') || 'no components');
});

const NOW = Date.UTC(2026, 10, 21, 14, 13);
const minutes = (n: number) => n * 60_000;

t.test('a promise is made where it is owed, ahead, and not too far ahead', async (t) => {
  const cadence = CADENCES.digital_outage;
  for (const status of INCIDENT_STATUSES) {
    const check = (nextUpdateBy: number | null) => () => checkPromise({ nextUpdateBy, status, cadence }, NOW);
    if (isEnded(status)) {
      t.doesNotThrow(check(null), `${status} owes none`);
      t.doesNotThrow(check(NOW + minutes(10_000)), `${status} may promise a report next week`);
    } else {
      t.throws(
        check(null),
        { code: 'invalid', field: 'nextUpdateBy', message: /must say when/ },
        `${status} owes one`,
      );
      t.doesNotThrow(check(NOW + minutes(60)), `${status}: an hour`);
      t.throws(
        check(NOW + minutes(60) + 1),
        { code: 'invalid', message: /at most 60 minutes/ },
        `${status}: more than an hour`,
      );
    }
    t.throws(check(NOW), { code: 'invalid', message: /already passed/ }, `${status}: now is too late`);
  }
  for (const [name, c] of Object.entries(CADENCES))
    t.ok(c.nextAfterMs > 0 && c.nextAfterMs <= c.longestMs, `${name} proposes what it allows`);
});

t.test('kept through its minute, late from the next', async (t) => {
  const rows: [number, 'kept' | 'late', number][] = [
    [-minutes(5), 'kept', 0],
    [0, 'kept', 0],
    [59_999, 'kept', 59_999],
    [60_000, 'late', 60_000],
    [minutes(6), 'late', minutes(6)],
  ];
  for (const [after, state, lateMs] of rows)
    for (const was of PROMISE_STATES) {
      const promise = { dueAt: NOW, state: was };
      t.same(settle(promise, NOW + after), { state, lateMs });
      t.equal(isLate(promise, NOW + after), was === 'open' && state === 'late', `${was}, ${after} ms after`);
    }
});

t.test('the ledger of an outage with one late promise', async (t) => {
  const at = (h: number, m: number) => Date.UTC(2026, 10, 21, h, m);
  const ledger: [number, number, 'kept' | 'late', number][] = [
    [at(14, 40), at(14, 18), 'kept', 0],
    [at(14, 40), at(14, 46), 'late', 6],
    [at(15, 6), at(15, 5), 'kept', 0],
    [at(15, 25), at(15, 24), 'kept', 0],
    [at(15, 45), at(15, 31), 'kept', 0],
    [at(16, 0), at(15, 58), 'kept', 0],
  ];
  for (const [dueAt, published, state, late] of ledger)
    t.same(settle({ dueAt, state: 'open' }, published), { state, lateMs: minutes(late) });
});
