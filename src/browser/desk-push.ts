import { readPushKey } from './push-key.ts';

/** Notifications at the desk: turned on in this very browser, when its person presses the button. */

async function post(form: HTMLFormElement, path: string, fields: Record<string, string>): Promise<string> {
  const csrf = new FormData(form).get('csrf');
  const body = new URLSearchParams({ csrf: String(csrf ?? ''), ...fields });
  const answer = await fetch(path, { method: 'POST', body });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.text();
}

/** The desk's own registration: the status page has another key, and a browser keeps one for each. */
async function subscribe(form: HTMLFormElement): Promise<void> {
  const { publicKey } = JSON.parse(await post(form, `${form.action}/key`, {})) as { publicKey: string };
  const worker = await navigator.serviceWorker.register('/push-worker.js', { scope: '/desk/' });
  const made = await worker.pushManager.subscribe({
    userVisibleOnly: true,
    applicationServerKey: readPushKey(publicKey),
  });
  await post(form, form.action, { subscription: JSON.stringify(made.toJSON()) });
}

export function watchPush(): void {
  const form = document.querySelector<HTMLFormElement>('#desk-push');
  const button = form?.querySelector<HTMLButtonElement>('button');
  const say = document.querySelector<HTMLElement>('#desk-push-say');
  if (!form || !button || !say || !('serviceWorker' in navigator) || !('PushManager' in window)) return;
  say.hidden = true;
  button.hidden = false;
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    button.disabled = true;
    say.hidden = false;
    try {
      if ((await Notification.requestPermission()) !== 'granted') {
        say.textContent =
          'This browser does not allow it. Allow notifications for this site, then try again.';
        return;
      }
      await subscribe(form);
      location.reload();
    } catch {
      say.textContent = 'It did not work. Load the page again and try once more.';
    } finally {
      button.disabled = false;
    }
  });
}
