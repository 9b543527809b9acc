import { released } from './desk-press.ts';
import { swap } from './swap.ts';

/** Writing: the exact words and their lengths follow what is typed, counted by the server alone. */

const PAUSE_MS = 300;
/** The house's clock minus this device's, ms: a promise is made by the first. */
const offset = Number(document.documentElement.dataset['at']) - Date.now();

export function watchForms(): void {
  const form = document.querySelector<HTMLFormElement>('form[data-preview]');
  if (!form) return;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running: AbortController | undefined;
  let isDirty = false;
  const shown = new Map<string, string>();

  async function preview(): Promise<void> {
    running?.abort();
    running = new AbortController();
    const { signal } = running;
    const body = new URLSearchParams(
      new FormData(form as HTMLFormElement) as unknown as Record<string, string>,
    );
    const answer = await fetch(form?.dataset['preview'] ?? '', {
      method: 'POST',
      body,
      signal,
    }).catch(() => undefined);
    if (!answer?.ok) return;
    const said = (await answer.json().catch(() => undefined)) as { html: Record<string, string> } | undefined;
    await released();
    // What was typed meanwhile is asked anew.
    if (!said || signal.aborted) return;
    const { html } = said;
    // What is the same stays where it is, so that a screen reader is told of changes only.
    const changed = Object.entries(html).filter(([id, markup]) => shown.get(id) !== markup);
    for (const [id, markup] of changed) shown.set(id, markup);
    if (changed.length > 0) swap(Object.fromEntries(changed), () => undefined);
  }

  form.addEventListener('input', () => {
    isDirty = true;
    clearTimeout(timer);
    timer = setTimeout(() => void preview(), PAUSE_MS);
  });
  form.addEventListener('click', (event) => {
    const button = (event.target as Element).closest<HTMLElement>('[data-plus]');
    const field = form.elements.namedItem('nextUpdateBy');
    if (!button || !(field instanceof HTMLInputElement)) return;
    event.preventDefault();
    field.value = clockIn(Number(button.dataset['plus']));
    field.dispatchEvent(new Event('input', { bubbles: true }));
  });
  followStatus(form);
  form.addEventListener('submit', () => {
    isDirty = false;
  });
  addEventListener('beforeunload', (event) => {
    if (isDirty) event.preventDefault();
  });
}

/** What ends an incident promises nothing more and finds everything working, until its author says otherwise. */
function followStatus(form: HTMLFormElement): void {
  const status = form.querySelector<HTMLSelectElement>('select[data-ends]');
  const next = form.elements.namedItem('nextUpdateBy');
  if (!status || !(next instanceof HTMLInputElement)) return;
  const ends = (value: string) => (status.dataset['ends'] ?? '').split(' ').includes(value);
  const parts = [...form.querySelectorAll<HTMLSelectElement>('select[data-broken]')];
  let was = status.value;
  let proposed = '';
  let healed: HTMLSelectElement[] = [];
  status.addEventListener('change', () => {
    const before = ends(was);
    was = status.value;
    if (before === ends(was)) return;
    if (ends(was)) {
      if (next.value === next.defaultValue) {
        proposed = next.value;
        next.value = '';
      }
      healed = parts.filter((part) => part.value === '');
      for (const part of healed) part.value = 'operational';
    } else {
      if (next.value === '') next.value = proposed;
      for (const part of healed) if (part.value === 'operational') part.value = '';
    }
  });
}

/** The page's clock so many minutes from now, on the next full minute. */
function clockIn(minutes: number): string {
  const at = Math.ceil((Date.now() + offset + minutes * 60_000) / 60_000) * 60_000;
  return new Intl.DateTimeFormat('en-GB', {
    timeZone: document.documentElement.dataset['zone'] ?? 'UTC',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).format(at);
}
