/**
 * LinkedIn's "little" format. A post's words are cut off, with a success, at the first of these characters that has
 * no backslash in front: https://learn.microsoft.com/linkedin/marketing/community-management/shares/little-text-format
 */
const RESERVED = /[\\|{}@[\]()<>#*_~]/g;

/** Words as they are, for the `commentary` of a post. Comments are plain text and must not go through here. */
export const toLittle = (text: string): string => text.replace(RESERVED, '\\$&');

/** What a reader sees of a `commentary`: without backslashes, and with hashtags and names written out. */
export function fromLittle(commentary: string): string {
  return commentary.replace(
    /\\([\s\S])|\{hashtag\|\\?([#＃])\|((?:\\.|[^\\}])*)\}|@\[((?:\\.|[^\\\]])*)\]\([^)]*\)/g,
    (_, plain?: string, sign?: string, tag?: string, name?: string) =>
      plain ?? (sign === undefined ? fromLittle(name ?? '') : `${sign}${fromLittle(tag ?? '')}`),
  );
}
