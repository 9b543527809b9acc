import { linkRuns } from './link-runs.ts';

type Element = Record<string, unknown>;

/** Runs of rich text know no markup, unlike a TextBlock, where `[x](https://…)` and `**` would change the words. */
const inlinesOf = (line: string): Element[] =>
  linkRuns(line).map(({ text, isLink }) => ({
    type: 'TextRun',
    text,
    ...(isLink ? { selectAction: { type: 'Action.OpenUrl', url: text } } : {}),
  }));

/** A block for each line; where there was an empty line, more room above. */
function blocksOf(words: string): Element[] {
  const blocks: Element[] = [];
  let isAfterGap = false;
  for (const line of words.replace(/\r\n?/g, '\n').split('\n')) {
    if (line.trim() === '') {
      isAfterGap = blocks.length > 0;
      continue;
    }
    const spacing = blocks.length === 0 ? 'none' : isAfterGap ? 'large' : 'small';
    blocks.push({ type: 'RichTextBlock', spacing, inlines: inlinesOf(line) });
    isAfterGap = false;
  }
  return blocks;
}

/**
 * The words as the message that "When a Teams webhook request is received" wants: one Adaptive Card.
 * https://learn.microsoft.com/power-automate/teams/send-a-message-in-teams
 */
export const cardOf = (words: string): Element => ({
  type: 'message',
  attachments: [
    {
      contentType: 'application/vnd.microsoft.card.adaptive',
      contentUrl: null,
      content: {
        $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
        type: 'AdaptiveCard',
        version: '1.4',
        msteams: { width: 'Full' },
        body: blocksOf(words),
      },
    },
  ],
});
