import type { DeliveryState, PromiseState } from './words.ts';

/** What an after-action report says in numbers. Durations in ms; null where nothing can be said. */
export interface Metrics {
  /** M1: from the detection to the first words on the page; and from the declaration to them. */
  firstWordMs: number | null;
  firstWordFromDeclaredMs: number | null;
  /** M2: from each release until every network had the words. Median and worst over the updates. */
  allChannelsMs: Spread | null;
  /** M3: from asking for approval to the yes. */
  approvalMs: Spread | null;
  /** M4: promises kept of promises settled, and the median lateness of the late ones. */
  promises: { made: number; settled: number; kept: number; medianLateMs: number | null };
  /** M10: from the publication of wrong words to the publication of the correction. */
  correctionMs: Spread | null;
  /** M13: what went out without a second person, and how much of that was reviewed in time. */
  overrides: { count: number; reviewedInTime: number };
  /** M14: accounts that could not speak during the incident, ms, worst first. */
  downtime: { connectionId: string; ms: number }[];
  /** Deliveries by how they ended. */
  deliveries: Partial<Record<DeliveryState, number>>;
}
export interface Spread {
  median: number;
  worst: number;
  n: number;
}

export interface Measured {
  detectedAt: number;
  declaredAt: number;
  updates: readonly {
    id: string;
    correctsId: string | null;
    requestedAt: number | null;
    approvedAt: number | null;
    publishedAt: number | null;
  }[];
  promises: readonly { state: PromiseState; lateMs: number | null }[];
  overrides?: readonly { reviewDueAt: number; reviewedAt: number | null }[];
  downtime?: { connectionId: string; ms: number }[];
  deliveries: readonly { updateId: string; state: DeliveryState; doneAt: number | null }[];
}

/** Nearest rank, so that two people get the same number. */
export function spread(list: readonly number[]): Spread | null {
  if (list.length === 0) return null;
  const sorted = [...list].sort((a, b) => a - b);
  return { median: sorted[Math.ceil(sorted.length / 2) - 1]!, worst: sorted.at(-1)!, n: sorted.length };
}

export function measure(m: Measured): Metrics {
  const published = m.updates.filter((u) => u.publishedAt !== null);
  const first = published.reduce<number | null>(
    (min, u) => (min === null || u.publishedAt! < min ? u.publishedAt : min),
    null,
  );
  const toAll = published.flatMap((u) => {
    const mine = m.deliveries.filter((d) => d.updateId === u.id);
    const arrived = mine.filter((d) => d.state === 'delivered' || d.state === 'manual_confirmed');
    // An update that did not arrive everywhere has no "all" to measure.
    if (mine.length === 0 || arrived.length < mine.length) return [];
    return [Math.max(...arrived.map((d) => d.doneAt ?? 0)) - u.publishedAt!];
  });
  const settled = m.promises.filter((p) => p.state === 'kept' || p.state === 'late');
  const late = settled.flatMap((p) => (p.state === 'late' && p.lateMs !== null ? [p.lateMs] : []));
  const deliveries: Metrics['deliveries'] = {};
  for (const d of m.deliveries) deliveries[d.state] = (deliveries[d.state] ?? 0) + 1;
  return {
    firstWordMs: first === null ? null : first - m.detectedAt,
    firstWordFromDeclaredMs: first === null ? null : first - m.declaredAt,
    allChannelsMs: spread(toAll),
    approvalMs: spread(
      m.updates.flatMap((u) =>
        u.requestedAt !== null && u.approvedAt !== null ? [u.approvedAt - u.requestedAt] : [],
      ),
    ),
    promises: {
      made: m.promises.length,
      settled: settled.length,
      kept: settled.filter((p) => p.state === 'kept').length,
      medianLateMs: spread(late)?.median ?? null,
    },
    correctionMs: spread(
      published.flatMap((u) => {
        const wrong = m.updates.find((x) => x.id === u.correctsId);
        return wrong?.publishedAt == null ? [] : [u.publishedAt! - wrong.publishedAt];
      }),
    ),
    overrides: {
      count: m.overrides?.length ?? 0,
      reviewedInTime: (m.overrides ?? []).filter(
        (o) => o.reviewedAt !== null && o.reviewedAt <= o.reviewDueAt,
      ).length,
    },
    downtime: m.downtime ?? [],
    deliveries,
  };
}
