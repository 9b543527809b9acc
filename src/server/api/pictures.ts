import type { FastifyInstance } from 'fastify';
import { getIncident } from '../../../db/queries/incidents.ts';
import { findPicture, listPictures, type PictureFacts } from '../../../db/queries/pictures.ts';
import { mustBe } from '../../actions/context.ts';
import { keepPicture } from '../../actions/pictures/keep-picture.ts';
import { invalid, notFound } from '../../domain/error.ts';
import { MOST_BYTES } from '../../domain/pictures/photo.ts';
import { sendPicture } from '../desk/pictures.ts';
import type { Ports } from '../ports.ts';
import { ctxOf } from '../who.ts';
import * as s from './schemas.ts';

const TYPES = ['image/png', 'image/jpeg', 'image/webp', 'image/gif', 'application/octet-stream'];
/** What OpenAPI calls bytes. */
const FILE = {
  content: Object.fromEntries(TYPES.map((type) => [type, { schema: { contentMediaType: type } }])),
};

/** Pictures for programs: the bytes as they are go in, and come back as everybody gets them. */
export async function pictureRoutes(app: FastifyInstance, { base }: Pick<Ports, 'base'>): Promise<void> {
  const r = base.store.read;

  app.get<{ Params: s.ById }>(
    '/incidents/:id/pictures',
    {
      schema: { tags: ['pictures'], summary: 'Pictures kept for the updates of an incident', params: s.ById },
    },
    async (q) => (await listPictures(r, (await getIncident(r, q.params.id)).id)).map(shown),
  );
  app.get<{ Params: s.ById }>(
    '/pictures/:id',
    { schema: { tags: ['pictures'], summary: 'The bytes of a picture', params: s.ById } },
    async (q, reply) => {
      const found = await findPicture(r, q.params.id);
      if (!found) throw notFound('picture');
      return sendPicture(reply, found);
    },
  );

  await app.register(async (inner) => {
    // What its sender calls it is looked at no further: the bytes say what it is.
    inner.addContentTypeParser(
      TYPES,
      { parseAs: 'buffer', bodyLimit: MOST_BYTES + 1_024 },
      (_q, body, done) => done(null, body),
    );
    inner.post<{ Params: s.ById; Body: Buffer }>(
      '/incidents/:id/pictures',
      {
        schema: {
          answers: 201,
          tags: ['pictures'],
          summary: 'Keep a picture for the updates of an incident; attach it by its id, with what it shows',
          description:
            'The bytes of a JPEG, PNG, WebP or GIF, at most 4 MB. It is written anew without what it says of its maker, place and time; the id is made of what is left, so that the same picture again is the same one. Attach it in the `media` of an update.',
          params: s.ById,
          body: FILE,
        },
      },
      async (q, reply) => {
        const ctx = ctxOf(base, q);
        mustBe(ctx.actor, ['author', 'approver'], 'draft');
        if (!Buffer.isBuffer(q.body))
          throw invalid('body', 'Send the bytes of the picture, with a content-type like image/jpeg.');
        return reply.code(201).send(shown(await keepPicture(ctx, q.params.id, q.body)));
      },
    );
  });
}

const shown = ({ id, incidentId, type, width, height, size, createdAt }: PictureFacts) => ({
  id,
  incidentId,
  type,
  width,
  height,
  size,
  createdAt,
});
