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
    status: {
      investigating: 'Badamy',
      identified: 'Znamy przyczynę',
      monitoring: 'Obserwujemy',
      resolved: 'Rozwiązane',
      postmortem: 'Raport',
      scheduled: 'Zaplanowane',
      in_progress: 'W toku',
      verifying: 'Sprawdzamy',
      completed: 'Zakończone',
      false_alarm: 'Fałszywy alarm',
      cancelled: 'Odwołane',
    },
    component: {
      operational: 'Działa',
      under_maintenance: 'Prace serwisowe',
      degraded_performance: 'Obniżona wydajność',
      partial_outage: 'Częściowa awaria',
      major_outage: 'Poważna awaria',
    },
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
