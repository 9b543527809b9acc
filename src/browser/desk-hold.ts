/**
 * Approving is one deliberate act: by finger or mouse, holding the button; by keyboard, switch or screen reader,
 * pressing it twice. Without this module the button is a plain one.
 */

const AGAIN_MS = 10_000;

export function watchHold(): void {
  const button = document.querySelector<HTMLButtonElement>('button[data-hold]');
  const form = button?.form;
  const label = button?.querySelector('span');
  const small = button?.querySelector('small');
  if (!button || !form || !label || !small) return;
  const plain = label.textContent ?? '';
  const note = small.textContent ?? '';
  const holding = Number(button.dataset['hold']);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asked = false;
  let sure = false;

  const say = (main: string, more: string) => {
    label.textContent = main;
    small.textContent = more;
  };
  /** "Approve" becomes "Hold to approve"; what breaks the glass says its own word. */
  const to = (verb: string) => `${verb} ${plain.charAt(0).toLowerCase()}${plain.slice(1)}`;
  const rest = () => say(to('Hold to'), note);
  rest();
  // Nothing was sent after all, for want of a passkey or of a network: the button is as it was.
  form.addEventListener('tocsin:rest', () => {
    sure = false;
    asked = false;
    rest();
  });

  const stop = () => {
    clearTimeout(timer);
    delete button.dataset['held'];
  };
  const send = () => {
    if (!form.reportValidity()) return stop();
    sure = true;
    stop();
    say(plain.startsWith('Approve') ? 'Approving' : 'Sending', note);
    form.requestSubmit(button);
  };
  button.addEventListener('pointerdown', (event) => {
    if (event.button !== 0 || button.getAttribute('aria-disabled') === 'true') return;
    button.dataset['held'] = '';
    timer = setTimeout(send, holding);
  });
  for (const end of ['pointerup', 'pointerleave', 'pointercancel']) button.addEventListener(end, stop);
  // A key that is kept down is one press, however often it repeats.
  button.addEventListener('keydown', (event) => {
    if (event.repeat) event.preventDefault();
  });
  button.addEventListener('contextmenu', (event) => event.preventDefault());
  button.addEventListener('click', (event) => {
    if (sure) return;
    event.preventDefault();
    if (button.getAttribute('aria-disabled') === 'true') return;
    // A click without a pointer comes from a key, a switch or a screen reader.
    if (event.detail !== 0) {
      say('Keep holding', 'until the button is full');
      return;
    }
    if (asked) {
      send();
      return;
    }
    asked = true;
    say(to('Press again to'), note);
    setTimeout(() => {
      asked = false;
      if (!sure) rest();
    }, AGAIN_MS);
  });
}
