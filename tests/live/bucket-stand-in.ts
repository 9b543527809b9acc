import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import t from 'tap';
import type { BucketTarget } from '../../src/live/bucket/bucket.ts';
import type { FromBucket, Heard, ToBucket, Wrong } from './bucket-process.ts';

export const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
export const TOKEN = 'session-token-of-nobody';

/** Starts the bucket as a process of its own; see bucket-process.ts. */
export async function openBucketStandIn() {
  const child = fork(join(import.meta.dirname, 'bucket-process.ts'), { stdio: 'inherit' });
  t.teardown(async () => {
    const gone = once(child, 'exit');
    if (child.connected) child.disconnect();
    await gone;
  });
  /** All that was asked, in the order in which it was answered. */
  const heard: Heard[] = [];
  /** What changed it, in order. */
  const kept: Heard[] = [];
  const waiters: (() => void)[] = [];
  let ponged: () => void = () => undefined;
  let held: ((key: string) => void) | undefined;
  let places: (found: { api: string; site: string }) => void;
  const opened = new Promise<{ api: string; site: string }>((done) => {
    places = done;
  });
  child.on('message', (told: FromBucket) => {
    if ('api' in told) places(told);
    else if ('held' in told) held?.(told.held);
    else if ('pong' in told) ponged();
    else (told.heard.note === 'kept' ? kept : heard).push(told.heard);
    for (const look of waiters.splice(0)) look();
  });
  const { api, site } = await opened;
  const tell = (what: ToBucket) => new Promise<void>((done) => child.send(what, () => done()));
  const targetOf = (more: Partial<BucketTarget> = {}): BucketTarget => ({
    endpoint: api,
    region: 'eu-central-1',
    bucket: 'status',
    prefix: '',
    addressing: 'path',
    credentials: () => ({ keyId: 'AKIAIOSFODNN7EXAMPLE', secret: SECRET, token: TOKEN }),
    ...more,
  });
  return {
    api,
    site,
    heard,
    kept,
    targetOf,
    /** What goes wrong from now on, each once. */
    wrong: (wrong: Wrong[]) => tell({ wrong }),
    changeSecret: (secret: string) => tell({ secret }),
    /** Resolves when everything that it has answered so far has been heard of here. */
    async caughtUp() {
      const pong = new Promise<void>((done) => {
        ponged = done;
      });
      await tell({ ping: true });
      await pong;
    },
    release: () => tell({ release: true }),
    /** Resolves with the key of the next request that is held. */
    held: () =>
      new Promise<string>((done) => {
        held = done;
      }),
    /** Resolves when as much has been heard of. */
    async until(is: () => boolean) {
      while (!is()) await new Promise<void>((done) => waiters.push(done));
    },
    objects: () => replay(kept),
  };
}

/** What stands in the bucket after these changes. */
function replay(changes: readonly Heard[]): Map<string, string> {
  const state = new Map<string, string>();
  for (const { method, key, body } of changes)
    if (method === 'PUT') state.set(key, body);
    else state.delete(key);
  return state;
}

/** Links of a page to what stands beside it, and the file each leads to; undefined when there is none. */
export function linksOf(
  state: ReadonlyMap<string, string>,
  key: string,
): { link: string; file: string | undefined }[] {
  const html = state.get(key) ?? '';
  return [...html.matchAll(/\s(?:href|src|action)="(\/[^"]*)"/g)].map(([, link = '']) => {
    const path = link.replace(/[?#].*$/, '').slice(1);
    const index = `${path.replace(/\/$/, '')}/index.html`.replace(/^\//, '');
    return { link, file: [path, index].find((file) => state.has(file)) };
  });
}
