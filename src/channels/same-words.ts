/**
 * Whether a network's copy of a post says what we sent. Networks normalise Unicode, fold space, complete links that had
 * no scheme, and put the names of the people who are answered in front; a reader sees the same words all the same.
 */
export function sameWords(theirs: string, ours: string): boolean {
  return bare(theirs) === bare(ours);
}

const bare = (text: string): string =>
  text
    .normalize('NFC')
    .replace(/[\s\p{Cf}]+/gu, ' ')
    .trim()
    .replace(/^(@[\w.@-]+ )+/, '')
    .replace(/https?:\/\//gi, '')
    .replace(/\/(?= |$)/g, '');

/** A post of ours as a network lists it, for `pickOurs`. */
export interface Listed {
  text: string;
  links: readonly string[];
  /** Id of what it answers, where the network says so. */
  answers?: string | undefined;
}

/**
 * The post that an earlier try has made, among those that came after it. The link is unique to one rendition, so it
 * decides; words decide where there is no link, and between the parts of a thread that carry the same one. Many people
 * may be given one answer: what answers somebody else is another's, whatever it says.
 */
export function pickOurs<P extends Listed>(
  all: readonly P[],
  draft: { text: string; link?: string; inReplyTo?: { id: string }; root?: { id: string } },
): P | undefined {
  const { link, inReplyTo, root } = draft;
  // Only where one person is answered. In a thread of our own, posts that were changed may have got other ids since.
  const isTheirs = ({ answers }: P) => answers === undefined || answers === inReplyTo?.id;
  const listed = inReplyTo !== undefined && root === undefined ? all.filter(isTheirs) : all;
  const linked =
    link === undefined || !draft.text.includes(link)
      ? []
      : listed.filter((post) => post.links.some((one) => sameWords(one, link)) || post.text.includes(link));
  return (
    linked.find((post) => sameWords(post.text, draft.text)) ??
    linked[0] ??
    listed.find((post) => sameWords(post.text, draft.text))
  );
}
