import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Bucket, BucketError, type BucketTarget, openBucket } from './bucket.ts';
import { areAlike, headersOf, inOrder } from './order.ts';

export interface BucketCopy {
  /** A file in the folder, or all below a path, has changed. */
  changed(path: string): void;
  /** Since when, ms, and why the bucket is behind the folder; undefined when it is not. */
  trouble(): { since: number; why: string } | undefined;
  /** Resolves when all that is in the folder now is in the bucket, or could not be brought there. */
  settled(): Promise<void>;
  /** Brings what is left, if that is quick. */
  close(): Promise<void>;
}

export interface BucketCopyParts {
  folder: string;
  target: BucketTarget;
  now(): number;
  report(error: unknown, doing: string): void;
  /** Resolves when nothing is being written: true when the folder then holds everything that is public. */
  still(): Promise<boolean>;
}

/** An update changes many files one after the other: they are one round. */
const REST_MS = 300;
const CLOSE_MS = 8_000;
/** Others may change a bucket too; what is in it is asked again after this, ms. */
const LIST_EVERY_MS = 3_600_000;
const AT_ONCE = 6;
/** Compressed copies are for web servers: a bucket cannot choose one for its reader. */
const LEFT_OUT = /(^|\/)\.|\.(gz|br|new)$/;
/** Says by which rules the headers of all others were written: they are sent again when those change. */
const STAMP = '.tocsin-copy';
const RULES = Buffer.from('headers 1\n');
const STAMP_HEADERS = { type: 'text/plain; charset=utf-8', cache: 'no-store' };

/** How long to wait after so many failures in a row, ms: 2 s, doubled each time, 5 min at most. */
export const pauseAfter = (failures: number): number => Math.min(2_000 * 2 ** (failures - 1), 300_000);

const md5 = (body: Buffer): string => createHash('md5').update(body).digest('hex');

/**
 * Brings what changes in the mirror's folder to a bucket, in the order of `order.ts`, so that no page in it names a file
 * that is not there yet; takes away last what nobody names any more. A round starts from a folder in which nothing is
 * being written, and over again when it finds that this has changed. Only what differs is sent; what is there is known
 * from the bucket's own list after a restart.
 */
export function buildBucketCopy({ folder, target, now, report, still }: BucketCopyParts): BucketCopy {
  /** Keys in the bucket, with the MD5 of their bytes as far as we know it. */
  let there: Map<string, string> | undefined;
  let listedAt = 0;
  /** Not all that is there was written by our rules. */
  let isOld = false;
  /** Keys that we have put there in this run: who made the others has to be asked. */
  const ours = new Set<string>();
  const wanted = new Map<string, string>();
  const dirty = new Set(['']);
  let timer: NodeJS.Timeout | undefined;
  let working: Promise<void> | undefined;
  let due = false;
  let closed = false;
  let failures = 0;
  let behind: { since: number; why: string } | undefined;
  const ended = new AbortController();

  /** Looks at a file, or at all below a path. */
  async function learn(path: string): Promise<void> {
    const found = new Map<string, string>();
    for (const key of await filesIn(folder, path)) {
      const body = await readFile(join(folder, key)).catch(gone);
      if (body) found.set(key, md5(body));
    }
    for (const key of wanted.keys())
      if ((path === '' || key === path || key.startsWith(`${path}/`)) && !found.has(key)) wanted.delete(key);
    for (const [key, hash] of found) wanted.set(key, hash);
  }

  /** Until the folder rests and all of it is known. Returns whether everything that is public is in it. */
  async function look(): Promise<boolean> {
    for (;;) {
      const isWhole = await still();
      const [path] = dirty;
      if (path === undefined) return isWhole;
      dirty.delete(path);
      await learn(path).catch((error: unknown) => {
        dirty.add(path);
        throw error;
      });
    }
  }

  async function list(bucket: Bucket): Promise<Map<string, string>> {
    const listed = await bucket.list();
    const isStamped = listed.get(STAMP) === md5(RULES);
    listed.delete(STAMP);
    if (listed.size === 0) await bucket.put(STAMP, RULES, STAMP_HEADERS);
    // Written by other rules: each is sent again, wherever it stands in the order.
    else if (!isStamped) {
      isOld = true;
      for (const key of listed.keys()) listed.set(key, '');
    }
    return listed;
  }

  async function bring(bucket: Bucket, known: Map<string, string>, key: string): Promise<boolean> {
    const body = await readFile(join(folder, key)).catch(gone);
    if (!body || md5(body) !== wanted.get(key)) {
      dirty.add(key);
      return false;
    }
    // Until it answers nobody knows which of the two is there.
    known.set(key, '');
    await bucket.put(key, body, headersOf(key));
    known.set(key, md5(body));
    ours.add(key);
    return true;
  }

  /** Returns false when the folder has changed under it. */
  async function round(bucket: Bucket): Promise<boolean> {
    if (!there || Math.abs(now() - listedAt) > LIST_EVERY_MS) {
      there = await list(bucket);
      listedAt = now();
    }
    const known = there;
    const isWhole = await look();
    const late = inOrder([...wanted.keys()].filter((key) => known.get(key) !== wanted.get(key)));
    while (late.length > 0) {
      const first = late[0]!;
      const end = late.findIndex((key, i) => i >= AT_ONCE || (i > 0 && !areAlike(first, key)));
      const together = late.splice(0, end < 0 ? late.length : end);
      const brought = await Promise.allSettled(together.map((key) => bring(bucket, known, key)));
      for (const one of brought) if (one.status === 'rejected') throw one.reason;
      if (brought.some((one) => one.status === 'fulfilled' && !one.value)) return false;
    }
    // From a folder that lacks something nobody can tell what has been taken away.
    if (isWhole)
      for (const key of inOrder([...known.keys()].filter((one) => !wanted.has(one))).reverse()) {
        if (ours.has(key) || (await bucket.isOurs(key))) await bucket.remove(key);
        known.delete(key);
      }
    if (isOld) await bucket.put(STAMP, RULES, STAMP_HEADERS);
    isOld = false;
    return true;
  }

  async function work(): Promise<void> {
    while (due) {
      due = false;
      try {
        const bucket = openBucket(target, now, ended.signal);
        while (!(await round(bucket)));
        failures = 0;
        behind = undefined;
      } catch (error) {
        failures += 1;
        // What lasts may have changed more than we did: somebody emptied it, or made it anew.
        if (failures > 2) there = undefined;
        due = true;
        if (ended.signal.aborted) return;
        if (!behind) report(error, 'copying the mirror to the bucket');
        const why = error instanceof BucketError ? error.why : 'its keys or the folder could not be read';
        behind = { since: behind?.since ?? now(), why };
        wait(pauseAfter(failures));
        return;
      }
    }
  }

  function start(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    due = true;
    working ??= work().finally(() => {
      working = undefined;
      // Changed in the very moment in which it ended.
      if (due && !behind) wait(REST_MS);
    });
    return working;
  }

  function wait(ms: number): void {
    if (closed) return;
    clearTimeout(timer);
    timer = setTimeout(() => void start(), ms);
    timer.unref();
  }

  return {
    changed(path) {
      dirty.add(path.replace(/^\/+/, ''));
      due = true;
      if (!working && !timer) wait(REST_MS);
    },
    trouble: () => behind,
    async settled() {
      // What is under way may have looked before the last change.
      while (working) await working;
      if (due || !there) await start();
    },
    async close() {
      closed = true;
      clearTimeout(timer);
      const late = setTimeout(() => ended.abort(), CLOSE_MS);
      while (working) await working;
      if (due && !behind) await start();
      clearTimeout(late);
      ended.abort();
    },
  };
}

const gone = (error: NodeJS.ErrnoException): undefined => {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
  throw error;
};

/** Files at or below a path that belong into a bucket, by their own path. */
async function filesIn(folder: string, path: string): Promise<string[]> {
  if (LEFT_OUT.test(path)) return [];
  const found = await stat(join(folder, path)).catch(gone);
  if (!found) return [];
  if (found.isFile()) return [path];
  const inside = await readdir(join(folder, path), { withFileTypes: true, recursive: true });
  return inside
    .filter((one) => one.isFile())
    .map((one) =>
      join(one.parentPath, one.name)
        .slice(folder.length + 1)
        .replaceAll('\\', '/'),
    )
    .filter((file) => !LEFT_OUT.test(file));
}
