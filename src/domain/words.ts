/**
 * The words of Tocsin, one for one thing. Everything else in the code uses these names.
 *
 * page        a public status page: name, address, zone, languages, components, policy
 * component   a part of the service customers know, with a status; may sit in a group
 * incident    something customers should know about; also planned maintenance (its `kind`)
 * update      what we say in an incident, in blocks
 * rendition   the exact words of an update for one connection in one language
 * approval    a person's yes to the hash of all renditions
 * promise     "next update by" an absolute time: open, kept or late
 * channel     a kind of network (x, mastodon, bluesky, webhook, …)
 * connection  a configured account on a channel, with a role
 * delivery    one rendition (or part of a thread) on its way to one connection
 * attempt     one try of a delivery, appended and never changed
 * receipt     proof: the remote id, its link, and the text read back
 * subscriber  a person or program that asked to be told: everything, some components, or one incident
 * mention     something a customer said to us on a channel, copied whole when it came in
 * reply       our answer to one mention, where it was said
 * event       a line of the log: `seq`, time, what happened; everything live is a reader of it
 */

export const COMPONENT_STATUSES = [
  'operational',
  'under_maintenance',
  'degraded_performance',
  'partial_outage',
  'major_outage',
] as const;
export type ComponentStatus = (typeof COMPONENT_STATUSES)[number];

export const INCIDENT_KINDS = ['incident', 'maintenance'] as const;
export type IncidentKind = (typeof INCIDENT_KINDS)[number];

export const INCIDENT_STATUSES = [
  'investigating',
  'identified',
  'monitoring',
  'resolved',
  'postmortem',
  'scheduled',
  'in_progress',
  'verifying',
  'completed',
  'false_alarm',
  'cancelled',
] as const;
export type IncidentStatus = (typeof INCIDENT_STATUSES)[number];

/** Words of planned work that are written, and approved, before their time. */
export const PLANNED_AS = ['reminder', 'start', 'end'] as const;
export type PlannedAs = (typeof PLANNED_AS)[number];

/** From least to worst. */
export const IMPACTS = ['none', 'maintenance', 'minor', 'major', 'critical'] as const;
export type Impact = (typeof IMPACTS)[number];

export const UPDATE_STATES = [
  'draft',
  'in_review',
  'returned',
  'approved',
  'published',
  'withdrawn',
  'expired',
  'corrected',
  'superseded',
  'retracted',
] as const;
export type UpdateState = (typeof UPDATE_STATES)[number];

/** How an update puts an earlier one right: better words, or taking it back, or taking it off the networks as well. */
export const AMENDS = ['correction', 'retraction', 'removal'] as const;
export type Amends = (typeof AMENDS)[number];

/** Approval classes; which and how many people must say yes. See `approval.ts`. */
export const CLASSES = ['A', 'B', 'C', 'D', 'E'] as const;
export type UpdateClass = (typeof CLASSES)[number];

/** The blocks an update is written in, in the order a reader meets them. */
export const BLOCKS = ['care', 'known', 'unknown', 'doing', 'action'] as const;
export type BlockName = (typeof BLOCKS)[number];
export type Blocks = Partial<Record<BlockName, string>>;

export const DELIVERY_STATES = [
  'pending',
  'leased',
  'sending',
  'unknown',
  'reconciling',
  'accepted',
  'delivered',
  'held',
  'refused',
  'dead',
  'superseded',
  'cancelled',
  'skipped',
  'manual',
  'manual_confirmed',
] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

/** What a delivery asks of the network. */
export const DELIVERY_OPS = ['publish', 'edit', 'remove'] as const;
export type DeliveryOp = (typeof DELIVERY_OPS)[number];

export const PROMISE_STATES = ['open', 'kept', 'late', 'dropped'] as const;
export type PromiseState = (typeof PROMISE_STATES)[number];

export const MENTION_STATES = [
  'new',
  'assigned',
  'answered',
  'answered_by_broadcast',
  'no_reply_needed',
] as const;
export type MentionState = (typeof MENTION_STATES)[number];

/** `oncall` is the house's own: it gets alerts and never an update. */
export const CONNECTION_ROLES = ['brand', 'care', 'executive', 'status', 'oncall'] as const;
/** `subscribers` is the house's own too: it speaks to those who asked, one by one, and nobody gives it to an account. */
export type ConnectionRole = (typeof CONNECTION_ROLES)[number] | 'subscribers';

export const ROLES = ['viewer', 'responder', 'author', 'approver', 'admin'] as const;
export type Role = (typeof ROLES)[number];

export const SCOPES = ['read', 'draft', 'approve', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];
