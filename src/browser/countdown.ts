/** What the promise flag says at an instant of the server's clock. Tells the truth when late. */

/** `open` runs, `late` is past its minute, `old` belongs to a copy that cannot know. */
export type FlagState = 'open' | 'late' | 'old';

const MINUTE = 60_000;
const DAY = 86_400_000;
/** The tick that the promise stands at. */
const PLANTED = 35;

/** A promise of 14:40 is kept up to 14:40:59; a copy never says late, because newer words may exist. */
export function flagState(dueAt: number, serverNow: number, isCopy: boolean): FlagState {
  if (isCopy) return 'old';
  return serverNow - dueAt >= MINUTE ? 'late' : 'open';
}

/** "17:22", "1:28:42", "0:00" within the promised minute; empty from a day on, where seconds mean nothing. */
export function remaining(dueAt: number, serverNow: number): string {
  const seconds = Math.max(0, Math.floor((dueAt - serverNow) / 1000));
  if (seconds * 1000 >= DAY) return '';
  const two = (n: number) => String(n).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return `${hours > 0 ? `${hours}:${two(minutes)}` : minutes}:${two(seconds % 60)}`;
}

/**
 * How far time has come on the ruler that `draw/ruler.ts` drew: in ticks of its forty, the class of the label there, the
 * ticks since the trouble began up to the promise, and the stroke at which it stands once that is late.
 */
export function reach(
  from: number,
  step: number,
  start: number,
  time: number,
): { at: number; kind: string; bad: string; over: string } {
  const at = Math.max(0, Math.min(40, (time - from) / step));
  let bad = '';
  for (let tick = Math.max(0, Math.floor((start - from) / step)); tick <= at && tick < PLANTED; tick += 1)
    bad += `M${tick * 10} 40v-20`;
  return {
    at,
    kind: `dn ${at > 36 ? 'en ' : at < 3 ? 'st ' : ''}now`,
    bad,
    over: time - from - PLANTED * step >= MINUTE ? `M${Math.floor(at) * 10} 40v-30` : '',
  };
}

/** "1 min", "1 hr 24 min": whole minutes, in the page's language. */
export function lateBy(dueAt: number, serverNow: number, language: string): string {
  const minutes = Math.max(1, Math.floor((serverNow - dueAt) / MINUTE));
  const unit = (name: string, n: number) =>
    new Intl.NumberFormat(`${language}-u-nu-latn`, {
      style: 'unit',
      unit: name,
      unitDisplay: 'short',
    }).format(n);
  const hours = Math.floor(minutes / 60);
  const rest = hours === 0 || minutes % 60 > 0 ? unit('minute', minutes % 60) : '';
  return [hours > 0 ? unit('hour', hours) : '', rest].filter(Boolean).join(' ');
}

/** "2 min ago", in the page's language; what `format.ts` prints, for a page that stays open. */
export function ago(ms: number, language: string): string {
  const relative = new Intl.RelativeTimeFormat(language === 'en' ? 'en-GB' : `${language}-u-nu-latn`, {
    style: 'short',
  });
  const steps = [
    ['day', DAY],
    ['hour', 60 * MINUTE],
    ['minute', MINUTE],
  ] as const;
  const [name, size] = steps.find(([, s]) => ms >= s) ?? (['second', 1000] as const);
  return relative.format(-Math.max(0, Math.floor(ms / size)), name);
}
