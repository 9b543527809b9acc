import { closeSync, existsSync, fsyncSync, openSync, rmSync, statfsSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * A file that only takes up space. When the disk is full, SQLite can read but not even make room for itself; giving the
 * ballast up lets it finish what is on its way, and somebody has time to make room.
 */
export interface Ballast {
  /** Gives the space up; false when it was given up before. */
  release(): boolean;
  /** Takes the space again once there is plenty (four times the ballast). */
  takeAgain(): void;
  readonly held: boolean;
}

const CHUNK = Buffer.alloc(1 << 20);

/** `bytes` 0 means none. A disk that is too full for it is a disk that is full: then there is none to give up. */
export function openBallast(file: string, bytes: number): Ballast {
  const isThere = () => existsSync(file) && statSync(file).size >= bytes;
  const take = () => {
    try {
      const fd = openSync(file, 'w', 0o600);
      try {
        for (let left = bytes; left > 0; left -= CHUNK.length)
          writeSync(fd, CHUNK, 0, Math.min(left, CHUNK.length));
        fsyncSync(fd);
      } finally {
        closeSync(fd);
      }
    } catch {
      rmSync(file, { force: true });
    }
  };
  if (bytes > 0 && !isThere()) take();
  return {
    release() {
      if (bytes === 0 || !existsSync(file)) return false;
      rmSync(file, { force: true });
      return true;
    },
    takeAgain() {
      if (bytes === 0 || isThere()) return;
      const disk = statfsSync(dirname(file));
      if (disk.bavail * disk.bsize > bytes * 4) take();
    },
    get held() {
      return bytes === 0 || isThere();
    },
  };
}
