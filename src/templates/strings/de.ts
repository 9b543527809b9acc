import { de as page } from './page/de.ts';
import type { Strings } from './types.ts';

export const de: Strings = {
  language: 'de',
  name: 'Deutsch',
  direction: 'ltr',
  message: {
    nextUpdate: (time) => `Nächste Meldung bis ${time}.`,
    nextUpdateOn: (time, date) => `Nächste Meldung bis ${date}, ${time}.`,
    kind: { incident: 'Störung', maintenance: 'Geplante Wartung' },
    impact: {
      none: 'Keine Auswirkung',
      maintenance: 'Wartung',
      minor: 'Geringe Auswirkung',
      major: 'Große Auswirkung',
      critical: 'Kritische Auswirkung',
    },
    // One word for one thing: posts say it as the page does.
    status: page.phase,
    component: page.status,
    amends: { correction: 'Korrektur', retraction: 'Zurückgezogen' },
    headings: {
      known: 'Was wir wissen',
      unknown: 'Was wir noch nicht wissen',
      doing: 'Was wir tun',
      action: 'Was Sie tun sollten',
    },
    affected: 'Betroffen',
    moreAt: 'Mehr unter',
  },
};
