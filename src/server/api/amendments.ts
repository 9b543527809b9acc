import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import { correctUpdate } from '../../actions/amend/correct-update.ts';
import { retractUpdate } from '../../actions/amend/retract-update.ts';
import type { Ports } from '../ports.ts';
import { ctxOf } from '../who.ts';
import * as s from './schemas.ts';

const Note = Type.String({
  minLength: 1,
  maxLength: 500,
  description: 'For the public, in one sentence: what was wrong. “We said 14:00; it is 15:00.”',
});
const Correction = Type.Object(
  { note: Note, blocks: s.UpdateWords.properties.blocks, body: s.UpdateWords.properties.body },
  { additionalProperties: false },
);
type Correction = Static<typeof Correction>;
const Retraction = Type.Object(
  {
    note: Note,
    remove: Type.Optional(
      Type.Boolean({
        description:
          'Take the posts off the networks too. Only where the page allows it, and only for approvers.',
      }),
    ),
  },
  { additionalProperties: false },
);
type Retraction = Static<typeof Retraction>;

/** Putting published words right. What comes back is a draft that goes the same way to approval as any other. */
export async function amendmentRoutes(app: FastifyInstance, { base }: Pick<Ports, 'base'>): Promise<void> {
  app.post<{ Params: s.ById; Body: Correction }>(
    '/updates/:id/correct',
    {
      schema: {
        answers: 201,
        tags: ['updates'],
        summary: 'Draft the correction of a published update; the words default to the wrong ones',
        params: s.ById,
        body: Correction,
      },
    },
    async (q, reply) => {
      const { note, ...words } = q.body;
      return reply.code(201).send(await correctUpdate(ctxOf(base, q), q.params.id, note, words));
    },
  );
  app.post<{ Params: s.ById; Body: Retraction }>(
    '/updates/:id/retract',
    {
      schema: {
        answers: 201,
        tags: ['updates'],
        summary: 'Draft taking a published update back',
        params: s.ById,
        body: Retraction,
      },
    },
    async (q, reply) =>
      reply.code(201).send(await retractUpdate(ctxOf(base, q), q.params.id, q.body.note, q.body.remove)),
  );
}
