import { isEnded } from '../../domain/incident.ts';
import type { ComponentStatus, IncidentStatus } from '../../domain/words.ts';
import { zonedMs } from './instants.ts';
import { remembered } from './memo.ts';
import {
  incidentUrl,
  type ProgramComponent,
  type ProgramGroup,
  type ProgramModel,
  type ProgramPage,
  type ToldIncident,
  type ToldUpdate,
} from './model.ts';
import { saidText, type Teller, teller } from './words.ts';

/**
 * The public read API of Statuspage, version 2, as its clients know it: the same keys in the same order, the same
 * statuses, null where it says null. A status it has no word for is told as the one its readers would act on.
 */

export const READS = [
  'summary',
  'status',
  'components',
  'incidents',
  'incidents/unresolved',
  'incidents/resolved',
  'scheduled-maintenances',
  'scheduled-maintenances/upcoming',
  'scheduled-maintenances/active',
] as const;
export type Read = (typeof READS)[number];

/** How many of the newest a list has. */
const RECENT = 50;

/** One answer, as JSON text. */
export function statuspageJson(model: ProgramModel, read: Read): string {
  const t = teller(model);
  const page = pageOf(model);
  const incidents = (keep: (i: ToldIncident) => boolean) =>
    model.incidents.filter(keep).map((i) => incidentOf(i, model, t));
  const maintenance = (keep: (i: ToldIncident) => boolean) =>
    model.maintenance.filter(keep).map((i) => maintenanceOf(i, model, t));
  const open = (i: ToldIncident) => !isEnded(i.status);
  const answers: Record<Read, () => object> = {
    summary: () => ({
      page,
      components: componentsOf(model),
      incidents: incidents(open),
      scheduled_maintenances: maintenance(open),
      status: model.status,
    }),
    status: () => ({ page, status: model.status }),
    components: () => ({ page, components: componentsOf(model) }),
    incidents: () => ({ page, incidents: incidents(() => true).slice(0, RECENT) }),
    'incidents/unresolved': () => ({ page, incidents: incidents(open) }),
    'incidents/resolved': () => ({ page, incidents: incidents((i) => !open(i)).slice(0, RECENT) }),
    'scheduled-maintenances': () => ({
      page,
      scheduled_maintenances: maintenance(() => true).slice(0, RECENT),
    }),
    'scheduled-maintenances/upcoming': () => ({
      page,
      scheduled_maintenances: maintenance((i) => i.status === 'scheduled'),
    }),
    'scheduled-maintenances/active': () => ({
      page,
      scheduled_maintenances: maintenance((i) => open(i) && i.status !== 'scheduled'),
    }),
  };
  return JSON.stringify(answers[read]());
}

const pageOf = ({ page }: ProgramModel) => ({
  id: page.id,
  name: page.name,
  url: page.url,
  time_zone: page.timeZone === 'UTC' ? 'Etc/UTC' : page.timeZone,
  updated_at: zonedMs(page.updatedAt, page.timeZone),
});

function componentOf(c: ProgramComponent, page: ProgramPage) {
  return {
    id: c.id,
    name: c.name,
    status: c.status,
    created_at: zonedMs(c.createdAt, page.timeZone),
    updated_at: zonedMs(c.updatedAt, page.timeZone),
    position: c.position,
    description: c.description,
    showcase: c.showcase,
    start_date: c.startDate,
    group_id: c.groupId,
    page_id: page.id,
    group: false,
    only_show_if_degraded: c.onlyShowIfDegraded,
  };
}

const WORST: readonly ComponentStatus[] = [
  'major_outage',
  'partial_outage',
  'degraded_performance',
  'under_maintenance',
  'operational',
];

function groupOf(g: ProgramGroup, children: readonly ProgramComponent[], page: ProgramPage) {
  const status = WORST.find((s) => children.some((c) => c.status === s)) ?? 'operational';
  const asComponent: ProgramComponent = {
    ...g,
    status,
    groupId: null,
    showcase: false,
    onlyShowIfDegraded: false,
    startDate: null,
    updatedAt: Math.max(g.updatedAt, ...children.map((c) => c.updatedAt)),
  };
  return {
    ...componentOf(asComponent, page),
    group: true,
    components: children.map((c) => c.id),
  };
}

/** Groups stand among their components in one flat list. */
function componentsOf(model: ProgramModel): object[] {
  const of = (groupId: string | null) => model.components.filter((c) => c.groupId === groupId);
  const single = (c: ProgramComponent) => componentOf(c, model.page);
  return [
    ...model.groups.flatMap((g) => [groupOf(g, of(g.id), model.page), ...of(g.id).map(single)]),
    ...of(null).map(single),
  ];
}

// Its readers know no false alarm and nothing called off: both are over.
const statusOf = (status: IncidentStatus): string =>
  status === 'false_alarm' ? 'resolved' : status === 'cancelled' ? 'completed' : status;

function updateOf(u: ToldUpdate, incidentId: string, { page }: ProgramModel, t: Teller) {
  return {
    id: u.id,
    status: statusOf(u.status),
    body: saidText(u, t),
    incident_id: incidentId,
    created_at: zonedMs(u.at, page.timeZone),
    updated_at: zonedMs(u.changedAt, page.timeZone),
    display_at: zonedMs(u.at, page.timeZone),
    affected_components:
      u.affected.length === 0
        ? null
        : u.affected.map((a) => ({ code: a.id, name: a.name, old_status: a.from, new_status: a.to })),
    deliver_notifications: true,
    custom_tweet: null,
    tweet_id: null,
  };
}

const updatesOf = remembered((i: ToldIncident, model: ProgramModel, t: Teller) =>
  i.updates.map((u) => updateOf(u, i.id, model, t)),
);

function incidentOf(i: ToldIncident, model: ProgramModel, t: Teller) {
  const { page } = model;
  const time = (at: number | null) => (at === null ? null : zonedMs(at, page.timeZone));
  return {
    id: i.id,
    name: i.title,
    status: statusOf(i.status),
    created_at: time(i.publishedAt),
    updated_at: time(i.updatedAt),
    monitoring_at: time(i.monitoringAt),
    resolved_at: time(i.resolvedAt),
    impact: i.impact,
    shortlink: incidentUrl(page, i.id),
    started_at: time(i.startedAt),
    page_id: page.id,
    incident_updates: updatesOf(i, model, t),
    components: model.components
      .filter((c) => i.componentIds.includes(c.id))
      .map((c) => componentOf(c, model.page)),
    reminder_intervals: null,
    ...postmortemOf(i, t, time),
  };
}

/** Only of an incident that has one: the newest words that were published as its report. */
function postmortemOf(i: ToldIncident, t: Teller, time: (at: number | null) => string | null): object {
  const report = i.updates.find((u) => u.status === 'postmortem' && u.retractedAt === null);
  if (!report) return {};
  const first = i.updates.findLast((u) => u.status === 'postmortem');
  return {
    postmortem_body: saidText(report, t),
    postmortem_body_last_updated_at: time(report.changedAt),
    postmortem_ignored: false,
    postmortem_published_at: time(first?.at ?? report.at),
    postmortem_notified_subscribers: true,
    postmortem_notified_twitter: false,
  };
}

function maintenanceOf(i: ToldIncident, model: ProgramModel, t: Teller) {
  const { timeZone } = model.page;
  return {
    ...incidentOf(i, model, t),
    impact: 'maintenance',
    scheduled_for: zonedMs(i.scheduledFor ?? i.startedAt, timeZone),
    scheduled_until: zonedMs(i.scheduledUntil ?? i.startedAt, timeZone),
    // As the management API and the webhooks name them; the reads of old had them not, and readers skip what is new.
    scheduled_remind_prior: i.reminds,
    scheduled_reminded_at: i.remindedAt === null ? null : zonedMs(i.remindedAt, timeZone),
    scheduled_auto_in_progress: i.autoStart,
    scheduled_auto_completed: i.autoEnd,
  };
}
