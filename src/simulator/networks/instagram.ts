import type { Account, Post } from '../facts.ts';
import { type Answer, type Call, json, type NetworkKind, textField } from '../network.ts';
import { ALPHANUMERIC, seededWord } from '../random.ts';
import { isMedia, NoSuchField, openEntities } from './instagram-entities.ts';
import { extendToken, liveCaller, openContainers, QUOTA_USED, tokenCredentials } from './meta-containers.ts';
import {
  expiredToken,
  graphError,
  graphIds,
  graphRefusal,
  invalidParameter,
  notThere,
  pick,
} from './meta-graph.ts';
import { longTokenSignIn } from './meta-sign-in.ts';

const DAY = 24 * 3_600_000;
const CAPTION_MAX = 2_200;
const COMMENT_MAX = 2_196;
/** https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-user/media */
const HASHTAGS = 30;
const ALT_MAX = 1_000;

/**
 * Instagram with Instagram login. The option `quota` is how many posts a day holds, `preparesMs` how long a picture
 * takes; with `webhooks` the account's app has a secret that people enter. It fetches no picture.
 */
export const instagram: NetworkKind = {
  kind: 'instagram',
  name: 'Instagram',
  handle: 'northwindpay',
  open(world) {
    const nextId = graphIds(world, 'instagram', 17);
    const containers = openContainers(nextId);
    const shown = (account: Account): Post[] =>
      world.posts('instagram').filter((post) => post.account === account.id && world.shows(post));
    const quotaOf = (account: Account): number => Number(account.options['quota'] ?? 100);
    const used = (account: Account, now: number): number =>
      world
        .posts('instagram')
        .filter((post) => post.author.id === account.id && isMedia(post) && now - post.at < DAY).length;
    const { answersTo, answered, listed, node, keep } = openEntities(world, nextId);
    const comment = (call: Call, account: Account, parent: Post | undefined, id: string): Answer => {
      if (parent === undefined) return notThere('post', id);
      const message = textField(call.body, 'message') ?? '';
      if (message.trim() === '') return invalidParameter('Param message must not be empty');
      if (message.length > COMMENT_MAX) return invalidParameter('Param message is too long');
      const made = keep(call, {
        account: account.id,
        author: { id: account.id, handle: account.handle, name: account.name },
        text: message,
        parent: parent.id,
      });
      return json(200, { id: made.id });
    };

    return {
      credentials: (seed) => tokenCredentials(world, 'instagram', 'IGAA', seed),
      authenticate: (call) => liveCaller(world, 'instagram', call),
      refusal: (code, retryAfter) =>
        graphRefusal(code, retryAfter, (seconds) =>
          graphError(
            { message: '(#80002) There have been too many calls to this Instagram account.', code: 80002 },
            400,
            {
              'x-business-use-case-usage': JSON.stringify({
                1784: [
                  {
                    type: 'instagram',
                    call_count: 100,
                    estimated_time_to_regain_access: Math.ceil(seconds / 60),
                  },
                ],
              }),
            },
          ),
        ),
      expired: expiredToken,
      profiles: (account) => [`/${account.handle}`],
      hear(account, said, base) {
        return keep(
          { base, now: said.at },
          {
            account: account.id,
            byCustomer: true,
            author: said.author,
            text: said.text,
            parent: said.inReplyTo,
          },
        );
      },
      openRoutes: longTokenSignIn(world, {
        network: 'instagram',
        grant: 'ig_exchange_token',
        prefix: 'IGAA',
      }),
      routes: [
        {
          method: 'GET',
          path: '/refresh_access_token',
          does: ['session'],
          run: (call, account) =>
            extendToken(
              account,
              call.now,
              (turn) =>
                `IGAA${seededWord(world.seed, `instagram ${account.handle} token ${turn}`, 160, ALPHANUMERIC)}`,
              call.query.get('grant_type'),
              'ig_refresh_token',
            ),
        },
        {
          method: 'GET',
          path: '/v26.0/me',
          does: ['verify'],
          run: (call, account) =>
            answered(call, (fields) => {
              const me = {
                id: account.id,
                user_id: account.id,
                username: account.handle,
                name: account.name,
              };
              const picked = pick(me, fields, 'User');
              if (typeof picked === 'string') throw new NoSuchField(picked);
              return picked;
            }),
        },
        {
          method: 'POST',
          path: '/v26.0/me/media',
          does: ['prepare'],
          run(call, account) {
            const caption = textField(call.body, 'caption') ?? '';
            const alt = textField(call.body, 'alt_text') ?? '';
            const complaint = pictureComplaint(textField(call.body, 'image_url') ?? '');
            if (complaint !== undefined) return complaint;
            if (caption.length > CAPTION_MAX || (caption.match(/#[\p{L}\p{N}_]+/gu) ?? []).length > HASHTAGS)
              return graphError({
                message: 'The caption is invalid',
                code: 36004,
                error_subcode: 2207010,
                error_user_title: 'Caption too long',
                error_user_msg: `The caption was too long: at most ${CAPTION_MAX} characters, ${HASHTAGS} hashtags and 20 mentions.`,
              });
            if (alt.length > ALT_MAX) return invalidParameter('Param alt_text is too long');
            return containers.make(account, call.now, { text: caption, replyTo: null, raw: { alt } });
          },
        },
        {
          method: 'POST',
          path: '/v26.0/me/media_publish',
          does: ['publish'],
          run(call, account) {
            const id = textField(call.body, 'creation_id') ?? '';
            const container = containers.take(account, id, call.now, NOT_READY);
            if (!('madeAt' in container)) return container;
            if (world.metered(account) && used(account, call.now) >= quotaOf(account)) return QUOTA_USED;
            const post = keep(call, {
              account: account.id,
              author: { id: account.id, handle: account.handle, name: account.name },
              text: container.text,
              raw: container.raw,
            });
            container.post = post.id;
            return json(200, { id: post.id });
          },
        },
        {
          method: 'GET',
          path: '/v26.0/me/content_publishing_limit',
          does: ['verify'],
          run: (call, account) =>
            json(200, {
              data: [
                {
                  quota_usage: used(account, call.now),
                  config: { quota_total: quotaOf(account), quota_duration: DAY / 1000 },
                },
              ],
            }),
        },
        {
          method: 'GET',
          path: '/v26.0/me/media',
          does: ['find', 'poll'],
          run: (call, account) =>
            listed(
              call,
              shown(account)
                .filter((post) => isMedia(post) && !post.byCustomer)
                .reverse(),
              'me/media',
            ),
        },
        {
          method: 'GET',
          path: '/v26.0/me/tags',
          does: ['poll'],
          run: (call, account) =>
            listed(
              call,
              shown(account)
                .filter((post) => isMedia(post) && post.byCustomer)
                .reverse(),
              'me/tags',
            ),
        },
        {
          method: 'POST',
          path: '/v26.0/me/mentions',
          does: ['publish'],
          run(call, account) {
            const id = textField(call.body, 'media_id') ?? '';
            const media = world.shown('instagram', id);
            // Only who is named in a caption may answer it this way.
            const named = media?.text.toLowerCase().includes(`@${account.handle.toLowerCase()}`);
            return comment(call, account, named === true ? media : undefined, id);
          },
        },
        {
          method: 'POST',
          path: '/v26.0/:id/comments',
          does: ['publish'],
          run(call, account) {
            const id = call.params['id'] ?? '';
            const media = world.shown('instagram', id);
            const mine = media !== undefined && isMedia(media) && media.author.id === account.id;
            return comment(call, account, mine ? media : undefined, id);
          },
        },
        {
          method: 'POST',
          path: '/v26.0/:id/replies',
          does: ['publish'],
          run(call, account) {
            const id = call.params['id'] ?? '';
            const top = world.shown('instagram', id);
            const parent = top?.parent == null ? undefined : world.post('instagram', top.parent);
            // Two levels: an answer to an answer is refused.
            return comment(call, account, parent !== undefined && isMedia(parent) ? top : undefined, id);
          },
        },
        ...(['comments', 'replies'] as const).map((name) => ({
          method: 'GET' as const,
          path: `/v26.0/:id/${name}`,
          does: ['find', 'poll'] as const,
          run(call: Call): Answer {
            const post = world.shown('instagram', call.params['id'] ?? '');
            if (post === undefined || isMedia(post) !== (name === 'comments'))
              return notThere('get', call.params['id'] ?? '');
            return listed(call, answersTo(post), `${post.id}/${name}`);
          },
        })),
        {
          method: 'GET',
          path: '/v26.0/:id',
          does: ['read', 'find'],
          run(call) {
            const id = call.params['id'] ?? '';
            const status = containers.status(id, call.now, 'status_code');
            if (status !== undefined) return status;
            const post = world.shown('instagram', id);
            return post === undefined
              ? notThere('get', id)
              : answered(call, (fields) => node(call, post, fields));
          },
        },
      ],
    };
  },
};

const NOT_READY = graphError({
  message: 'Media ID is not available',
  code: 9007,
  error_subcode: 2207027,
  is_transient: false,
  error_user_title: 'Cannot Publish',
  error_user_msg: 'The media is not ready for publishing, please wait for a moment',
});

/** Nothing is fetched here; but where nobody could fetch it, or what nobody could show, is refused. */
function pictureComplaint(address: string): Answer | undefined {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const isLocal = url?.protocol === 'http:' && /^(127\.|localhost$|\[::1\]$)/.test(url.hostname);
  if (url === undefined || (url.protocol !== 'https:' && !isLocal))
    return graphError({
      message: 'Only photo or video can be accepted as media type.',
      code: 9004,
      error_subcode: 2207052,
      error_user_title: 'Media download has failed. The media URI doesn’t meet our requirements.',
      error_user_msg: `The media could not be fetched from this URI: ${address}`,
    });
  if (!/\.jpe?g$/i.test(url.pathname))
    return graphError({
      message: 'The image format is not supported',
      code: 36001,
      error_subcode: 2207005,
      error_user_title: 'Unsupported format',
      error_user_msg: 'The image format is not supported. Supported formats: JPEG.',
    });
  return undefined;
}
