import type { Account, Post } from '../facts.ts';
import { type Answer, type Call, json, type NetworkKind, textField } from '../network.ts';
import { fileIn, type Picture } from '../pictures.ts';
import { ALPHANUMERIC } from '../random.ts';
import { RateWindow } from '../rates.ts';
import {
  expiredToken,
  type Field,
  type Fields,
  graphCaller,
  graphError,
  graphIds,
  graphPage,
  graphRefusal,
  graphTime,
  invalidParameter,
  notThere,
  parseFields,
  pick,
} from './meta-graph.ts';
import { facebookSignIn } from './meta-sign-in.ts';

const DAY = 24 * 3_600_000;
/** Page tokens: 4800 calls in 24 hours for each engaged user. */
const CALLS = 4_800;
const POST_MAX = 63_206;
const COMMENT_MAX = 8_000;

/**
 * A Facebook Page in the Graph API. An account with the option `calls` may make that many calls in 24 hours. Posts kept
 * with `raw.byHand` were made in Facebook itself, and no app may edit them.
 */
export const facebook: NetworkKind = {
  kind: 'facebook',
  name: 'Facebook',
  handle: 'northwindpay',
  open(world) {
    const nextId = graphIds(world, 'facebook', 15);
    const photos = new Map<string, Picture>();
    const windows = new Map<number, RateWindow>();
    const windowOf = (account: Account): RateWindow => {
      const calls = Number(account.options['calls'] ?? CALLS);
      const window = windows.get(calls) ?? new RateWindow(calls, DAY);
      windows.set(calls, window);
      return window;
    };
    /** Usage of the business that owns the page; minutes until it may call again. */
    const usage = (account: string, share: number, minutes: number): Record<string, string> => ({
      'x-business-use-case-usage': JSON.stringify({
        [account]: [
          {
            type: 'pages',
            call_count: share,
            total_cputime: Math.ceil(share / 4),
            total_time: Math.ceil(share / 4),
            estimated_time_to_regain_access: minutes,
          },
        ],
      }),
    });
    const tooMany = (account: string, seconds: number): Answer =>
      graphError(
        {
          message:
            '(#80001) There have been too many calls to this Page account. Wait a bit and try again. For more info, please refer to https://developers.facebook.com/docs/graph-api/overview/rate-limiting.',
          code: 80001,
          error_subcode: 2446079,
          is_transient: true,
        },
        400,
        usage(account, 100, Math.ceil(seconds / 60)),
      );

    const isComment = (post: Post): boolean => post.raw['comment'] === true;
    const commentsOn = (id: string, all: boolean): Post[] => {
      const post = world.post('facebook', id);
      if (post === undefined) return [];
      return all
        ? world.below(post)
        : world.posts('facebook').filter((one) => one.parent === id && world.shows(one));
    };
    const listComments = (
      id: string,
      options: Record<string, string | null>,
      fields: Field[],
      at: string,
    ) => {
      const since = Number(options['since'] ?? 0) * 1000;
      const list = commentsOn(id, options['filter'] === 'stream').filter((one) => one.at >= since);
      if (options['order'] === 'reverse_chronological') list.reverse();
      return graphPage(list, options, (one) => nodeOf(one, fields, at), at);
    };
    function fieldsOf(post: Post, at: string): Fields {
      const parent = post.parent === null ? undefined : world.post('facebook', post.parent);
      return {
        id: post.id,
        message: post.text,
        created_time: graphTime(post.at),
        updated_time: graphTime(post.editedAt ?? post.at),
        permalink_url: post.url,
        from: (field: Field) => pick({ id: post.author.id, name: post.author.name }, field.fields, 'User'),
        is_published: true,
        ...(isComment(post)
          ? {
              // Only an answer to a comment has a parent.
              parent: (field: Field) =>
                parent !== undefined && isComment(parent) ? nodeOf(parent, field.fields, at) : undefined,
            }
          : {}),
        comments: (field: Field) =>
          listComments(post.id, field.options, field.fields, `${at}/${post.id}/comments`),
      };
    }
    const nodeOf = (post: Post, fields: readonly Field[], at: string): Record<string, unknown> => {
      const usual = fields.length === 0 ? parseFields('created_time,message') : fields;
      const picked = pick(fieldsOf(post, at), usual, isComment(post) ? 'Comment' : 'PagePost');
      if (typeof picked === 'string') throw new NoSuchField(picked);
      return picked;
    };
    /** Unknown fields deep in an expansion end the whole call. */
    const answered = (run: () => unknown): Answer => {
      try {
        return json(200, run());
      } catch (error) {
        if (error instanceof NoSuchField) return invalidParameter(error.message);
        throw error;
      }
    };
    const versioned = (call: Call): string => `${call.base}/${call.params['v']}`;

    function keep(call: Call, account: Account, id: string, message: string, parent: Post | undefined): Post {
      return world.keep({
        network: 'facebook',
        account: account.id,
        author: { id: account.id, handle: account.handle, name: account.name },
        id,
        text: message,
        at: call.now,
        parent: parent?.id ?? null,
        url: permalink(call.base, account, id, parent),
        paths: [`/${id}`, `/${account.handle}/posts/${id}`],
        raw: { comment: parent !== undefined },
      });
    }
    const permalink = (base: string, account: Account, id: string, parent: Post | undefined): string =>
      parent === undefined ? `${base}/${account.handle}/posts/${id}` : `${base}/${id}`;

    return {
      credentials(seed) {
        const id = seed.id ?? `10${seed.word('id', 13, '0123456789')}`;
        const accessToken = `EAAG${seed.word('accessToken', 180, ALPHANUMERIC)}`;
        return {
          id,
          settings: { api: `${world.url}/facebook`, pageId: id },
          secrets: { accessToken, appSecret: seed.word('appSecret', 32, '0123456789abcdef') },
          extra: { token: accessToken },
        };
      },
      authenticate: (call) => graphCaller(world, 'facebook', call),
      before: (call) =>
        /^\/v\d+\.0\//.test(call.path)
          ? undefined
          : graphError({ message: '(#2635) You are calling a deprecated version of the API.', code: 2635 }),
      refusal: (code, retryAfter) => graphRefusal(code, retryAfter, (seconds) => tooMany('0', seconds)),
      expired: expiredToken,
      profiles: (account) => [`/${account.handle}`, `/${account.id}`],
      meter(call, account) {
        const window = windowOf(account);
        const { refused, remaining, resetAt } = window.take(account.id, call.now);
        const share = Math.floor((100 * (window.limit - remaining)) / window.limit);
        const minutes = refused ? Math.ceil((resetAt - call.now) / 60_000) : 0;
        return { refused, headers: usage(account.id, share, minutes) };
      },
      hear(account, said, base) {
        const parent = said.inReplyTo === null ? undefined : world.post('facebook', said.inReplyTo);
        const number = nextId();
        const id = parent === undefined ? `${said.author.id}_${number}` : commentId(parent, number);
        return world.keep({
          network: 'facebook',
          account: account.id,
          byCustomer: true,
          author: said.author,
          id,
          text: said.text,
          at: said.at,
          parent: said.inReplyTo,
          url: `${base}/${id}`,
          paths: [`/${id}`],
          raw: { comment: parent !== undefined },
        });
      },
      openRoutes: facebookSignIn(world),
      routes: [
        {
          method: 'GET',
          path: '/:v/me',
          does: ['verify'],
          run: (call, account) => {
            const me = {
              id: account.id,
              name: account.name,
              username: account.handle,
              link: `${call.base}/${account.handle}`,
              category: 'Financial service',
            };
            const picked = pick(me, parseFields(call.query.get('fields') ?? 'id,name'), 'Page');
            return typeof picked === 'string' ? invalidParameter(picked) : json(200, picked);
          },
        },
        {
          method: 'POST',
          path: '/:v/:page/photos',
          does: ['prepare'],
          run(call) {
            const file = fileIn(call.body, 'source');
            if (file === undefined || call.body['published'] !== 'false')
              return invalidParameter('Missing or invalid image file');
            const id = nextId();
            const alt = textField(call.body, 'alt_text_custom') ?? '';
            photos.set(id, world.keepPicture(alt, file.mime ?? '', file.bytes));
            return json(200, { id });
          },
        },
        {
          method: 'POST',
          path: '/:v/:page/feed',
          does: ['publish'],
          run(call, account) {
            const page = call.params['page'] ?? '';
            if (page !== account.id && page !== 'me') return notThere('post', page);
            const message = textField(call.body, 'message') ?? '';
            if (message.trim() === '')
              return graphError({
                message: '(#197) The post is empty. Please enter a message to share.',
                code: 197,
              });
            if (message.length > POST_MAX) return invalidParameter('Param message is too long');
            const last = own(account).findLast((post) => !isComment(post) && post.deletedAt === null);
            if (last?.text === message) return DUPLICATE;
            const named = (call.body['attached_media'] ?? []) as { media_fbid: string }[];
            if (named.some((one) => !photos.has(one.media_fbid)))
              return invalidParameter('Invalid parameter: attached_media');
            const media = named.flatMap((one) => photos.get(one.media_fbid) ?? []);
            const made = keep(call, account, `${account.id}_${nextId()}`, message, undefined);
            if (media.length > 0) made.raw['media'] = media;
            return json(200, { id: made.id });
          },
        },
        {
          method: 'GET',
          path: '/:v/:page/feed',
          does: ['find', 'poll'],
          run(call, account) {
            if (call.params['page'] !== account.id) return notThere('get', call.params['page'] ?? '');
            // The feed is everything on the page: its own posts, visitors', and those that name it.
            const list = world
              .posts('facebook')
              .filter((post) => post.account === account.id && !isComment(post) && world.shows(post))
              .reverse();
            const at = `${versioned(call)}/${account.id}/feed`;
            const fields = parseFields(call.query.get('fields') ?? '');
            return answered(() =>
              graphPage(list, pageOf(call), (post) => nodeOf(post, fields, versioned(call)), at),
            );
          },
        },
        {
          method: 'POST',
          path: '/:v/:id/comments',
          does: ['publish'],
          run(call, account) {
            const id = call.params['id'] ?? '';
            const parent = world.shown('facebook', id);
            if (parent === undefined) return notThere('post', id);
            const message = textField(call.body, 'message') ?? '';
            if (message.trim() === '') return invalidParameter('Missing message or attachment');
            if (message.length > COMMENT_MAX) return invalidParameter('Param message is too long');
            return json(200, { id: keep(call, account, commentId(parent, nextId()), message, parent).id });
          },
        },
        {
          method: 'GET',
          path: '/:v/:id/comments',
          does: ['find', 'poll'],
          run(call) {
            const id = call.params['id'] ?? '';
            if (world.shown('facebook', id) === undefined) return notThere('get', id);
            const options = {
              ...pageOf(call),
              filter: call.query.get('filter'),
              order: call.query.get('order'),
              since: call.query.get('since'),
            };
            return answered(() =>
              listComments(id, options, parseFields(call.query.get('fields') ?? ''), versioned(call)),
            );
          },
        },
        {
          method: 'GET',
          path: '/:v/:id',
          does: ['read'],
          run(call) {
            const post = world.shown('facebook', call.params['id'] ?? '');
            if (post === undefined) return notThere('get', call.params['id'] ?? '');
            return answered(() => nodeOf(post, parseFields(call.query.get('fields') ?? ''), versioned(call)));
          },
        },
        {
          method: 'POST',
          path: '/:v/:id',
          does: ['edit'],
          run(call, account) {
            const post = ownShown(call, account);
            if (post === undefined) return notThere('post', call.params['id'] ?? '');
            if (post.raw['byHand'] === true)
              return graphError({
                message: '(#200) This post was not created by this app, so it cannot be edited',
                code: 200,
              });
            const message = textField(call.body, 'message') ?? '';
            if (message.trim() === '') return invalidParameter('Missing message or attachment');
            world.edit(post, message);
            return json(200, { success: true });
          },
        },
        {
          method: 'DELETE',
          path: '/:v/:id',
          does: ['remove'],
          run(call, account) {
            const post = ownShown(call, account);
            if (post === undefined) return notThere('delete', call.params['id'] ?? '');
            world.remove(post);
            return json(200, { success: true });
          },
        },
      ],
    };

    function own(account: Account): Post[] {
      return world.posts('facebook').filter((post) => post.author.id === account.id);
    }
    function ownShown(call: Call, account: Account): Post | undefined {
      const post = world.shown('facebook', call.params['id'] ?? '');
      return post?.author.id === account.id ? post : undefined;
    }
  },
};

class NoSuchField extends Error {}

const pageOf = (call: Call) => ({ limit: call.query.get('limit'), after: call.query.get('after') });

/** A comment's number begins with that of the post it hangs on, without the page. */
const commentId = (parent: Post, number: string): string => {
  const [first = '', second = first] = parent.id.split('_');
  return `${parent.raw['comment'] === true ? first : second}_${number}`;
};

const DUPLICATE = graphError({
  message: '(#506) Duplicate status message',
  code: 506,
  error_subcode: 1455006,
  is_transient: false,
  error_user_title: 'Duplicate Status Update',
  error_user_msg:
    'This status update is identical to the last one you posted. Try posting something different, or delete your previous update.',
});
