import type { Account, Post } from '../facts.ts';
import { type Answer, type Call, json } from '../network.ts';
import type { World } from '../world.ts';
import { contentOf, type Mentioned, SOFTWARE, type Software } from './mastodon-text.ts';

type Entity = Record<string, unknown>;
type Person = Pick<Account, 'id' | 'handle' | 'name'>;

function siteOf(world: World, accountId: string): Account | undefined {
  return world.account('mastodon', accountId);
}

function softwareAt(world: World, post: Post): Software {
  return siteOf(world, post.account)?.options['software'] === 'gotosocial'
    ? SOFTWARE.gotosocial
    : SOFTWARE.mastodon;
}

/** An Account entity with every field the API requires. */
export function personOf(world: World, who: Person, base: string): Entity {
  const url = `${base}/@${who.handle}`;
  const statuses = world
    .posts('mastodon')
    .filter((post) => post.author.id === who.id && post.deletedAt === null);
  return {
    id: who.id,
    username: who.handle.split('@')[0],
    acct: who.handle,
    display_name: who.name,
    locked: false,
    bot: false,
    discoverable: true,
    indexable: false,
    group: false,
    created_at: '2019-05-01T00:00:00.000Z',
    note: '',
    url,
    uri: `${base}/users/${who.handle}`,
    avatar: `${base}/avatars/original/missing.png`,
    avatar_static: `${base}/avatars/original/missing.png`,
    header: `${base}/headers/original/missing.png`,
    header_static: `${base}/headers/original/missing.png`,
    followers_count: 12_804,
    following_count: 3,
    statuses_count: statuses.length,
    last_status_at: null,
    emojis: [],
    fields: [],
  };
}

/** The CredentialAccount of a token's owner. */
export function selfOf(world: World, account: Account, base: string): Entity {
  return {
    ...personOf(world, account, base),
    source: {
      privacy: 'public',
      sensitive: false,
      language: 'en',
      note: '',
      fields: [],
      follow_requests_count: 0,
    },
    role: { id: '-99', name: '', permissions: '65536', color: '', highlighted: false },
  };
}

/** A Status entity. On GoToSocial an answer to a removed post forgets what it answered. */
export function statusOf(world: World, post: Post, base: string): Entity {
  const software = softwareAt(world, post);
  const parent = post.parent === null ? undefined : world.post('mastodon', post.parent);
  const orphaned = parent === undefined || (software.name === 'gotosocial' && parent.deletedAt !== null);
  const mentions = mentionsIn(world, post, base);
  const replies = world.posts('mastodon').filter((one) => one.parent === post.id && world.shows(one));
  return {
    id: post.id,
    created_at: new Date(post.at).toISOString(),
    in_reply_to_id: orphaned ? null : parent.id,
    in_reply_to_account_id: orphaned ? null : parent.author.id,
    sensitive: false,
    spoiler_text: post.raw['spoiler'] ?? '',
    visibility: post.raw['visibility'] ?? 'public',
    language: post.raw['language'] ?? 'en',
    uri: `${base}/users/${post.author.handle}/statuses/${post.id}`,
    url: post.url,
    replies_count: replies.length,
    reblogs_count: 0,
    favourites_count: 0,
    quotes_count: 0,
    edited_at: post.editedAt === null ? null : new Date(post.editedAt).toISOString(),
    content: contentOf(post.text, software, base, mentions),
    reblog: null,
    application: { name: 'Tocsin', website: null },
    account: personOf(world, post.author, base),
    media_attachments: [],
    mentions,
    tags: [...post.text.matchAll(/(?<![\w/&])#(\w*[A-Za-z_]\w*)/g)].map(([, name = '']) => ({
      name: name.toLowerCase(),
      url: `${base}/tags/${name.toLowerCase()}`,
    })),
    emojis: [],
    card: null,
    poll: null,
  };
}

function mentionsIn(world: World, post: Post, base: string): Mentioned[] {
  const known: Person[] = [
    ...world.accounts.filter((one) => one.network === 'mastodon'),
    ...world.posts('mastodon').flatMap((one) => (one.byCustomer ? [one.author] : [])),
  ];
  const found = new Map<string, Mentioned>();
  for (const [, name = ''] of post.text.matchAll(/(?<![\w/@])@([\w.-]*\w(?:@[\w.-]+\w)?)/g)) {
    const who = known.find((one) => one.handle === name || one.handle === name.split('@')[0]);
    if (who === undefined) continue;
    found.set(who.id, {
      id: who.id,
      username: who.handle.split('@')[0] ?? who.handle,
      url: `${base}/@${who.handle}`,
      acct: who.handle,
    });
  }
  return [...found.values()];
}

export function notificationOf(world: World, post: Post, base: string): Entity {
  const id = String(post.raw['notification']);
  return {
    id,
    type: 'mention',
    created_at: new Date(post.at).toISOString(),
    group_key: `ungrouped-${id}`,
    account: personOf(world, post.author, base),
    status: statusOf(world, post, base),
  };
}

/** The Instance entity: what this server allows. */
export function instanceOf(software: Software, base: string): Entity {
  return {
    domain: new URL(base).host,
    title: software.name === 'mastodon' ? 'Mastodon stand-in' : 'GoToSocial stand-in',
    version: software.version,
    source_url:
      software.name === 'mastodon'
        ? 'https://github.com/mastodon/mastodon'
        : 'https://codeberg.org/superseriousbusiness/gotosocial',
    description: 'A stand-in server for drills and tests.',
    usage: { users: { active_month: 1 } },
    thumbnail: { url: `${base}/thumbnail.png`, blurhash: null, versions: {} },
    icon: [],
    languages: ['en'],
    configuration: {
      urls: { streaming: base.replace(/^http/, 'ws') },
      accounts: { max_featured_tags: 10, max_pinned_statuses: 5 },
      statuses: {
        max_characters: software.maxCharacters,
        max_media_attachments: software.name === 'mastodon' ? 4 : 6,
        characters_reserved_per_url: software.charactersPerUrl,
      },
      media_attachments: {
        supported_mime_types: ['image/jpeg', 'image/png', 'image/webp'],
        description_limit: 1500,
        image_size_limit: 16_777_216,
        image_matrix_limit: 33_177_600,
        video_size_limit: 103_809_024,
        video_frame_rate_limit: 120,
        video_matrix_limit: 8_294_400,
      },
      polls: {
        max_options: 4,
        max_characters_per_option: 50,
        min_expiration: 300,
        max_expiration: 2_629_746,
      },
      translation: { enabled: false },
    },
    registrations: { enabled: false, approval_required: true, message: null, url: null },
    api_versions: software.name === 'mastodon' ? { mastodon: 7 } : {},
    contact: { email: 'ops@northwind.example', account: null },
    rules: [],
  };
}

/**
 * One page of a list, newest first, by `max_id`, `since_id` and `min_id` (which gives the ones right above it),
 * with the Link header that leads on.
 */
export function page(
  call: Call,
  items: readonly Post[],
  idOf: (post: Post) => string,
  usual: number,
  shape: (post: Post) => Entity,
): Answer {
  const limit = Math.min(Math.max(Number(call.query.get('limit') ?? usual) || usual, 1), 80);
  const maxId = call.query.get('max_id');
  const sinceId = call.query.get('since_id');
  const minId = call.query.get('min_id');
  const fitting = items
    .filter((post) => maxId === null || isAbove(maxId, idOf(post)))
    .filter((post) => sinceId === null || isAbove(idOf(post), sinceId))
    .filter((post) => minId === null || isAbove(idOf(post), minId))
    .sort((a, b) => (isAbove(idOf(a), idOf(b)) ? -1 : 1));
  const shown = minId === null ? fitting.slice(0, limit) : fitting.slice(-limit);
  const newest = shown[0];
  const oldest = shown.at(-1);
  if (newest === undefined || oldest === undefined) return json(200, []);
  const at = `${call.base}${call.path}?limit=${limit}`;
  return json(200, shown.map(shape), {
    link: `<${at}&max_id=${idOf(oldest)}>; rel="next", <${at}&min_id=${idOf(newest)}>; rel="prev"`,
  });
}

/** Ids of one server have one alphabet in which longer is later, then by letter. */
function isAbove(a: string, b: string): boolean {
  return a.length === b.length ? a > b : a.length > b.length;
}
