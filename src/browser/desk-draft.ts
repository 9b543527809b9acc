/**
 * What is typed is kept while it is typed: at once in this browser, and soon after on the server, for its author alone.
 * A crash, a lost session or the wrong button costs nothing; what was kept is offered when the page is opened again.
 */

const LOCAL_MS = 250;
const SERVER_MS = 2_000;

interface Kept {
  at: number;
  fields: [string, string][];
}

/** One person's words stay theirs where several share a machine. */
const keyOf = ({ dataset }: HTMLFormElement) => `tocsin-draft:${dataset['writer']}:${dataset['draft']}`;

/** Everything a person types or chooses in a form; never its token or version. */
const fieldsOf = (form: HTMLFormElement): [string, string][] =>
  [...new FormData(form)].flatMap(([name, value]) =>
    typeof value === 'string' && !['csrf', 'version', 'do'].includes(name)
      ? [[name, value] as [string, string]]
      : [],
  );

export function watchDraft(): void {
  const form = document.querySelector<HTMLFormElement>('form[data-draft]');
  if (!form) return;
  offer(form);
  let local: ReturnType<typeof setTimeout> | undefined;
  let remote: ReturnType<typeof setTimeout> | undefined;

  const keepHere = () => {
    const kept: Kept = { at: Date.now(), fields: fieldsOf(form) };
    try {
      localStorage.setItem(keyOf(form), JSON.stringify(kept));
    } catch {
      // The browser keeps nothing for us; the server still does.
    }
  };
  const keepThere = () => {
    const body = new URLSearchParams(new FormData(form) as unknown as Record<string, string>);
    void fetch(form.dataset['draft'] ?? '', { method: 'POST', body, keepalive: true }).catch(() => undefined);
  };
  form.addEventListener('input', () => {
    clearTimeout(local);
    local = setTimeout(keepHere, LOCAL_MS);
    remote ??= setTimeout(() => {
      remote = undefined;
      keepThere();
    }, SERVER_MS);
  });
  // A page that is put away may never come back: what the pauses hold is kept now.
  addEventListener('pagehide', () => {
    if (local === undefined && remote === undefined) return;
    keepHere();
    if (remote !== undefined) keepThere();
  });
}

/** Whether a field shows what was typed, as it is or with the signature that saving put below it. */
const shows = (shown: string, typed: string): boolean =>
  shown === typed ||
  (shown.startsWith(typed.trim()) && /^\s*— [^\n]+$/.test(shown.slice(typed.trim().length)));

/** What this browser has kept; nothing where it keeps nothing for us, or not what we left. */
function keptHere(form: HTMLFormElement): Kept | undefined {
  try {
    const text = localStorage.getItem(keyOf(form));
    return text === null ? undefined : (JSON.parse(text) as Kept);
  } catch {
    return undefined;
  }
}

/** Words of this browser that the page does not show: they were not saved. */
function offer(form: HTMLFormElement): void {
  const kept = keptHere(form);
  if (!kept) return;
  const now = new Map(fieldsOf(form));
  const lost = kept.fields.filter(([name, value]) => {
    const field = form.elements.namedItem(name);
    return field instanceof HTMLTextAreaElement && value.trim() !== '' && !shows(now.get(name) ?? '', value);
  });
  const box = document.getElementById('kept-here');
  if (lost.length === 0 || !box) {
    localStorage.removeItem(keyOf(form));
    return;
  }
  // The server offers them itself when the same words had reached it.
  const offered = document.getElementById('kept')?.textContent ?? '';
  if (lost.every(([, value]) => offered.includes(value.trim()))) return;
  const words = box.querySelector('[data-kept]');
  if (words) words.textContent = lost.map(([, value]) => value).join('\n\n');
  box.hidden = false;
  box.querySelector('[data-kept-restore]')?.addEventListener('click', () => {
    for (const [name, value] of lost) {
      const field = form.elements.namedItem(name);
      if (field instanceof HTMLTextAreaElement) field.value = value;
    }
    box.hidden = true;
    form.dispatchEvent(new Event('input', { bubbles: true }));
  });
  box.querySelector('[data-kept-drop]')?.addEventListener('click', () => {
    localStorage.removeItem(keyOf(form));
    box.hidden = true;
  });
}
