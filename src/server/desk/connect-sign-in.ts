import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Connection, getConnection } from '../../../db/queries/connections.ts';
import { mustBe } from '../../actions/context.ts';
import { keepChallenge, spendChallenge } from '../../actions/sign-in/challenge.ts';
import { DomainError } from '../../domain/error.ts';
import { renderChoose, renderMessage } from '../../templates/desk.ts';
import { ctxOf, mustKnow } from '../who.ts';
import { backAddress, connect, drawConnect, entered, kindOf, readUse, type Use } from './connect.ts';
import { formOf, refusedBy, text } from './forms.ts';
import { type Desk, frameFor, goTo, html } from './frame.ts';

/** What is kept, sealed, between going to the network and coming back. */
interface Away {
  channel: string;
  use: Use;
  /** The channels' own. */
  kept: string;
}
/** What is kept while a person chooses among several accounts. */
interface Choosing extends Omit<Away, 'kept'> {
  accounts: readonly { id: string; name: string; values: Record<string, string> }[];
}

const STALE =
  'What you brought back was not asked for in this session: it was used already, is older than ten minutes, or comes from somewhere else. Nothing was connected. Start again under “Networks”, in this browser.';

/** Connecting an account by signing in on its network. Its `state` works once, for ten minutes, in the session that asked. */
export function connectBySignIn(app: FastifyInstance, desk: Desk): void {
  const { r, ports } = desk;

  async function leave(
    request: FastifyRequest,
    reply: FastifyReply,
    channel: string,
    again: Connection | undefined,
  ) {
    const ctx = ctxOf(ports.base, request);
    mustBe(ctx.actor, ['admin'], 'admin');
    const kind = kindOf(ports, channel);
    const form = { ...formOf(request), by: 'sign-in' };
    try {
      const use = await readUse(desk, request, form, again);
      const state = ports.makeSecret();
      const values = entered(form, kind.signIn?.fields ?? [], 's');
      const redirect = backAddress(ports);
      const { url, kept } = await ports.channels.beginSignIn(channel, values, {
        redirect,
        state,
        before: again,
      });
      await keepChallenge(ctx, ports.locks, {
        kind: 'connect',
        value: state,
        boundTo: mustKnow(request).token.id,
        personId: mustKnow(request).person.id,
        secret: JSON.stringify({ channel, use, kept } satisfies Away),
      });
      // A link and not a redirect: our policy lets no form lead elsewhere, and people see where they are going.
      return await say(request, reply, 200, {
        heading: `Now sign in on ${kind.name}`,
        words: `You go to ${new URL(url).host}. Sign in as the account that will post, leave everything ticked, and you come back here.`,
        action: { href: url, label: `Go on to ${kind.name}` },
      });
    } catch (error) {
      const refused = refusedBy(error);
      return html(reply, await drawConnect(desk, request, kind, form, { again, refused }), refused.status);
    }
  }

  app.post<{ Params: { kind: string } }>('/connections/add/:kind/sign-in', (request, reply) =>
    leave(request, reply, request.params.kind, undefined),
  );
  app.post<{ Params: { id: string } }>('/connections/:id/sign-in', async (request, reply) => {
    mustBe(mustKnow(request).actor, ['admin'], 'admin');
    const again = await getConnection(r, request.params.id);
    return leave(request, reply, again.channel, again);
  });

  app.get('/connections/back', async (request, reply) => {
    mustBe(mustKnow(request).actor, ['admin'], 'admin');
    const query = request.query as Record<string, unknown>;
    const one = (name: string) => (typeof query[name] === 'string' ? (query[name] as string) : undefined);
    const away = await spend<Away>(request, 'connect', one('state') ?? '');
    if (away === undefined) return nothing(request, reply, 410, STALE, '/desk/connections');
    try {
      const accounts = await ports.channels.finishSignIn(away.kept, {
        code: one('code'),
        error: one('error') ?? one('error_code'),
        errorDescription: one('error_description') ?? one('error_message'),
      });
      const [only, ...others] = accounts;
      if (only !== undefined && others.length === 0) return await finish(request, reply, away, only.values);
      return await choose(request, reply, { channel: away.channel, use: away.use, accounts });
    } catch (error) {
      const { status, message } = refusedBy(error);
      return nothing(request, reply, status, message, startOf(away));
    }
  });

  app.post('/connections/choose', async (request, reply) => {
    mustBe(mustKnow(request).actor, ['admin'], 'admin');
    const form = formOf(request);
    const choosing = await spend<Choosing>(request, 'connect_choice', text(form, 'choice'));
    if (choosing === undefined) return nothing(request, reply, 410, STALE, '/desk/connections');
    const chosen = choosing.accounts.find((one) => one.id === text(form, 'account'));
    if (chosen === undefined)
      return choose(request, reply, choosing, 'Choose the account that this connection speaks for.');
    try {
      return await finish(request, reply, choosing, chosen.values);
    } catch (error) {
      // Another of them may do: a channel that the app was not invited to is no reason to sign in again.
      return choose(request, reply, choosing, refusedBy(error).message);
    }
  });

  async function choose(
    request: FastifyRequest,
    reply: FastifyReply,
    choosing: Choosing,
    trouble: string | null = null,
  ) {
    const secret = ports.makeSecret();
    await keepChallenge(ctxOf(ports.base, request), ports.locks, {
      kind: 'connect_choice',
      value: secret,
      boundTo: mustKnow(request).token.id,
      personId: mustKnow(request).person.id,
      secret: JSON.stringify(choosing),
    });
    const kind = kindOf(ports, choosing.channel);
    return html(
      reply,
      renderChoose({
        frame: await frameFor(desk, request, { title: 'Which one?', room: 'connections', trouble }),
        kind: kind.name,
        choice: secret,
        accounts: choosing.accounts.map(({ id, name }) => ({ id, name })),
      }),
      trouble === null ? 200 : 400,
    );
  }

  async function finish(
    request: FastifyRequest,
    reply: FastifyReply,
    { channel, use }: Pick<Away, 'channel' | 'use'>,
    values: Record<string, string>,
  ) {
    const id = use.again ?? ports.base.newId();
    const prepared = await ports.channels.prepareSignedIn(channel, id, values);
    await connect(ctxOf(ports.base, request), use, id, prepared);
    ports.kick();
    return goTo(reply, '/desk/connections', use.again === null ? 'connected' : 'reconnected');
  }

  /** What we kept for whoever brings this back; undefined when it is not ours, not theirs, or was brought before. */
  async function spend<T>(
    request: FastifyRequest,
    kind: 'connect' | 'connect_choice',
    value: string,
  ): Promise<T | undefined> {
    try {
      const { secret } = await spendChallenge(ctxOf(ports.base, request), ports.locks, {
        kinds: [kind],
        value,
        boundTo: mustKnow(request).token.id,
      });
      return JSON.parse(secret) as T;
    } catch (error) {
      if (error instanceof DomainError && error.code === 'unauthorized') return undefined;
      throw error;
    }
  }

  const startOf = ({ channel, use }: Away) =>
    use.again === null
      ? `/desk/connections/add/${encodeURIComponent(channel)}`
      : `/desk/connections/${use.again}`;

  const nothing = (
    request: FastifyRequest,
    reply: FastifyReply,
    status: number,
    words: string,
    href: string,
  ) =>
    say(request, reply, status, {
      heading: 'Nothing was connected',
      words,
      action: { href, label: 'Start again' },
    });

  async function say(
    request: FastifyRequest,
    reply: FastifyReply,
    status: number,
    message: { heading: string; words: string; action: { href: string; label: string } },
  ) {
    const frame = await frameFor(desk, request, { title: message.heading, room: 'connections' });
    return html(reply, renderMessage({ frame, steps: [], written: [], ...message }), status);
  }
}
