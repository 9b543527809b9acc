import { type Static, Type } from 'typebox';
import { ById, strict } from './schemas.ts';

export { ById } from './schemas.ts';

/** A mention, and one of our answers to it. */
export const ByReply = Type.Object({ id: ById.properties.id, reply: ById.properties.id });
export type ByReply = Static<typeof ByReply>;

export const MentionQuery = Type.Object(
  {
    pageId: Type.Optional(ById.properties.id),
    state: Type.Optional(
      Type.Unsafe<'open' | 'settled'>({ type: 'string', enum: ['open', 'settled'], default: 'open' }),
    ),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
  },
  strict,
);
export type MentionQuery = Static<typeof MentionQuery>;

export const Answer = Type.Object(
  {
    text: Type.String({ minLength: 1, maxLength: 40_000 }),
    /** The warnings were read; it is to go out all the same. */
    sure: Type.Optional(Type.Boolean()),
  },
  strict,
);
export type Answer = Static<typeof Answer>;

export const About = Type.Object(
  { incidentId: Type.Unsafe<string | null>({ type: ['string', 'null'], maxLength: 40 }) },
  strict,
);
export type About = Static<typeof About>;

export const Judged = Type.Object(
  {
    verdict: Type.Unsafe<'yes' | 'no'>({ type: 'string', enum: ['yes', 'no'] }),
    note: Type.Optional(Type.String({ maxLength: 500 })),
  },
  strict,
);
export type Judged = Static<typeof Judged>;
