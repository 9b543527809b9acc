import type { Draft, Limits } from '../domain/channel.ts';
import { ChannelError } from './contract.ts';
import { linkRuns } from './link-runs.ts';
import { wordsOnly } from './words-only.ts';

export const NETWORK = 'Slack';

/**
 * A message may be longer, but chat.update takes 4,000 bytes after escaping: a longer one could never be corrected.
 * https://docs.slack.dev/reference/methods/chat.update
 */
export const limits: Limits = { unit: 'escaped_bytes', max: 4000 };

/** The three characters that begin Slack's own markup: https://docs.slack.dev/messaging/formatting-message-text */
const escapeMarkup = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const unescapeMarkup = (text: string): string =>
  text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');

/**
 * The words as one block of rich text, where nothing is markup and only addresses are links, and as escaped text for
 * notifications and search. No name in them notifies anybody, and no preview is added.
 */
export function contentOf(draft: Draft): Record<string, unknown> {
  const words = wordsOnly(draft, NETWORK);
  const text = escapeMarkup(words);
  if (Buffer.byteLength(text) > limits.max)
    throw new ChannelError(
      'rejected',
      `The text is too long for Slack: it takes ${limits.max} bytes with & < > escaped. Shorten it.`,
      { code: 'msg_too_long' },
    );
  const elements = linkRuns(words).map((run) =>
    run.isLink ? { type: 'link', url: run.text } : { type: 'text', text: run.text },
  );
  return {
    text,
    blocks: [{ type: 'rich_text', elements: [{ type: 'rich_text_section', elements }] }],
    mrkdwn: false,
    link_names: false,
    unfurl_links: false,
    unfurl_media: false,
  };
}

/** What a reader sees of text that Slack gives us: `<url|label>`, `<@U123>`, `<#C1|name>`, `<!here>` and entities. */
export function wordsOf(wire: string, names: ReadonlyMap<string, string> = new Map()): string {
  const words = wire.replace(/<([^<>]*)>/g, (_, inside: string) => {
    const bar = inside.indexOf('|');
    const target = bar === -1 ? inside : inside.slice(0, bar);
    const label = bar === -1 ? undefined : inside.slice(bar + 1);
    if (target.startsWith('@')) return `@${names.get(target.slice(1)) ?? label ?? target.slice(1)}`;
    if (target.startsWith('#')) return `#${label ?? target.slice(1)}`;
    if (target.startsWith('!')) return label ?? `@${target.slice(1)}`;
    return label ?? target;
  });
  return unescapeMarkup(words);
}
