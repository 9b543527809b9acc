import type { Account, Post } from '../facts.ts';
import { type Answer, type Call, json, type NetworkKind, objectField, textField } from '../network.ts';
import { ALPHANUMERIC, DIGITS, seededWord } from '../random.ts';
import { RateWindow } from '../rates.ts';
import {
  authorUrn,
  commentRoutes,
  isComment,
  keepComment,
  orgUrn,
  page,
  shownByUrn,
} from './linkedin-comments.ts';
import { headerComplaint, linkedInError, notFound, refusal, UNAUTHORIZED } from './linkedin-errors.ts';
import { openImages } from './linkedin-images.ts';
import { openOAuth } from './linkedin-oauth.ts';
import { readLittle } from './linkedin-text.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const MAX = 3_000;
/** For how long a removed post still counts as said; developers have met its ghost after 24 to 48 hours. */
const GHOST_MS = 48 * HOUR;
/** Posts of an account in a day, which ends at midnight UTC. */
const POSTS_A_DAY = 150;

/**
 * An organization's page on LinkedIn's versioned REST API. With the option `refresh` the account's app has a client
 * secret and refresh tokens; without it there is only a token for 60 days.
 */
export const linkedin: NetworkKind = {
  kind: 'linkedin',
  name: 'LinkedIn',
  handle: 'northwind-pay',
  open(world) {
    let made = 0;
    const nextId = (): string => {
      made += 1;
      return `74${seededWord(world.seed, `linkedin id ${made}`, 17, DIGITS)}`;
    };
    const oauth = openOAuth(world);
    const images = openImages(world, nextId);
    const daily = new RateWindow(POSTS_A_DAY, DAY);
    const own = (account: Account): Post[] =>
      world
        .posts('linkedin')
        .filter((post) => post.account === account.id && !post.byCustomer && !isComment(post));

    const postNode = (post: Post): Record<string, unknown> => ({
      id: post.id,
      author: authorUrn(post),
      commentary: String(post.raw['little']),
      visibility: 'PUBLIC',
      distribution: {
        feedDistribution: 'MAIN_FEED',
        targetEntities: [],
        thirdPartyDistributionChannels: [],
      },
      lifecycleState: 'PUBLISHED',
      isReshareDisabledByAuthor: false,
      createdAt: post.at,
      publishedAt: post.at,
      lastModifiedAt: post.editedAt ?? post.at,
    });

    /** Why these words cannot be a post; undefined when they can. */
    function complaintAbout(commentary: string): Answer | undefined {
      const { text } = readLittle(commentary);
      if (text.length > MAX)
        return linkedInError(
          400,
          'FIELD_LENGTH_TOO_LONG',
          `ShareCommentary text length (${text.length} characters) exceeded the maximum allowed (${MAX} characters)`,
        );
      return undefined;
    }

    function keepShare(share: {
      account: Account;
      author: Post['author'];
      byCustomer: boolean;
      commentary: string;
      at: number;
      base: string;
    }): Post {
      const number = nextId();
      const activity = `urn:li:activity:${nextId()}`;
      const id = `urn:li:share:${number}`;
      const { text, kept } = readLittle(share.commentary);
      return world.keep({
        network: 'linkedin',
        account: share.account.id,
        byCustomer: share.byCustomer,
        author: share.author,
        id,
        text,
        at: share.at,
        url: `${share.base}/feed/update/${id}`,
        paths: [`/feed/update/${id}`, `/feed/update/${activity}`],
        raw: { little: kept, activity },
      });
    }

    const notice = (post: Post, n: number): Record<string, unknown> => {
      const source = sourceOf(post);
      const owner = authorUrn(post);
      const entry = { owner, text: post.text, entity: post.id };
      return {
        notificationId: 4_400_000 + n,
        organizationalEntity: `urn:li:organization:${post.account}`,
        action: isComment(post) ? 'COMMENT' : 'SHARE_MENTION',
        sourcePost: source.raw['activity'],
        decoratedSourcePost: {
          entity: source.id,
          owner: authorUrn(source),
          text: source.text,
          mediaCategory: 'NONE',
        },
        lastModifiedAt: post.at,
        generatedActivity: post.id,
        decoratedGeneratedActivity: isComment(post)
          ? { comment: { ...entry, object: post.raw['thread'] } }
          : { share: { ...entry, mediaCategory: 'NONE' } },
        subscriber: 'urn:li:person:zLqTygBP8S',
      };
    };
    const sourceOf = (post: Post): Post => {
      const parent = post.parent === null ? undefined : world.post('linkedin', post.parent);
      return parent === undefined ? post : sourceOf(parent);
    };

    return {
      credentials(seed) {
        const id = seed.id ?? `9${seed.word('id', 7, DIGITS)}`;
        const accessToken = `AQ${seed.word('accessToken', 180, ALPHANUMERIC)}`;
        const refreshToken = `AQ${seed.word('refreshToken', 180, ALPHANUMERIC)}`;
        const clientSecret = `WPL_AP1.${seed.word('clientSecret', 16)}`;
        const refreshes = seed.options['refresh'] === true;
        const since = String(world.now());
        return {
          id,
          settings: {
            api: `${world.url}/linkedin`,
            organizationId: id,
            ...(refreshes ? { clientId: `77${seed.word('clientId', 12)}` } : {}),
          },
          secrets: { accessToken, ...(refreshes ? { refreshToken, clientSecret } : {}) },
          extra: {
            token: accessToken,
            since,
            granted: since,
            turn: '0',
            spent: '',
            clientSecret,
            ...(refreshes ? { refresh: refreshToken } : {}),
          },
        };
      },
      before: (call) => (call.path.startsWith('/rest/') ? headerComplaint(call.headers) : undefined),
      authenticate: oauth.holder,
      refusal,
      expired: () => UNAUTHORIZED.expired,
      profiles: (account) => [`/company/${account.handle}`],
      meter(call, account, route) {
        if (route.method !== 'POST' || route.path !== '/rest/posts') return { headers: {}, refused: false };
        const day = Math.floor(call.now / DAY);
        return { headers: {}, refused: daily.take(`${account.id} ${day}`, call.now).refused };
      },
      hear(account, said, base) {
        const on = said.inReplyTo === null ? undefined : world.post('linkedin', said.inReplyTo);
        const common = { account, author: said.author, byCustomer: true, at: said.at, base };
        return on === undefined
          ? keepShare({ ...common, commentary: said.text.replace(/[\\|{}@[\]()<>#*_~]/g, '\\$&') })
          : keepComment(world, nextId, { ...common, text: said.text, on });
      },
      openRoutes: [...oauth.routes, ...images.openRoutes],
      routes: [
        ...images.routes,
        {
          method: 'POST',
          path: '/rest/posts',
          does: ['publish'],
          run(call, account) {
            for (const field of ['author', 'visibility', 'lifecycleState'])
              if (textField(call.body, field) === undefined)
                return linkedInError(400, 'MISSING_FIELD', `/${field} field is required but not found`);
            if (textField(objectField(call.body, 'distribution'), 'feedDistribution') === undefined)
              return linkedInError(400, 'MISSING_FIELD', '/distribution/feedDistribution is required');
            if (textField(call.body, 'author') !== orgUrn(account))
              return linkedInError(
                403,
                'ACCESS_DENIED',
                'Organization permissions must be used when using organization as author',
              );
            const commentary = textField(call.body, 'commentary') ?? '';
            const complaint = complaintAbout(commentary);
            if (complaint !== undefined) return complaint;
            const { text } = readLittle(commentary);
            const twin = own(account).findLast(
              (post) =>
                post.text === text && (post.deletedAt === null || call.now - post.deletedAt < GHOST_MS),
            );
            if (twin !== undefined)
              return linkedInError(422, 'DUPLICATE_POST', `Content is a duplicate of ${twin.id}`, {
                errorDetails: {
                  inputErrors: [
                    { code: 'DUPLICATE_POST', description: `Content is a duplicate of ${twin.id}` },
                  ],
                },
              });
            const media = images.shownBy(call);
            if (media === undefined) return linkedInError(400, 'INVALID_URN_ID', 'The image is not uploaded');
            const made = keepShare({
              account,
              author: { id: account.id, handle: account.handle, name: account.name },
              byCustomer: false,
              commentary,
              at: call.now,
              base: call.base,
            });
            if (media.length > 0) made.raw['media'] = media;
            return { status: 201, headers: { 'x-restli-id': made.id, 'x-linkedin-id': made.id } };
          },
        },
        {
          method: 'GET',
          path: '/rest/posts',
          does: ['find'],
          run(call, account) {
            if (call.query.get('q') !== 'author' || call.headers['x-restli-method'] !== 'FINDER')
              return linkedInError(400, 'ILLEGAL_ARGUMENT', 'Unknown finder');
            if (call.query.get('author') !== orgUrn(account))
              return linkedInError(
                403,
                'ACCESS_DENIED',
                'Not enough permissions to access: posts.FINDER-author',
              );
            const list = own(account).filter((post) => world.shows(post));
            return json(200, page(call, list.toReversed(), postNode));
          },
        },
        {
          method: 'GET',
          path: '/rest/posts/:urn',
          does: ['read'],
          run(call) {
            const post = shownPost(call);
            return post === undefined ? notFound(call.params['urn'] ?? '') : json(200, postNode(post));
          },
        },
        {
          method: 'POST',
          path: '/rest/posts/:urn',
          does: ['edit'],
          run(call, account) {
            const post = shownPost(call);
            if (post === undefined || post.author.id !== account.id)
              return notFound(call.params['urn'] ?? '');
            if (call.headers['x-restli-method'] !== 'PARTIAL_UPDATE')
              return linkedInError(400, 'ILLEGAL_ARGUMENT', 'X-RestLi-Method must be PARTIAL_UPDATE');
            const commentary =
              textField(objectField(objectField(call.body, 'patch'), '$set'), 'commentary') ?? '';
            const complaint = complaintAbout(commentary);
            if (complaint !== undefined) return complaint;
            const { text, kept } = readLittle(commentary);
            post.raw['little'] = kept;
            world.edit(post, text);
            return { status: 204 };
          },
        },
        {
          method: 'DELETE',
          path: '/rest/posts/:urn',
          does: ['remove'],
          run(call, account) {
            const post = shownPost(call);
            // Removing what is gone is a success as well.
            if (post?.author.id === account.id) world.remove(post);
            return { status: 204 };
          },
        },
        {
          method: 'GET',
          path: '/rest/organizationAcls',
          does: ['session'],
          run: (_call, account) =>
            json(200, {
              paging: { start: 0, count: 50, links: [] },
              elements: [{ role: 'ADMINISTRATOR', state: 'APPROVED', organization: orgUrn(account) }],
            }),
        },
        {
          method: 'GET',
          path: '/rest/organizations/:id',
          does: ['verify'],
          run: (call, account) =>
            call.params['id'] === account.id
              ? json(200, {
                  id: Number(account.id),
                  localizedName: account.name,
                  vanityName: account.handle,
                  primaryOrganizationType: 'NONE',
                })
              : linkedInError(
                  403,
                  'ACCESS_DENIED',
                  'Viewer does not have sufficient permissions or is not an administrator',
                ),
        },
        {
          method: 'GET',
          path: '/rest/organizationalEntityNotifications',
          does: ['poll'],
          run(call, account) {
            if (call.query.get('q') !== 'criteria')
              return linkedInError(400, 'ILLEGAL_ARGUMENT', 'Unknown finder');
            if (call.query.get('organizationalEntity') !== orgUrn(account))
              return linkedInError(403, 'ACCESS_DENIED', 'Not an administrator of this organization');
            const actions = /^List\((.*)\)$/.exec(call.query.get('actions') ?? '')?.[1]?.split(',') ?? [];
            const [, start = '0', end = ''] =
              /^\(start:(\d+),end:(\d+)\)$/.exec(call.query.get('timeRange') ?? '') ?? [];
            const list = world
              .posts('linkedin')
              .filter((post) => post.account === account.id && post.byCustomer && world.shows(post))
              .filter((post) => actions.includes(isComment(post) ? 'COMMENT' : 'SHARE_MENTION'))
              .filter((post) => post.at >= Number(start) && (end === '' || post.at <= Number(end)));
            return json(
              200,
              page(call, list.map(notice).reverse(), (one) => one),
            );
          },
        },
        ...commentRoutes(world, nextId),
      ],
    };

    function shownPost(call: Call): Post | undefined {
      const post = shownByUrn(world, call.params['urn'] ?? '');
      return post !== undefined && !isComment(post) ? post : undefined;
    }
  },
};
