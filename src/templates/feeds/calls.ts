import type { PageStatus } from '../../domain/incident.ts';
import type { ComponentStatus, Impact, IncidentStatus } from '../../domain/words.ts';
import { zonedMs } from './instants.ts';

/**
 * What programs that subscribed are sent, in the form in which Statuspage calls its subscribers: receivers for that form
 * are many, and they work unchanged. One call for the incident, one for each component whose status changed.
 */

export interface CallComponent {
  id: string;
  name: string;
  description: string | null;
  status: ComponentStatus;
  position: number;
  showcase: boolean;
  groupId: string | null;
  createdAt: number;
  updatedAt: number;
}

export interface CallUpdate {
  id: string;
  status: IncidentStatus;
  body: string;
  at: number;
  affected: readonly { id: string; name: string; from: ComponentStatus; to: ComponentStatus }[];
}

export interface CallIncident {
  id: string;
  name: string;
  status: IncidentStatus;
  impact: Impact;
  createdAt: number;
  updatedAt: number;
  monitoringAt: number | null;
  resolvedAt: number | null;
  scheduledFor: number | null;
  scheduledUntil: number | null;
  /** Planned work begins, and ends, by itself; people are reminded before, and last were. */
  autoStart: boolean;
  autoEnd: boolean;
  reminds: boolean;
  remindedAt: number | null;
  /** Newest first. */
  updates: readonly CallUpdate[];
  /** All that it touched. */
  components: readonly CallComponent[];
}

export interface CallPage {
  id: string;
  url: string;
  timeZone: string;
  status: PageStatus;
}

// Receivers know no false alarm and nothing called off: both are over.
const statusOf = (status: IncidentStatus): string =>
  status === 'false_alarm' ? 'resolved' : status === 'cancelled' ? 'completed' : status;

const pageOf = ({ id, status }: CallPage) => ({
  id,
  status_indicator: status.indicator,
  status_description: status.description,
});

function componentOf(c: CallComponent, page: CallPage) {
  return {
    status: c.status,
    name: c.name,
    created_at: zonedMs(c.createdAt, page.timeZone),
    updated_at: zonedMs(c.updatedAt, page.timeZone),
    position: c.position,
    description: c.description,
    showcase: c.showcase,
    id: c.id,
    page_id: page.id,
    group_id: c.groupId,
  };
}

/** The call for an update of an incident or of planned work; without the part that differs from receiver to receiver. */
export function incidentCall(page: CallPage, i: CallIncident): Record<string, unknown> {
  const time = (at: number | null) => (at === null ? null : zonedMs(at, page.timeZone));
  const report = i.updates.find((u) => u.status === 'postmortem');
  return {
    page: pageOf(page),
    incident: {
      name: i.name,
      status: statusOf(i.status),
      created_at: time(i.createdAt),
      updated_at: time(i.updatedAt),
      monitoring_at: time(i.monitoringAt),
      resolved_at: time(i.resolvedAt),
      impact: i.impact,
      shortlink: `${page.url}/incidents/${i.id}`,
      postmortem_ignored: false,
      postmortem_body: report?.body ?? null,
      postmortem_body_last_updated_at: time(report?.at ?? null),
      postmortem_published_at: time(i.updates.findLast((u) => u.status === 'postmortem')?.at ?? null),
      postmortem_notified_subscribers: report !== undefined,
      postmortem_notified_twitter: false,
      backfilled: false,
      scheduled_for: time(i.scheduledFor),
      scheduled_until: time(i.scheduledUntil),
      scheduled_remind_prior: i.reminds,
      scheduled_reminded_at: time(i.remindedAt),
      impact_override: null,
      scheduled_auto_in_progress: i.autoStart,
      scheduled_auto_completed: i.autoEnd,
      id: i.id,
      page_id: page.id,
      incident_updates: i.updates.map((u) => ({
        status: statusOf(u.status),
        body: u.body,
        created_at: time(u.at),
        wants_twitter_update: false,
        twitter_updated_at: null,
        updated_at: time(u.at),
        display_at: time(u.at),
        affected_components: u.affected.map((a) => ({
          code: a.id,
          name: a.name,
          old_status: a.from,
          new_status: a.to,
        })),
        custom_tweet: null,
        deliver_notifications: true,
        id: u.id,
        incident_id: i.id,
      })),
      components: i.components.map((c) => componentOf(c, page)),
    },
  };
}

/** The call for one component whose status an update changed. `changeId` names the change. */
export function componentCall(
  page: CallPage,
  c: CallComponent,
  change: { id: string; from: ComponentStatus; to: ComponentStatus; at: number },
): Record<string, unknown> {
  return {
    page: pageOf(page),
    component: componentOf(c, page),
    component_update: {
      old_status: change.from,
      new_status: change.to,
      created_at: zonedMs(change.at, page.timeZone),
      component_type: 'Component',
      id: change.id,
      component_id: c.id,
    },
  };
}
