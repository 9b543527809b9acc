import type { Draft } from '../domain/channel.ts';
import { ChannelError } from './contract.ts';

/**
 * The text of a draft, for a network that we give words alone. Refuses what would be lost on the way (pictures) and
 * what some networks would accept although nobody can mean it (an empty post: Bluesky takes one).
 */
export function wordsOnly(draft: Draft, network: string): string {
  if (draft.media !== undefined && draft.media.length > 0)
    throw new ChannelError('rejected', `We post words to ${network}, not pictures. Remove the pictures.`, {
      code: 'media',
    });
  return someWords(draft, network);
}

/** The text of a draft that pictures go with. */
export function someWords(draft: Draft, network: string): string {
  if (!/[^\s\p{Cf}]/u.test(draft.text))
    throw new ChannelError('rejected', `There are no words to post to ${network}. Write some.`, {
      code: 'empty',
    });
  return draft.text;
}
