import { tell } from './desk-tell.ts';

/**
 * A form is sent once: a second press while the first is on its way does nothing. And it is not sent at all where the
 * browser knows that nobody would get it: its own error page would stand where the words were.
 */

const AGAIN_MS = 8_000;

export function watchOnce(): void {
  document.addEventListener(
    'submit',
    (event) => {
      const form = event.target as HTMLFormElement;
      if (form.method !== 'post') return;
      if (!navigator.onLine) {
        event.preventDefault();
        event.stopImmediatePropagation();
        tell(
          'This device is offline. Nothing was sent, and what you wrote stays here: try again when it is back.',
        );
        scrollTo({ top: 0 });
        form.dispatchEvent(new Event('tocsin:rest'));
        return;
      }
      if (form.dataset['quiet'] !== undefined) return;
      const sent = Number(form.dataset['sent'] ?? 0);
      if (Date.now() - sent < AGAIN_MS) {
        event.preventDefault();
        event.stopImmediatePropagation();
        return;
      }
      // Whoever stops it (a passkey is asked for first) has the last word on whether it was sent.
      queueMicrotask(() => {
        if (!event.defaultPrevented) form.dataset['sent'] = String(Date.now());
      });
    },
    true,
  );
  // By the back button a page can come from memory, as it was: its truth is fetched anew.
  addEventListener('pageshow', (event) => {
    if (event.persisted) location.reload();
  });
}
