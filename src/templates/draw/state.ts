import type { ComponentStatus, Impact, IncidentStatus } from '../../domain/words.ts';
import type { PageWords } from '../strings/page/words.ts';

/** The class that sets a state's colour; parts read only that colour. `note` is ink. */
export type Tone = 'ok' | 'degraded' | 'partial' | 'major' | 'maint' | 'note';

/** Shape, word and colour of a state, always together. */
export interface StateTag {
  tone: Tone;
  icon: string;
  word: string;
}

export const TONE_OF: Record<ComponentStatus, Exclude<Tone, 'note'>> = {
  operational: 'ok',
  under_maintenance: 'maint',
  degraded_performance: 'degraded',
  partial_outage: 'partial',
  major_outage: 'major',
};

const TONE_OF_IMPACT: Record<Impact, Tone> = {
  none: 'note',
  maintenance: 'maint',
  minor: 'degraded',
  major: 'partial',
  critical: 'major',
};

const ENDED: Partial<Record<IncidentStatus, true>> = {
  resolved: true,
  postmortem: true,
  completed: true,
  false_alarm: true,
  cancelled: true,
};
export const hasEnded = (status: IncidentStatus): boolean => ENDED[status] === true;

export const componentTag = (status: ComponentStatus, w: PageWords): StateTag => ({
  tone: TONE_OF[status],
  icon: TONE_OF[status],
  word: w.status[status],
});

/** An incident's tag: how bad it is while it lasts, how it ended afterwards. */
export function incidentTag(incident: { status: IncidentStatus; impact: Impact }, w: PageWords): StateTag {
  if (hasEnded(incident.status)) return { tone: 'ok', icon: 'ok', word: w.phase[incident.status] };
  // All parts work again: what is left is to watch them.
  if (incident.status === 'monitoring' && incident.impact === 'none')
    return { tone: 'ok', icon: 'ok', word: w.phase.monitoring };
  const tone = TONE_OF_IMPACT[incident.impact];
  return { tone, icon: tone, word: w.impact[incident.impact] };
}

export const pageTag = (impact: Impact, w: PageWords): StateTag => {
  if (impact === 'none') return { tone: 'ok', icon: 'ok', word: w.allWorking };
  const tone = TONE_OF_IMPACT[impact];
  return { tone, icon: tone, word: w.impact[impact] };
};
