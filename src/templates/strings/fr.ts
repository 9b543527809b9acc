import { fr as page } from './page/fr.ts';
import type { Strings } from './types.ts';

export const fr: Strings = {
  language: 'fr',
  name: 'Français',
  direction: 'ltr',
  message: {
    nextUpdate: (time) => `Prochaines nouvelles avant ${time}.`,
    nextUpdateOn: (time, date) => `Prochaines nouvelles avant le ${date}, ${time}.`,
    kind: { incident: 'Incident', maintenance: 'Maintenance prévue' },
    impact: {
      none: 'Sans impact',
      maintenance: 'Maintenance',
      minor: 'Impact mineur',
      major: 'Impact majeur',
      critical: 'Impact critique',
    },
    // One word for one thing: posts say it as the page does.
    status: page.phase,
    component: page.status,
    amends: { correction: 'Correction', retraction: 'Retiré' },
    headings: {
      known: 'Ce que nous savons',
      unknown: 'Ce que nous ne savons pas encore',
      doing: 'Ce que nous faisons',
      action: 'Ce que vous devez faire',
    },
    affected: 'Concerné',
    moreAt: 'En savoir plus',
  },
};
