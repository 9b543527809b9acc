/** Keeps an embedded notice current, and tells the site around it whether there is something to show. */
(() => {
  const root = document.documentElement;
  const EVERY_MS = 60_000;

  function tell(what: string): void {
    if (parent === window) return;
    // What is told is on the public page; whose site this is is none of our business.
    parent.postMessage({ tocsin: what, key: root.dataset['key'], height: document.body.scrollHeight }, '*');
  }
  const state = () => tell(root.dataset['show'] === 'yes' ? 'show' : 'hide');

  /** Only what a script of ours put there can be put away. */
  function wire(): void {
    const button = document.getElementById('close');
    if (!button || location.hash !== '#corner') return;
    button.hidden = false;
    button.onclick = () => tell('close');
  }

  async function renew(): Promise<void> {
    // One that hangs for ever would be the last.
    const answer = await fetch(location.href, { cache: 'no-cache', signal: AbortSignal.timeout(20_000) });
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const main = fresh.querySelector('main');
    const old = document.querySelector('main');
    if (!main || !old) return;
    for (const name of ['show', 'key']) root.dataset[name] = fresh.documentElement.dataset[name] ?? '';
    root.className = fresh.documentElement.className;
    old.replaceWith(document.importNode(main, true));
    wire();
    state();
  }

  const again = () => {
    setTimeout(
      () => {
        renew()
          .catch(() => undefined)
          .finally(again);
      },
      EVERY_MS + Math.random() * 15_000,
    );
  };
  addEventListener('visibilitychange', () => {
    if (!document.hidden) renew().catch(() => undefined);
  });
  wire();
  state();
  new ResizeObserver(state).observe(document.body);
  again();
})();
