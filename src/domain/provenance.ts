/** Whether words that somebody holds are ours: sentence by sentence, as they were published. */

/** Something we said to everybody, in all its forms. */
export interface Published {
  id: string;
  /** As the page and each network had it, each text as its sentences in order. */
  texts: readonly (readonly string[])[];
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
/** Most sentences that are held against nearly the same ones. */
const MOST = 60;

/** What is no part of an address ends it: words that are glued to a link with a strange blank must be read. */
const LINK = /\b(?:https?:\/\/|www\.)[\p{L}\p{M}\p{N}\-._~:/?#@!$&'()*+,;=%[\]]+/giu;
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

/** Hosts that a text has links to, in whatever form of letters; the link as it is written where it names no host. */
export const linksIn = (text: string): string[] =>
  [...text.normalize('NFKC').matchAll(LINK)].map(([url]) => {
    const address = /^https?:/i.test(url) ? url : `http://${url}`;
    return URL.canParse(address) ? new URL(address).hostname : url.slice(0, 80);
  });

export const belongsTo = (host: string, official: readonly string[]): boolean =>
  official.some((own) => host === own || host.endsWith(`.${own}`));

/** What is worked out of something published, once: it never changes, and a page has said much. */
interface Prepared {
  whole: Whole[];
  /** Its sentences as they are compared, each with its runs of three characters. */
  grams: Map<string, ReadonlySet<string>>;
}
const prepared = new WeakMap<Published, Prepared>();

function prepare(one: Published): Prepared {
  const known = prepared.get(one);
  if (known) return known;
  const keys = one.texts.map((sentences) => sentences.map(comparable).filter((key) => key !== ''));
  const made = {
    whole: keys.map((text) => wholeOf(one.id, text)),
    grams: new Map([...new Set(keys.flat())].map((key) => [key, gramsOf(key)])),
  };
  prepared.set(one, made);
  return made;
}

/** What we have said, newest first, ready to be asked many times. */
export interface Provenance {
  /** `text` whole, and its sentences. */
  judge(text: string, sentences: readonly string[]): Verdict;
}

export function openProvenance(said: readonly Published[]): Provenance {
  const exact = new Map<string, Set<string>>();
  const whole: Whole[] = [];
  const near = openNear();
  for (const one of said) {
    const { whole: forms, grams } = prepare(one);
    whole.push(...forms);
    for (const [sentence, runs] of grams) {
      const ids = exact.get(sentence);
      if (ids) ids.add(one.id);
      else {
        exact.set(sentence, new Set([one.id]));
        near.add(one.id, runs);
      }
    }
  }
  const order = new Map(said.map(({ id }, i) => [id, i]));
  const newest = (ids: Iterable<string>) =>
    [...ids].sort((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0))[0];

  return {
    judge(text, sentences) {
      const given = sentences.map((text) => ({ text, key: comparable(text) }));
      // Each once: what is said again says no more.
      const asked = [...new Map(given.map((one) => [one.key, one])).values()].filter(({ key }) => key !== '');
      if (asked.reduce((n, { key }) => n + key.length, 0) < LEAST) return { is: 'short' };
      // Without its full stops, a message is one sentence that we never wrote, and ours all the same.
      const all = ` ${comparable(text)} `;
      const holder = whole.find((form) => holds(form, all));
      if (holder) return { is: 'ours', id: holder.id };
      const hits = new Map<string, number>();
      for (const { key } of asked)
        for (const id of exact.get(key) ?? []) hits.set(id, (hits.get(id) ?? 0) + 1);
      const every = newest([...hits].filter(([, n]) => n === asked.length).map(([id]) => id));
      if (every !== undefined) return { is: 'ours', id: every };
      const alike = new Map<string, number>();
      for (const { key } of asked.slice(0, MOST)) {
        if (exact.has(key)) continue;
        const found = near.find(gramsOf(key));
        if (found) alike.set(found, (alike.get(found) ?? 0) + 1);
      }
      const score = (id: string) => (hits.get(id) ?? 0) + (alike.get(id) ?? 0);
      const like = new Set([...hits.keys(), ...alike.keys()]);
      const best = Math.max(...[...like].map(score));
      const id = newest([...like].filter((x) => score(x) === best));
      if (id === undefined) return { is: 'unknown' };
      const strange = asked.filter(({ key }) => !exact.get(key)?.has(id)).map(({ text }) => text);
      return { is: 'close', id, strange };
    },
  };
}

/** A text as one line, with the places of the blanks between its sentences, before the first and after the last. */
interface Whole {
  id: string;
  text: string;
  bounds: ReadonlySet<number>;
}

function wholeOf(id: string, sentences: readonly string[]): Whole {
  const bounds = new Set([0]);
  let text = ' ';
  for (const sentence of sentences) {
    text += `${sentence} `;
    bounds.add(text.length - 1);
  }
  return { id, text, bounds };
}

/** Whether some sentences of a text, whole, are what was asked: without its “never”, a sentence says the opposite. */
function holds({ text, bounds }: Whole, asked: string): boolean {
  for (let i = text.indexOf(asked); i !== -1; i = text.indexOf(asked, i + 1))
    if (bounds.has(i) && bounds.has(i + asked.length - 1)) return true;
  return false;
}

/** Finds the sentence that has most in common with another: by an index, because strangers ask, and often. */
function openNear() {
  const known: { id: string; size: number }[] = [];
  const having = new Map<string, number[]>();
  return {
    add(id: string, grams: ReadonlySet<string>): void {
      for (const gram of grams) {
        const places = having.get(gram);
        if (places) places.push(known.length);
        else having.set(gram, [known.length]);
      }
      known.push({ id, size: grams.size });
    },
    /** Whose it is; undefined where nothing is near. */
    find(grams: ReadonlySet<string>): string | undefined {
      const common = new Uint32Array(known.length);
      for (const gram of grams)
        for (const place of having.get(gram) ?? []) common[place] = (common[place] ?? 0) + 1;
      let best: { id: string; alike: number } | undefined;
      known.forEach(({ id, size }, place) => {
        const alike = (2 * (common[place] ?? 0)) / (size + grams.size);
        if (alike >= NEAR && (best === undefined || alike > best.alike)) best = { id, alike };
      });
      return best?.id;
    },
  };
}

function gramsOf(text: string): Set<string> {
  const letters = [...text.replaceAll(' ', '')];
  const grams = new Set<string>();
  for (let i = 0; i + 3 <= letters.length; i += 1) grams.add(letters.slice(i, i + 3).join(''));
  return grams;
}
