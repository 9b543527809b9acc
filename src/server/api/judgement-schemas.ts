import { type Static, Type } from 'typebox';
import { FACT_KINDS, FACT_ORIGINS } from '../../domain/fact.ts';
import { STATUSES_OF } from '../../domain/incident.ts';
import { Blocks, Id, Instant, InstantOrNull, oneOf, strict } from './schemas.ts';

/** Bodies of the routes of judgement. */

const line = (maxLength: number) => Type.String({ maxLength });
const Version = Type.Integer({ minimum: 1 });

const FactWords = {
  value: Type.String({ minLength: 1, maxLength: 200 }),
  unit: Type.Optional(line(40)),
  kind: Type.Optional(oneOf(FACT_KINDS)),
  source: Type.Optional(line(200)),
  origin: Type.Optional(oneOf(FACT_ORIGINS)),
  grade: Type.Optional(line(2)),
  secondSource: Type.Optional(line(200)),
};
export const NewFact = Type.Object(
  { key: Type.String({ minLength: 1, maxLength: 120 }), ...FactWords },
  strict,
);
export type NewFact = Static<typeof NewFact>;
export const ConfirmedFact = Type.Object(
  {
    version: Version,
    source: Type.Optional(line(200)),
    secondSource: Type.Optional(line(200)),
    grade: Type.Optional(line(2)),
  },
  strict,
);
export type ConfirmedFact = Static<typeof ConfirmedFact>;
export const DoubtedFact = Type.Object(
  { version: Version, reason: Type.String({ minLength: 1, maxLength: 500 }) },
  strict,
);
export type DoubtedFact = Static<typeof DoubtedFact>;
export const CorrectedFact = Type.Object(
  { version: Version, reason: Type.String({ minLength: 1, maxLength: 500 }), ...FactWords },
  strict,
);
export type CorrectedFact = Static<typeof CorrectedFact>;

export const AtQuery = Type.Object({ at: Type.Optional(Instant) }, strict);
export type AtQuery = Static<typeof AtQuery>;
export const NewHandOver = Type.Object({ to: Id, note: Type.Optional(line(1_000)) }, strict);
export type NewHandOver = Static<typeof NewHandOver>;

const Template = {
  name: Type.String({ minLength: 1, maxLength: 80 }),
  title: Type.String({ minLength: 1, maxLength: 255 }),
  status: oneOf(STATUSES_OF.incident),
  class: Type.Optional(oneOf(['B', 'C', 'D', 'E'] as const)),
  blocks: Blocks,
  slots: Type.Optional(
    Type.Array(
      Type.Object(
        {
          name: Type.String({ minLength: 1, maxLength: 40 }),
          type: oneOf(['time', 'number', 'place', 'component', 'choice', 'text'] as const),
          of: Type.Optional(Type.Array(line(80), { maxItems: 50 })),
          min: Type.Optional(Type.Number()),
          max: Type.Optional(Type.Number()),
        },
        strict,
      ),
      { maxItems: 20 },
    ),
  ),
};
export const NewTemplate = Type.Object({ pageId: Type.Optional(Id), ...Template }, strict);
export type NewTemplate = Static<typeof NewTemplate>;
export const ChangedTemplate = Type.Object({ version: Version, ...Template }, strict);
export type ChangedTemplate = Static<typeof ChangedTemplate>;
export const Clearance = Type.Object({ version: Version, until: Instant }, strict);
export type Clearance = Static<typeof Clearance>;
export const FromTemplate = Type.Object(
  {
    templateId: Id,
    slots: Type.Optional(
      Type.Record(
        Type.String({ maxLength: 40 }),
        Type.Unsafe<string | number>({
          anyOf: [{ type: 'string', maxLength: 200 }, { type: 'number' }],
        }),
      ),
    ),
    nextUpdateBy: Type.Optional(InstantOrNull),
  },
  strict,
);
export type FromTemplate = Static<typeof FromTemplate>;

export const NewMap = Type.Object(
  {
    pageId: Type.Optional(Id),
    question: Type.String({ minLength: 1, maxLength: 200 }),
    messages: Type.Array(
      Type.Object({ text: line(500), supports: Type.Array(line(500), { maxItems: 10 }) }, strict),
      { minItems: 1, maxItems: 10 },
    ),
  },
  strict,
);
export type NewMap = Static<typeof NewMap>;
export const Versioned = Type.Object({ version: Version }, strict);
export type Versioned = Static<typeof Versioned>;
