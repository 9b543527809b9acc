import { forbidden } from './error.ts';

/** Words in a person's own voice: written by them or by whom they named, and said by nobody but them. */

export interface Voice {
  /** Under the name, like “CEO”. */
  title: string;
  /** Person ids of those who may draft for them. */
  delegates: string[];
}

/** Whether `by` may write in the voice of this person. */
export const mayDraftAs = (speaker: { id: string; voice: Voice | null }, by: string): boolean =>
  speaker.voice !== null && (speaker.id === by || speaker.voice.delegates.includes(by));

/** How such words end: “— Aisha Rahman, CEO”. */
export const signature = (speaker: { name: string; voice: Voice | null }): string =>
  `— ${speaker.name}${speaker.voice?.title ? `, ${speaker.voice.title}` : ''}`;

/** Throws unless the consent is of the person who speaks, shown by what only they have. */
export function assertConsent(of: { voiceOf: string | null; by: string; proved: boolean }): void {
  if (of.voiceOf === null)
    throw forbidden('These words are in nobody’s own voice, so no consent is asked for.');
  if (of.by !== of.voiceOf)
    throw forbidden('Only the person who speaks here can consent to it; nobody does it for them.');
  if (!of.proved)
    throw forbidden(
      'Show your passkey, app code or password with it: it is your own voice. Set one up under “Your sign-in”.',
    );
}
