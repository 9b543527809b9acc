/** The timelines as customers see them, as HTML. Everything that came from outside is escaped here. */
import { randomBytes } from 'node:crypto';
import type { Account, Post } from './facts.ts';
import type { Answer } from './network.ts';
import { MARK, SCRIPT, STYLE } from './page-parts.ts';
import type { Picture } from './pictures.ts';
import type { World } from './world.ts';

/** More posts than this make a column slow to read; older ones are still at their permalinks. */
const COLUMN_MAX = 60;

/** The page at a path below a network's base, or the page of all networks; undefined when there is none. */
export function servePage(world: World, at: { kind: string; path: string } | undefined): Answer | undefined {
  if (at === undefined) return html('Stand-in networks', overview(world));
  const name = world.kinds.find((kind) => kind.kind === at.kind)?.name ?? at.kind;
  if (at.path === '/') return html(name, single(name, '', timeline(world, world.posts(at.kind))));
  const account = accountAt(world, at);
  if (account !== undefined) {
    const own = world.posts(at.kind).filter((post) => post.account === account.id);
    return html(`@${account.handle} on ${name}`, single(name, `@${account.handle}`, timeline(world, own)));
  }
  const post = world.posts(at.kind).findLast((one) => one.paths.includes(plain(at.path)));
  if (post === undefined) return undefined;
  if (!world.shows(post)) {
    return html(
      `Gone from ${name}`,
      single(name, 'This post is not here', '<p class="quiet">It was removed, or is not shown yet.</p>'),
      404,
    );
  }
  const root = world.newest(world.above(post)[0] ?? post);
  const thread = [root, ...world.below(root)];
  return html(
    `@${post.author.handle} on ${name}`,
    single(name, `@${post.author.handle}`, article(world, thread, world.newest(post))),
  );
}

function plain(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function accountAt(world: World, at: { kind: string; path: string }): Account | undefined {
  const named = /^\/@([^/]+)$/.exec(at.path)?.[1];
  if (named !== undefined) return world.account(at.kind, plain(named));
  const network = world.networks.get(at.kind);
  return world.accounts.find(
    (one) => one.network === at.kind && network?.profiles?.(one).includes(plain(at.path)),
  );
}

function overview(world: World): string {
  const columns = world.kinds.map(({ kind, name }) => {
    const shown = world.posts(kind).filter((post) => world.shows(post) && post.replacedBy === null);
    const accounts = world.accounts
      .filter((one) => one.network === kind)
      .map(
        (one) => `<a href="/${kind}/@${escaped(encodeURIComponent(one.handle))}">@${escaped(one.handle)}</a>`,
      );
    return `<section class="column" aria-labelledby="${kind}">
<h2 id="${kind}"><a href="/${kind}">${escaped(name)}</a> <span class="count">${shown.length}</span></h2>
<p class="quiet">${accounts.join(', ') || 'No account'}</p>
${timeline(world, world.posts(kind))}</section>`;
  });
  return `<header><h1>${MARK}Stand-in networks</h1>
<p class="quiet">What customers would see, times in UTC. Nothing here leaves this machine.</p></header>
<div class="columns">${columns.join('\n')}</div>${faults(world)}`;
}

/** Fields of a fault that the sentence says already. */
const NAMED = ['kind', 'network', 'account', 'operation', 'hits'];

function faults(world: World): string {
  const list = world.faults.list();
  if (list.length === 0) return '';
  const lines = list.map((fault) => {
    const where = [fault.network ?? 'every network', fault.account, fault.operation]
      .filter(Boolean)
      .join(', ');
    const rule = Object.entries(fault).filter(([name]) => !NAMED.includes(name));
    const words = rule.map(
      ([name, value]) => `${name} ${typeof value === 'object' ? JSON.stringify(value) : value}`,
    );
    const more = words.length === 0 ? '' : ` (${words.join(', ')})`;
    return `<li>${escaped(`${fault.kind.replaceAll('_', ' ')} on ${where}${more}: ${fault.hits} so far`)}</li>`;
  });
  return `<footer><h2>Going wrong on purpose</h2><ul>${lines.join('')}</ul></footer>`;
}

function single(name: string, title: string, body: string): string {
  return `<header><p><a href="/">All networks</a> <span class="quiet">times in UTC</span></p>
<h1>${escaped(name)}${title === '' ? '' : ` <span class="quiet">${escaped(title)}</span>`}</h1></header>
<div class="single">${body}</div>`;
}

/** Threads, the one with the newest post first. */
function timeline(world: World, posts: readonly Post[]): string {
  const shown = posts.filter((post) => world.shows(post) && post.replacedBy === null);
  if (shown.length === 0) return '<p class="quiet empty">Nothing has been said here.</p>';
  const threads = new Map<Post, Post[]>();
  for (const post of shown.slice(-COLUMN_MAX)) {
    const root = world.newest(world.above(post)[0] ?? post);
    const thread = threads.get(root) ?? [root];
    if (post !== root) thread.push(post);
    threads.set(root, thread);
  }
  return [...threads.values()]
    .sort((a, b) => (b.at(-1)?.at ?? 0) - (a.at(-1)?.at ?? 0))
    .map((thread) => article(world, thread, undefined))
    .join('');
}

function article(world: World, thread: readonly Post[], here: Post | undefined): string {
  const posts = thread.map((post) => {
    const marks = [
      post.byCustomer ? 'customer' : '',
      post.editedAt === null && post.replaces.length === 0 ? '' : 'edited',
      post.network === 'webhook' && post.receipts > 1 ? `received ${post.receipts} times` : '',
    ].filter((mark) => mark !== '');
    const { subject } = post.raw;
    const title = typeof subject === 'string' && subject !== '' ? `<p><b>${escaped(subject)}</b></p>` : '';
    const body = /^[[{]/.test(post.text)
      ? `<pre>${linked(pretty(post.text))}</pre>`
      : `<p class="words">${linked(post.text)}</p>`;
    return `<div class="post${post.byCustomer ? ' theirs' : ''}${post === here ? ' here' : ''}"${post === here ? ' aria-current="true"' : ''}>
<p class="by"><b>${escaped(post.author.name)}</b> <span>@${escaped(post.author.handle)}</span> ${when(world, post)}</p>
${title}${body}${pictures(post)}${marks.length > 0 ? `<p class="quiet">${escaped(marks.join(', '))}</p>` : ''}</div>`;
  });
  return `<article>${posts.join('\n')}</article>`;
}

function pictures(post: Post): string {
  const media = Array.isArray(post.raw['media']) ? (post.raw['media'] as Partial<Picture>[]) : [];
  const shown = media.flatMap(({ name, alt = '' }) =>
    name === undefined
      ? []
      : [`<img src="/_sim/pictures/${escaped(name)}" alt="${escaped(alt)}" title="${escaped(alt)}">`],
  );
  return shown.length === 0 ? '' : `<p class="media">${shown.join('')}</p>`;
}

function when(world: World, post: Post): string {
  const iso = new Date(post.at).toISOString();
  const today = new Date(world.now()).toISOString().slice(0, 10);
  const words = `${iso.slice(0, 10) === today ? '' : `${iso.slice(0, 10)} `}${iso.slice(11, 19)}`;
  const time = `<time datetime="${iso}">${words}</time>`;
  return post.url === null ? time : `<a href="${escaped(post.url)}">${time}</a>`;
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

/** Escaped text in which http(s) addresses can be followed; like the networks, it shows them without the scheme. */
function linked(text: string): string {
  return text
    .split(/(https?:\/\/[^\s<>"]*[^\s<>".,;:!?)\]}'])/)
    .map((piece, n) =>
      n % 2 === 0
        ? escaped(piece)
        : `<a href="${escaped(piece)}" rel="noreferrer nofollow">${escaped(piece.replace(/^https?:\/\/(www\.)?/, ''))}</a>`,
    )
    .join('');
}

export function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

function html(title: string, main: string, status = 200): Answer {
  const nonce = randomBytes(16).toString('base64');
  return {
    status,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': `default-src 'none'; img-src 'self' data:; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    },
    body: `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title><link rel="icon" href="data:,"><style nonce="${nonce}">${STYLE}</style></head>
<body><main>${main}</main><script type="module" nonce="${nonce}">${SCRIPT}</script></body></html>`,
  };
}
