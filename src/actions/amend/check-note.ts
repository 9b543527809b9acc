import { invalid } from '../../domain/error.ts';
import { checkText } from '../../domain/update.ts';

/** Longest public sentence on what was wrong, in UTF-16 units: it must fit beside the right words on a short network. */
export const MAX_NOTE = 500;

/** Checks the public sentence as it is being written; that it is there at all is asked for with the approval. */
export function checkNote(note: string): void {
  checkText('note', note, MAX_NOTE);
  if (/\n/.test(note.trim())) throw invalid('note', 'Say in one line what was wrong.');
}
