import { es as page } from './page/es.ts';
import type { Strings } from './types.ts';

export const es: Strings = {
  language: 'es',
  name: 'Español',
  direction: 'ltr',
  message: {
    nextUpdate: (time) => `Próxima actualización antes de las ${time}.`,
    nextUpdateOn: (time, date) => `Próxima actualización antes de las ${time} del ${date}.`,
    kind: { incident: 'Incidente', maintenance: 'Mantenimiento programado' },
    impact: {
      none: 'Sin impacto',
      maintenance: 'Mantenimiento',
      minor: 'Impacto menor',
      major: 'Impacto grave',
      critical: 'Impacto crítico',
    },
    // One word for one thing: posts say it as the page does.
    status: page.phase,
    component: page.status,
    amends: { correction: 'Corrección', retraction: 'Retirado' },
    headings: {
      known: 'Lo que sabemos',
      unknown: 'Lo que aún no sabemos',
      doing: 'Lo que estamos haciendo',
      action: 'Lo que debe hacer usted',
    },
    affected: 'Afectado',
    moreAt: 'Más información',
  },
};
