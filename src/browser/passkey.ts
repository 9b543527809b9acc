import { startAuthentication, startRegistration } from '@simplewebauthn/browser';

/**
 * Passkeys: a button that asks the server what to ask the authenticator, and sends the answer with its form. Browsers
 * cannot do this without a module, so the button is hidden until this one has run.
 */

interface Refusal {
  message?: string;
}

for (const button of document.querySelectorAll<HTMLButtonElement>('button[data-passkey]')) {
  if (typeof PublicKeyCredential === 'undefined') continue;
  button.hidden = false;
  button.addEventListener('click', () => void run(button));
}

async function run(button: HTMLButtonElement): Promise<void> {
  const { form } = button;
  const answer = form?.elements.namedItem('passkey');
  if (!form || !(answer instanceof HTMLInputElement) || !form.reportValidity()) return;
  const said = form.querySelector<HTMLElement>('[data-passkey-said]');
  button.disabled = true;
  try {
    const asked = await fetch(button.dataset['ask'] ?? '', {
      method: 'POST',
      headers: { 'x-csrf': String(new FormData(form).get('csrf') ?? ''), accept: 'application/json' },
    });
    const options = await asked.json();
    if (!asked.ok) throw new Error((options as Refusal).message);
    const made =
      button.dataset['passkey'] === 'new'
        ? await startRegistration({ optionsJSON: options })
        : await startAuthentication({ optionsJSON: options });
    answer.value = JSON.stringify(made);
    form.submit();
  } catch (error) {
    if (said) {
      said.hidden = false;
      said.textContent =
        error instanceof Error && error.name !== 'NotAllowedError' && error.message !== ''
          ? error.message
          : 'The passkey was not used. Try again, or come in another way.';
    }
    button.disabled = false;
  }
}

/** A form whose decision has to be shown to be its owner's: the passkey is asked for when it is sent, and not before. */
for (const field of document.querySelectorAll<HTMLInputElement>('input[data-prove]')) {
  const { form } = field;
  form?.addEventListener('submit', (event) => {
    if (field.value !== '') return;
    event.preventDefault();
    void show(field, form);
  });
}

async function show(field: HTMLInputElement, form: HTMLFormElement): Promise<void> {
  const said = form.querySelector<HTMLElement>('[data-prove-said]');
  try {
    const asked = await fetch(field.dataset['ask'] ?? '', {
      method: 'POST',
      headers: { 'x-csrf': String(new FormData(form).get('csrf') ?? ''), accept: 'application/json' },
    });
    const options = await asked.json();
    if (asked.status === 401) throw new Error('You have been signed out. Sign in again: nothing was sent.');
    if (!asked.ok) throw new Error((options as Refusal).message);
    field.value = JSON.stringify(await startAuthentication({ optionsJSON: options }));
    form.submit();
  } catch (error) {
    if (said) {
      said.hidden = false;
      said.textContent =
        error instanceof Error && error.name !== 'NotAllowedError' && error.message !== ''
          ? error.message
          : 'The passkey was not shown, so nothing was sent. Try again.';
    }
    form.dispatchEvent(new Event('tocsin:rest'));
  }
}
