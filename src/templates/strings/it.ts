import { it as page } from './page/it.ts';
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
    // One word for one thing: posts say it as the page does.
    status: page.phase,
    component: page.status,
    amends: { correction: 'Correzione', retraction: 'Ritirato' },
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
