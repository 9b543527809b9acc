import type { FastifyInstance, FastifyReply } from 'fastify';
import { findPicture, type Picture } from '../../../db/queries/pictures.ts';
import { notFound } from '../../domain/error.ts';
import {
  type Attached,
  kindOf,
  MOST_ALT,
  MOST_PICTURES,
  MOST_TOGETHER,
  sameMedia,
} from '../../domain/media.ts';
import { MOST_BYTES, megabytes } from '../../domain/pictures/photo.ts';
import type { MediaChange, MediaField, PictureView } from '../../templates/desk-media-views.ts';
import { diffWords } from '../../templates/diff.ts';
import type { Typed } from './compose-form.ts';
import type { Desk } from './frame.ts';
import { count } from './words.ts';

/** A picture can do nothing, even when it is opened by itself. */
const INERT = "default-src 'none'; style-src 'none'; sandbox; frame-ancestors 'none'";

/** Pictures of updates, for those who write and approve them. */
export function pictures(app: FastifyInstance, { r }: Desk): void {
  app.get<{ Params: { id: string } }>('/pictures/:id', async (request, reply) => {
    const found = await findPicture(r, request.params.id);
    if (!found) throw notFound('picture');
    return sendPicture(reply, found);
  });
}

/** The bytes with headers that let them be looked at and nothing else. What is under an id never changes. */
export const sendPicture = (reply: FastifyReply, { type, body }: Picture): FastifyReply =>
  reply
    .type(type)
    .header('cache-control', 'private, max-age=31536000, immutable')
    .header('content-security-policy', INERT)
    .header('x-content-type-options', 'nosniff')
    .header('content-disposition', 'inline')
    .send(Buffer.from(body, 'base64'));

export const pictureView = ({ id, alt, width, height }: Attached): PictureView => ({
  id,
  src: `/desk/pictures/${id}`,
  alt,
  width,
  height,
  tall: height > 0.9 * width,
});

/** The pictures of an update as its author works with them. */
export function mediaField(
  known: readonly Omit<Attached, 'alt'>[],
  typed: Typed['media'],
  updateId: string,
  error: string | null,
): Omit<MediaField, 'lints'> {
  const items = typed.flatMap(({ id, alt }, i) => {
    const found = known.find((p) => p.id === id);
    if (!found) return [];
    const { type, width, height, size } = found;
    return [
      {
        ...pictureView({ ...found, alt }),
        number: i + 1,
        facts: `${kindOf(type)}, ${width} × ${height}, ${megabytes(size)}`,
        rows: Math.min(5, Math.max(2, Math.ceil(alt.length / 40))),
      },
    ];
  });
  return {
    items,
    several: items.length > 1,
    mayAdd: items.length < MOST_PICTURES,
    mostAlt: MOST_ALT,
    mostBytes: MOST_BYTES,
    action: `/desk/updates/${updateId}/pictures`,
    help: `JPEG, PNG, WebP or GIF, at most ${megabytes(MOST_BYTES)}, ${count(MOST_PICTURES, 'picture')} and ${megabytes(MOST_TOGETHER)} together. Where and when it was taken is left out.`,
    error,
  };
}

/** What became of the pictures since the words before. */
export function mediaChanges(
  before: readonly Attached[] | null,
  after: readonly Attached[] | null,
): MediaChange[] {
  if (sameMedia(before, after)) return [];
  const was = (id: string) => before?.find((m) => m.id === id);
  const news = (after ?? []).flatMap((m): MediaChange[] => {
    const old = was(m.id);
    if (old?.alt === m.alt) return [];
    return [
      old
        ? { ...pictureView(m), what: 'Described anew', words: diffWords(old.alt, m.alt), gone: false }
        : { ...pictureView(m), what: 'New picture', words: diffWords('', m.alt), gone: false },
    ];
  });
  const gone = (before ?? [])
    .filter((m) => !after?.some((x) => x.id === m.id))
    .map(
      (m): MediaChange => ({
        ...pictureView(m),
        what: 'Not shown any more',
        words: diffWords(m.alt, ''),
        gone: true,
      }),
    );
  return [...news, ...gone];
}
