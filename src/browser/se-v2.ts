/**
 * The read half of Statuspage's `se-v2.js`, for sites that were written against it: `new StatusPage.page({ page })`, then
 * `.summary({ success })` and its sisters. Asks the server this file came from, whatever page it is given.
 */
(() => {
  interface Asking {
    success?: (answer: unknown) => void;
    error?: (error: unknown) => void;
    filter?: string;
  }
  const script = document.currentScript as HTMLScriptElement | null;
  const base = (script?.src ?? '').replace(/\/se-v2\.js(?:[?#].*)?$/, '');
  const FILTERS: Record<string, readonly string[]> = {
    incidents: ['unresolved', 'resolved'],
    'scheduled-maintenances': ['active', 'upcoming'],
  };

  function get(path: string, asking: Asking): void {
    const { success, error, filter } = asking ?? {};
    if (!success) throw new Error('Success Callback is required.');
    const known = filter !== undefined && FILTERS[path]?.includes(filter);
    fetch(`${base}/api/v2/${path}${known ? `/${filter}` : ''}.json`)
      .then((answer) => {
        if (!answer.ok) throw new Error(`The status page answered ${answer.status}.`);
        return answer.json();
      })
      .then(success, (why) => {
        if (typeof error === 'function') error(why);
      });
  }

  class Page {
    pageId: string;
    constructor(options?: { page?: string }) {
      if (!options?.page) throw new Error('A pageId is required to initialize.');
      this.pageId = options.page;
    }
    summary(asking: Asking): void {
      get('summary', asking);
    }
    status(asking: Asking): void {
      get('status', asking);
    }
    components(asking: Asking): void {
      get('components', asking);
    }
    incidents(asking: Asking): void {
      get('incidents', asking);
    }
    scheduled_maintenances(asking: Asking): void {
      get('scheduled-maintenances', asking);
    }
  }
  const global = window as unknown as { StatusPage?: object };
  global.StatusPage = { ...global.StatusPage, page: Page };
})();
