/** What an HTML page says in its own language: its text and what is read out, without what is marked as another's. */
export function textOf(html: string, language: string): string {
  const body = html
    .replace(/<(style|script|svg|code)\b[\s\S]*?<\/\1>/g, ' ')
    // A field that nobody sees, for programs to fall into.
    .replace(/<p class="trap"[\s\S]*?<\/p>/g, ' ')
    .replace(/<(\w+)[^>]*\slang="([\w-]+)"[^>]*>([^<]*)<\/\1>/g, (all, _name, code) =>
      code === language ? all : ' ',
    );
  const read = [...body.matchAll(/\s(?:aria-label|alt|title|placeholder)="([^"]*)"/g)].map((m) => m[1]);
  return [...read, body.replace(/<[^>]*>/g, ' ')]
    .join(' ')
    .replace(/&#x([0-9a-f]+);/gi, (_all, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
    .replace(/&nbsp;/g, ' ')
    .replace(/&amp;/g, '&')
    .replace(/\s+/g, ' ');
}

/** Names that are the same in every script, and what the house in these tests is called. */
const NAMES =
  /\b(Tocsin|UTC|GMT|RSS|Atom|API|JSON|URL|HTTPS?|Slack|Microsoft|Teams|Statuspage|Webhooks?|Standard|Apps|Incoming|Workflows|SMS|Payments|Search|Shop|northwind|customer|example|name|com|rim|late|status|hooks|deadbeef)\b/gi;

/** Words in Latin letters on a page in another script: almost surely somebody forgot to translate them. */
export const foreignIn = (text: string): string[] =>
  text
    .replace(/https?:\S+|\S+@\S+|[\w.]+\/incidents\/\w+/g, ' ')
    .replace(NAMES, ' ')
    .match(/[A-Za-z]{3,}(?: [A-Za-z]{2,})*/g) ?? [];
