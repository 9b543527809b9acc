import { asc } from 'drizzle-orm';
import type { Reader } from '../../db/store.ts';
import { isTerminal } from '../../src/domain/delivery.ts';
import type { Post } from '../../src/simulator/facts.ts';
import type { Seeded } from './world.ts';

export interface Verdict {
  posts: number;
  lost: number;
  duplicated: number;
  false_delivered: number;
  held: number;
  /** What is wrong, in words, for a person. */
  notes: string[];
}

/** Compares what the networks have with what we say of every delivery. */
export async function judge(r: Reader, posts: readonly Post[], seeded: Seeded): Promise<Verdict> {
  const verdict: Verdict = {
    posts: posts.length,
    lost: 0,
    duplicated: 0,
    false_delivered: 0,
    held: 0,
    notes: [],
  };
  const updates = await r.sql.select().from(r.t.updates).orderBy(asc(r.t.updates.id));
  const deliveries = await r.sql.select().from(r.t.deliveries).orderBy(asc(r.t.deliveries.id));
  const renditions = await r.sql.select().from(r.t.renditions);
  const note = (line: string) => void verdict.notes.push(line);
  for (const update of updates) {
    const mine = deliveries.filter((d) => d.updateId === update.id);
    const published = update.publishedSeq !== null;
    if (!published && mine.length > 0) note(`update ${update.id} was not published and has deliveries`);
    if (!published) continue;
    for (const [connectionId, { account, channel }] of seeded.connections) {
      // Of a correction only what was said counts: a change that was refused is followed by an answer.
      const rows = mine.filter((d) => d.connectionId === connectionId && d.state !== 'skipped');
      if (rows.length !== 1) {
        verdict.lost += 1;
        note(`update ${update.id} has ${rows.length} deliveries to ${channel}`);
        continue;
      }
      const d = rows[0]!;
      const code = renditions.find((x) => x.id === d.renditionId)?.code ?? '?';
      const there = posts.filter(
        (p) =>
          p.network === account.network &&
          p.account === account.id &&
          JSON.stringify(p).includes(`/u/${code}`),
      );
      const where = `${channel} delivery ${d.id} (${d.state}: ${d.reason ?? ''})`;
      if (there.length > 1) {
        verdict.duplicated += there.length - 1;
        note(`${there.length} posts for ${where}`);
      }
      if (d.state === 'held') verdict.held += 1;
      if (d.state === 'delivered' && there.length === 0) {
        verdict.false_delivered += 1;
        note(`no post for ${where}`);
      }
      if (d.state === 'superseded' && there.length > 0 && !d.mayBeThere) {
        verdict.false_delivered += 1;
        note(`a post for ${where}`);
      }
      if (!isTerminal(d.state) && d.state !== 'held') {
        verdict.lost += 1;
        note(`not finished: ${where}`);
      }
      if (d.state === 'refused' || d.state === 'dead' || d.state === 'cancelled') {
        verdict.lost += 1;
        note(`given up: ${where}`);
      }
    }
  }
  return verdict;
}
