/** A button that prints; it is hidden without this module, because then it could do nothing. */
export function watchPrint(): void {
  for (const button of document.querySelectorAll<HTMLElement>('[data-print]')) {
    button.hidden = false;
    button.addEventListener('click', () => print());
  }
}
