import {
  begin,
  climb,
  dial,
  type Frame,
  freshness,
  hear,
  isSilent,
  lose,
  type Step,
  serverNow,
  waitFor,
} from './connection.ts';
import { ago, flagState, lateBy, reach, remaining } from './countdown.ts';
import { swap } from './swap.ts';

/**
 * Keeps a rendered page live: says how fresh its words are, counts down to the promise, and puts new words in. The
 * page is whole without it.
 */

const root = document.documentElement;
const { page = '', zone = 'UTC', follow, epoch = '' } = root.dataset;
const language = root.lang;
const find = <E extends Element = HTMLElement>(selector: string) => document.querySelector<E>(selector);
const words = JSON.parse(find('#conn')?.dataset['words'] ?? '{}') as Record<string, string>;
const say = (name: string, value = '') => (words[name] ?? '').replace('{}', value);
const setText = (selector: string, text: string) => {
  const el = find(selector);
  if (el && el.textContent !== text) el.textContent = text;
};
const clock = (at: number, timeZone?: string, named = false) =>
  new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : `${language}-u-nu-latn`, {
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    ...(timeZone && { timeZone }),
    ...(named && { timeZoneName: 'short' }),
  })
    .formatToParts(at)
    .filter((p) => (named ? p.type === 'timeZoneName' : p.type !== 'timeZoneName'))
    .map((p) => p.value)
    .join('');

let c = begin(Number(root.dataset['seq']), Number(root.dataset['at']), Date.now(), epoch);
let timer: ReturnType<typeof setTimeout> | undefined;
let hangUp = () => {};
let madeAt = c.knownAt;

function take(frame: Frame): void {
  let step: Step;
  [c, step] = hear(c, frame, Date.now());
  if (step === 'refetch') renew();
  else if (step && follow === 'refetch') setTimeout(renew, Math.random() * 2_000);
  else if (step) put(step.html);
  tick();
}

/** What is read here as words: a lamp, a bar or the time that has passed is no news. */
const WORDS = '#h,.lede,#answers,.corr,#timeline h3,#timeline p,#others h3,#others p:not(.mut,.kept),.over';
const textOf = (el?: Element | null) => el?.textContent?.trim() ?? '';
const read = () => Array.from(document.querySelectorAll(WORDS));

function put(html: Record<string, string>): void {
  const away = scrollY > 200;
  const known = new Set(read().map(textOf));
  if (!swap(html, tick)) renew();
  root.classList.toggle('grave', find('#main')?.dataset['layout']?.includes('grave') ?? false);
  const news = read().filter((el) => !known.has(textOf(el)));
  if (news.length === 0) return;
  const marker = find('#unread');
  if (marker && away) marker.hidden = false;
  // Put right before anything else; else the headline with what is new, not said twice where one begins with the other.
  const first = (what: string) => news.find((el) => el.matches(what));
  const right = first('.corr');
  const head = textOf(find('#h'));
  const more = textOf(right ?? first('#timeline p') ?? first(':not(h1)'));
  announce(say('announce', right || more.startsWith(head) ? more : `${head} ${more}`.trim()));
}

function announce(text: string): void {
  find('#say')?.setAttribute(
    'aria-live',
    find('#notice')?.hasAttribute('data-urgent') ? 'assertive' : 'polite',
  );
  setText('#say', text);
}

const renew = () => {
  refetch().catch(() => {});
};

/** Asks for this very page and takes over its words if they are newer; throws when there is no answer. */
async function refetch(): Promise<Frame> {
  const answer = await ask(location.href);
  const doc = new DOMParser().parseFromString(await answer.text(), 'text/html');
  const beat: Frame = { type: 'beat', serverTime: dateOf(answer) };
  const { seq, at, epoch = '' } = doc.documentElement.dataset;
  const main = doc.getElementById('main');
  if (!main || !seq) throw new Error('not a page');
  if (Number(at) <= madeAt) return beat;
  madeAt = Number(at);
  c = { ...c, seq: Number(seq), epoch, knownAt: Math.max(c.knownAt, madeAt) };
  put({ title: doc.getElementById('title')?.outerHTML ?? '', main: main.outerHTML });
  return beat;
}

const dateOf = (answer: Response) => Date.parse(answer.headers.get('date') ?? '') || 0;

async function ask(url: string): Promise<Response> {
  const answer = await fetch(url, { cache: 'no-cache', signal: AbortSignal.timeout(20_000) });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer;
}

async function poll(query: string): Promise<Frame> {
  const answer = await ask(`/live/poll?${query}`);
  return {
    type: 'state',
    serverTime: dateOf(answer),
    ...((await answer.json()) as { seq: number; html: Record<string, string> }),
  };
}

function connect(): void {
  clearTimeout(timer);
  hangUp();
  let over = false;
  let close = () => {};
  hangUp = () => {
    over = true;
    close();
  };
  const end = () => {
    if (over) return;
    hangUp();
    c = lose(c);
    again();
  };
  const hearIt = (event: MessageEvent<string>) => over || take(JSON.parse(event.data) as Frame);
  const query = `page=${encodeURIComponent(page)}&lang=${language}&after=${c.seq}&epoch=${c.epoch}`;
  if (c.rung === 'socket' || c.rung === 'events') {
    try {
      c = dial(c, Date.now());
      const line =
        c.rung === 'socket'
          ? new WebSocket(new URL(`/live?${query}`, location.href).href.replace(/^http/, 'ws'))
          : new EventSource(`/live/events?${query}`);
      close = () => line.close();
      line.onmessage = hearIt;
      line.onerror = end;
      if (line instanceof WebSocket) line.onclose = end;
    } catch {
      end();
    }
    return;
  }
  const answer = c.rung === 'poll' ? poll(query) : refetch();
  answer.then((frame) => {
    if (over) return;
    take(frame);
    c = climb(c);
    again();
  }, end);
}

function again(): void {
  clearTimeout(timer);
  timer = setTimeout(connect, waitFor(c, Math.random()));
  tick();
}

function tick(): void {
  const now = Date.now();
  if (isSilent(c, now)) {
    hangUp();
    c = lose(c);
    again();
    return;
  }
  const fresh = freshness(c, now);
  // Until the server has said what time it is, what it printed is better than any clock of the reader's.
  if (fresh === 'starting') return;
  const time = serverNow(c, now);
  const copy = fresh === 'copy';
  const from = clock(c.knownAt, zone);
  const conn = find('#conn');
  conn?.setAttribute('class', `conn ${fresh}`);
  conn?.querySelector('use')?.setAttribute('href', fresh === 'live' ? '#on' : '#ring');
  setText('#conn b', copy ? say('copyFrom', from) : say(fresh));
  setText('#conn .mut', copy ? say('notLive') : `${clock(time, zone)} ${clock(time, zone, true)}`);
  const bar = find('#bar');
  if (bar) bar.hidden = !copy;
  if (copy) setText('#bar b', say('bar', `${from} ${clock(time, zone, true)}`));
  flag(time, copy);
  ruler(copy ? c.knownAt : time, copy);
  for (const el of document.querySelectorAll<HTMLElement>('[data-ago]'))
    el.textContent = ago(time - Number(el.dataset['ago']), language);
}

/** Moves "now" along the minutes, or leaves it where a copy ends. */
function ruler(time: number, copy: boolean): void {
  const el = find('#ruler');
  const { from, step, start } = el?.dataset ?? {};
  if (!el || !step) return;
  const { at, kind, bad, over } = reach(Number(from), Number(step), Number(start), time);
  const label = el.querySelector('.now');
  label?.setAttribute('class', kind);
  label?.setAttribute('x', `${root.dir === 'rtl' ? 100 - at * 2.5 : at * 2.5}%`);
  setText('#ruler .now', say(copy ? 'copyEnds' : 'now', clock(time, zone)));
  el.querySelector('.bad')?.setAttribute('d', bad);
  el.querySelector('.over')?.setAttribute('d', copy ? '' : over);
}

function flag(time: number, copy: boolean): void {
  const el = find('#promise');
  const due = Number(el?.dataset['due']);
  if (!el || !due) return;
  const state = flagState(due, time, copy);
  const wasLate = el.classList.contains('late');
  el.classList.remove('open', 'late', 'old');
  el.classList.add(state);
  setText('#p', say({ open: 'nextBy', late: 'promisedBy', old: 'copyBy' }[state]));
  const left = remaining(due, time);
  if (state === 'late') setText('#left', say('late', lateBy(due, time, language)));
  else if (time - due >= 60_000) setText('#left', say('passed'));
  else if (root.classList.contains('grave')) setText('#left', '');
  else if (left) setText('#left', say('in', left));
  const mine = clock(due);
  setText('#here', mine === clock(due, zone) ? '' : say('here', mine));
  if (state === 'late' && !wasLate) announce(el.textContent ?? '');
}

addEventListener(
  'scroll',
  () => {
    const marker = find('#unread');
    if (marker && scrollY < 200) marker.hidden = true;
  },
  { passive: true },
);
const wake = () => {
  if (document.hidden || freshness(c, Date.now()) === 'live') return;
  c = climb(c, true);
  connect();
};
addEventListener('beforeprint', () => {
  const day = new Intl.DateTimeFormat(language, { dateStyle: 'full', timeStyle: 'short', timeZone: zone });
  setText('#made', `(${day.format(c.knownAt)} ${clock(c.knownAt, zone, true)})`);
});
addEventListener('online', wake);
addEventListener('pageshow', (event) => event.persisted && wake());
document.addEventListener('visibilitychange', wake);
setInterval(tick, 1_000);
connect();
