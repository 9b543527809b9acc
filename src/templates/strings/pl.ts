import { pl as page } from './page/pl.ts';
import type { Strings } from './types.ts';

export const pl: Strings = {
  language: 'pl',
  name: 'Polski',
  direction: 'ltr',
  message: {
    nextUpdate: (time) => `Następna wiadomość do ${time}.`,
    nextUpdateOn: (time, date) => `Następna wiadomość do: ${date}, ${time}.`,
    kind: { incident: 'Incydent', maintenance: 'Planowane prace' },
    impact: {
      none: 'Bez wpływu',
      maintenance: 'Prace serwisowe',
      minor: 'Niewielki wpływ',
      major: 'Duży wpływ',
      critical: 'Krytyczny wpływ',
    },
    // One word for one thing: posts say it as the page does.
    status: page.phase,
    component: page.status,
    amends: { correction: 'Sprostowanie', retraction: 'Wycofane' },
    headings: {
      known: 'Co wiemy',
      unknown: 'Czego jeszcze nie wiemy',
      doing: 'Co robimy',
      action: 'Co należy zrobić',
    },
    affected: 'Dotyczy',
    moreAt: 'Więcej',
  },
};
