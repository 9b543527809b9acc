import type { Strings } from './types.ts';

export const it: Strings = {
  language: 'it',
  name: 'Italiano',
  direction: 'ltr',
  message: {
    nextUpdate: (time) => `Prossimo aggiornamento entro le ${time}.`,
    nextUpdateOn: (time, date) => `Prossimo aggiornamento entro le ${time} di ${date}.`,
    kind: { incident: 'Incidente', maintenance: 'Manutenzione programmata' },
    impact: {
      none: 'Nessun impatto',
      maintenance: 'Manutenzione',
      minor: 'Impatto lieve',
      major: 'Impatto grave',
      critical: 'Impatto critico',
    },
    status: {
      investigating: 'Indagine in corso',
      identified: 'Causa individuata',
      monitoring: 'Sotto osservazione',
      resolved: 'Risolto',
      postmortem: 'Rapporto',
      scheduled: 'Programmato',
      in_progress: 'In corso',
      verifying: 'In verifica',
      completed: 'Completato',
      false_alarm: 'Falso allarme',
      cancelled: 'Annullato',
    },
    component: {
      operational: 'Operativo',
      under_maintenance: 'In manutenzione',
      degraded_performance: 'Prestazioni ridotte',
      partial_outage: 'Interruzione parziale',
      major_outage: 'Interruzione grave',
    },
    headings: {
      known: 'Che cosa sappiamo',
      unknown: 'Che cosa non sappiamo ancora',
      doing: 'Che cosa stiamo facendo',
      action: 'Che cosa fare',
    },
    affected: 'Interessato',
    moreAt: 'Maggiori informazioni',
  },
};
