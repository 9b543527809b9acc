import type { BucketTarget } from './bucket/bucket.ts';
import { buildBucketCopy } from './bucket/bucket-copy.ts';
import { buildGitCopy, type GitTarget } from './git-copy.ts';

/** Where the mirror's folder is brought to, besides being a folder. */
export interface Elsewhere {
  /** A file, or all below a path, has changed or will in a moment. */
  changed(path: string): void;
  copies(): CopyState[];
  /** Resolves when all that is in the folder now is there, or could not be brought there. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

/** A copy on another host: since when, ms, and why it is behind; null when it is not. */
export interface CopyState {
  where: 'git' | 'bucket';
  trouble: { since: number; why: string } | null;
}

export function buildElsewhere(parts: {
  folder: string;
  git: GitTarget | undefined;
  bucket: BucketTarget | undefined;
  now(): number;
  report(error: unknown, doing: string): void;
  /** Resolves when nothing is being written: true when the folder then holds everything that is public. */
  still(): Promise<boolean>;
}): Elsewhere {
  const { folder, now, report, still } = parts;
  const git = parts.git && buildGitCopy(folder, parts.git, report, now);
  const bucket = parts.bucket && buildBucketCopy({ folder, target: parts.bucket, now, report, still });
  const all = [
    ...(git ? [{ where: 'git' as const, copy: git }] : []),
    ...(bucket ? [{ where: 'bucket' as const, copy: bucket }] : []),
  ];
  return {
    changed(path) {
      git?.changed();
      bucket?.changed(path);
    },
    copies: () => all.map(({ where, copy }) => ({ where, trouble: copy.trouble() ?? null })),
    async settled() {
      for (const { copy } of all) await copy.settled();
    },
    async close() {
      await Promise.all(all.map(({ copy }) => copy.close()));
    },
  };
}
