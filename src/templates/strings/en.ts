import type { Strings } from './types.ts';

export const en: Strings = {
  language: 'en',
  name: 'English',
  direction: 'ltr',
  message: {
    nextUpdate: (time) => `Next update by ${time}.`,
    nextUpdateOn: (time, date) => `Next update by ${time} on ${date}.`,
    kind: { incident: 'Incident', maintenance: 'Planned maintenance' },
    impact: {
      none: 'No impact',
      maintenance: 'Maintenance',
      minor: 'Minor impact',
      major: 'Major impact',
      critical: 'Critical impact',
    },
    status: {
      investigating: 'Investigating',
      identified: 'Identified',
      monitoring: 'Monitoring',
      resolved: 'Resolved',
      postmortem: 'Report',
      scheduled: 'Scheduled',
      in_progress: 'In progress',
      verifying: 'Verifying',
      completed: 'Completed',
      false_alarm: 'False alarm',
      cancelled: 'Cancelled',
    },
    component: {
      operational: 'Operational',
      under_maintenance: 'Under maintenance',
      degraded_performance: 'Degraded performance',
      partial_outage: 'Partial outage',
      major_outage: 'Major outage',
    },
    headings: {
      known: 'What we know',
      unknown: 'What we don’t know yet',
      doing: 'What we are doing',
      action: 'What you should do',
    },
    affected: 'Affected',
    moreAt: 'More at',
  },
};
