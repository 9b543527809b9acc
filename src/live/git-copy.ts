import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Where the mirror's folder is kept as a branch of a git repository too. */
export interface GitTarget {
  /** A path, or an address that git knows. May hold a password: it is never shown. */
  to: string;
  branch: string;
  /** Git's own working folder for it, beside the files and not among them. */
  workFolder: string;
  /** What git may know of our surroundings: where it is, and who it is there. */
  env: Record<string, string>;
}

export interface GitCopy {
  /** Something in the folder has changed, or will in a moment. */
  changed(): void;
  /** Since when, ms, the repository is behind the folder; undefined when it is not. */
  trouble(): { since: number; why: string } | undefined;
  /** Resolves when all that is in the folder now is in the repository, or could not be brought there. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

/** An update changes many files one after the other: they are one commit. */
const REST_MS = 1_000;
/** A repository that could not be reached is tried again after this, ms. */
const AGAIN_MS = 60_000;
const DEADLINE_MS = 120_000;
/** Compressed copies are for web servers; a half-written file is for nobody. */
const LEFT_OUT = '*.gz\n*.br\n*.new\n';
const WHO = ['-c', 'user.name=Tocsin', '-c', 'user.email=tocsin@localhost', '-c', 'commit.gpgSign=false'];
/** Nothing runs that is not git, nobody is asked for a password, and nothing goes on when it is over. */
const CALM = ['-c', 'core.hooksPath=/dev/null', '-c', 'core.askPass=true', '-c', 'gc.autoDetach=false'];

/**
 * Commits the mirror's folder to a branch after each change, with plain git. What somebody else put on that branch is
 * never overwritten: we go on from it, with our files in the place of its files. One at a time; a failure is told once.
 */
export function buildGitCopy(
  folder: string,
  target: GitTarget,
  report: (error: unknown, doing: string) => void,
  now: () => number,
): GitCopy {
  let timer: NodeJS.Timeout | undefined;
  let working: Promise<void> | undefined;
  let due = false;
  /** Since when it cannot be reached, ms. */
  let failing: number | undefined;
  let closed = false;

  async function git(...args: string[]): Promise<string> {
    const all = [`--git-dir=${target.workFolder}`, `--work-tree=${folder}`, ...CALM, ...WHO, ...args];
    const child = spawn('git', all, {
      env: { ...target.env, GIT_TERMINAL_PROMPT: '0', GIT_ALLOW_PROTOCOL: 'file:https:ssh' },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: DEADLINE_MS,
      killSignal: 'SIGKILL',
    });
    const [out, said] = [text(child.stdout), text(child.stderr)];
    const code = await new Promise<number | null>((done, fail) => {
      child.on('error', fail);
      child.on('close', done);
    });
    if (code === 0) return (await out).trim();
    throw new Error(
      `git ${args[0]} failed: ${(await said).replaceAll(target.to, 'the repository').trim().slice(0, 500)}`,
    );
  }

  async function round(): Promise<void> {
    await mkdir(join(target.workFolder, 'info'), { recursive: true });
    await git('init', '-q');
    await writeFile(join(target.workFolder, 'info/exclude'), LEFT_OUT);
    const ref = `refs/heads/${target.branch}`;
    const there = await git('ls-remote', target.to, ref);
    await git('symbolic-ref', 'HEAD', ref);
    if (there !== '') {
      await git('fetch', '-q', '--no-tags', '--update-head-ok', target.to, `+${ref}:${ref}`);
      await git('read-tree', 'HEAD');
    }
    await git('add', '-A');
    const changed = there === '' || (await git('diff', '--cached', '--name-only', 'HEAD')) !== '';
    if (!changed) return;
    await git('commit', '-q', '--allow-empty', '-m', 'Say what the status page says');
    await git('push', '-q', target.to, `${ref}:${ref}`);
  }

  async function work(): Promise<void> {
    while (due) {
      due = false;
      try {
        await round();
        failing = undefined;
      } catch (error) {
        if (failing === undefined) report(error, 'copying the mirror to git');
        failing ??= now();
        wait(AGAIN_MS);
        return;
      }
    }
  }

  function start(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    working ??= work().finally(() => {
      working = undefined;
      // Changed in the very moment in which it ended.
      if (due && failing === undefined) wait(REST_MS);
    });
    return working;
  }

  function wait(ms: number): void {
    if (closed) return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      due = true;
      void start();
    }, ms);
    timer.unref();
  }

  return {
    changed() {
      due = true;
      if (!working && !timer) wait(REST_MS);
    },
    // What git says may hold the repository's address, and that a password: it is in the log, without it.
    trouble: () =>
      failing === undefined ? undefined : { since: failing, why: 'git did not bring it there' },
    async settled() {
      // What is under way may have looked before the last change.
      while (working) await working;
      if (due) await start();
    },
    async close() {
      closed = true;
      clearTimeout(timer);
      while (working) await working;
      if (due && failing === undefined) await start();
    },
  };
}

async function text(stream: NodeJS.ReadableStream): Promise<string> {
  let all = '';
  for await (const chunk of stream) if (all.length < 1_000_000) all += String(chunk);
  return all;
}
