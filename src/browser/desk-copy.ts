/** Buttons that copy a text; they are hidden without this module, because then they could do nothing. */

export function showCopies(): void {
  for (const button of document.querySelectorAll<HTMLElement>('[data-copy]')) button.hidden = false;
}

export function watchCopies(): void {
  showCopies();
  document.addEventListener('click', (event) => {
    const button = (event.target as Element).closest<HTMLElement>('[data-copy]');
    const source = button && document.getElementById(button.dataset['copy'] ?? '');
    if (!button || !source) return;
    navigator.clipboard?.writeText(source.textContent ?? '').then(
      () => {
        button.textContent = 'Copied';
      },
      () => select(source),
    );
    // Browsers keep the clipboard from pages that were not loaded safely; then the text is at least selected.
    if (!navigator.clipboard) select(source);
  });
}

function select(source: Element): void {
  getSelection()?.selectAllChildren(source);
}
