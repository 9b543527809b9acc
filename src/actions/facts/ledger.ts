import { type FactRow, listFacts } from '../../../db/queries/facts.ts';
import { listPublishedUpdates, type Update } from '../../../db/queries/incidents.ts';
import { listPeople } from '../../../db/queries/people.ts';
import type { Reader } from '../../../db/store.ts';
import { citedIn, lintFacts } from '../../domain/fact.ts';
import { factFindings } from '../../domain/lint/fact-rules.ts';
import { BLOCKS } from '../../domain/words.ts';

/** All that an update says, wherever it says it. */
export const saidBy = (u: Pick<Update, 'blocks' | 'body' | 'overrides'>): string =>
  [...BLOCKS.map((b) => u.blocks[b] ?? ''), u.body, ...Object.values(u.overrides)].join('\n');

/** The facts that words rest on, as they stand now: what an approval is bound to. */
export async function citesOf(
  r: Reader,
  u: Pick<Update, 'incidentId' | 'blocks' | 'body' | 'overrides'>,
): Promise<{ factId: string; version: number }[]> {
  const facts = await listFacts(r, u.incidentId);
  return citedIn(saidBy(u), facts).map((f) => ({ factId: f.id, version: f.version }));
}

/** The confirmed facts among those that words rest on which no expert has confirmed. */
export async function factsWithoutExpert(
  r: Reader,
  u: Pick<Update, 'incidentId' | 'blocks' | 'body' | 'overrides'>,
): Promise<FactRow[]> {
  const cited = citedIn(saidBy(u), await listFacts(r, u.incidentId)).filter((f) => f.state === 'confirmed');
  if (cited.length === 0) return [];
  const experts = (await listPeople(r)).filter((p) => p.offices?.includes('expert')).map((p) => p.id);
  return cited.filter((f) => f.verifierId === null || !experts.includes(f.verifierId));
}

/** Why the ledger no longer bears words that were put up for approval; undefined while it does. */
export async function whyFactsDiffer(
  r: Reader,
  u: Pick<Update, 'incidentId' | 'blocks' | 'body' | 'overrides' | 'cites'>,
): Promise<string | undefined> {
  const facts = await listFacts(r, u.incidentId);
  for (const { factId, version } of u.cites ?? []) {
    const fact = facts.find((f) => f.id === factId);
    if (!fact || fact.version !== version)
      return `“${fact?.key ?? 'A fact'}” has changed since approval was asked for.`;
  }
  const wrong = factFindings({ blocks: u.blocks, body: u.body, facts: lintFacts(facts) })[0];
  return wrong ? `${wrong.message} The ledger has changed since approval was asked for.` : undefined;
}

/** Words the public has read that rest on a fact which does not hold any more. */
export interface Impact {
  update: Update;
  fact: FactRow;
  /** The fact that took its place, when there is one. */
  now: FactRow | undefined;
}

/** Every published update that used a fact which was disputed or withdrawn since and has not been put right. */
export async function impactOf(r: Reader, incidentId: string): Promise<Impact[]> {
  const facts = await listFacts(r, incidentId);
  const doubtful = facts.filter((f) => f.state === 'withdrawn' || f.state === 'disputed');
  if (doubtful.length === 0) return [];
  const updates = await listPublishedUpdates(r, [incidentId]);
  const corrected = new Set(updates.flatMap((u) => u.correctsId ?? []));
  return updates
    .filter((u) => u.state !== 'corrected' && u.state !== 'retracted' && !corrected.has(u.id))
    .flatMap((update) =>
      doubtful
        .filter((f) => (update.cites ?? []).some((c) => c.factId === f.id))
        .map((fact) => ({ update, fact, now: facts.find((f) => f.supersedesId === fact.id) })),
    );
}
