import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Starts a file of this folder as a process of its own, with a channel to it. */
export const start = (file: string, args: string[] = [], execArgv: string[] = []): ChildProcess =>
  fork(fileURLToPath(new URL(file, import.meta.url)), args, { execArgv });

/** The next message of a child; throws when it ends instead. */
export function hear<T>(child: ChildProcess): Promise<T> {
  return new Promise((done, fail) => {
    const message = (m: unknown) => {
      child.off('exit', gone);
      done(m as T);
    };
    const gone = (code: number | null) => {
      child.off('message', message);
      fail(new Error(`a process of the bench ended with ${code}`));
    };
    child.once('message', message);
    child.once('exit', gone);
  });
}

export function ask<T>(child: ChildProcess, message: object): Promise<T> {
  const answer = hear<T>(child);
  child.send(message);
  return answer;
}

export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

export const round = (n: number, digits = 1): number => Math.round(n * 10 ** digits) / 10 ** digits;
