import { forbidden } from './error.ts';
import { BLOCKS, type Blocks } from './words.ts';

/** Words in a person's own voice: written by them or by whom they named, and said by nobody but them. */

export interface Voice {
  /** Under the name, like “CEO”. */
  title: string;
  /** Person ids of those who may draft for them. */
  delegates: string[];
}

interface Speaker {
  id: string;
  name: string;
  voice: Voice | null;
}

/** Whether `by` may write in the voice of this person. */
export const mayDraftAs = (speaker: Pick<Speaker, 'id' | 'voice'>, by: string): boolean =>
  speaker.voice !== null && (speaker.id === by || speaker.voice.delegates.includes(by));

/** How such words end: “— Aisha Rahman, CEO”. */
export const signature = (speaker: Pick<Speaker, 'name' | 'voice'>): string =>
  `— ${speaker.name}${speaker.voice?.title ? `, ${speaker.voice.title}` : ''}`;

const dropSign = (text: string, name: string): string =>
  text
    .split('\n')
    .filter((line) => line.trim() !== `— ${name}` && !line.trim().startsWith(`— ${name}, `))
    .join('\n')
    .trim();

type Words = { blocks: Blocks; body: string };

/** The words without this person's signature, wherever it stands. */
export function dropSignature(words: Words, speaker: Pick<Speaker, 'name'>): Words {
  const blocks: Blocks = {};
  for (const name of BLOCKS) {
    const text = dropSign(words.blocks[name] ?? '', speaker.name);
    if (text !== '') blocks[name] = text;
  }
  return { blocks, body: dropSign(words.body, speaker.name) };
}

/** The words with their signature as the last line of all, and nowhere else. Empty words stay empty. */
export function sign(words: Words, speaker: Pick<Speaker, 'name' | 'voice'>): Words {
  const { blocks, body } = dropSignature(words, speaker);
  const last = BLOCKS.findLast((name) => blocks[name] !== undefined);
  const end = (text: string) => `${text}\n${signature(speaker)}`;
  if (last !== undefined) blocks[last] = end(blocks[last] ?? '');
  return { blocks, body: last === undefined && body !== '' ? end(body) : body };
}

/** Who is signed under these words, among those whose voice needs their consent. */
export const signers = <S extends Speaker>(texts: readonly string[], people: readonly S[]): S[] =>
  people.filter(
    (p) =>
      p.voice !== null && texts.some((text) => text.split('\n').some((line) => line.trim() === signature(p))),
  );

/** Words without the signature that they end with: it is set by itself, so that no network drops it. */
export function unsign(text: string, signed: string): string {
  const lines = text.split('\n');
  return lines.at(-1)?.trim() === signed ? lines.slice(0, -1).join('\n').trim() : text;
}

/** Throws `forbidden` unless this is the person who speaks, shown by what only they have. */
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
