/** Whether words that somebody holds are ours: sentence by sentence, as they were published. */

/** Something we said to everybody, in all its forms. */
export interface Published {
  id: string;
  /** It whole, as the page and each network had it. */
  texts: readonly string[];
  /** Every sentence of these. */
  sentences: readonly string[];
}

export type Verdict =
  /** Every sentence of it is in one thing that we said. */
  | { is: 'ours'; id: string }
  /** Some is ours, or nearly; `strange` are the sentences that are not, as they were given. */
  | { is: 'close'; id: string; strange: readonly string[] }
  | { is: 'unknown' }
  /** Too little to tell one message from another. */
  | { is: 'short' };

/** Characters that a message must have, besides its links and signs: “We are sorry.” says nothing of who wrote it. */
const LEAST = 20;
/** Share of three-character runs that two sentences have in common when one may be the other, changed (Dice). */
const NEAR = 0.6;
/** Most sentences that are looked at. */
const MOST = 60;

const LINK = /\b(?:https?:\/\/|www\.)\S+/giu;
/** What says nothing between letters and figures; a point in 12.40 does. */
const SIGNS = /(?<=\p{N})([.,:])(?=\p{N})|[^\p{L}\p{M}\p{N}\p{Sc}%]+/gu;

/** A sentence as it is compared: without links, signs, marks and case. */
export const comparable = (sentence: string): string =>
  sentence
    .normalize('NFKC')
    .replace(LINK, ' ')
    .toLowerCase()
    .replace(SIGNS, (_, point?: string) => point ?? ' ')
    .trim();

/** Hosts that a text has links to, as written. */
export const linksIn = (text: string): string[] =>
  [...text.matchAll(LINK)].flatMap(([url]) => {
    const address = /^https?:/i.test(url) ? url : `http://${url}`;
    return URL.canParse(address) ? [new URL(address).hostname] : [];
  });

export const belongsTo = (host: string, official: readonly string[]): boolean =>
  official.some((own) => host === own || host.endsWith(`.${own}`));

interface Known {
  id: string;
  grams: Set<string>;
}

/** What we have said, newest first, ready to be asked many times. */
export interface Provenance {
  /** `text` whole, and its sentences. */
  judge(text: string, sentences: readonly string[]): Verdict;
}

export function openProvenance(said: readonly Published[]): Provenance {
  const exact = new Map<string, Set<string>>();
  const known: Known[] = [];
  const whole = said.flatMap(({ id, texts }) => texts.map((text) => ({ id, text: ` ${comparable(text)} ` })));
  for (const { id, sentences } of said)
    for (const sentence of new Set(sentences.map(comparable))) {
      if (sentence === '') continue;
      const ids = exact.get(sentence);
      if (!ids) {
        exact.set(sentence, new Set([id]));
        known.push({ id, grams: gramsOf(sentence) });
      } else ids.add(id);
    }
  const order = new Map(said.map(({ id }, i) => [id, i]));
  const newest = (ids: Iterable<string>) =>
    [...ids].sort((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0))[0];

  return {
    judge(text, sentences) {
      const asked = sentences
        .slice(0, MOST)
        .map((text) => ({ text, key: comparable(text) }))
        .filter(({ key }) => key !== '');
      if (asked.reduce((n, { key }) => n + key.length, 0) < LEAST) return { is: 'short' };
      // Without its full stops, a message is one sentence that we never wrote, and ours all the same.
      const all = ` ${comparable(text)} `;
      const holder = whole.find((form) => form.text.includes(all));
      if (holder) return { is: 'ours', id: holder.id };
      const hits = new Map<string, number>();
      for (const { key } of asked)
        for (const id of exact.get(key) ?? []) hits.set(id, (hits.get(id) ?? 0) + 1);
      const every = newest([...hits].filter(([, n]) => n === asked.length).map(([id]) => id));
      if (every !== undefined) return { is: 'ours', id: every };
      const near = new Map<string, number>();
      for (const { key } of asked) {
        if (exact.has(key)) continue;
        const found = nearest(gramsOf(key), known);
        if (found) near.set(found, (near.get(found) ?? 0) + 1);
      }
      const score = (id: string) => (hits.get(id) ?? 0) + (near.get(id) ?? 0);
      const like = new Set([...hits.keys(), ...near.keys()]);
      const best = Math.max(...[...like].map(score));
      const id = newest([...like].filter((x) => score(x) === best));
      if (id === undefined) return { is: 'unknown' };
      const strange = asked.filter(({ key }) => !exact.get(key)?.has(id)).map(({ text }) => text);
      return { is: 'close', id, strange };
    },
  };
}

function nearest(grams: ReadonlySet<string>, known: readonly Known[]): string | undefined {
  let best: { id: string; alike: number } | undefined;
  for (const { id, grams: own } of known) {
    const both = own.size + grams.size;
    // Sentences of very different lengths cannot be near; most are not looked at further.
    if (2 * Math.min(own.size, grams.size) < NEAR * both) continue;
    let common = 0;
    for (const gram of grams) if (own.has(gram)) common += 1;
    const alike = (2 * common) / both;
    if (alike >= NEAR && (best === undefined || alike > best.alike)) best = { id, alike };
  }
  return best?.id;
}

function gramsOf(text: string): Set<string> {
  const letters = [...text.replaceAll(' ', '')];
  const grams = new Set<string>();
  for (let i = 0; i + 3 <= letters.length; i += 1) grams.add(letters.slice(i, i + 3).join(''));
  return grams;
}
