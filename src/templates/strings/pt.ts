import { pt as page } from './page/pt.ts';
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
    // One word for one thing: posts say it as the page does.
    status: page.phase,
    component: page.status,
    amends: { correction: 'Correção', retraction: 'Retirado' },
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
