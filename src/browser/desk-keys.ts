/** Single keys go where `aria-keyshortcuts` says. They can be turned off, and do nothing while somebody types. */

const OFF = 'tocsin-desk-keys-off';

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.matches('input, textarea, select, [contenteditable]');

/** Where the browser keeps nothing for us, nobody can have turned them off. */
function areOff(): boolean {
  try {
    return localStorage.getItem(OFF) !== null;
  } catch {
    return false;
  }
}

/** Whether a single key means us: nobody types, no other key is held, and they are not turned off. */
export const mayUseKeys = (event: KeyboardEvent): boolean =>
  !event.isComposing &&
  !event.ctrlKey &&
  !event.metaKey &&
  !event.altKey &&
  !isTyping(event.target) &&
  !areOff();

export function watchKeys(): void {
  document.addEventListener('keydown', (event) => {
    // What lies over the screen has keys of its own: Escape closes it, and stops nothing else.
    if (event.isComposing || (event.target as Element).closest('dialog[open]')) return;
    if (event.key === 'Enter' && event.shiftKey && (event.ctrlKey || event.metaKey)) {
      const glass = document.querySelector<HTMLElement>('[aria-keyshortcuts="Control+Shift+Enter"]');
      if (!glass) return;
      event.preventDefault();
      glass.click();
      return;
    }
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      const form =
        (event.target as Element).closest<HTMLFormElement>('form[data-send]') ??
        document.querySelector<HTMLFormElement>('form[data-send]');
      const button = form?.querySelector<HTMLButtonElement>('button.main-act.big');
      if (!form || !button) return;
      event.preventDefault();
      form.requestSubmit(button);
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key !== 'Escape' && (isTyping(event.target) || areOff())) return;
    const target = document.querySelector<HTMLElement>(`[aria-keyshortcuts="${CSS.escape(event.key)}"]`);
    if (!target) return;
    event.preventDefault();
    target.click();
  });
  watchSwitch();
}

function watchSwitch(): void {
  const form = document.getElementById('keys-form');
  const box = document.getElementById('keys-off');
  if (!form || !(box instanceof HTMLInputElement)) return;
  form.hidden = false;
  box.checked = areOff();
  box.addEventListener('change', () => {
    if (box.checked) localStorage.setItem(OFF, '');
    else localStorage.removeItem(OFF);
  });
}
