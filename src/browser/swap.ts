/** Puts new fragments into an open page without moving what its reader looks at. */

const byId = (id: string) => document.getElementById(id);

/**
 * Replaces each named element whole. Keeps the reader's place on the screen, the focus, opened details, and what was
 * typed or chosen. `settle` puts in what the browser itself adds to them, before places are compared. Returns false
 * when the page has no such element: then it is laid out in another way and must be fetched.
 */
export function swap(html: Record<string, string>, settle: () => void): boolean {
  const { style } = document.documentElement;
  // We hold the place ourselves; a browser that also does would move it twice.
  style.overflowAnchor = 'none';
  const anchor = scrollY > 0 ? visible() : undefined;
  const focused = document.activeElement;
  let successor: (() => Element | undefined) | undefined;
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
    const changed = [...old.querySelectorAll<Field>(FIELDS)]
      .filter(isChanged)
      .map((field) => [field, successorOf(field, old)] as const);
    if (old.contains(focused)) {
      const of = successorOf(focused!, old);
      successor = () => of(fresh);
    }
    old.replaceWith(fresh);
    for (const [field, of] of changed) putBack(field, of(fresh));
  }
  settle();
  if (!focused?.isConnected) (successor?.() as HTMLElement | undefined)?.focus({ preventScroll: true });
  if (anchor) {
    const now = byId(anchor.id);
    if (now) scrollBy({ top: now.getBoundingClientRect().top - anchor.top, behavior: 'instant' });
  }
  requestAnimationFrame(() => {
    style.overflowAnchor = '';
  });
  return complete;
}

type Field = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;
/** A file cannot be put back. */
const FIELDS = 'input:not([type=file]),textarea,select';

/** Whether somebody has changed what the server wrote into a field. */
const isChanged = (field: Field): boolean =>
  field instanceof HTMLSelectElement
    ? field.value !== (field.querySelector<HTMLOptionElement>('[selected]') ?? field.options[0])?.value
    : field.value !== field.defaultValue ||
      (field as HTMLInputElement).checked !== (field as HTMLInputElement).defaultChecked;

/** A choice that is not offered any more is not made again. */
function putBack(from: Field, to: Element | undefined): void {
  if (to instanceof HTMLSelectElement && [...to.options].every((one) => one.value !== from.value)) return;
  if (to) Object.assign(to, { value: from.value, checked: (from as HTMLInputElement).checked });
}

/** How to find, in what replaces `part`, what replaces one of its elements: by its id, or in its place among its like. */
function successorOf(el: Element, part: Element): (fresh: Element) => Element | undefined {
  if (el === part) return (fresh) => fresh;
  const around = el.id ? null : el.parentElement?.closest('[id],[action],[data-key]');
  const alike = `${around ? likenessOf(around) : ''} ${likenessOf(el)}`;
  const place = [...part.querySelectorAll(alike)].indexOf(el);
  return (fresh) => fresh.querySelectorAll(alike)[place];
}

/** What an element is, leads to and does: that stays whatever is said around it, and whatever was typed into it. */
const likenessOf = (el: Element): string =>
  el.id
    ? `#${CSS.escape(el.id)}`
    : el.localName +
      [...el.attributes]
        .filter(
          ({ name }) =>
            /^(href|name|(form)?action|data-key)$/.test(name) ||
            (name === 'value' && el.matches('button,[type=checkbox],[type=radio]')),
        )
        .map(({ name, value }) => `[${name}="${CSS.escape(value)}"]`)
        .join('');

/** The first named element at or below the top of the screen, and where it stands. */
function visible(): { id: string; top: number } | undefined {
  for (const el of document.querySelectorAll('main [id]')) {
    const { top, height } = el.getBoundingClientRect();
    if (top >= 0 && height > 0) return { id: el.id, top };
  }
  return undefined;
}
