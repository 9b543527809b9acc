/**
 * Whose hands may be on something. Whoever makes the way in by which somebody else comes to the desk could have used it
 * themselves, so what is done there counts as done by both, until the person shows that it is them.
 */

export interface Hands {
  /** The person as whom it is done. */
  id: string;
  /** How this session came in, when somebody else made its link. */
  letIn?: LetIn | null;
}

export interface LetIn {
  /** Person ids of whoever made the link, and of whoever had let those in. */
  by: readonly string[];
  /** When, ms: only what the person had set up before can show that it is them. */
  at: number;
}

/** Everybody who may be sitting there. */
export const handsOf = (actor: Hands): string[] => [...new Set([actor.id, ...(actor.letIn?.by ?? [])])];

/** Adds everybody who may have written this to those who have; each once, in order. */
export const withHands = (before: readonly string[], actor: Hands): string[] => [
  ...new Set([...before, ...handsOf(actor)]),
];

/** The one behind this session who is among `people`, besides the person themselves; undefined when nobody is. */
export const behindAmong = (actor: Hands, people: readonly (string | null)[]): string | undefined =>
  actor.letIn?.by.find((id) => people.includes(id));
