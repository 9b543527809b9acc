import { setTimeout as wait } from 'node:timers/promises';
import type { Draft, Key, RemotePost, Seen } from '../domain/channel.ts';
import { itSaid, recordOf, textOf, unreadable } from './classify.ts';
import { ChannelError } from './contract.ts';
import { type Graph, isGone } from './graph.ts';

/** Pauses between looks at a container that is being prepared, ms. Words are ready at once, pictures soon. */
const PAUSES = [0, 1_000, 2_000];
/** How many containers are remembered: more than can be on their way at one time. */
const KEPT = 200;

type Status = 'IN_PROGRESS' | 'FINISHED' | 'PUBLISHED' | 'ERROR' | 'EXPIRED';

/**
 * Threads and Instagram publish in two steps: a container is prepared, which nobody sees, and then published, which
 * works once. So the container is a checkpoint: while this process remembers it, it knows of a try whose answer was lost
 * whether it came to something, and a second try publishes the same container. What is not remembered any more (after a
 * restart) is looked up in the account's own posts, like on any other network.
 */
export function openContainers(parts: {
  network: string;
  ask: Graph;
  /** Prepares a container and gives its id. Nothing of it is visible, so every loss is harmless. */
  create(draft: Draft, signal: AbortSignal): Promise<string>;
  /** Where containers are published. */
  publishPath: string;
  /** The field that tells how far a container is. */
  statusField: 'status' | 'status_code';
  /** Looks for what an earlier try may have published among the account's own posts. */
  look(draft: Draft, key: Key, signal: AbortSignal): Promise<Seen | null>;
}) {
  const { network, ask, statusField } = parts;
  /** Containers of deliveries that have not been published for sure, by key. */
  const open = new Map<string, string>();

  async function statusOf(
    id: string,
    signal: AbortSignal,
  ): Promise<{ status: Status; why: string | undefined }> {
    const why = statusField === 'status' ? 'error_message' : 'status';
    const answer = await ask({ method: 'GET', path: id, query: { fields: `${statusField},${why}` }, signal });
    const status = textOf(answer[statusField]) as Status | undefined;
    if (status === undefined) throw unreadable(network, 200, true);
    return { status, why: textOf(answer[why]) };
  }

  /** Waits for the container, for as long as it is worth holding the line. */
  async function untilReady(key: Key, id: string, signal: AbortSignal): Promise<void> {
    for (const pause of PAUSES) {
      await wait(pause, undefined, { signal }).catch(() => {
        throw new ChannelError('unsent', 'Called off before anything was published.', { code: 'aborted' });
      });
      const { status, why } = await statusOf(id, signal);
      if (status === 'FINISHED' || status === 'PUBLISHED') return;
      if (status === 'IN_PROGRESS') continue;
      open.delete(key.id);
      throw new ChannelError(
        status === 'EXPIRED' ? 'unsent' : 'rejected',
        `${network} could not prepare the post (${status.toLowerCase()}).${itSaid(why)}`,
        { code: `container_${status.toLowerCase()}` },
      );
    }
    throw new ChannelError(
      'unsent',
      `${network} is still preparing the post. We publish it when it is ready.`,
      {
        code: 'preparing',
        retryAfterMs: 5_000,
      },
    );
  }

  /** The id of the published post, or undefined when an earlier try has published it. */
  async function publishNow(draft: Draft, key: Key, signal: AbortSignal): Promise<string | undefined> {
    const before = open.get(key.id);
    if (before !== undefined) {
      const known = await statusOf(before, signal).catch((error) => {
        if (isGone(error)) return { status: 'EXPIRED' as const };
        throw error;
      });
      if (known.status === 'PUBLISHED') return undefined;
      if (known.status === 'EXPIRED' || known.status === 'ERROR') open.delete(key.id);
    }
    const id = open.get(key.id) ?? (await parts.create(draft, signal));
    const [oldest] = open.keys();
    if (oldest !== undefined && open.size >= KEPT) open.delete(oldest);
    open.set(key.id, id);
    await untilReady(key, id, signal);
    const made = await ask({ method: 'POST', path: parts.publishPath, body: { creation_id: id }, signal });
    const post = textOf(made['id']);
    if (post === undefined) throw unreadable(network, 200);
    open.delete(key.id);
    return post;
  }

  /** Whether an earlier try with this key is known to have published; false also when nothing is remembered. */
  async function isPublished(key: Key, signal: AbortSignal): Promise<boolean> {
    const id = open.get(key.id);
    if (id === undefined) return false;
    try {
      return (await statusOf(id, signal)).status === 'PUBLISHED';
    } catch (error) {
      if (isGone(error)) return false;
      throw error;
    }
  }

  return {
    /** Publishes once: what an earlier try has published is looked up, and never made again. */
    async publish(draft: Draft, key: Key, signal: AbortSignal): Promise<RemotePost> {
      const id = await publishNow(draft, key, signal);
      // The link is not looked up here: nothing that can fail may stand between the yes and our record of it.
      if (id !== undefined) return { id, url: null };
      const there = await parts.look(draft, key, signal);
      if (there === null)
        throw new ChannelError(
          'unknown',
          `${network} says this is published already, and does not show it yet.`,
          { code: 'published' },
        );
      throw new ChannelError('rejected', `${network} has published this already.`, {
        code: 'published',
        duplicate: true,
        existing: { id: there.id, url: there.url },
      });
    },
    /** What an earlier try has published. Null only when it surely has published nothing. */
    async find(draft: Draft, key: Key, signal: AbortSignal): Promise<Seen | null> {
      const published = await isPublished(key, signal);
      const there = await parts.look(draft, key, signal);
      if (there === null && published)
        throw new ChannelError('unsent', `${network} says it is published, and does not list it yet.`, {
          code: 'published',
        });
      return there;
    },
    /** Prepares one and leaves it: nobody sees it, and it is gone within a day. */
    async tryOut(draft: Draft, signal: AbortSignal): Promise<string> {
      await parts.create(draft, signal);
      return 'A post that was prepared and not published.';
    },
  };
}

/** Meta's accounts by name: the token must be that account's own. */
export function mustBeAccount(name: string | undefined, username: string, network: string): string {
  if (name === undefined) throw unreadable(network, 200, true);
  if (name.toLowerCase() === username.toLowerCase()) return name;
  throw new ChannelError(
    'auth',
    `This token belongs to @${name}, not to @${username}. Enter the token of the account that will post.`,
    { code: 'other_account' },
  );
}

/** How much of a day's posts is used, in a sentence; nothing when the network does not say. */
export function quotaNote(usage: Record<string, unknown>): { note?: string } {
  const total = recordOf(usage['config'])['quota_total'];
  return typeof total === 'number'
    ? { note: `${usage['quota_usage'] ?? 0} of ${total} posts used in the last 24 hours.` }
    : {};
}
