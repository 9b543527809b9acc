import type { Test } from 'tap';
import { ChannelError, type ChannelTools, type GuardedRequest } from '../../src/channels/contract.ts';
import { openGuardedFetch } from '../../src/channels/guard.ts';
import { openChannel } from '../../src/channels/registry.ts';
import type { Draft, Key } from '../../src/domain/channel.ts';
import type { AccountSpec, Post } from '../../src/simulator/facts.ts';
import { openSimulator, type SimulatorOptions } from '../../src/simulator/simulator.ts';

/** What the tests give a request; long enough for a busy machine, short enough to wait for. */
export const TIMEOUT_MS = 1_500;

/** One account on a stand-in network, and a channel that was connected to it with what a person would enter. */
export async function connect(t: Test, spec: AccountSpec, options: SimulatorOptions = {}) {
  const sim = await openSimulator({ ...options, accounts: [spec] });
  const ports = [...sim.world.ports.values()].map((port) => `smtp://127.0.0.1:${port}`);
  const guard = openGuardedFetch({ allow: [sim.url, ...ports], timeoutMs: TIMEOUT_MS });
  t.teardown(async () => {
    await guard.close();
    await sim.close();
  });
  const account = sim.accounts[0]!;
  const saved: Record<string, string>[] = [];
  const sent: { url: string; request: GuardedRequest }[] = [];
  const tools: ChannelTools = {
    now: () => sim.world.now(),
    fetch: async (url, request) => {
      sent.push({ url, request });
      return guard.fetch(url, request);
    },
    saveSecrets: async (secrets) => {
      saved.push(secrets);
    },
    agent: guard.agent,
    secureAgent: guard.secureAgent,
    connect: guard.connect,
  };
  const values = { ...account.settings, ...account.secrets };
  const posts = (): Post[] => sim.world.posts(spec.network).filter((post) => !post.byCustomer);
  return {
    sim,
    account,
    values,
    tools,
    channel: openChannel(spec.network, values, tools),
    /** Another one for the same account, as after a restart, with what was saved. */
    reopen: (more: Record<string, string> = {}) =>
      openChannel(spec.network, Object.assign({}, values, ...saved, more), tools),
    /** Renewed credentials, in the order they were saved. */
    saved,
    /** Every request that the channel made. */
    sent,
    /** The truth: what we have posted, removed posts too. */
    posts,
    live: () => posts().filter((post) => post.deletedAt === null),
    /** A customer speaks. */
    async hear(text: string, inReplyTo?: string, handle = 'mira_oduya'): Promise<Post> {
      const answer = await fetch(`${sim.url}/_sim/mentions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          network: spec.network,
          text,
          inReplyTo,
          author: { handle, name: 'Mira Oduya' },
        }),
      });
      return (await answer.json()) as Post;
    },
  };
}
export type Stand = Awaited<ReturnType<typeof connect>>;

export const never = new AbortController().signal;

let made = 0;
/** A draft as the outbox gives it: unique link inside the words. */
export function draftOf(more: Partial<Draft> = {}): Draft & { link: string } {
  made++;
  const link = `https://status.example.com/u/${made.toString(36).padStart(5, '0')}`;
  return {
    text: `We see failed card payments since 14:05. Next update by 15:00. ${link}`,
    link,
    language: 'en',
    ...more,
  };
}
export function keyOf(stand: Stand, id = `dlv_${made}_${Math.abs(made * 7919)}`): Key {
  return { id, at: stand.sim.world.now() };
}

/** The failure that some work ends in; anything else is a mistake of the test or of the channel. */
export async function failureOf(work: Promise<unknown>): Promise<ChannelError> {
  let result: unknown;
  try {
    result = await work;
  } catch (error) {
    if (error instanceof ChannelError) return error;
    throw error;
  }
  throw new Error(`It did not fail: ${JSON.stringify(result)}`);
}

/** For work that may rightly succeed, where the assertion is about how it fails if it does. */
export async function failWithGone(): Promise<never> {
  throw new ChannelError('rejected', 'It was already gone.');
}
