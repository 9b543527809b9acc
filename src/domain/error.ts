/** The few ways a request can fail. `server` has the one table from code to HTTP status. */
export const ERROR_CODES = [
  'invalid', // 400: the words or values are wrong; `field` names which
  'unauthorized', // 401: we do not know who is asking
  'forbidden', // 403: we know, and they may not
  'not_found', // 404
  'conflict', // 409: true a moment ago, not now (a stale hash, a changed draft)
  'gone', // 410: retired for good
  'limited', // 429: too many; `retryAfterMs` says when
  'unavailable', // 503: nothing was done, try again; `retryAfterMs` says when
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];

/** A field, what is wrong with it, and how to mend it. */
export interface Wrong {
  field: string;
  message: string;
}

/** A refusal with a sentence for the person: what is wrong, and how to mend it. */
export class DomainError extends Error {
  readonly code: ErrorCode;
  readonly field: string | undefined;
  readonly retryAfterMs: number | undefined;
  /** What else is wrong, field by field, where all of a form was looked at before it was refused. */
  readonly also: readonly Wrong[];
  constructor(
    code: ErrorCode,
    message: string,
    more: { field?: string; retryAfterMs?: number; also?: readonly Wrong[] } = {},
  ) {
    super(message);
    this.name = 'DomainError';
    this.code = code;
    this.field = more.field;
    this.retryAfterMs = more.retryAfterMs;
    this.also = more.also ?? [];
  }
}

export const invalid = (field: string, message: string) => new DomainError('invalid', message, { field });
/** Throws what is wrong with a form, all of it at once; nothing when nothing is. */
export function refuse(wrong: readonly Wrong[]): void {
  const [first, ...also] = wrong;
  if (first) throw new DomainError('invalid', first.message, { field: first.field, also });
}
export const conflict = (message: string, field?: string) =>
  new DomainError('conflict', message, field === undefined ? {} : { field });
export const forbidden = (message: string) => new DomainError('forbidden', message);
export const notFound = (what: string) => new DomainError('not_found', `There is no such ${what}.`);
