/** A question whose answer is kept. */
export interface AskedOnce<T> {
  (signal: AbortSignal): Promise<T>;
  /** The next caller asks again: the answer may have changed. */
  forget(): void;
}

/**
 * Asks a network once what stays as it is, such as who we are there: whoever wants to know meanwhile waits for the same
 * answer. A question that failed is forgotten, and asked again by the next.
 */
export function askOnce<T>(ask: (signal: AbortSignal) => Promise<T>): AskedOnce<T> {
  let kept: Promise<T> | undefined;
  const answer = (signal: AbortSignal): Promise<T> => {
    if (kept !== undefined) return kept;
    const asked = ask(signal);
    kept = asked;
    asked.catch(() => {
      if (kept === asked) kept = undefined;
    });
    return asked;
  };
  return Object.assign(answer, {
    forget() {
      kept = undefined;
    },
  });
}
