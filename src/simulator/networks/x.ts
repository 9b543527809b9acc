import type { Account, Post } from '../facts.ts';
import { type Answer, type Call, json, type NetworkKind, objectField, textField } from '../network.ts';
import { ALPHANUMERIC, DIGITS } from '../random.ts';
import { RateWindow } from '../rates.ts';
import { authenticateX, UNAUTHORIZED } from './x-auth.ts';
import { normalised, snowflakes, timeline, tweet, user, weightedLength } from './x-posts.ts';

const QUARTER_HOUR = 15 * 60_000;
/** X does not say for how long it remembers a text; a day is on the strict side. */
const DUPLICATE_MS = 24 * 3_600_000;
const MAX_WEIGHT = 280;

/** X: the v2 API, as https://docs.x.com and its OpenAPI 2.167 describe it, and as accounts of its errors quote it. */
export const x: NetworkKind = {
  kind: 'x',
  name: 'X',
  handle: 'northwindpay',
  open(world) {
    const nextId = snowflakes();
    // Calls per user in 15 minutes: https://docs.x.com/x-api/fundamentals/rate-limits
    const windows: Record<string, RateWindow> = {
      'POST /2/tweets': new RateWindow(100, QUARTER_HOUR),
      'DELETE /2/tweets/:id': new RateWindow(50, QUARTER_HOUR),
      'GET /2/tweets/:id': new RateWindow(900, QUARTER_HOUR),
      'GET /2/users/me': new RateWindow(75, QUARTER_HOUR),
      'GET /2/users/:id/tweets': new RateWindow(900, QUARTER_HOUR),
      'GET /2/users/:id/mentions': new RateWindow(300, QUARTER_HOUR),
    };

    const create = (call: Call, account: Account): Answer => {
      if (!(call.headers['content-type'] ?? '').startsWith('application/json')) {
        return invalid({ message: 'Requests with bodies must have content-type of application/json.' });
      }
      const text = normalised(textField(call.body, 'text') ?? '');
      if (text === '')
        return invalid({ parameters: { text: [''] }, message: 'text or media must be provided' });
      if (weightedLength(text) > MAX_WEIGHT) {
        return problem(
          400,
          'Bad Request',
          'Your Tweet text is too long. For more information on how Twitter determines text length see https://github.com/twitter/twitter-text.',
        );
      }
      const parentId = textField(objectField(call.body, 'reply'), 'in_reply_to_tweet_id') ?? null;
      const parent = parentId === null ? undefined : world.post('x', parentId);
      if (parentId !== null && (parent === undefined || parent.deletedAt !== null)) {
        return problem(
          403,
          'Forbidden',
          'You attempted to reply to a Tweet that is deleted or not visible to you.',
        );
      }
      if (parent?.byCustomer === true && !names(parent.text, account.handle)) {
        return problem(
          403,
          'Forbidden',
          'Reply to this conversation is not allowed because you have not been mentioned or otherwise engaged by the author of the post you are replying to.',
        );
      }
      const again = world
        .posts('x')
        .some(
          (post) =>
            post.author.id === account.id &&
            post.deletedAt === null &&
            call.now - post.at < DUPLICATE_MS &&
            post.text === text,
        );
      if (again) {
        return problem(403, 'Forbidden', 'You are not allowed to create a Tweet with duplicate content.');
      }
      const id = nextId(call.now);
      const post = world.keep({
        network: 'x',
        account: account.id,
        author: { id: account.id, handle: account.handle, name: account.name },
        id,
        text,
        at: call.now,
        parent: parentId,
        raw: { conversation: parent?.raw['conversation'] ?? id },
        ...places(call.base, account.handle, id),
      });
      return json(201, { data: tweet(world, post, new URLSearchParams()) });
    };

    const own = (account: Account): Post[] =>
      world.posts('x').filter((post) => post.author.id === account.id);

    return {
      credentials(seed) {
        const id = seed.id ?? `1${seed.word('id', 11, DIGITS)}`;
        return {
          id,
          settings: { api: `${world.url}/x` },
          secrets: {
            consumerKey: seed.word('consumerKey', 25),
            consumerSecret: seed.word('consumerSecret', 50),
            accessToken: `${id}-${seed.word('accessToken', 40)}`,
            accessSecret: seed.word('accessSecret', 45),
          },
          extra: {
            bearer: seed.word('bearer', 90, `${ALPHANUMERIC}_-`),
            appBearer: `AAAAAAAAAAAAAAAAAAAAA${seed.word('appBearer', 90)}`,
          },
        };
      },

      authenticate: (call) => authenticateX(world, call),
      refusal,
      expired: () => UNAUTHORIZED,
      profiles: (account) => [`/${account.handle}`],

      meter(call, account, route) {
        const window = windows[`${route.method} ${route.path}`];
        if (window === undefined) return { headers: {}, refused: false };
        const { refused, remaining, resetAt } = window.take(account.id, call.now);
        return {
          refused,
          headers: {
            'x-rate-limit-limit': String(window.limit),
            'x-rate-limit-remaining': String(remaining),
            'x-rate-limit-reset': String(Math.ceil(resetAt / 1000)),
          },
        };
      },

      hear(account, said, base) {
        const id = nextId(said.at);
        const parent = said.inReplyTo === null ? undefined : world.post('x', said.inReplyTo);
        return world.keep({
          network: 'x',
          account: account.id,
          byCustomer: true,
          author: said.author,
          id,
          text: normalised(said.text),
          at: said.at,
          parent: said.inReplyTo,
          raw: { conversation: parent?.raw['conversation'] ?? id },
          ...places(base, said.author.handle, id),
        });
      },

      routes: [
        { method: 'POST', path: '/2/tweets', does: ['publish'], run: create },
        {
          method: 'GET',
          path: '/2/tweets/:id',
          does: ['read'],
          run(call) {
            const id = call.params['id'] ?? '';
            const post = world.shown('x', id);
            // A post that is gone is a 200 with an error inside.
            if (post === undefined) return json(200, { errors: [notFound('tweet', 'id', id)] });
            const expand = (call.query.get('expansions') ?? '').split(',').includes('author_id');
            return json(200, {
              data: tweet(world, post, call.query),
              ...(expand ? { includes: { users: [user(post.author, call.query)] } } : {}),
            });
          },
        },
        {
          method: 'DELETE',
          path: '/2/tweets/:id',
          does: ['remove'],
          run(call, account) {
            const id = call.params['id'] ?? '';
            const post = world.post('x', id);
            if (post === undefined || post.deletedAt !== null) return json(404, notFound('tweet', 'id', id));
            if (post.author.id !== account.id) {
              return problem(403, 'Forbidden', 'You are not authorized to delete this Tweet.');
            }
            world.remove(post);
            return json(200, { data: { deleted: true } });
          },
        },
        {
          method: 'GET',
          path: '/2/users/me',
          does: ['verify'],
          run: (call, account) => json(200, { data: user(account, call.query) }),
        },
        {
          method: 'GET',
          path: '/2/users/:id/tweets',
          does: ['find'],
          run(call) {
            const account = world.account('x', call.params['id'] ?? '');
            if (account === undefined)
              return json(200, { errors: [notFound('user', 'id', call.params['id'] ?? '')] });
            return invalidPage(call) ?? json(200, timeline(world, own(account), call.query));
          },
        },
        {
          method: 'GET',
          path: '/2/users/:id/mentions',
          does: ['poll'],
          run(call, account) {
            const told = world
              .posts('x')
              .filter((post) => post.byCustomer && post.account === account.id && heard(post, account));
            return invalidPage(call) ?? json(200, timeline(world, told, call.query));
          },
        },
      ],
    };

    /** X shows what names us; an answer to our post does, by the reply prefix, even if the text does not. */
    function heard(post: Post, account: Account): boolean {
      const parent = post.parent === null ? undefined : world.post('x', post.parent);
      return names(post.text, account.handle) || parent?.author.id === account.id;
    }
  },
};

function places(base: string, handle: string, id: string): Pick<Post, 'url' | 'paths'> {
  return { url: `${base}/${handle}/status/${id}`, paths: [`/${handle}/status/${id}`, `/i/web/status/${id}`] };
}

function names(text: string, handle: string): boolean {
  return text.toLowerCase().includes(`@${handle.toLowerCase()}`);
}

function problem(status: number, title: string, detail: string): Answer {
  return json(status, { detail, type: 'about:blank', title, status });
}

function notFound(resource: 'tweet' | 'user', parameter: string, value: string): Record<string, unknown> {
  return {
    value,
    detail: `Could not find ${resource} with ${parameter}: [${value}].`,
    title: 'Not Found Error',
    resource_type: resource,
    parameter,
    resource_id: value,
    type: 'https://api.twitter.com/2/problems/resource-not-found',
  };
}

function invalid(error: Record<string, unknown>): Answer {
  return json(400, {
    errors: [error],
    title: 'Invalid Request',
    detail: 'One or more parameters to your request was invalid.',
    type: 'https://api.twitter.com/2/problems/invalid-request',
  });
}

function invalidPage(call: Call): Answer | undefined {
  const max = call.query.get('max_results');
  if (max !== null && !(Number(max) >= 5 && Number(max) <= 100)) {
    return invalid({
      parameters: { max_results: [max] },
      message: `The \`max_results\` query parameter value [${max}] is not between 5 and 100`,
    });
  }
  const since = call.query.get('since_id');
  if (since !== null && !/^\d{1,19}$/.test(since)) {
    return invalid({
      parameters: { since_id: [since] },
      message: `The \`since_id\` query parameter value [${since}] is not valid`,
    });
  }
  return undefined;
}

const TITLES: Record<number, string> = {
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

function refusal(code: number, retryAfter: number | undefined, now: number): Answer {
  if (code === 401) return UNAUTHORIZED;
  if (code === 402) {
    return json(402, {
      title: 'CreditsDepleted',
      detail: 'Your enrolled account [1820071] does not have any credits to fulfill this request.',
      type: 'https://api.twitter.com/2/problems/credits',
      account_id: 1820071,
    });
  }
  const title = TITLES[code] ?? 'Error';
  const answer = problem(code, title, code === 403 ? 'You are not permitted to perform this action.' : title);
  // X names no Retry-After: it gives the second in which the window opens again.
  if (code === 429) {
    answer.headers = {
      'x-rate-limit-limit': '100',
      'x-rate-limit-remaining': '0',
      'x-rate-limit-reset': String(Math.ceil(now / 1000) + (retryAfter ?? 900)),
    };
  } else if (retryAfter !== undefined) {
    answer.headers = { 'retry-after': String(retryAfter) };
  }
  return answer;
}
