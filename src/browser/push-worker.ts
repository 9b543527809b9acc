/** Shows what the page pushes, also while no page is open. A newer update of an incident replaces the older one. */

interface Pushed {
  id: string;
  tag: string;
  title: string;
  body: string;
  url?: string;
  lang?: string;
}
interface Waits extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface Clicked extends Waits {
  notification: Notification;
}
interface Scope {
  registration: ServiceWorkerRegistration;
  clients: { openWindow(url: string): Promise<unknown> };
  addEventListener(
    type: 'push',
    listener: (event: Waits & { data: { json(): unknown } | null }) => void,
  ): void;
  addEventListener(type: 'notificationclick', listener: (event: Clicked) => void): void;
}

const worker = globalThis as unknown as Scope;

async function show(pushed: Pushed): Promise<void> {
  const { id, tag, title, body, url, lang } = pushed;
  const there = await worker.registration.getNotifications({ tag });
  // Sent twice because nobody knew whether it had arrived: it is there already.
  if (there.some((one) => (one.data as { id?: string } | null)?.id === id)) return;
  await worker.registration.showNotification(title, {
    body,
    tag,
    icon: '/favicon.svg',
    ...(lang === undefined ? {} : { lang }),
    data: { id, url },
  });
}

worker.addEventListener('push', (event) => {
  if (event.data) event.waitUntil(show(event.data.json() as Pushed));
});

worker.addEventListener('notificationclick', (event) => {
  event.notification.close();
  const { url } = (event.notification.data ?? {}) as { url?: string };
  if (url?.startsWith('https://') || url?.startsWith('http://'))
    event.waitUntil(worker.clients.openWindow(url));
});
