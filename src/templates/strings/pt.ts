import type { Strings } from './types.ts';

export const pt: Strings = {
  language: 'pt',
  name: 'Português',
  direction: 'ltr',
  message: {
    nextUpdate: (time) => `Próxima atualização até ${time}.`,
    nextUpdateOn: (time, date) => `Próxima atualização até ${date}, ${time}.`,
    kind: { incident: 'Incidente', maintenance: 'Manutenção agendada' },
    impact: {
      none: 'Sem impacto',
      maintenance: 'Manutenção',
      minor: 'Impacto menor',
      major: 'Impacto grave',
      critical: 'Impacto crítico',
    },
    status: {
      investigating: 'Em investigação',
      identified: 'Causa identificada',
      monitoring: 'Em observação',
      resolved: 'Resolvido',
      postmortem: 'Relatório',
      scheduled: 'Agendado',
      in_progress: 'Em curso',
      verifying: 'Em verificação',
      completed: 'Concluído',
      false_alarm: 'Falso alarme',
      cancelled: 'Cancelado',
    },
    component: {
      operational: 'Operacional',
      under_maintenance: 'Em manutenção',
      degraded_performance: 'Desempenho reduzido',
      partial_outage: 'Interrupção parcial',
      major_outage: 'Interrupção grave',
    },
    headings: {
      known: 'O que sabemos',
      unknown: 'O que ainda não sabemos',
      doing: 'O que estamos a fazer',
      action: 'O que deve fazer',
    },
    affected: 'Afetado',
    moreAt: 'Mais informações',
  },
};
