import type { Finding } from './lint/lint.ts';
import { wordsOf } from './lint/lint.ts';

/** A message map answers one question with three messages that fit into nine seconds. (Covello: 27 words, 9 seconds, 3 messages.) */

export interface MapMessage {
  text: string;
  /** What backs it up: at most three. */
  supports: string[];
}

const MOST_MESSAGES = 3;
const MOST_WORDS = 27;
const MOST_SUPPORTS = 3;

/** What is wrong with a map: more than three messages block, more than 27 words are a second thought. */
export function checkMap(question: string, messages: readonly MapMessage[]): Finding[] {
  const list: Finding[] = [];
  const add = (level: Finding['level'], field: string, message: string, fix: string) =>
    void list.push({ id: 'L11', level, field, quote: '', message, fix });
  if (question.trim() === '') add('block', 'question', 'There is no question.', 'Write it as people ask it.');
  const said = messages.filter((m) => m.text.trim() !== '');
  if (said.length === 0)
    add('block', 'messages', 'There is no message.', 'Write the one thing people must hear.');
  if (said.length > MOST_MESSAGES)
    add('block', 'messages', `${said.length} messages: nobody keeps more than three.`, 'Choose three.');
  const words = said.reduce((n, m) => n + wordsOf(m.text).length, 0);
  if (words > MOST_WORDS)
    add(
      'warn',
      'messages',
      `${words} words take longer than nine seconds to say.`,
      'Bring the three messages to 27 words together.',
    );
  for (const m of said)
    if (m.supports.filter((s) => s.trim() !== '').length > MOST_SUPPORTS)
      add(
        'block',
        'messages',
        `“${m.text}” has more than three supports.`,
        'Keep the three that weigh most.',
      );
  return list;
}
