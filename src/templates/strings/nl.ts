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
    status: {
      investigating: 'In onderzoek',
      identified: 'Oorzaak gevonden',
      monitoring: 'In de gaten gehouden',
      resolved: 'Opgelost',
      postmortem: 'Verslag',
      scheduled: 'Gepland',
      in_progress: 'Bezig',
      verifying: 'Wordt gecontroleerd',
      completed: 'Afgerond',
      false_alarm: 'Vals alarm',
      cancelled: 'Geannuleerd',
    },
    component: {
      operational: 'Werkt',
      under_maintenance: 'In onderhoud',
      degraded_performance: 'Verminderde prestaties',
      partial_outage: 'Gedeeltelijke storing',
      major_outage: 'Ernstige storing',
    },
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
