import { tell } from './desk-tell.ts';
import { swap } from './swap.ts';

/**
 * Small forms beside a large one: sent without leaving the page, so that nothing that is being written is lost. The
 * parts named by `data-quiet` are taken from the page that the server answers with.
 */
export function watchQuiet(): void {
  showScripted();
  let last: HTMLTextAreaElement | undefined;
  document.addEventListener('focusin', ({ target }) => {
    if (target instanceof HTMLTextAreaElement && target.matches('.ed, #f-body')) last = target;
  });
  document.addEventListener('click', (event) => {
    const button = (event.target as Element).closest<HTMLElement>('[data-insert]');
    if (!button) return;
    const field = last ?? document.querySelector<HTMLTextAreaElement>('#f-known');
    if (!field) return;
    const value = button.dataset['insert'] ?? '';
    const { selectionStart: from, selectionEnd: to } = field;
    const before = field.value.slice(0, from);
    field.setRangeText(before === '' || /\s$/.test(before) ? value : ` ${value}`, from, to, 'end');
    field.focus();
    field.dispatchEvent(new Event('input', { bubbles: true }));
  });
  document.addEventListener('submit', (event) => {
    const form = event.target as HTMLFormElement;
    const parts = form.dataset['quiet'];
    if (parts === undefined) return;
    event.preventDefault();
    const pressed = event.submitter ?? form;
    if (underWay.has(pressed)) return;
    underWay.add(pressed);
    void send(form, event.submitter, parts.split(' ')).finally(() => underWay.delete(pressed));
  });
}

/** How long an answer is waited for. */
const ANSWER_MS = 30_000;

/** Buttons that were pressed and whose answer is not there yet: a second press is the same wish. */
const underWay = new WeakSet<HTMLElement>();

/** What only a module can do is hidden without one. */
export function showScripted(): void {
  for (const el of document.querySelectorAll<HTMLElement>('details[data-needs-script], [data-insert]'))
    el.hidden = false;
}

async function send(form: HTMLFormElement, submitter: HTMLElement | null, parts: string[]): Promise<void> {
  const body = new URLSearchParams(new FormData(form, submitter) as unknown as Record<string, string>);
  const action = submitter?.getAttribute('formaction') ?? form.action;
  const answer = await fetch(action, {
    method: 'POST',
    body,
    headers: { accept: 'text/html' },
    signal: AbortSignal.timeout(ANSWER_MS),
  }).catch(() => undefined);
  const text = await answer?.text().catch(() => undefined);
  // What was lost may have been the answer alone.
  if (!answer || text === undefined)
    return tell(
      'No answer came: this may be done or not. What you wrote is still here. Look before you try again.',
      location.href,
      'Load this screen anew',
    );
  const fresh = new DOMParser().parseFromString(text, 'text/html');
  if (!answer.ok) {
    const why = fresh.querySelector('.err, .told.bad, .lead')?.textContent?.trim();
    return tell(why ?? 'This could not be done.');
  }
  const html = Object.fromEntries(
    parts.flatMap((id) => {
      const part = fresh.getElementById(id);
      return part ? [[id, part.outerHTML]] : [];
    }),
  );
  swap(html, showScripted);
  for (const field of form.elements)
    if (field instanceof HTMLInputElement && field.type !== 'hidden') field.value = '';
  for (const el of document.querySelectorAll<HTMLDetailsElement>('details[data-key="fact"]')) el.open = false;
  tell('');
  // What may be said has changed: the lints are asked again.
  document.querySelector('form[data-preview]')?.dispatchEvent(new Event('input', { bubbles: true }));
}
