import type { READS } from '../../src/templates/feeds/statuspage.ts';

/** What a value must be: keys in this very order. `a|b` are words; `null` may be added to any. */
type Shape = string | readonly [Shape] | { readonly [key: string]: Shape };

const ID = 'id';
const INSTANT = 'instant';
const COMPONENT_STATUS = 'operational|degraded_performance|partial_outage|major_outage|under_maintenance';
const PAGE = { id: ID, name: 'text', url: 'url', time_zone: 'text', updated_at: INSTANT };
const STATUS = { indicator: 'none|minor|major|critical|maintenance', description: 'text' };
const COMPONENT = {
  id: ID,
  name: 'text',
  status: COMPONENT_STATUS,
  created_at: INSTANT,
  updated_at: INSTANT,
  position: 'number',
  description: 'text or null',
  showcase: 'boolean',
  start_date: 'day or null',
  group_id: 'id or null',
  page_id: ID,
  group: 'boolean',
  only_show_if_degraded: 'boolean',
} as const;
const GROUP = { ...COMPONENT, components: [ID] as const };
const UPDATE = {
  id: ID,
  status: 'investigating|identified|monitoring|resolved|postmortem|scheduled|in_progress|verifying|completed',
  body: 'text',
  incident_id: ID,
  created_at: INSTANT,
  updated_at: INSTANT,
  display_at: INSTANT,
  affected_components: 'affected or null',
  deliver_notifications: 'boolean',
  custom_tweet: 'null',
  tweet_id: 'null',
} as const;
const INCIDENT = {
  id: ID,
  name: 'text',
  status: UPDATE.status,
  created_at: INSTANT,
  updated_at: INSTANT,
  monitoring_at: 'instant or null',
  resolved_at: 'instant or null',
  impact: 'none|minor|major|critical|maintenance',
  shortlink: 'url',
  started_at: INSTANT,
  page_id: ID,
  incident_updates: [UPDATE] as const,
  components: [COMPONENT] as const,
  reminder_intervals: 'null',
} as const;
const MAINTENANCE = {
  ...INCIDENT,
  scheduled_for: INSTANT,
  scheduled_until: INSTANT,
  scheduled_remind_prior: 'boolean',
  scheduled_reminded_at: 'instant or null',
  scheduled_auto_in_progress: 'boolean',
  scheduled_auto_completed: 'boolean',
} as const;
const AFFECTED = { code: ID, name: 'text', old_status: COMPONENT_STATUS, new_status: COMPONENT_STATUS };
const COMPONENTS = ['component or group'] as const;
/** What each read must have, as the real one has it. */
export const SHAPES: Record<(typeof READS)[number], Shape> = {
  summary: {
    page: PAGE,
    components: COMPONENTS,
    incidents: [INCIDENT],
    scheduled_maintenances: [MAINTENANCE],
    status: STATUS,
  },
  status: { page: PAGE, status: STATUS },
  components: { page: PAGE, components: COMPONENTS },
  incidents: { page: PAGE, incidents: [INCIDENT] },
  'incidents/unresolved': { page: PAGE, incidents: [INCIDENT] },
  'incidents/resolved': { page: PAGE, incidents: [INCIDENT] },
  'scheduled-maintenances': { page: PAGE, scheduled_maintenances: [MAINTENANCE] },
  'scheduled-maintenances/upcoming': { page: PAGE, scheduled_maintenances: [MAINTENANCE] },
  'scheduled-maintenances/active': { page: PAGE, scheduled_maintenances: [MAINTENANCE] },
};

const KINDS: Record<string, (value: unknown) => boolean> = {
  text: (v) => typeof v === 'string',
  number: (v) => typeof v === 'number',
  boolean: (v) => typeof v === 'boolean',
  id: (v) => typeof v === 'string' && /^[0-9a-z]{12,18}$/.test(v),
  url: (v) => typeof v === 'string' && URL.canParse(v),
  day: (v) => typeof v === 'string' && /^\d{4}-\d\d-\d\d$/.test(v),
  instant: (v) =>
    typeof v === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(?:Z|[+-]\d\d:\d\d)$/.test(v),
  null: (v) => v === null,
};

/** Everything in which a value is not of its shape. */
export function wrongs(value: unknown, shape: Shape, path = ''): string[] {
  if (typeof shape === 'string') {
    if (shape === 'component or group')
      return wrongs(value, (value as { group: boolean }).group ? GROUP : COMPONENT, path);
    if (shape === 'affected or null') return value === null ? [] : wrongs(value, [AFFECTED], path);
    const known = shape.split(' or ').some((kind) => KINDS[kind]?.(value) ?? false);
    if (known || (shape.includes('|') && shape.split('|').includes(String(value)))) return [];
    return [`${path} is ${JSON.stringify(value)}, not ${shape}`];
  }
  if (Array.isArray(shape)) {
    if (!Array.isArray(value)) return [`${path} is no list`];
    return value.flatMap((v, i) => wrongs(v, (shape as readonly [Shape])[0], `${path}[${i}]`));
  }
  if (typeof value !== 'object' || value === null) return [`${path} is no object`];
  const keys = Object.keys(shape).join();
  if (Object.keys(value).join() !== keys) return [`${path} has the keys ${Object.keys(value)}, not ${keys}`];
  return Object.entries(shape).flatMap(([key, inner]) =>
    wrongs((value as Record<string, unknown>)[key], inner, `${path}.${key}`),
  );
}
