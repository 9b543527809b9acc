/**
 * Puts a notice in the corner of another site while something is wrong, and takes it away when it is over. The notice is
 * a frame of ours, so the site's own styles and scripts cannot touch it, nor ours the site's.
 */
(() => {
  const script = document.currentScript as HTMLScriptElement | null;
  const base = (script?.src ?? '').replace(/\/embed\/script\.js(?:[?#].*)?$/, '');
  const KEPT = 'tocsin-closed';

  function put(): void {
    const frame = document.createElement('iframe');
    frame.src = `${base}/embed/frame#corner`;
    frame.title = script?.dataset['title'] ?? 'Status';
    frame.hidden = true;
    Object.assign(frame.style, {
      position: 'fixed',
      insetBlockEnd: '1rem',
      insetInlineStart: '1rem',
      inlineSize: '22rem',
      maxInlineSize: 'calc(100vw - 2rem)',
      border: '0',
      zIndex: '2147483000',
      colorScheme: 'normal',
    });
    addEventListener('message', (event: MessageEvent<unknown>) => {
      if (event.source !== frame.contentWindow || typeof event.data !== 'object' || !event.data) return;
      const { tocsin, key, height } = event.data as { tocsin?: string; key?: string; height?: number };
      if (tocsin === 'close') {
        remember(String(key));
        frame.hidden = true;
      }
      if (tocsin !== 'show' && tocsin !== 'hide') return;
      frame.hidden = tocsin === 'hide' || closed() === String(key);
      if (typeof height === 'number' && height > 0) frame.style.blockSize = `${Math.min(height, 600)}px`;
    });
    document.body.append(frame);
  }

  // A site may keep scripts from its storage; the notice then comes back on the next page.
  let inMemory = '';
  function closed(): string {
    try {
      return sessionStorage.getItem(KEPT) ?? inMemory;
    } catch {
      return inMemory;
    }
  }
  function remember(key: string): void {
    inMemory = key;
    try {
      sessionStorage.setItem(KEPT, key);
    } catch {
      // Kept in memory.
    }
  }

  if (document.body) put();
  else addEventListener('DOMContentLoaded', put);
})();
