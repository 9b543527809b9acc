import { forbidden } from './error.ts';

/**
 * Whose hands may be on something. Whoever makes the way in by which somebody else comes to the desk could have used it
 * themselves, so what is done there counts as done by both, until the person has come in by what only they have.
 */

export interface Hands {
  /** The person as whom it is done. */
  id: string;
  /** How this session came in, when somebody else made its way in. */
  letIn?: LetIn | null;
}

export interface LetIn {
  /** Person ids of whoever made the link, and of whoever had let those in. */
  by: readonly string[];
  /** Behind an invitation its maker may have chosen the password too, so nothing typed there shows who it is. */
  how: 'link' | 'invitation' | 'token';
}

/** Everybody who may be sitting there, the person first. */
export const handsOf = (actor: Hands): string[] => [...new Set([actor.id, ...(actor.letIn?.by ?? [])])];

/** Adds everybody who may have written this to those who have; each once, in order. */
export const withHands = (before: readonly string[], actor: Hands): string[] => [
  ...new Set([...before, ...handsOf(actor)]),
];

/** Who made the way in of this session and is among `people`, besides the person themselves; undefined when nobody. */
export const behindAmong = (actor: Hands, people: readonly (string | null)[]): string | undefined =>
  actor.letIn?.by.find((id) => id !== actor.id && people.includes(id));

/** Throws `forbidden`, with `why`, when one of `authors` does this, or may be sitting there for somebody else. */
export function assertOther(actor: Hands, authors: readonly (string | null)[], why: string): void {
  if (authors.includes(actor.id)) throw forbidden(why);
  if (behindAmong(actor, authors) !== undefined)
    throw forbidden(
      'Whoever wrote this also made the link by which you came in. Sign in with your own passkey or password, then do it.',
    );
}

/** Throws unless this session came in by what its person alone has: only then may they change how they come in. */
export function assertOwnWay(actor: Hands): void {
  if (actor.letIn?.how === 'link')
    throw forbidden(
      'You came in by a link that somebody else made. Sign in with your own passkey or password to change how you sign in; if you have none, ask an admin to reset your sign-in and invite you.',
    );
}
