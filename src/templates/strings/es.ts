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
    status: {
      investigating: 'En investigación',
      identified: 'Causa identificada',
      monitoring: 'En observación',
      resolved: 'Resuelto',
      postmortem: 'Informe',
      scheduled: 'Programado',
      in_progress: 'En curso',
      verifying: 'En verificación',
      completed: 'Completado',
      false_alarm: 'Falsa alarma',
      cancelled: 'Cancelado',
    },
    component: {
      operational: 'Operativo',
      under_maintenance: 'En mantenimiento',
      degraded_performance: 'Rendimiento reducido',
      partial_outage: 'Interrupción parcial',
      major_outage: 'Interrupción grave',
    },
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
