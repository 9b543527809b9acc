import type { Abilities, Limits } from '../domain/channel.ts';
import { rootOf, webOf } from './ask-json.ts';
import { listOf, recordOf, textOf, unreadable } from './classify.ts';
import { type Channel, ChannelError, type ChannelKind, type ChannelTools } from './contract.ts';
import { apiField } from './fields.ts';
import { COMMENT_MAX, openComments } from './linkedin-comments.ts';
import { commentOf, greetLinkedIn, readNotice, readSigned } from './linkedin-entities.ts';
import { openImages, PICTURES } from './linkedin-images.ts';
import { openPosts } from './linkedin-posts.ts';
import { NETWORK, openRest, readList } from './linkedin-rest.ts';
import { openCursor } from './poll-cursor.ts';
import { linkedInSignIn } from './sign-in/linkedin.ts';

const MINUTE = 60_000;
/** Versions live for about a year: https://learn.microsoft.com/linkedin/marketing/versioning */
const VERSION = '202607';

/** The words a reader sees; the backslashes that LinkedIn wants are not counted. */
const limits: Limits = { unit: 'utf16', max: 3_000, reply: COMMENT_MAX, pictures: PICTURES };

const can: Abilities = {
  replies: true,
  edit: 'in_place',
  remove: true,
  idempotent: 'none',
  find: true,
  read: true,
  inbound: 'both',
  altText: true,
  lagMs: 30_000,
  whenUnverifiable: 'hold',
  everyUpdate: false,
};

/** The page of an organization on LinkedIn, through the Community Management API. */
export const linkedin: ChannelKind = {
  kind: 'linkedin',
  name: NETWORK,
  lifecycle: 'active',
  limits,
  can,
  template: 'long',
  cost: 'free',
  defaultRole: 'brand',
  checkedOn: '2026-11-21',
  promise:
    'LinkedIn cannot recognise a repeated post by its key, but it refuses the same words twice and names the post that has them. If the connection breaks while we send, we look through the page’s own posts for the link before anything is sent again, and a post counts as delivered when we have read it back.',
  fields: [
    {
      name: 'organizationId',
      label: 'Page number',
      help: 'The number in the address of the page’s admin view: linkedin.com/company/12345678/admin.',
      secret: false,
      required: true,
      placeholder: '12345678',
    },
    {
      name: 'accessToken',
      label: 'Access token',
      help: 'From the token tool on linkedin.com/developers, with the permissions listed below. It lasts for 60 days.',
      secret: true,
      required: true,
    },
    {
      name: 'refreshToken',
      label: 'Refresh token',
      help: 'Only approved apps get one. With it, and the two fields below, we renew the token ourselves for a year.',
      secret: true,
      required: false,
    },
    {
      name: 'clientId',
      label: 'Client ID',
      help: 'Your app on linkedin.com/developers, tab Auth.',
      secret: false,
      required: false,
    },
    {
      name: 'clientSecret',
      label: 'Client secret',
      help: 'Same place. With it LinkedIn can also tell us about comments at once.',
      secret: true,
      required: false,
    },
    {
      name: 'version',
      label: 'API version',
      help: `Leave empty for ${VERSION}. LinkedIn ends each version after about a year.`,
      secret: false,
      required: false,
      placeholder: VERSION,
    },
    apiField('LinkedIn', 'https://api.linkedin.com'),
  ],
  steps: [
    'Make an app on linkedin.com/developers, let an administrator of the page verify it, and ask for the Community Management API. LinkedIn reviews the request.',
    'Make a token as an administrator of the page, with r_organization_social, w_organization_social, r_organization_social_feed, w_organization_social_feed and rw_organization_admin.',
    'LinkedIn allows what members write to be kept for 48 hours: set the retention of mentions accordingly.',
  ],
  hook: {
    steps: [
      'In your app on linkedin.com/developers open Webhooks, make one, and enter the address shown here. LinkedIn asks it for a signature at once, and again every two hours.',
      'Subscribe to the organization’s social actions for the page.',
      'The client secret has to be entered for this connection.',
    ],
    wantsToken: false,
  },
  signIn: linkedInSignIn(VERSION),
  open: (values, tools) => openLinkedIn(values, tools),
};

function openLinkedIn(values: Record<string, string>, tools: ChannelTools): Channel {
  const api = rootOf(values['api'], 'https://api.linkedin.com');
  const web = webOf(api, 'https://www.linkedin.com');
  const version = values['version']?.trim() || VERSION;
  const rest = openRest({ api, oauth: `${web}/oauth/v2`, version }, values, tools);
  const organization = values['organizationId']?.trim() ?? '';
  const us = `urn:li:organization:${organization}`;
  const secret = values['clientSecret']?.trim() || undefined;
  const posts = openPosts(rest, us, web, openImages(rest, us, tools));
  const comments = openComments(rest, us, web);

  return {
    async verify(signal) {
      const page = await rest.read({ path: `organizations/${encodeURIComponent(organization)}`, signal });
      const name = textOf(page['localizedName']);
      if (name === undefined) throw unreadable(NETWORK, 200, true);
      // Without the permission to read our own posts nothing could ever be found again.
      await posts.list(0, 1, signal);
      const expiresAt = await rest.expiresAt(signal);
      return {
        account: name,
        url: `${web}/company/${textOf(page['vanityName']) ?? organization}`,
        limits,
        can: secret === undefined ? { ...can, inbound: 'poll' } : can,
        ...(expiresAt === undefined ? {} : { expiresAt }),
      };
    },
    publish: (draft, key, signal) =>
      draft.inReplyTo === undefined
        ? posts.publish(draft, key, signal)
        : comments.publish(draft, draft.inReplyTo, signal),
    find: (draft, key, signal) =>
      draft.inReplyTo === undefined
        ? posts.find(draft, key, signal)
        : comments.find(draft, draft.inReplyTo, key, signal),
    async read(post, signal) {
      try {
        const own = commentOf(post.id);
        return await (own === undefined ? posts.read(post.id, signal) : comments.read(own, signal));
      } catch (error) {
        if (isGone(error)) return null;
        throw error;
      }
    },
    async edit(post, draft, _key, signal) {
      const own = commentOf(post.id);
      await (own === undefined ? posts.edit(post.id, draft, signal) : comments.edit(own, draft, signal));
      return post;
    },
    async remove(post, signal) {
      const own = commentOf(post.id);
      try {
        await (own === undefined ? posts.remove(post.id, signal) : comments.remove(own, signal));
      } catch (error) {
        if (!isGone(error)) throw error;
      }
    },
    async poll(cursor, signal) {
      const looking = openCursor(cursor, tools.now());
      // Rest.li wants these brackets and colons as they are, and only the URN encoded.
      const range = `timeRange=(start:${looking.since},end:${tools.now() + MINUTE})`;
      const about = `organizationalEntity=${encodeURIComponent(us)}&actions=List(COMMENT,SHARE_MENTION)&${range}`;
      const { entries: listed } = await readList(
        (start, count) =>
          rest.read({
            path: `organizationalEntityNotifications?q=criteria&${about}&start=${start}&count=${count}`,
            does: 'FINDER',
            signal,
          }),
        (notice) => Number(notice['lastModifiedAt'] ?? 0),
        looking.since,
      );
      return looking.take(listed.reverse().flatMap((notice) => readNotice(notice, us, web) ?? []));
    },
    greet: (call) => greetLinkedIn(secret, call),
    receive: (headers, body) =>
      listOf(readSigned(secret, headers, body)['notifications'])
        .map(recordOf)
        .filter((notice) => notice['organizationalEntity'] === us)
        .flatMap((notice) => readNotice(notice, us, web) ?? []),
  };
}

const isGone = (error: unknown): boolean => error instanceof ChannelError && error.status === 404;
