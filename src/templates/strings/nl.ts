import { nl as page } from './page/nl.ts';
import type { Strings } from './types.ts';

export const nl: Strings = {
  language: 'nl',
  name: 'Nederlands',
  direction: 'ltr',
  message: {
    nextUpdate: (time) => `Volgende update uiterlijk ${time}.`,
    nextUpdateOn: (time, date) => `Volgende update uiterlijk ${date}, ${time}.`,
    kind: { incident: 'Storing', maintenance: 'Gepland onderhoud' },
    impact: {
      none: 'Geen gevolgen',
      maintenance: 'Onderhoud',
      minor: 'Kleine gevolgen',
      major: 'Grote gevolgen',
      critical: 'Ernstige gevolgen',
    },
    // One word for one thing: posts say it as the page does.
    status: page.phase,
    component: page.status,
    amends: { correction: 'Correctie', retraction: 'Ingetrokken' },
    headings: {
      known: 'Wat we weten',
      unknown: 'Wat we nog niet weten',
      doing: 'Wat we doen',
      action: 'Wat u moet doen',
    },
    affected: 'Getroffen',
    moreAt: 'Meer op',
  },
};
