/**
 * Says something at the top of the screen, once, until something newer is said there; with a way on where there is one.
 * Nothing said takes away what stood there.
 */
export function tell(words: string, href?: string, label?: string): void {
  const place = document.querySelector<HTMLElement>('#stale');
  if (!place || (!place.hidden && place.dataset['words'] === words)) return;
  place.dataset['words'] = words;
  const link = document.createElement('a');
  link.href = href ?? '';
  link.textContent = label ?? '';
  place.replaceChildren(`${words} `, ...(href === undefined ? [] : [link]));
  place.hidden = words === '';
}
