import { readPushKey } from './push-key.ts';

/**
 * Notifications in this browser: asks for permission when the button is pressed, makes a subscription with the page's
 * key, and brings it to the page. The form around it says what it is about.
 */

interface PushWords {
  ask: string;
  needs: string;
  done: string;
  blocked: string;
  failed: string;
  manage: string;
  /** Path that subscriptions are brought to. */
  action: string;
  language: string;
}

const form = document.querySelector<HTMLFormElement>('#push');
const button = document.querySelector<HTMLButtonElement>('#push-do');
const say = document.querySelector<HTMLElement>('#push-say');

async function post(path: string, body: object): Promise<Record<string, string>> {
  const answer = await fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

function choiceOf(of: HTMLFormElement): Record<string, string | string[]> {
  const given = new FormData(of);
  const one = (name: string) => String(given.get(name) ?? '');
  return {
    scope: one('scope'),
    incident: one('incident'),
    language: one('language'),
    part: given.getAll('part').map(String),
  };
}

async function subscribe(of: HTMLFormElement, words: PushWords): Promise<string> {
  const { publicKey = '' } = await post(`${words.action}/key`, {});
  await navigator.serviceWorker.register('/push-worker.js', { scope: '/' });
  const worker = await navigator.serviceWorker.ready;
  const made = await worker.pushManager.subscribe({
    userVisibleOnly: true,
    applicationServerKey: readPushKey(publicKey),
  });
  const { manage = '' } = await post(words.action, { subscription: made.toJSON(), choice: choiceOf(of) });
  return manage;
}

if (form && button && say && 'serviceWorker' in navigator && 'PushManager' in window) {
  const words = JSON.parse(form.dataset['words'] ?? '{}') as PushWords;
  say.textContent = '';
  button.hidden = false;
  button.addEventListener('click', async () => {
    button.disabled = true;
    try {
      if ((await Notification.requestPermission()) !== 'granted') {
        say.textContent = words.blocked;
        return;
      }
      const manage = await subscribe(form, words);
      const link = document.createElement('a');
      link.href = manage;
      link.textContent = words.manage;
      say.replaceChildren(`${words.done} `, link);
      button.hidden = true;
    } catch {
      say.textContent = words.failed;
    } finally {
      button.disabled = false;
    }
  });
}
