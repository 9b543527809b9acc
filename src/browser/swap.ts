/** Puts new fragments into an open page without moving what its reader looks at. */

const byId = (id: string) => document.getElementById(id);

/**
 * Replaces each named element whole. Keeps the reader's place on the screen, the focus, opened details and half-typed
 * fields. `settle` puts in what the browser itself adds to them, before places are compared. Returns false when the
 * page has no such element: then it is laid out in another way and must be fetched.
 */
export function swap(html: Record<string, string>, settle: () => void): boolean {
  const { style } = document.documentElement;
  // We hold the place ourselves; a browser that also does would move it twice.
  style.overflowAnchor = 'none';
  const anchor = scrollY > 0 ? visible() : undefined;
  const focused = document.activeElement?.id;
  let complete = true;
  for (const [id, markup] of Object.entries(html)) {
    const old = byId(id);
    const holder = document.createElement('template');
    holder.innerHTML = markup.trim();
    const fresh = holder.content.firstElementChild;
    if (!old || !fresh) {
      complete = false;
      continue;
    }
    for (const box of old.querySelectorAll<HTMLDetailsElement>('details[open]'))
      fresh.querySelector(`[data-key="${CSS.escape(box.dataset['key'] ?? '')}"]`)?.setAttribute('open', '');
    for (const field of old.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>(
      'input[id],textarea[id]',
    )) {
      const same = fresh.querySelector<HTMLInputElement>(`#${CSS.escape(field.id)}`);
      if (same) same.value = field.value;
    }
    old.replaceWith(fresh);
  }
  settle();
  if (focused && document.activeElement?.id !== focused) byId(focused)?.focus({ preventScroll: true });
  if (anchor) {
    const now = byId(anchor.id);
    if (now) scrollBy({ top: now.getBoundingClientRect().top - anchor.top, behavior: 'instant' });
  }
  requestAnimationFrame(() => {
    style.overflowAnchor = '';
  });
  return complete;
}

/** The first named element at or below the top of the screen, and where it stands. */
function visible(): { id: string; top: number } | undefined {
  for (const el of document.querySelectorAll('main [id]')) {
    const { top, height } = el.getBoundingClientRect();
    if (top >= 0 && height > 0) return { id: el.id, top };
  }
  return undefined;
}
