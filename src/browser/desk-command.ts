import { mayUseKeys } from './desk-keys.ts';

/** The command bar: `.` or Ctrl K, a few letters, Enter. Everything it offers is a link or a button of the desk. */

interface Command {
  label: string;
  key: string;
  run(): void;
}

let open: (() => void) | undefined;

export function watchCommand(): void {
  document.addEventListener('keydown', (event) => {
    const isDot = event.key === '.' && mayUseKeys(event);
    const isK = event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey) && !event.isComposing;
    if (!isDot && !isK) return;
    event.preventDefault();
    open ??= build();
    open();
  });
}

/** What this page and the rail can do now, then what is open anywhere. */
function commandsHere(): Command[] {
  const seen = new Set<string>();
  const list: Command[] = [];
  for (const el of document.querySelectorAll<HTMLElement>(
    '.rail a, [aria-keyshortcuts], .head a.btn, main h1 a',
  )) {
    if (el.closest('[hidden], dialog')) continue;
    const key = el.getAttribute('aria-keyshortcuts') ?? el.querySelector('kbd')?.textContent ?? '';
    const copy = el.cloneNode(true) as HTMLElement;
    for (const x of copy.querySelectorAll('kbd, .n')) x.remove();
    const label = (copy.textContent ?? '').trim().replace(/\s+/g, ' ');
    if (label === '' || seen.has(label)) continue;
    seen.add(label);
    list.push({ label, key, run: () => el.click() });
  }
  return list;
}

async function commandsThere(): Promise<Command[]> {
  const answer = await fetch('/desk/commands', { headers: { accept: 'application/json' } }).catch(
    () => undefined,
  );
  if (!answer?.ok) return [];
  const { commands } = (await answer.json()) as { commands: { label: string; href: string; key: string }[] };
  return commands.map(({ label, href, key }) => ({ label, key, run: () => location.assign(href) }));
}

function build(): () => void {
  const dialog = document.createElement('dialog');
  dialog.className = 'palette';
  dialog.setAttribute('aria-label', 'Commands');
  const input = document.createElement('input');
  input.setAttribute('role', 'combobox');
  input.setAttribute('aria-label', 'What do you want to do?');
  input.setAttribute('aria-expanded', 'true');
  input.setAttribute('aria-controls', 'palette-list');
  input.autocomplete = 'off';
  input.placeholder = 'What do you want to do?';
  const box = document.createElement('ul');
  box.id = 'palette-list';
  box.setAttribute('role', 'listbox');
  box.setAttribute('aria-label', 'Commands');
  dialog.append(input, box);
  document.body.append(dialog);
  let all: Command[] = [];
  let shown: Command[] = [];
  let at = 0;

  const draw = () => {
    const words = input.value
      .toLowerCase()
      .split(/\s+/)
      .filter((w) => w !== '');
    shown = all.filter((c) => words.every((w) => c.label.toLowerCase().includes(w))).slice(0, 50);
    at = Math.min(at, Math.max(0, shown.length - 1));
    box.replaceChildren(
      ...shown.map((c, i) => {
        const item = document.createElement('li');
        item.id = `palette-${i}`;
        item.setAttribute('role', 'option');
        item.setAttribute('aria-selected', String(i === at));
        item.textContent = c.label;
        if (c.key !== '') {
          const kbd = document.createElement('kbd');
          kbd.textContent = c.key;
          item.append(kbd);
        }
        item.addEventListener('click', () => run(i));
        return item;
      }),
    );
    if (shown.length > 0) input.setAttribute('aria-activedescendant', `palette-${at}`);
    else input.removeAttribute('aria-activedescendant');
    box.children[at]?.scrollIntoView({ block: 'nearest' });
  };
  const run = (i: number) => {
    const chosen = shown[i];
    dialog.close();
    chosen?.run();
  };
  input.addEventListener('input', () => {
    at = 0;
    draw();
  });
  input.addEventListener('keydown', (event) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0 && shown.length > 0) {
      event.preventDefault();
      at = (at + step + shown.length) % shown.length;
      draw();
    } else if (event.key === 'Enter') {
      event.preventDefault();
      event.stopPropagation();
      run(at);
    }
  });
  return () => {
    input.value = '';
    at = 0;
    all = commandsHere();
    draw();
    dialog.showModal();
    input.focus();
    void commandsThere().then((more) => {
      all = [...all, ...more.filter((m) => !all.some((c) => c.label === m.label))];
      if (dialog.open) draw();
    });
  };
}
