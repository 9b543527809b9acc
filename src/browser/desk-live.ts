import { showCopies } from './desk-copy.ts';
import { openLooks } from './desk-look.ts';
import { released } from './desk-press.ts';
import { showScripted } from './desk-quiet.ts';
import { tell } from './desk-tell.ts';
import { swap } from './swap.ts';

/** Keeps an open screen true: a socket says that something happened, the screen is fetched, its live parts swapped. */

const root = document.documentElement;
const offset = Number(root.dataset['at']) - Date.now();
const serverNow = () => Date.now() + offset;
const find = <E extends HTMLElement = HTMLElement>(selector: string) => document.querySelector<E>(selector);

/** What the server last said each live part is, as it came: modules show what only they can do, and countdowns run. */
const known = new Map(
  [...document.querySelectorAll('[data-live][id]')].map((part) => [part.id, part.outerHTML]),
);
const POLL_MS = 15_000;
/** Silence after which a line is not believed any more. The server says something every 15 s. */
const SILENCE_MS = 45_000;
const SIGNED_OUT = 4401;

let socket: WebSocket | undefined;
let heardAt = 0;
let failures = 0;
const looks = openLooks(show);

export function follow(): void {
  forgetSaid();
  tick();
  setInterval(tick, 1_000);
  if (!find('[data-listen]')) return;
  connect();
  setInterval(() => {
    if (socket && socket.readyState <= WebSocket.OPEN && Date.now() - heardAt > SILENCE_MS) dropDead(socket);
    if (looks.isBehind() || socket?.readyState !== WebSocket.OPEN) looks.ask();
  }, POLL_MS);
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') looks.ask();
  });
}

/** The word on what was done belongs to this showing of the page, not to its address. */
function forgetSaid(): void {
  const address = new URL(location.href);
  if (!address.searchParams.has('said')) return;
  address.searchParams.delete('said');
  history.replaceState(null, '', address);
}

function connect(): void {
  const address = new URL('/desk/live', location.href);
  address.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
  address.searchParams.set('at', location.pathname);
  socket = new WebSocket(address);
  heardAt = Date.now();
  socket.onopen = () => {
    if (failures > 0) {
      // What was asked over the line that is gone may never be answered.
      looks.giveUp();
      looks.ask();
    }
    failures = 0;
    setGone(false);
  };
  socket.onmessage = ({ data }) => {
    heardAt = Date.now();
    const { kind, seq } = JSON.parse(String(data)) as { kind: string; seq: number };
    if (kind === 'beat') return;
    // What happened between the making of the screen and the opening of the socket is told by the number alone.
    if (kind !== 'hello' || seq > Number(root.dataset['seq'] || seq)) looks.ask();
  };
  socket.onclose = ({ code }) => {
    failures += 1;
    if (code === SIGNED_OUT) {
      tellSignedOut();
      return;
    }
    // One failure can be a restart; the word appears when it lasts.
    if (failures > 1) setGone(true);
    setTimeout(connect, Math.min(15_000, 500 * 2 ** failures) * (0.5 + Math.random() / 2));
  };
}

/** A line that died without a word: closing it would be one more question that nobody answers, so it is left behind. */
function dropDead(line: WebSocket): void {
  line.onopen = null;
  line.onmessage = null;
  line.onclose = null;
  line.close();
  failures += 1;
  setGone(true);
  connect();
}

function setGone(gone: boolean): void {
  const word = find('#gone');
  if (word) word.hidden = !gone;
}

/** Puts what a look has seen in place of what stands here; whether all of it does now. */
async function show(answer: Response, text: string, left: AbortSignal): Promise<boolean> {
  if (answer.status === 401) {
    tellSignedOut();
    return true;
  }
  if (!answer.ok) return false;
  const fresh = new DOMParser().parseFromString(text, 'text/html');
  if (answer.redirected && new URL(answer.url).pathname !== location.pathname) {
    if (find('[data-ring]')) location.assign(answer.url);
    else {
      // What stands here is history now: nothing may be pressed on it.
      for (const part of document.querySelectorAll<HTMLElement>('#acts, #yes')) part.hidden = true;
      const isOut = new URL(answer.url).pathname.endsWith('/deliveries');
      tell(isOut ? 'It is approved and public.' : 'This has moved on.', answer.url, 'Go on there');
      // The band is the same on every screen: it must not count on from when nobody knew.
      const silent = fresh.getElementById('silent')?.outerHTML;
      if (silent !== undefined) swap({ silent }, tick);
    }
    return true;
  }
  warnOfOthers(fresh);
  await released();
  if (left.aborted) return false;
  let isWhole = true;
  const html: Record<string, string> = {};
  for (const [id, before] of known) {
    const markup = fresh.getElementById(id)?.outerHTML;
    if (markup === undefined || markup === before) continue;
    // Nobody's sentence is torn from under their fingers; that part comes with a later look.
    const focused = document.activeElement;
    if (
      focused instanceof HTMLInputElement ||
      focused instanceof HTMLTextAreaElement ||
      focused instanceof HTMLSelectElement
    )
      if (document.getElementById(id)?.contains(focused)) {
        isWhole = false;
        continue;
      }
    known.set(id, markup);
    html[id] = markup;
  }
  swap(html, () => {
    showCopies();
    showScripted();
    tick();
  });
  return isWhole;
}

function tellSignedOut(): void {
  tell(
    'You have been signed out. Copy what you wrote, then sign in again.',
    '/desk/sign-in',
    'How to sign in',
  );
}

/** Words that somebody is reading or writing are never changed under them: they are told. */
function warnOfOthers(fresh: Document): void {
  const mine = find<HTMLFormElement>('form[data-version]');
  const theirs = fresh.querySelector<HTMLFormElement>('form[data-version]');
  if (mine && theirs && Number(theirs.dataset['version']) > Number(mine.dataset['version']))
    tell(
      'Somebody else saved this update meanwhile. Save yours to see both side by side.',
      location.href,
      'Drop mine and load theirs',
    );
  const seen = find('[data-hash]');
  const hash = fresh.querySelector<HTMLElement>('[data-hash]')?.dataset['hash'];
  if (seen && hash !== seen.dataset['hash']) {
    find('button[data-hold]')?.setAttribute('aria-disabled', 'true');
    tell('These words have changed since you opened them.', location.href, 'Load them again');
  }
}

function tick(): void {
  const now = serverNow();
  const clock = find('#clock');
  const zone = root.dataset['zone'] ?? 'UTC';
  if (clock) {
    const name = clock.textContent?.split(' ').slice(1).join(' ') ?? '';
    clock.textContent = `${new Intl.DateTimeFormat('en-GB', { timeZone: zone, timeStyle: 'medium' }).format(now)} ${name}`;
  }
  for (const el of document.querySelectorAll<HTMLElement>('[data-until]')) {
    const left = Number(el.dataset['until']) - now;
    el.classList.toggle('late', left <= -60_000);
    const text = left <= -60_000 ? `${lateBy(-left)} late` : remaining(left);
    if (el.textContent !== text) el.textContent = text;
    // A ring that has run out: the screen it leads to is the deliveries.
    if (left < -500 && left > -3_000 && el.closest('[data-ring]')) looks.ask();
  }
  for (const el of document.querySelectorAll<HTMLElement>('[data-since]')) {
    const text = remaining(now - Number(el.dataset['since']));
    if (el.textContent !== text) el.textContent = text;
  }
}

const two = (n: number) => String(n).padStart(2, '0');

/** "08:42", "1:28:42", "3 days": what the server writes. */
function remaining(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  const hours = Math.floor(seconds / 3_600);
  if (hours >= 48) return `${Math.floor(hours / 24)} days`;
  return `${hours > 0 ? `${hours}:` : ''}${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

function lateBy(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  const hours = Math.floor(minutes / 60);
  return hours > 0 ? `${hours} hr ${minutes % 60} min` : `${minutes} min`;
}
