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
    status: {
      investigating: 'Enquête en cours',
      identified: 'Cause identifiée',
      monitoring: 'Sous surveillance',
      resolved: 'Résolu',
      postmortem: 'Rapport',
      scheduled: 'Prévu',
      in_progress: 'En cours',
      verifying: 'Vérification en cours',
      completed: 'Terminé',
      false_alarm: 'Fausse alerte',
      cancelled: 'Annulé',
    },
    component: {
      operational: 'Opérationnel',
      under_maintenance: 'En maintenance',
      degraded_performance: 'Performances dégradées',
      partial_outage: 'Panne partielle',
      major_outage: 'Panne majeure',
    },
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
