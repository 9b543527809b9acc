import type { Account, Post } from '../facts.ts';
import { type Answer, type Call, json, type NetworkKind, textField } from '../network.ts';
import { ALPHANUMERIC, seededWord } from '../random.ts';
import { linksIn } from './links.ts';
import { extendToken, liveCaller, openContainers, QUOTA_USED, tokenCredentials } from './meta-containers.ts';
import {
  expiredToken,
  type Field,
  type Fields,
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
import { longTokenSignIn } from './meta-sign-in.ts';

const DAY = 24 * 3_600_000;
const MAX = 500;
const LINKS = 5;
const POSTS_A_DAY = 250;
const REPLIES_A_DAY = 1_000;

/**
 * Threads. With the option `webhooks` the account's app has a secret that people enter; `preparesMs` says how long a
 * container takes.
 */
export const threads: NetworkKind = {
  kind: 'threads',
  name: 'Threads',
  handle: 'northwindpay',
  open(world) {
    const nextId = graphIds(world, 'threads', 17);
    const containers = openContainers(nextId);
    const all = (account: Account): Post[] =>
      world.posts('threads').filter((post) => post.account === account.id && world.shows(post));
    const own = (account: Account, replies: boolean): Post[] =>
      all(account).filter((post) => !post.byCustomer && (post.parent !== null) === replies);
    const used = (account: Account, replies: boolean, now: number): number =>
      world
        .posts('threads')
        .filter(
          (post) =>
            post.author.id === account.id && (post.parent !== null) === replies && now - post.at < DAY,
        ).length;
    const rootOf = (post: Post): Post => {
      const parent = post.parent === null ? undefined : world.post('threads', post.parent);
      return parent === undefined ? post : rootOf(parent);
    };

    const fieldsOf = (post: Post): Fields => {
      const answered = post.parent === null ? undefined : { id: post.parent };
      return {
        id: post.id,
        media_product_type: 'THREADS',
        media_type: 'TEXT_POST',
        text: post.text,
        timestamp: graphTime(post.at),
        permalink: post.url ?? undefined,
        username: post.author.handle,
        owner: (field: Field) => pick({ id: post.author.id }, field.fields, 'ThreadsUser'),
        shortcode: post.raw['shortcode'],
        is_reply: post.parent !== null,
        has_replies: world.posts('threads').some((one) => one.parent === post.id && world.shows(one)),
        replied_to: answered,
        root_post: answered === undefined ? undefined : { id: rootOf(post).id },
        is_quote_post: false,
      };
    };
    const nodes = (call: Call, list: readonly Post[], path: string): Answer => {
      const fields = parseFields(call.query.get('fields') ?? 'id');
      const since = Number(call.query.get('since') ?? 0) * 1000;
      const complaint = pick(fieldsOf(PROBE), fields, 'ThreadsMedia');
      if (typeof complaint === 'string') return invalidParameter(complaint);
      const page = graphPage(
        list.filter((post) => post.at >= since),
        { limit: call.query.get('limit'), after: call.query.get('after') },
        (post) => pick(fieldsOf(post), fields, 'ThreadsMedia') as Record<string, unknown>,
        `${call.base}/v1.0/${path}`,
      );
      return json(200, page);
    };

    function keep(
      call: { base: string; now: number },
      made: Partial<Post> & Pick<Post, 'account' | 'author' | 'text'>,
    ): Post {
      const id = nextId();
      const shortcode = seededWord(world.seed, `threads ${id}`, 11, `${ALPHANUMERIC}_-`);
      const path = `/@${made.author.handle}/post/${shortcode}`;
      return world.keep({
        network: 'threads',
        id,
        at: call.now,
        url: `${call.base}${path}`,
        paths: [path],
        raw: { shortcode },
        ...made,
      });
    }

    const me = (call: Call, account: Account): boolean =>
      call.params['user'] === 'me' || call.params['user'] === account.id;

    return {
      credentials: (seed) => tokenCredentials(world, 'threads', 'THAA', seed),
      authenticate: (call) => liveCaller(world, 'threads', call),
      refusal: (code, retryAfter) =>
        graphRefusal(code, retryAfter, () =>
          graphError(
            { message: '(#4) Application request limit reached', code: 4, is_transient: true },
            403,
            {
              'x-app-usage': JSON.stringify({ call_count: 101, total_cputime: 12, total_time: 14 }),
            },
          ),
        ),
      expired: expiredToken,
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
        network: 'threads',
        grant: 'th_exchange_token',
        prefix: 'THAA',
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
                `THAA${seededWord(world.seed, `threads ${account.handle} token ${turn}`, 160, ALPHANUMERIC)}`,
              call.query.get('grant_type'),
              'th_refresh_token',
            ),
        },
        {
          method: 'GET',
          path: '/v1.0/me',
          does: ['verify'],
          run(call, account) {
            const node = { id: account.id, username: account.handle, name: account.name };
            const picked = pick(node, parseFields(call.query.get('fields') ?? 'id'), 'ThreadsUser');
            return typeof picked === 'string' ? invalidParameter(picked) : json(200, picked);
          },
        },
        {
          method: 'POST',
          path: '/v1.0/:user/threads',
          does: ['prepare'],
          run(call, account) {
            if (!me(call, account)) return notThere('post', call.params['user'] ?? '');
            if (textField(call.body, 'media_type') !== 'TEXT')
              return invalidParameter('Param media_type must be one of {TEXT, IMAGE, VIDEO, CAROUSEL}');
            const text = textField(call.body, 'text') ?? '';
            if (text.trim() === '') return invalidParameter('Param text must not be empty');
            if (lengthOf(text) > MAX)
              return invalidParameter(`Param text must be at most ${MAX} characters long.`);
            if (new Set(linksIn(text).map((link) => link.url)).size > LINKS)
              return graphError({
                message: 'THREADS_API__LINK_LIMIT_EXCEEDED',
                type: 'THApiException',
                code: 100,
                error_user_title: 'Too many links',
                error_user_msg: `A post can have at most ${LINKS} unique links.`,
              });
            const replyTo = textField(call.body, 'reply_to_id') ?? null;
            if (replyTo !== null && world.shown('threads', replyTo) === undefined)
              return notThere('post', replyTo);
            return containers.make(account, call.now, { text, replyTo, raw: {} });
          },
        },
        {
          method: 'POST',
          path: '/v1.0/:user/threads_publish',
          does: ['publish'],
          run(call, account) {
            const id = textField(call.body, 'creation_id') ?? '';
            const container = containers.take(account, id, call.now, notReady(id));
            if (!('madeAt' in container)) return container;
            const isReply = container.replyTo !== null;
            const quota = isReply ? REPLIES_A_DAY : POSTS_A_DAY;
            if (world.metered(account) && used(account, isReply, call.now) >= quota) return QUOTA_USED;
            const post = keep(call, {
              account: account.id,
              author: { id: account.id, handle: account.handle, name: account.name },
              text: container.text,
              parent: container.replyTo,
            });
            container.post = post.id;
            return json(200, { id: post.id });
          },
        },
        {
          method: 'GET',
          path: '/v1.0/:user/threads_publishing_limit',
          does: ['verify'],
          run: (call, account) =>
            json(200, {
              data: [
                {
                  quota_usage: used(account, false, call.now),
                  config: { quota_total: POSTS_A_DAY, quota_duration: DAY / 1000 },
                  reply_quota_usage: used(account, true, call.now),
                  reply_config: { quota_total: REPLIES_A_DAY, quota_duration: DAY / 1000 },
                },
              ],
            }),
        },
        {
          method: 'GET',
          path: '/v1.0/:user/threads',
          does: ['find', 'poll'],
          run: (call, account) =>
            me(call, account)
              ? nodes(call, own(account, false).reverse(), 'me/threads')
              : notThere('get', call.params['user'] ?? ''),
        },
        {
          method: 'GET',
          path: '/v1.0/:user/replies',
          does: ['find'],
          run: (call, account) =>
            me(call, account)
              ? nodes(call, own(account, true).reverse(), 'me/replies')
              : notThere('get', call.params['user'] ?? ''),
        },
        {
          method: 'GET',
          path: '/v1.0/:user/mentions',
          does: ['poll'],
          run: (call, account) =>
            nodes(
              call,
              all(account)
                .filter(
                  (post) =>
                    post.byCustomer && post.text.toLowerCase().includes(`@${account.handle.toLowerCase()}`),
                )
                .reverse(),
              'me/mentions',
            ),
        },
        {
          method: 'GET',
          path: '/v1.0/:id/conversation',
          does: ['poll'],
          run(call) {
            const post = world.shown('threads', call.params['id'] ?? '');
            if (post === undefined) return notThere('get', call.params['id'] ?? '');
            const list = world.below(post);
            if (call.query.get('reverse') !== 'false') list.reverse();
            return nodes(call, list, `${post.id}/conversation`);
          },
        },
        {
          method: 'GET',
          path: '/v1.0/:id',
          does: ['read'],
          run(call) {
            const id = call.params['id'] ?? '';
            const status = containers.status(id, call.now, 'status');
            if (status !== undefined) return status;
            const post = world.shown('threads', id);
            if (post === undefined) return notThere('get', id);
            const picked = pick(
              fieldsOf(post),
              parseFields(call.query.get('fields') ?? 'id'),
              'ThreadsMedia',
            );
            return typeof picked === 'string'
              ? graphError({ message: picked, type: 'THApiException', code: 100 })
              : json(200, picked);
          },
        },
        {
          method: 'DELETE',
          path: '/v1.0/:id',
          does: ['remove'],
          run(call, account) {
            const post = world.shown('threads', call.params['id'] ?? '');
            if (post?.author.id !== account.id) return notThere('delete', call.params['id'] ?? '');
            world.remove(post);
            return json(200, { success: true, deleted_id: post.id });
          },
        },
      ],
    };
  },
};

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });
/** Characters, and every emoji as its bytes in UTF-8. */
function lengthOf(text: string): number {
  let length = 0;
  for (const { segment } of graphemes.segment(text))
    length += /\p{Extended_Pictographic}|\p{Regional_Indicator}|\u20E3/u.test(segment)
      ? Buffer.byteLength(segment)
      : Array.from(segment).length;
  return length;
}

const notReady = (id: string): Answer =>
  graphError({
    message: 'The requested resource does not exist',
    code: 24,
    error_subcode: 4279009,
    is_transient: false,
    error_user_title: 'Media Not Found',
    error_user_msg: `The media with id ${id} cannot be found.`,
  });

/** A post that names every field there is, to check a list of fields once. */
const PROBE: Post = {
  network: 'threads',
  account: '',
  id: '0',
  author: { id: '0', handle: '', name: '' },
  byCustomer: false,
  text: '',
  at: 0,
  parent: null,
  key: null,
  receipts: 0,
  url: '',
  paths: [],
  editedAt: null,
  replacedBy: null,
  replaces: [],
  deletedAt: null,
  history: [],
  raw: {},
};
