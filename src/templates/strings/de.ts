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
    status: {
      investigating: 'Wird untersucht',
      identified: 'Ursache gefunden',
      monitoring: 'Unter Beobachtung',
      resolved: 'Behoben',
      postmortem: 'Bericht',
      scheduled: 'Geplant',
      in_progress: 'In Arbeit',
      verifying: 'Wird überprüft',
      completed: 'Abgeschlossen',
      false_alarm: 'Fehlalarm',
      cancelled: 'Abgesagt',
    },
    component: {
      operational: 'In Betrieb',
      under_maintenance: 'In Wartung',
      degraded_performance: 'Eingeschränkte Leistung',
      partial_outage: 'Teilausfall',
      major_outage: 'Schwerer Ausfall',
    },
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
