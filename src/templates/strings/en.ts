import { en as page } from './page/en.ts';
import type { Strings } from './types.ts';

export const en: Strings = {
  language: 'en',
  name: 'English',
  direction: 'ltr',
  message: {
    nextUpdate: (time) => `Next update by ${time}.`,
    nextUpdateOn: (time, date) => `Next update by ${time} on ${date}.`,
    kind: { incident: 'Incident', maintenance: 'Planned maintenance' },
    impact: {
      none: 'No impact',
      maintenance: 'Maintenance',
      minor: 'Minor impact',
      major: 'Major impact',
      critical: 'Critical impact',
    },
    // One word for one thing: posts say it as the page does.
    status: page.phase,
    component: page.status,
    amends: { correction: 'Correction', retraction: 'Retracted' },
    headings: {
      known: 'What we know',
      unknown: 'What we don’t know yet',
      doing: 'What we are doing',
      action: 'What you should do',
    },
    affected: 'Affected',
    moreAt: 'More at',
  },
};
