import { changeFact, type FactRow, getFact, insertFact } from '../../../db/queries/facts.ts';
import { getIncident } from '../../../db/queries/incidents.ts';
import { conflict, invalid } from '../../domain/error.ts';
import { FACT_KINDS, FACT_ORIGINS, MAX_KEY, MAX_SOURCE, MAX_VALUE } from '../../domain/fact.ts';
import { checkText } from '../../domain/update.ts';
import { type Ctx, type Decision, decide, mustBe } from '../context.ts';

/** What a person writes down. `source` may be empty: then another person has to confirm it. */
export interface NewFact {
  key: string;
  value: string;
  unit?: string | undefined;
  kind?: FactRow['kind'] | undefined;
  source?: string | undefined;
  origin?: FactRow['origin'] | undefined;
  grade?: string | undefined;
  secondSource?: string | undefined;
}

/** Writes a fact down. It is unconfirmed until somebody confirms it. */
export async function addFact(ctx: Ctx, incidentId: string, input: NewFact): Promise<FactRow> {
  mustBe(ctx.actor, ['responder', 'author', 'approver'], 'draft');
  return decide(ctx, async (d) => {
    const incident = await getIncident(d.w, incidentId);
    const fact = build(ctx, d, { id: incident.id, pageId: incident.pageId }, input, null);
    await insertFact(d.w, fact);
    await note(d, ctx, fact, 'fact.added', 'fact.add');
    return fact;
  });
}

/**
 * Says that a value is another one now. The old row is withdrawn, so that whatever used it can be found; the new one
 * is unconfirmed. `version` is that of the row which was read.
 */
export async function correctFact(
  ctx: Ctx,
  factId: string,
  version: number,
  input: NewFact & { reason: string },
): Promise<FactRow> {
  mustBe(ctx.actor, ['responder', 'author', 'approver'], 'draft');
  if (input.reason.trim() === '') throw invalid('reason', 'Say how you know that it was wrong.');
  checkText('reason', input.reason, 500);
  return decide(ctx, async (d) => {
    const before = await getFact(d.w, factId);
    if (before.state === 'withdrawn') throw conflict('This was withdrawn already. Write it down anew.');
    const fact = build(
      ctx,
      d,
      { id: before.incidentId, pageId: before.pageId },
      { ...input, key: input.key || before.key, kind: input.kind ?? before.kind },
      before.id,
    );
    if (fact.value === before.value && fact.unit === before.unit)
      throw invalid('value', 'This is the value it has. Enter the right one.');
    await changeFact(
      d.w,
      { id: before.id, version },
      {
        state: 'withdrawn',
        reason: input.reason.trim(),
        updatedAt: d.now,
      },
    );
    await insertFact(d.w, fact);
    await note(d, ctx, fact, 'fact.corrected', 'fact.correct', { before: before.id });
    return fact;
  });
}

function build(
  ctx: Ctx,
  d: Decision,
  incident: { id: string; pageId: string },
  input: NewFact,
  supersedesId: string | null,
): FactRow {
  const of = (name: keyof NewFact, max: number) => {
    const text = String(input[name] ?? '').trim();
    checkText(name, text, max);
    if (/[\n\r]/.test(text)) throw invalid(name, 'Write it in one line.');
    return text;
  };
  const key = of('key', MAX_KEY);
  if (key === '') throw invalid('key', 'Say what it is, like “Customers affected”.');
  const value = of('value', MAX_VALUE);
  if (value === '') throw invalid('value', 'Enter the value, like “1 in 12” or “14:09 UTC”.');
  const kind = input.kind ?? kindOf(value);
  if (!FACT_KINDS.includes(kind)) throw invalid('kind', `Choose one of: ${FACT_KINDS.join(', ')}.`);
  const origin = input.origin ?? 'inside';
  if (!FACT_ORIGINS.includes(origin)) throw invalid('origin', `Choose one of: ${FACT_ORIGINS.join(', ')}.`);
  const grade = of('grade', 2).toUpperCase();
  if (grade !== '' && !/^[A-F][1-6]$/.test(grade))
    throw invalid('grade', 'Grade it from A1 (reliable, certain) to F6 (nobody can tell).');
  return {
    id: ctx.newId(),
    pageId: incident.pageId,
    incidentId: incident.id,
    key,
    kind,
    value,
    unit: of('unit', 40),
    state: 'unconfirmed',
    source: of('source', MAX_SOURCE),
    origin,
    grade,
    secondSource: of('secondSource', MAX_SOURCE),
    authorId: ctx.actor.id,
    verifierId: null,
    confirmedAt: null,
    reason: null,
    supersedesId,
    version: 1,
    createdAt: d.now,
    updatedAt: d.now,
  };
}

const kindOf = (value: string): FactRow['kind'] =>
  /\d{1,2}:\d{2}/.test(value) ? 'time' : /\d/.test(value) ? 'number' : 'other';

/** Says and accounts for what became of a fact. */
export async function note(
  d: Decision,
  ctx: Ctx,
  fact: FactRow,
  kind: string,
  action: string,
  more: Record<string, unknown> = {},
): Promise<void> {
  await d.say({
    pageId: fact.pageId,
    kind,
    public: false,
    incidentId: fact.incidentId,
    updateId: null,
    detail: { by: ctx.actor.id, factId: fact.id, key: fact.key, value: fact.value, ...more },
  });
  await d.account({
    action,
    subjectKind: 'fact',
    subjectId: fact.id,
    detail: { key: fact.key, value: fact.value, unit: fact.unit, state: fact.state, ...more },
  });
}
