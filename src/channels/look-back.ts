import type { Key } from '../domain/channel.ts';
import type { Channel, ChannelTools } from './contract.ts';

/** How long before our own time of publishing a post may have been made, when no clock is wrong, ms. */
const MARGIN_MS = 10 * 60_000;
/** A clock that is wrong by more than any two time zones is more likely the other one's, ms. */
const FURTHEST_MS = 27 * 60 * 60_000;

/** What an earlier try has made was not made before this, ms, by the network's clock. */
export const earliest = (key: Key): number => (key.from ?? key.at) - MARGIN_MS;

/**
 * Lets an account be looked through from when a post can have been made, whatever our own clock said then: a clock that
 * was an hour ahead would begin the look after the post, take that for an absence, and have it posted twice. Every answer
 * tells the network's time; a clock that was put right meanwhile shows in a key that is still to come.
 */
export function withTheirClock(tools: ChannelTools, open: (tools: ChannelTools) => Channel): Channel {
  /** How far our clock is ahead of the network's, ms; 0 while it is behind or nobody has said. */
  let ahead = 0;
  const channel = open({
    ...tools,
    async fetch(url, request) {
      const answer = await tools.fetch(url, request);
      const off = tools.now() - Date.parse(answer.headers.get('date') ?? '');
      if (off < FURTHEST_MS) ahead = Math.max(0, off);
      return answer;
    },
  });
  const find = channel.find?.bind(channel);
  if (find === undefined) return channel;
  const from = (key: Key) => Math.min(key.at, tools.now()) - ahead;
  channel.find = async (draft, key, signal) => {
    const asked = from(key);
    const found = await find(draft, { ...key, from: asked }, signal);
    // The first look of a run learns what time it is from its own answers.
    if (found !== null || from(key) > asked - MARGIN_MS / 2) return found;
    return find(draft, { ...key, from: from(key) }, signal);
  };
  return channel;
}
