import { type Static, Type } from 'typebox';
import {
  BLOCKS,
  CLASSES,
  COMPONENT_STATUSES,
  CONNECTION_ROLES,
  DELIVERY_STATES,
  IMPACTS,
  INCIDENT_KINDS,
  INCIDENT_STATUSES,
  ROLES,
  SCOPES,
} from '../../domain/words.ts';

/** Enum strings as plain JSON Schema: faster to serialise and clearer in errors than a union of constants. */
export const oneOf = <T extends string>(values: readonly T[]) =>
  Type.Unsafe<T>({ type: 'string', enum: [...values] });
const orNull = <T extends string>(values: readonly T[]) =>
  Type.Unsafe<T | null>({ type: ['string', 'null'], enum: [...values, null] });
export const strict = { additionalProperties: false };

export const Id = Type.String({ minLength: 1, maxLength: 40, pattern: '^[a-zA-Z0-9_-]+$' });
/** Milliseconds since 1970, or an ISO 8601 string with a zone. */
export const Instant = Type.Unsafe<number | string>({
  anyOf: [
    { type: 'integer', minimum: 0, maximum: 8.64e15 },
    { type: 'string', format: 'date-time', maxLength: 40 },
  ],
});
export const InstantOrNull = Type.Unsafe<number | string | null>({
  anyOf: [
    { type: 'integer', minimum: 0, maximum: 8.64e15 },
    { type: 'string', format: 'date-time', maxLength: 40 },
    { type: 'null' },
  ],
});

export const ById = Type.Object({ id: Id });
export type ById = Static<typeof ById>;

export const Blocks = Type.Object(
  Object.fromEntries(BLOCKS.map((b) => [b, Type.Optional(Type.String({ maxLength: 4_000 }))])),
  strict,
);

export const UpdateWords = Type.Object(
  {
    status: Type.Optional(oneOf(INCIDENT_STATUSES)),
    class: Type.Optional(oneOf(CLASSES)),
    blocks: Type.Optional(Blocks),
    body: Type.Optional(Type.String({ maxLength: 25_000 })),
    nextUpdateBy: Type.Optional(InstantOrNull),
    components: Type.Optional(Type.Record(Id, oneOf(COMPONENT_STATUSES))),
    connectionIds: Type.Optional(
      Type.Unsafe<string[] | null>({
        type: ['array', 'null'],
        items: { type: 'string', maxLength: 40 },
        maxItems: 200,
      }),
    ),
    overrides: Type.Optional(Type.Record(Id, Type.String({ maxLength: 25_000 }))),
    language: Type.Optional(Type.String({ minLength: 2, maxLength: 20 })),
    /** Of a correction or retraction only: what was wrong, for the public. */
    note: Type.Optional(Type.String({ maxLength: 500 })),
    voiceOf: Type.Optional(Type.Unsafe<string | null>({ type: ['string', 'null'], maxLength: 40 })),
    leaves: Type.Optional(Type.Unsafe<string | null>({ type: ['string', 'null'], maxLength: 500 })),
    publishAt: Type.Optional(InstantOrNull),
    /** Pictures by their ids, each with what it shows; an empty list takes them away. */
    media: Type.Optional(
      Type.Array(
        Type.Object(
          {
            id: Type.String({ pattern: '^[0-9a-f]{40}$' }),
            alt: Type.String({
              maxLength: 1_000,
              description: 'What it shows, for people who cannot see it.',
            }),
          },
          strict,
        ),
        { maxItems: 4 },
      ),
    ),
  },
  strict,
);
export type UpdateWords = Static<typeof UpdateWords>;

export const EditedUpdate = Type.Object(
  { version: Type.Integer({ minimum: 1 }), ...UpdateWords.properties },
  strict,
);
export type EditedUpdate = Static<typeof EditedUpdate>;

export const NewIncident = Type.Object(
  {
    pageId: Type.Optional(Id),
    kind: Type.Optional(oneOf(INCIDENT_KINDS)),
    title: Type.String({ minLength: 1, maxLength: 255 }),
    objective: Type.Optional(Type.String({ maxLength: 500 })),
    impactOverride: Type.Optional(orNull(IMPACTS)),
    grave: Type.Optional(Type.Boolean()),
    detectedAt: Type.Optional(Instant),
    startedAt: Type.Optional(Instant),
    scheduledFor: Type.Optional(InstantOrNull),
    scheduledUntil: Type.Optional(InstantOrNull),
  },
  strict,
);
export type NewIncident = Static<typeof NewIncident>;

export const RatedIncident = Type.Object({ impactOverride: orNull(IMPACTS) }, strict);
export type RatedIncident = Static<typeof RatedIncident>;

export const AskedVersion = Type.Object({ version: Type.Integer({ minimum: 1 }) }, strict);
export type AskedVersion = Static<typeof AskedVersion>;
export const SeenHash = Type.Object({ hash: Type.String({ pattern: '^[0-9a-f]{64}$' }) }, strict);
export type SeenHash = Static<typeof SeenHash>;
export const Reason = Type.Object({ reason: Type.String({ maxLength: 500 }) }, strict);
export type Reason = Static<typeof Reason>;
export const PastedUrl = Type.Object({ url: Type.String({ minLength: 8, maxLength: 2_000 }) }, strict);
export type PastedUrl = Static<typeof PastedUrl>;
const limit = Type.Optional(Type.Integer({ minimum: 1, maximum: 100 }));
export const OfPage = Type.Object({ pageId: Type.Optional(Id) }, strict);
export type OfPage = Static<typeof OfPage>;
export const NewestOfPage = Type.Object({ pageId: Type.Optional(Id), limit }, strict);
export type NewestOfPage = Static<typeof NewestOfPage>;
export const DeliveriesQuery = Type.Object(
  { pageId: Type.Optional(Id), state: Type.Optional(oneOf(DELIVERY_STATES)), limit },
  strict,
);
export type DeliveriesQuery = Static<typeof DeliveriesQuery>;

export const NewConnection = Type.Object(
  {
    pageId: Type.Optional(Id),
    channel: Type.String({ minLength: 1, maxLength: 40 }),
    name: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
    role: Type.Optional(oneOf(CONNECTION_ROLES)),
    language: Type.Optional(Type.String({ minLength: 2, maxLength: 20 })),
    includeLink: Type.Optional(Type.Boolean()),
    thread: Type.Optional(Type.Boolean()),
    /** Settings and secrets by the field names that `GET /api/v1/channels` lists. */
    values: Type.Record(Type.String({ maxLength: 60 }), Type.String({ maxLength: 8_000 })),
  },
  strict,
);
export type NewConnection = Static<typeof NewConnection>;

export const NewPerson = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 100 }),
    email: Type.String({ minLength: 3, maxLength: 254 }),
    roles: Type.Array(oneOf(ROLES), { minItems: 1, maxItems: ROLES.length }),
  },
  strict,
);
export type NewPerson = Static<typeof NewPerson>;

export const NewToken = Type.Object(
  {
    personId: Id,
    name: Type.String({ minLength: 1, maxLength: 100 }),
    scopes: Type.Array(oneOf(SCOPES), { minItems: 1, maxItems: SCOPES.length }),
    expiresInDays: Type.Optional(Type.Integer({ minimum: 1, maximum: 365 })),
  },
  strict,
);
export type NewToken = Static<typeof NewToken>;

/** Why every network is switched off, or on again. */
export const Why = Type.Object({ reason: Type.String({ minLength: 1, maxLength: 300 }) }, strict);
export type Why = Static<typeof Why>;

export const NewComponent = Type.Object(
  {
    pageId: Type.Optional(Id),
    name: Type.String({ minLength: 1, maxLength: 100 }),
    description: Type.Optional(Type.String({ maxLength: 500 })),
    group: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
  },
  strict,
);
export type NewComponent = Static<typeof NewComponent>;

/** Ms from what a client sent; the schema has checked its shape. */
export const toMs = (at: number | string): number => (typeof at === 'number' ? at : Date.parse(at));
