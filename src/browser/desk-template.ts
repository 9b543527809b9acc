import { swap } from './swap.ts';

/** Choosing a template shows its slots at once; without this module a button asks for them. */
export function watchTemplates(): void {
  const select = document.querySelector<HTMLSelectElement>('select[data-renew]');
  const form = select?.form;
  if (!select || !form) return;
  let newest = 0;
  select.addEventListener('change', async () => {
    newest += 1;
    const mine = newest;
    const query = new URLSearchParams(new FormData(form) as unknown as Record<string, string>);
    query.delete('csrf');
    const answer = await fetch(`${location.pathname}?${query}`).catch(() => undefined);
    const text = answer?.ok ? await answer.text().catch(() => undefined) : undefined;
    if (text === undefined || mine !== newest) return;
    const fresh = new DOMParser().parseFromString(text, 'text/html');
    const html: Record<string, string> = {};
    for (const id of (select.dataset['renew'] ?? '').split(' ')) {
      const part = fresh.getElementById(id);
      if (part) html[id] = part.outerHTML;
    }
    swap(html, () => undefined);
  });
}
