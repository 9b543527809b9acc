/** The "little" format as LinkedIn reads it. */
const RESERVED = '\\|{}@[]()<>#*_~';
const ELEMENT =
  /^(?:\{hashtag\|\\?([#＃])\|((?:\\.|[^\\}])+)\}|@\[((?:\\.|[^\\\]])*)\]\(urn:li:(?:person|organization):[\w-]+\)|([#＃][\p{L}\p{N}][\p{L}\p{N}_]*))/u;

/**
 * What readers get of a commentary: escaped characters, mentions and hashtags, up to the first reserved character that
 * is none of them. The rest is lost without a word. `kept` is the part of the source that was read.
 */
export function readLittle(commentary: string): { text: string; kept: string } {
  let text = '';
  let at = 0;
  while (at < commentary.length) {
    const char = commentary.charAt(at);
    const next = commentary.charAt(at + 1);
    if (char === '\\' && next !== '' && RESERVED.includes(next)) {
      text += next;
      at += 2;
      continue;
    }
    if (!RESERVED.includes(char)) {
      text += char;
      at += 1;
      continue;
    }
    const element = ELEMENT.exec(commentary.slice(at));
    if (element === null) break;
    const [whole, sign, tag, name, plain] = element;
    text +=
      plain ?? (sign === undefined ? readLittle(name ?? '').text : `${sign}${readLittle(tag ?? '').text}`);
    at += whole.length;
  }
  return { text, kept: commentary.slice(0, at) };
}
