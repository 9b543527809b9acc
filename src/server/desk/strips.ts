import type { Attempt } from '../../../db/queries/attempts.ts';
import type { Delivery } from '../../../db/queries/deliveries.ts';
import { isTerminal } from '../../domain/delivery.ts';
import type { SegmentView } from '../../templates/desk-delivery-views.ts';

/** Deliveries as strips on one time axis, so that lateness is length. */

export interface Axis {
  ticks: string[];
  now: number | null;
  /** Place of an instant, per cent, kept within the axis. */
  at(instant: number): number;
}

const S = 1_000;
const M = 60 * S;
const H = 60 * M;
const SPANS: readonly { ms: number; unit: number; name: string }[] = [
  { ms: 60 * S, unit: S, name: 's' },
  { ms: 5 * M, unit: S, name: 's' },
  { ms: 30 * M, unit: M, name: 'min' },
  { ms: 3 * H, unit: M, name: 'min' },
  { ms: 24 * H, unit: H, name: 'h' },
  { ms: 96 * H, unit: H, name: 'h' },
];

/** The shortest axis on which everything that has happened can be seen; time still running counts as happening. */
export function axisFor(
  start: number,
  rows: readonly Delivery[],
  attempts: readonly Attempt[],
  now: number,
): Axis {
  const running = rows.some((d) => !isTerminal(d.state));
  const ends = [...rows.map((d) => d.doneAt ?? 0), ...attempts.map((a) => a.endedAt ?? a.startedAt)];
  const last = Math.max(start, ...ends, running ? now : 0) - start;
  const span = SPANS.find((x) => x.ms >= last) ?? SPANS[SPANS.length - 1]!;
  const at = (instant: number) =>
    Math.round(Math.min(100, Math.max(0, ((instant - start) / span.ms) * 100)) * 10) / 10;
  const step = span.ms / 6 / span.unit;
  return {
    ticks: [0, 1, 2, 3, 4, 5, 6].map((i) => {
      const n = Math.round(step * i * 10) / 10;
      return i === 0 || i === 6 ? `${n} ${span.name}` : String(n);
    }),
    now: now - start <= span.ms ? at(now) : null,
    at,
  };
}

/** The life of one delivery as stretches: waiting its turn, under way, asked to wait, unknown, done. */
export function segments(d: Delivery, attempts: readonly Attempt[], axis: Axis, now: number): SegmentView[] {
  const out: SegmentView[] = [];
  const put = (kind: SegmentView['kind'], from: number, to: number) => {
    const a = axis.at(from);
    // Anything that happened must be seen, however short it was.
    const b = Math.max(axis.at(to), Math.min(100, a + 0.8));
    out.push({
      kind,
      box: kind === 'unk' || kind === 'man',
      from: a,
      to: b,
      width: Math.round((b - a) * 10) / 10,
    });
  };
  const end = d.doneAt ?? now;
  if (
    d.state === 'manual' ||
    (d.state === 'manual_confirmed' && attempts.every((a) => a.kind === 'person'))
  ) {
    put('man', d.createdAt, end);
    return out;
  }
  const sends = attempts.filter((a) => a.kind === 'publish' || a.kind === 'edit' || a.kind === 'remove');
  const first = sends[0];
  put('q', d.createdAt, first?.startedAt ?? end);
  sends.forEach((a, i) => {
    const to = a.endedAt ?? now;
    const good = a.outcome === 'accepted';
    const bad = a.outcome === 'rejected' || a.outcome === 'auth';
    put(good ? 'ok' : bad ? 'no' : '', a.startedAt, to);
    const next = sends[i + 1]?.startedAt;
    if (good || a.endedAt === null) return;
    if (a.outcome === 'unknown') put('unk', to, next ?? end);
    else if (next !== undefined || d.state === 'pending') put('wait', to, next ?? end);
  });
  return out;
}
