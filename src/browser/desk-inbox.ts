import { mayUseKeys } from './desk-keys.ts';

/** The inbox by keys: j and k go from person to person, r answers, m takes a starting point, x says that none is needed. */

const all = (): HTMLElement[] => [...document.querySelectorAll<HTMLElement>('#inbox-open .said-to-us')];

function step(by: 1 | -1): HTMLElement | undefined {
  const list = all();
  const at = list.findIndex((one) => one.contains(document.activeElement));
  return at === -1 ? list[0] : list[Math.min(list.length - 1, Math.max(0, at + by))];
}

/** The person under the focus, or the first who waits. */
const current = (): HTMLElement | undefined =>
  all().find((one) => one.contains(document.activeElement)) ?? all()[0];

const MOVES: Record<string, () => HTMLElement | null | undefined> = {
  j: () => step(1),
  k: () => step(-1),
  r: () => current()?.querySelector<HTMLElement>('textarea[name="text"]'),
  m: () => current()?.querySelector<HTMLElement>('[data-drafts] a'),
  x: () => {
    const reason = current()?.querySelector<HTMLElement>('input[name="reason"]');
    const box = reason?.closest('details');
    if (box) box.open = true;
    return reason;
  },
};

export function watchInbox(): void {
  if (!document.getElementById('inbox-open')) return;
  document.addEventListener('keydown', (event) => {
    if (!mayUseKeys(event)) return;
    const to = MOVES[event.key]?.();
    if (!to) return;
    event.preventDefault();
    to.focus();
    to.scrollIntoView({ block: 'nearest' });
  });
}
