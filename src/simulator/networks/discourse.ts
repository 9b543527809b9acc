import { createHash } from 'node:crypto';
import type { Account, Post } from '../facts.ts';
import { type Answer, type Call, json, type NetworkKind, objectField, textField } from '../network.ts';
import { RateWindow } from '../rates.ts';
import {
  complaintAbout,
  errors,
  notFound,
  placeOf,
  postJson,
  SETTINGS,
  slugOf,
  tooMany,
} from './discourse-posts.ts';

/** DISCOURSE_MAX_ADMIN_API_REQS_PER_MINUTE, for all keys together. */
const CALLS_A_MINUTE = 60;
/** The API gives the same post for the same request for so long (posts_controller.rb, DistributedMemoizer). */
const SAME_MS = 120_000;
const HEX = '0123456789abcdef';

/** A Discourse forum, by its OpenAPI document and source: one user who is a moderator, and its customers. */
export const discourse: NetworkKind = {
  kind: 'discourse',
  name: 'Discourse',
  handle: 'northwindpay',
  open(world) {
    const calls = new RateWindow(CALLS_A_MINUTE, 60_000);
    const same = new Map<string, { id: string; until: number }>();
    let lastPost = 100;
    let lastTopic = 10;
    const nameOf = (account: Account) => account.settings['username'] ?? account.handle;
    const at = (topic: number, number: number): Post | undefined =>
      world
        .posts('discourse')
        .find((post) => placeOf(post).topic === topic && placeOf(post).number === number);
    const show = (post: Post, account: Account): Answer =>
      world.shows(post) || post.deletedAt !== null
        ? json(200, postJson(world, post, nameOf(account)))
        : notFound();

    /** Keeps a post in a topic, or a new one. */
    const keep = (
      account: Account,
      base: string,
      fresh: Pick<Post, 'author' | 'text' | 'at'> & Partial<Post>,
      where: { topic?: number; answers?: number | null; title: string; externalId?: string | null },
    ): Post => {
      lastPost += 1;
      const topic = where.topic ?? ++lastTopic;
      const number = world.posts('discourse').filter((post) => placeOf(post).topic === topic).length + 1;
      const answers = where.answers ?? null;
      const slug = slugOf(where.title);
      const parent = number === 1 ? undefined : at(topic, answers ?? 1);
      return world.keep({
        ...fresh,
        network: 'discourse',
        account: account.id,
        id: String(lastPost),
        parent: parent?.id ?? null,
        url: `${base}/t/${slug}/${topic}${number === 1 ? '' : `/${number}`}`,
        paths: [`/t/${slug}/${topic}/${number}`, ...(number === 1 ? [`/t/${slug}/${topic}`] : [])],
        raw: {
          ...(number === 1 ? { subject: where.title } : {}),
          place: { topic, number, answers, title: where.title, externalId: where.externalId ?? null },
        },
      });
    };

    const publish = (call: Call, account: Account): Answer => {
      const signature = createHash('sha1')
        .update(JSON.stringify(Object.entries(call.body).sort()))
        .digest('hex');
      const kept = same.get(signature);
      const before =
        kept !== undefined && call.now < kept.until ? world.post('discourse', kept.id) : undefined;
      if (before !== undefined && before.deletedAt === null) {
        before.receipts += 1;
        return json(200, postJson(world, before, nameOf(account)));
      }
      const raw = (textField(call.body, 'raw') ?? '').replaceAll('\r\n', '\n').trimEnd();
      const topic = Number(call.body['topic_id'] ?? 0);
      const title = topic === 0 ? (textField(call.body, 'title') ?? '') : undefined;
      const externalId = textField(call.body, 'external_id') ?? null;
      const answers =
        typeof call.body['reply_to_post_number'] === 'number' ? call.body['reply_to_post_number'] : null;
      const first = topic === 0 ? undefined : at(topic, 1);
      if (topic !== 0 && (first === undefined || first.deletedAt !== null)) return notFound();
      const wrong = complaintAbout(world, { title, raw, externalId });
      if (wrong !== undefined) return json(422, { action: 'create_post', errors: [wrong] });
      if (account.options['moderated'] === true)
        return json(200, { success: true, action: 'enqueued', pending_post: { id: 1, raw } });
      const author = { id: account.id, handle: nameOf(account), name: account.name };
      const fresh = { author, text: raw, at: call.now, key: externalId };
      const post =
        first === undefined
          ? keep(account, call.base, fresh, { title: (title ?? '').trim(), externalId })
          : keep(account, call.base, fresh, { topic, answers, title: placeOf(first).title });
      same.set(signature, { id: post.id, until: call.now + SAME_MS });
      return json(200, postJson(world, post, nameOf(account)));
    };

    const remove = (post: Post | undefined): Answer => {
      // Staff find deleted posts, and may not delete them again.
      if (post === undefined) return notFound();
      if (post.deletedAt !== null) return forbidden();
      world.remove(post);
      return { status: 200 };
    };

    return {
      credentials: (seed, base) => ({
        settings: {
          forum: base,
          username: seed.handle,
          category: '5',
          pin: 'pinned_globally',
        },
        secrets: { apiKey: seed.word('apiKey', 64, HEX), webhookSecret: seed.word('webhookSecret', 24) },
      }),

      authenticate(call) {
        const account = world.accountBySecret('discourse', 'apiKey', String(call.headers['api-key'] ?? ''));
        const name = String(call.headers['api-username'] ?? '').toLowerCase();
        return account !== undefined && nameOf(account).toLowerCase() === name ? account : badKey();
      },
      refusal(code, retryAfter) {
        if (code === 429) return tooMany(retryAfter ?? 60);
        if (code === 404) return notFound();
        if (code === 403) return forbidden();
        const answer = errors(code, `The forum answered ${code}.`, 'invalid_parameters');
        return retryAfter === undefined
          ? answer
          : { ...answer, headers: { 'retry-after': String(retryAfter) } };
      },
      expired: badKey,
      profiles: (account) => [`/u/${nameOf(account)}`],
      meter(call, account) {
        const { refused, resetAt } = calls.take('all', call.now);
        if (!refused || !world.metered(account)) return { headers: {}, refused: false };
        const { headers = {} } = tooMany(Math.ceil((resetAt - call.now) / 1_000));
        return { headers, refused };
      },

      hear(account, said, base) {
        const answered = said.inReplyTo === null ? undefined : world.post('discourse', said.inReplyTo);
        const place = answered === undefined ? undefined : placeOf(answered);
        return keep(
          account,
          base,
          { author: said.author, text: said.text, at: said.at, byCustomer: true },
          place === undefined
            ? { title: said.text.slice(0, 80) }
            : {
                topic: place.topic,
                answers: place.number === 1 ? null : place.number,
                title: place.title,
              },
        );
      },

      routes: [
        {
          method: 'GET',
          path: '/session/current.json',
          does: ['verify'],
          run: (_call, account) =>
            json(200, {
              current_user: {
                id: 2,
                username: nameOf(account),
                admin: false,
                moderator: true,
                trust_level: 4,
              },
            }),
        },
        { method: 'GET', path: '/site/settings.json', does: ['verify'], run: () => json(200, SETTINGS) },
        { method: 'POST', path: '/posts.json', does: ['publish'], run: publish },
        {
          method: 'GET',
          path: '/posts.json',
          does: ['find', 'poll'],
          run(call, account) {
            const before = Number(call.query.get('before') ?? 0) || lastPost;
            const page = world
              .posts('discourse')
              .filter((post) => world.shows(post))
              .filter((post) => Number(post.id) <= before && Number(post.id) > before - 50);
            return json(200, {
              latest_posts: page.toReversed().map((post) => postJson(world, post, nameOf(account))),
            });
          },
        },
        {
          method: 'GET',
          path: '/posts/by_number/:topic/:number.json',
          does: ['read', 'find'],
          run(call, account) {
            const post = at(Number(call.params['topic']), Number(call.params['number']));
            return post === undefined ? notFound() : show(post, account);
          },
        },
        {
          method: 'GET',
          path: '/posts/:id.json',
          does: ['read'],
          run(call, account) {
            const post = world.post('discourse', call.params['id'] ?? '');
            return post === undefined ? notFound() : show(post, account);
          },
        },
        {
          method: 'PUT',
          path: '/posts/:id.json',
          does: ['edit'],
          run(call, account) {
            const post = world.post('discourse', call.params['id'] ?? '');
            if (post === undefined) return notFound();
            if (post.deletedAt !== null || post.byCustomer) return forbidden();
            const wanted = objectField(call.body, 'post');
            const raw = textField(wanted, 'raw') ?? '';
            const wrong = complaintAbout(world, { title: undefined, raw, externalId: null });
            if (wrong !== undefined) return json(422, { errors: [wrong] });
            if (raw !== post.text) {
              world.edit(post, raw);
              post.raw['reason'] = textField(wanted, 'edit_reason') ?? null;
            }
            const title = textField(call.body, 'title');
            if (title !== undefined && placeOf(post).number === 1) {
              placeOf(post).title = title;
              post.raw['subject'] = title;
            }
            return json(200, { post: postJson(world, post, nameOf(account)) });
          },
        },
        {
          method: 'DELETE',
          path: '/posts/:id.json',
          does: ['remove'],
          run: (call) => remove(world.post('discourse', call.params['id'] ?? '')),
        },
        {
          method: 'DELETE',
          path: '/t/:topic.json',
          does: ['remove'],
          run: (call) => remove(at(Number(call.params['topic']), 1)),
        },
        {
          method: 'GET',
          path: '/t/external_id/:external.json',
          does: ['find'],
          run(call) {
            const wanted = call.params['external'] ?? '';
            const first = world
              .posts('discourse')
              .find(
                (post) =>
                  placeOf(post).externalId?.toLowerCase() === wanted.toLowerCase() && world.shows(post),
              );
            if (first === undefined) return notFound();
            const { topic, title } = placeOf(first);
            return {
              status: 301,
              headers: { location: `${call.base}/t/${slugOf(title)}/${topic}.json` },
              body: '',
            };
          },
        },
        {
          method: 'PUT',
          path: '/t/:topic/status.json',
          does: [],
          run(call) {
            const first = at(Number(call.params['topic']), 1);
            if (first === undefined) return notFound();
            const status = textField(call.body, 'status') ?? '';
            first.raw['states'] = [...((first.raw['states'] as string[] | undefined) ?? []), status];
            return json(200, { success: 'OK', topic_status_update: null });
          },
        },
        {
          method: 'PUT',
          path: '/t/:topic/make-banner.json',
          does: [],
          run(call) {
            const first = at(Number(call.params['topic']), 1);
            if (first === undefined) return notFound();
            first.raw['states'] = ['banner'];
            return json(200, { success: 'OK' });
          },
        },
        {
          method: 'GET',
          path: '/topics/created-by/:username.json',
          does: ['poll'],
          run(_call, account) {
            const topics = world
              .posts('discourse')
              .filter((post) => placeOf(post).number === 1 && !post.byCustomer && post.account === account.id)
              .toReversed()
              .slice(0, 30)
              .map((post) => ({ id: placeOf(post).topic, title: placeOf(post).title }));
            return json(200, { users: [], topic_list: { per_page: 30, topics } });
          },
        },
      ],
    };
  },
};

const badKey = (): Answer =>
  errors(
    403,
    'You are not permitted to view the requested resource. The API username or key is invalid.',
    'invalid_access',
  );
const forbidden = (): Answer =>
  errors(403, 'You are not permitted to view the requested resource.', 'invalid_access');
