/** Pictures and comments as Instagram's API gives them, and where they are kept. */
import type { Post } from '../facts.ts';
import { type Answer, type Call, json } from '../network.ts';
import { ALPHANUMERIC, seededWord } from '../random.ts';
import type { World } from '../world.ts';
import {
  type Field,
  type Fields,
  graphPage,
  graphTime,
  invalidParameter,
  parseFields,
  pick,
} from './meta-graph.ts';

export const isMedia = (post: Post): boolean => post.raw['media'] === true;

export function openEntities(world: World, nextId: () => string) {
  const mediaOf = (post: Post): Post => {
    const parent = post.parent === null ? undefined : world.post('instagram', post.parent);
    return parent === undefined ? post : mediaOf(parent);
  };

  const answersTo = (post: Post): Post[] =>
    world
      .posts('instagram')
      .filter((one) => one.parent === post.id && world.shows(one))
      .reverse();
  const edge = (call: Call, post: Post, name: string) => (field: Field) =>
    graphPage(
      answersTo(post),
      { ...field.options, limit: field.options['limit'] ?? '50' },
      (one) => node(call, one, field.fields),
      `${call.base}/v26.0/${post.id}/${name}`,
    );
  function fieldsOf(call: Call, post: Post): Fields {
    const common = { id: post.id, timestamp: graphTime(post.at), username: post.author.handle };
    if (isMedia(post))
      return {
        ...common,
        caption: post.text,
        permalink: post.url,
        media_type: 'IMAGE',
        media_product_type: 'FEED',
        shortcode: post.raw['shortcode'],
        alt_text: post.raw['alt'],
        comments_count: world.below(post).length,
        comments: edge(call, post, 'comments'),
      };
    const parent = post.parent === null ? undefined : world.post('instagram', post.parent);
    return {
      ...common,
      text: post.text,
      from: (field: Field) =>
        pick({ id: post.author.id, username: post.author.handle }, field.fields, 'User'),
      parent_id: parent !== undefined && !isMedia(parent) ? parent.id : undefined,
      media: (field: Field) => node(call, mediaOf(post), field.fields),
      replies: edge(call, post, 'replies'),
    };
  }
  function node(call: Call, post: Post, fields: readonly Field[]): Record<string, unknown> {
    const picked = pick(fieldsOf(call, post), fields, isMedia(post) ? 'Media' : 'IGCommentFromUser');
    if (typeof picked === 'string') throw new NoSuchField(picked);
    return picked;
  }
  const answered = (call: Call, run: (fields: Field[]) => unknown): Answer => {
    try {
      return json(200, run(parseFields(call.query.get('fields') ?? 'id')));
    } catch (error) {
      if (error instanceof NoSuchField) return invalidParameter(error.message);
      throw error;
    }
  };
  const listed = (call: Call, list: readonly Post[], path: string): Answer =>
    answered(call, (fields) =>
      graphPage(
        list,
        { limit: call.query.get('limit'), after: call.query.get('after') },
        (post) => node(call, post, fields),
        `${call.base}/v26.0/${path}`,
      ),
    );

  function keep(
    at: { base: string; now: number },
    made: Pick<Post, 'account' | 'author' | 'text'> & Partial<Post>,
  ): Post {
    const id = nextId();
    const shortcode = seededWord(world.seed, `instagram ${id}`, 11, `${ALPHANUMERIC}_-`);
    const parent = made.parent == null ? undefined : world.post('instagram', made.parent);
    const path =
      parent === undefined
        ? `/p/${shortcode}/`
        : `${new URL(mediaOf(parent).url ?? '', at.base).pathname.replace(/^\/instagram/, '')}c/${id}/`;
    return world.keep({
      network: 'instagram',
      id,
      at: at.now,
      url: `${at.base}${path}`,
      paths: [path, path.replace(/\/$/, '')],
      ...made,
      raw: { media: parent === undefined, shortcode, ...made.raw },
    });
  }

  return { answersTo, answered, listed, node, keep };
}

export class NoSuchField extends Error {}
