import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import type { AmendStep, AmendWay } from '../src/domain/amend.ts';
import type { ApprovalPolicy, Assurance } from '../src/domain/approval.ts';
import type { Abilities, Limits, RemotePost } from '../src/domain/channel.ts';
import type { GateHow, GateWaiver } from '../src/domain/gate.ts';
import type { Attached, PictureType } from '../src/domain/media.ts';
import type { Office } from '../src/domain/office.ts';
import type { LetterKind, SubscriberKind, SubscriberState } from '../src/domain/subscriber.ts';
import type { Voice } from '../src/domain/voice.ts';
import type {
  Amends,
  Blocks,
  ComponentStatus,
  ConnectionRole,
  DeliveryOp,
  DeliveryState,
  Impact,
  IncidentKind,
  IncidentStatus,
  MentionState,
  PlannedAs,
  PromiseState,
  Role,
  Scope,
  UpdateClass,
  UpdateState,
} from '../src/domain/words.ts';
import type {
  ChallengeKind,
  FanoutCall,
  PageAccess,
  PageFileKind,
  PageSettings,
  RenditionPart,
  RenditionWays,
  TokenKind,
} from './shapes.ts';

/**
 * The tables, for SQLite. `schema.pg.ts` has the same tables, columns and JavaScript types; a compile-time check in
 * `store.ts` keeps the two equal. Ids are text; instants are milliseconds since 1970; JSON is never compared or hashed.
 */

const id = () => text('id').primaryKey();
const instant = (name: string) => integer(name, { mode: 'number' });
const flag = (name: string) => integer(name, { mode: 'boolean' });
const json = <T>(name: string) => text(name, { mode: 'json' }).$type<T>();

export const pages = sqliteTable(
  'pages',
  {
    id: id(),
    /** Path of the page; the first page of an installation has the empty slug and lives at `/`. */
    slug: text('slug').notNull(),
    name: text('name').notNull(),
    /** Public address without a trailing slash: what links in posts begin with. */
    url: text('url').notNull(),
    timeZone: text('time_zone').notNull(),
    languages: json<string[]>('languages').notNull(),
    cadence: text('cadence').notNull(),
    policy: json<ApprovalPolicy>('policy').notNull(),
    settings: json<PageSettings>('settings').notNull(),
    /** Host name under which the page stands alone; null is a path of the installation's own address. */
    domain: text('domain'),
    /** Who may read it; null is everybody. */
    access: json<PageAccess>('access'),
    /** When somebody last looked whether all works. */
    checkedAt: instant('checked_at'),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (t) => [uniqueIndex('pages_slug_uq').on(t.slug), uniqueIndex('pages_domain_uq').on(t.domain)],
);

/** Pictures of a page's own: small, and kept as base64 so that both databases keep them alike. */
export const pageFiles = sqliteTable(
  'page_files',
  {
    id: id(),
    pageId: text('page_id')
      .notNull()
      .references(() => pages.id, { onDelete: 'cascade' }),
    kind: text('kind').$type<PageFileKind>().notNull(),
    type: text('type').notNull(),
    /** Of the bytes: part of its address. */
    hash: text('hash').notNull(),
    /** Base64. */
    body: text('body').notNull(),
    createdAt: instant('created_at').notNull(),
  },
  (t) => [uniqueIndex('page_files_kind_uq').on(t.pageId, t.kind)],
);

/** Pictures that updates show: written once, and never changed. */
export const pictures = sqliteTable(
  'pictures',
  {
    /** Of the bytes and the incident: what an approval is bound to, and part of its address. */
    id: id(),
    incidentId: text('incident_id')
      .notNull()
      .references(() => incidents.id, { onDelete: 'cascade' }),
    pageId: text('page_id').notNull(),
    type: text('type').$type<PictureType>().notNull(),
    width: integer('width', { mode: 'number' }).notNull(),
    height: integer('height', { mode: 'number' }).notNull(),
    /** Bytes of the picture. */
    size: integer('size', { mode: 'number' }).notNull(),
    /** Base64. */
    body: text('body').notNull(),
    createdBy: text('created_by').notNull(),
    createdAt: instant('created_at').notNull(),
  },
  (t) => [index('pictures_incident_ix').on(t.incidentId), index('pictures_created_ix').on(t.createdAt)],
);

export const componentGroups = sqliteTable(
  'component_groups',
  {
    id: id(),
    pageId: text('page_id')
      .notNull()
      .references(() => pages.id, { onDelete: 'cascade' }),
    name: text('name').notNull(),
    description: text('description'),
    position: integer('position', { mode: 'number' }).notNull(),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (t) => [index('component_groups_page_ix').on(t.pageId, t.position)],
);

export const components = sqliteTable(
  'components',
  {
    id: id(),
    pageId: text('page_id')
      .notNull()
      .references(() => pages.id, { onDelete: 'cascade' }),
    groupId: text('group_id').references(() => componentGroups.id, { onDelete: 'set null' }),
    name: text('name').notNull(),
    description: text('description'),
    status: text('status').$type<ComponentStatus>().notNull(),
    position: integer('position', { mode: 'number' }).notNull(),
    showcase: flag('showcase').notNull(),
    onlyShowIfDegraded: flag('only_show_if_degraded').notNull(),
    /** YYYY-MM-DD from which the uptime bars count. */
    startDate: text('start_date'),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (t) => [index('components_page_ix').on(t.pageId, t.position)],
);

/** Every change of a component's status, kept for ever: the uptime bars are read from it. */
export const componentChanges = sqliteTable(
  'component_changes',
  {
    id: id(),
    pageId: text('page_id')
      .notNull()
      .references(() => pages.id, { onDelete: 'cascade' }),
    componentId: text('component_id')
      .notNull()
      .references(() => components.id, { onDelete: 'cascade' }),
    fromStatus: text('from_status').$type<ComponentStatus>().notNull(),
    toStatus: text('to_status').$type<ComponentStatus>().notNull(),
    incidentId: text('incident_id'),
    updateId: text('update_id'),
    at: instant('at').notNull(),
  },
  (t) => [
    index('component_changes_component_ix').on(t.componentId, t.at),
    index('component_changes_page_ix').on(t.pageId, t.at),
    index('component_changes_update_ix').on(t.updateId),
  ],
);

export const incidents = sqliteTable(
  'incidents',
  {
    id: id(),
    pageId: text('page_id')
      .notNull()
      .references(() => pages.id, { onDelete: 'cascade' }),
    kind: text('kind').$type<IncidentKind>().notNull(),
    title: text('title').notNull(),
    /** Why we speak, in a sentence. */
    objective: text('objective').notNull(),
    ownerId: text('owner_id'),
    /** Null until the first update is published: an incident nobody was told about is not public. */
    status: text('status').$type<IncidentStatus>(),
    impact: text('impact').$type<Impact>().notNull(),
    impactOverride: text('impact_override').$type<Impact>(),
    grave: flag('grave').notNull(),
    detectedAt: instant('detected_at').notNull(),
    startedAt: instant('started_at').notNull(),
    scheduledFor: instant('scheduled_for'),
    scheduledUntil: instant('scheduled_until'),
    /** Maintenance begins, or ends, by itself at its time; as the newest published plan says. */
    autoStart: flag('auto_start').notNull().default(false),
    autoEnd: flag('auto_end').notNull().default(false),
    /** How long before its start people are reminded, ms, the longest first; null is never. */
    reminders: json<number[]>('reminders'),
    remindedAt: instant('reminded_at'),
    /** Since when the house and the page know that it did not begin, or end, at its time. */
    overdueAt: instant('overdue_at'),
    publishedAt: instant('published_at'),
    monitoringAt: instant('monitoring_at'),
    resolvedAt: instant('resolved_at'),
    /** Since when deaths and names may be spoken of: everybody close was told, or it was waived. */
    gateAt: instant('gate_at'),
    gateBy: text('gate_by'),
    gateNote: text('gate_note'),
    /** Whether everybody was told, or two people waived it; null before this was asked. */
    gateHow: text('gate_how').$type<GateHow>(),
    /** Half of a waiver: the owner's or an executive's, waiting for the other. */
    gateWaiver: json<GateWaiver>('gate_waiver'),
    createdBy: text('created_by').notNull(),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (t) => [
    index('incidents_page_ix').on(t.pageId, t.id),
    index('incidents_open_ix').on(t.pageId, t.resolvedAt),
    index('incidents_scheduled_ix').on(t.pageId, t.scheduledFor),
  ],
);

export const updates = sqliteTable(
  'updates',
  {
    id: id(),
    incidentId: text('incident_id')
      .notNull()
      .references(() => incidents.id, { onDelete: 'cascade' }),
    pageId: text('page_id').notNull(),
    state: text('state').$type<UpdateState>().notNull(),
    class: text('class').$type<UpdateClass>().notNull(),
    /** The status this update gives its incident when it is published. */
    status: text('status').$type<IncidentStatus>().notNull(),
    language: text('language').notNull(),
    blocks: json<Blocks>('blocks').notNull(),
    body: text('body').notNull(),
    /** Pictures that go with the words, each with what it shows; null is none. */
    media: json<Attached[]>('media'),
    nextUpdateBy: instant('next_update_by'),
    /** Component id to the status it gets when this update is published. */
    components: json<Record<string, ComponentStatus>>('components').notNull(),
    /** Connections that get this update; null means every enabled one of the page. */
    connectionIds: json<string[] | null>('connection_ids'),
    /** Connection id to words that replace the rendered ones there. */
    overrides: json<Record<string, string>>('overrides').notNull(),
    /** Everybody who wrote a character of it; none of them may approve it. */
    authorIds: json<string[]>('author_ids').notNull(),
    templateId: text('template_id'),
    correctsId: text('corrects_id'),
    /** How it puts the words of `correctsId` right; null for words of their own. */
    amends: text('amends').$type<Amends>(),
    /** What was wrong, for the public: one sentence, said on the page and on every network. */
    note: text('note'),
    /** What is to be done on each network; part of what approvers say yes to. */
    plan: json<AmendStep[]>('plan'),
    /** The window of planned work from this update on; null leaves it. */
    scheduledFor: instant('scheduled_for'),
    scheduledUntil: instant('scheduled_until'),
    /** Words for later, approved together with this update of the same maintenance; `publishAt` null waits for a person. */
    plannedOf: text('planned_of'),
    plannedAs: text('planned_as').$type<PlannedAs>(),
    /** In whose own voice it speaks; it goes out with this person's own yes, or not at all. */
    voiceOf: text('voice_of'),
    /** Why it may end the incident though people still wait for an answer; null is no reason. */
    leaves: text('leaves'),
    /** What search reads, from its publication on: title and words, folded. */
    searchText: text('search_text'),
    /** Counts edits; a writer names the one they saw, so that two authors never overwrite each other. */
    version: integer('version', { mode: 'number' }).notNull(),
    /** SHA-256 of what approvers are asked to say yes to; null while it is a draft. */
    hash: text('hash'),
    requestedBy: text('requested_by'),
    requestedAt: instant('requested_at'),
    /** Seq of the newest event when approval was asked for: what was published after it is newer, whatever the clocks say. */
    requestedSeq: integer('requested_seq', { mode: 'number' }),
    approvedAt: instant('approved_at'),
    releaseAt: instant('release_at'),
    publishedAt: instant('published_at'),
    /** Event seq of its publication: the order in which the public read the updates. */
    publishedSeq: integer('published_seq', { mode: 'number' }),
    /** Why it was returned, withdrawn, voided or retracted. */
    reason: text('reason'),
    /** Facts that its words rest on, as they stood when approval was asked for. */
    cites: json<{ factId: string; version: number }[]>('cites'),
    /** When it is to go out, once approved; null is at once. */
    publishAt: instant('publish_at'),
    /** "We are still working on it", to the page only: it neither keeps a promise nor makes one. */
    heartbeat: flag('heartbeat').notNull().default(false),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (t) => [
    index('updates_incident_ix').on(t.incidentId, t.publishedSeq),
    index('updates_state_ix').on(t.state, t.releaseAt),
    index('updates_planned_ix').on(t.plannedOf),
    index('updates_published_ix').on(t.publishedSeq),
  ],
);

export const renditions = sqliteTable(
  'renditions',
  {
    id: id(),
    updateId: text('update_id')
      .notNull()
      .references(() => updates.id, { onDelete: 'cascade' }),
    connectionId: text('connection_id').notNull(),
    language: text('language').notNull(),
    /** Last part of the unique short address in its words: `/u/<code>`. */
    code: text('code').notNull(),
    parts: json<RenditionPart[]>('parts').notNull(),
    /** Names of blocks that did not fit. */
    dropped: json<string[]>('dropped').notNull(),
    /** Of a correction: the same in other forms, for when a post cannot be changed, or was never there. */
    ways: json<RenditionWays>('ways'),
    max: integer('max', { mode: 'number' }).notNull(),
    unit: text('unit').notNull(),
    overridden: flag('overridden').notNull(),
    frozenAt: instant('frozen_at'),
    createdAt: instant('created_at').notNull(),
  },
  (t) => [
    uniqueIndex('renditions_uq').on(t.updateId, t.connectionId, t.language),
    uniqueIndex('renditions_code_uq').on(t.code),
  ],
);

export const approvals = sqliteTable(
  'approvals',
  {
    id: id(),
    updateId: text('update_id')
      .notNull()
      .references(() => updates.id, { onDelete: 'cascade' }),
    personId: text('person_id').notNull(),
    decision: text('decision').$type<'approved' | 'returned' | 'consented'>().notNull(),
    hash: text('hash').notNull(),
    reason: text('reason'),
    at: instant('at').notNull(),
    /** What was shown for it besides a session: a passkey, a code, a password. Null before this was asked. */
    assurance: text('assurance').$type<Assurance>(),
    /** Who had made the link by which the session came in that said it: they count as having said it too. */
    behind: json<string[]>('behind'),
    voidedAt: instant('voided_at'),
    voidReason: text('void_reason'),
  },
  (t) => [index('approvals_update_ix').on(t.updateId, t.id)],
);

export const promises = sqliteTable(
  'promises',
  {
    id: id(),
    incidentId: text('incident_id')
      .notNull()
      .references(() => incidents.id, { onDelete: 'cascade' }),
    pageId: text('page_id').notNull(),
    updateId: text('update_id').notNull(),
    dueAt: instant('due_at').notNull(),
    state: text('state').$type<PromiseState>().notNull(),
    madeAt: instant('made_at').notNull(),
    settledAt: instant('settled_at'),
    settledBy: text('settled_by'),
    lateMs: integer('late_ms', { mode: 'number' }),
    /** How far the escalation inside has gone: minutes before (negative) or after the time. */
    escalatedTo: integer('escalated_to', { mode: 'number' }),
  },
  (t) => [
    index('promises_incident_ix').on(t.incidentId, t.id),
    index('promises_due_ix').on(t.state, t.dueAt),
  ],
);

export const connections = sqliteTable(
  'connections',
  {
    id: id(),
    pageId: text('page_id')
      .notNull()
      .references(() => pages.id, { onDelete: 'cascade' }),
    channel: text('channel').notNull(),
    name: text('name').notNull(),
    role: text('role').$type<ConnectionRole>().notNull(),
    /** The person in whose own voice it speaks; it carries nothing else. */
    voiceOf: text('voice_of'),
    account: text('account').notNull(),
    url: text('url'),
    settings: json<Record<string, string>>('settings').notNull(),
    /** Sealed by src/secrets.ts; never leaves the process. */
    sealed: text('sealed').notNull(),
    limits: json<Limits>('limits').notNull(),
    can: json<Abilities>('can').notNull(),
    template: text('template').notNull(),
    language: text('language').notNull(),
    includeLink: flag('include_link').notNull(),
    thread: flag('thread').notNull(),
    enabled: flag('enabled').notNull(),
    /** Set when the network refused us: its queue is kept, nothing is sent until a person mends it. */
    pausedAt: instant('paused_at'),
    pausedReason: text('paused_reason'),
    /** Asked by the network to wait until then. */
    notBefore: instant('not_before'),
    expiresAt: instant('expires_at'),
    lastOkAt: instant('last_ok_at'),
    verifiedAt: instant('verified_at'),
    /** When the account is to be looked at next, though nothing is sent; null is at once. */
    checkAt: instant('check_at'),
    /** When it was last looked at, and what was wrong then with it; null is nothing. */
    checkedAt: instant('checked_at'),
    checkFailure: text('check_failure'),
    position: integer('position', { mode: 'number' }).notNull(),
    /** Which process may speak for this account just now, and until when. */
    laneBy: text('lane_by'),
    laneUntil: instant('lane_until'),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (t) => [index('connections_page_ix').on(t.pageId, t.position)],
);

export const deliveries = sqliteTable(
  'deliveries',
  {
    id: id(),
    pageId: text('page_id').notNull(),
    incidentId: text('incident_id').notNull(),
    updateId: text('update_id').notNull(),
    renditionId: text('rendition_id').notNull(),
    connectionId: text('connection_id').notNull(),
    op: text('op').$type<DeliveryOp>().notNull(),
    /** Part of the thread, from 0. */
    part: integer('part', { mode: 'number' }).notNull(),
    /** Empty for a post; an address for channels that speak to people one by one. */
    recipient: text('recipient').notNull(),
    /** For edit and remove: the delivery whose post is meant. */
    targetId: text('target_id'),
    /** How a correction reaches this network: which of the rendition's forms is sent. Null for words of their own. */
    way: text('way').$type<AmendWay>(),
    /** The update that puts these words right: what has not left yet must not leave any more. */
    amendedBy: text('amended_by'),
    /** 0 speaks to the public in an incident, higher can wait. */
    priority: integer('priority', { mode: 'number' }).notNull(),
    /** Order within (incident, connection): the seq of the publication. */
    ord: integer('ord', { mode: 'number' }).notNull(),
    state: text('state').$type<DeliveryState>().notNull(),
    reason: text('reason'),
    attempts: integer('attempts', { mode: 'number' }).notNull(),
    nextAt: instant('next_at').notNull(),
    leaseBy: text('lease_by'),
    leaseUntil: instant('lease_until'),
    sentAt: instant('sent_at'),
    firstSentAt: instant('first_sent_at'),
    mayBeThere: flag('may_be_there').notNull(),
    absences: integer('absences', { mode: 'number' }).notNull(),
    absentBy: text('absent_by'),
    absentMono: integer('absent_mono', { mode: 'number' }),
    heldAt: instant('held_at'),
    doneAt: instant('done_at'),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (t) => [
    uniqueIndex('deliveries_uq').on(t.updateId, t.connectionId, t.recipient, t.part, t.op),
    index('deliveries_lane_ix').on(t.connectionId, t.state, t.priority, t.ord, t.part),
    index('deliveries_newest_ix').on(t.connectionId, t.ord),
    index('deliveries_lease_ix').on(t.leaseBy),
    index('deliveries_state_ix').on(t.state),
    index('deliveries_order_ix').on(t.incidentId, t.connectionId, t.ord, t.part),
  ],
);

/** One row a try, appended and never changed but for how it ended. */
export const attempts = sqliteTable(
  'attempts',
  {
    id: id(),
    deliveryId: text('delivery_id')
      .notNull()
      .references(() => deliveries.id, { onDelete: 'cascade' }),
    kind: text('kind').$type<'publish' | 'edit' | 'remove' | 'find' | 'read' | 'person'>().notNull(),
    by: text('by').notNull(),
    startedAt: instant('started_at').notNull(),
    endedAt: instant('ended_at'),
    outcome: text('outcome'),
    code: text('code'),
    status: integer('status', { mode: 'number' }),
    message: text('message'),
  },
  (t) => [index('attempts_delivery_ix').on(t.deliveryId, t.id)],
);

export const receipts = sqliteTable(
  'receipts',
  {
    deliveryId: text('delivery_id')
      .primaryKey()
      .references(() => deliveries.id, { onDelete: 'cascade' }),
    remoteId: text('remote_id').notNull(),
    url: text('url'),
    raw: json<Record<string, unknown>>('raw').notNull(),
    /** How we know: the network's answer, our own look, or a person's word. */
    proof: text('proof').$type<'answer' | 'read' | 'person'>().notNull(),
    /** The post as the network showed it to us, and when. */
    textRead: text('text_read'),
    readAt: instant('read_at'),
    acceptedAt: instant('accepted_at').notNull(),
  },
  (t) => [index('receipts_remote_ix').on(t.remoteId)],
);

/** The log. `seq` has no gaps and commit order is seq order, so that a reader of `seq > cursor` misses nothing. */
export const events = sqliteTable(
  'events',
  {
    seq: integer('seq', { mode: 'number' }).primaryKey(),
    at: instant('at').notNull(),
    pageId: text('page_id'),
    kind: text('kind').notNull(),
    /** Public events reach every open page; the others only the desk. */
    public: flag('public').notNull(),
    incidentId: text('incident_id'),
    updateId: text('update_id'),
    detail: json<Record<string, unknown>>('detail').notNull(),
  },
  (t) => [index('events_page_ix').on(t.pageId, t.seq), index('events_incident_ix').on(t.incidentId, t.seq)],
);

/** Who did what. Chained: each row's hash covers the one before; `detail` is kept as the very text that was hashed. */
export const audit = sqliteTable(
  'audit',
  {
    seq: integer('seq', { mode: 'number' }).primaryKey(),
    at: instant('at').notNull(),
    actorKind: text('actor_kind').$type<'person' | 'token' | 'timer' | 'system' | 'cli'>().notNull(),
    actorId: text('actor_id').notNull(),
    action: text('action').notNull(),
    subjectKind: text('subject_kind').notNull(),
    subjectId: text('subject_id').notNull(),
    detail: text('detail').notNull(),
    prevHash: text('prev_hash').notNull(),
    hash: text('hash').notNull(),
  },
  (t) => [index('audit_subject_ix').on(t.subjectKind, t.subjectId)],
);

export const people = sqliteTable(
  'people',
  {
    id: id(),
    name: text('name').notNull(),
    email: text('email').notNull(),
    roles: json<Role[]>('roles').notNull(),
    /** Page id to the roles held there instead. */
    pageRoles: json<Record<string, Role[]>>('page_roles'),
    /** With + and country code; for being asked in the night. */
    phone: text('phone'),
    /** What they are besides their roles: the policy names classes that need one of them. */
    offices: json<Office[]>('offices'),
    /** Whether, and by whom besides themselves, words may be drafted in their own voice. */
    voice: json<Voice>('voice'),
    disabledAt: instant('disabled_at'),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (t) => [uniqueIndex('people_email_uq').on(t.email)],
);

/** Secrets that let somebody in, kept only as SHA-256: API tokens, browser sessions, one-time sign-in links. */
export const tokens = sqliteTable(
  'tokens',
  {
    id: id(),
    kind: text('kind').$type<TokenKind>().notNull(),
    hash: text('hash').notNull(),
    personId: text('person_id')
      .notNull()
      .references(() => people.id, { onDelete: 'cascade' }),
    name: text('name').notNull(),
    scopes: json<Scope[]>('scopes').notNull(),
    createdAt: instant('created_at').notNull(),
    expiresAt: instant('expires_at'),
    lastUsedAt: instant('last_used_at'),
    revokedAt: instant('revoked_at'),
    /** When two factors were shown for it; of a link, that it stands for both. */
    secondFactorAt: instant('second_factor_at'),
    /** Who made it for somebody else, or made what it came from; null is its own person, or the server's command. */
    behind: json<string[]>('behind'),
    userAgent: text('user_agent'),
    address: text('address'),
  },
  (t) => [uniqueIndex('tokens_hash_uq').on(t.hash), index('tokens_person_ix').on(t.personId, t.kind)],
);

/** How a person signs in by password: an Argon2id hash with its parameters. */
export const passwords = sqliteTable('passwords', {
  personId: text('person_id')
    .primaryKey()
    .references(() => people.id, { onDelete: 'cascade' }),
  hash: text('hash').notNull(),
  changedAt: instant('changed_at').notNull(),
});

/** A WebAuthn credential: its public half, which is no secret. */
export const passkeys = sqliteTable(
  'passkeys',
  {
    id: id(),
    personId: text('person_id')
      .notNull()
      .references(() => people.id, { onDelete: 'cascade' }),
    name: text('name').notNull(),
    /** As the authenticator names it, base64url. */
    credentialId: text('credential_id').notNull(),
    /** COSE, base64url. */
    publicKey: text('public_key').notNull(),
    counter: integer('counter', { mode: 'number' }).notNull(),
    transports: json<string[]>('transports').notNull(),
    backedUp: flag('backed_up').notNull(),
    createdAt: instant('created_at').notNull(),
    lastUsedAt: instant('last_used_at'),
  },
  (t) => [
    uniqueIndex('passkeys_credential_uq').on(t.credentialId),
    index('passkeys_person_ix').on(t.personId),
  ],
);

/** The secret that a person shares with their authenticator app, sealed. */
export const totps = sqliteTable('totps', {
  personId: text('person_id')
    .primaryKey()
    .references(() => people.id, { onDelete: 'cascade' }),
  sealed: text('sealed').notNull(),
  /** Null until a first code has shown that the app has the secret: only then is it asked for. */
  confirmedAt: instant('confirmed_at'),
  /** The 30-second step of the last code taken: no code works twice. */
  lastStep: integer('last_step', { mode: 'number' }).notNull(),
  createdAt: instant('created_at').notNull(),
});

/** Codes on paper for the day the second factor is lost; each works once. Kept as a keyed hash. */
export const recoveryCodes = sqliteTable(
  'recovery_codes',
  {
    id: id(),
    personId: text('person_id')
      .notNull()
      .references(() => people.id, { onDelete: 'cascade' }),
    hash: text('hash').notNull(),
    usedAt: instant('used_at'),
    createdAt: instant('created_at').notNull(),
  },
  (t) => [uniqueIndex('recovery_codes_hash_uq').on(t.hash), index('recovery_codes_person_ix').on(t.personId)],
);

/** What we asked a browser or an issuer and await the answer to: each is answered once, in time, by the one who was asked. */
export const challenges = sqliteTable(
  'challenges',
  {
    id: id(),
    kind: text('kind').$type<ChallengeKind>().notNull(),
    /** SHA-256 of what comes back with the answer: a WebAuthn challenge, an OAuth state. */
    hash: text('hash').notNull(),
    /** SHA-256 of the secret of the browser, or the id of the session, that asked. */
    boundTo: text('bound_to').notNull(),
    personId: text('person_id').references(() => people.id, { onDelete: 'cascade' }),
    /** What we need to check the answer, sealed; empty when nothing. */
    sealed: text('sealed').notNull(),
    createdAt: instant('created_at').notNull(),
    expiresAt: instant('expires_at').notNull(),
  },
  (t) => [uniqueIndex('challenges_hash_uq').on(t.hash), index('challenges_expires_ix').on(t.expiresAt)],
);

/** Tries to sign in, by account (a keyed hash of what was typed) and by address: they outlive a restart. */
export const signInTries = sqliteTable(
  'sign_in_tries',
  {
    key: text('key').primaryKey(),
    times: json<number[]>('times').notNull(),
    /** How often in a row the limit was reached. */
    strikes: integer('strikes', { mode: 'number' }).notNull(),
    waitUntil: instant('wait_until').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (t) => [index('sign_in_tries_updated_ix').on(t.updatedAt)],
);

/** A person as a single sign-on issuer knows them: by (issuer, subject), never by an address. */
export const identities = sqliteTable(
  'identities',
  {
    id: id(),
    personId: text('person_id')
      .notNull()
      .references(() => people.id, { onDelete: 'cascade' }),
    issuer: text('issuer').notNull(),
    subject: text('subject').notNull(),
    createdAt: instant('created_at').notNull(),
    lastUsedAt: instant('last_used_at'),
  },
  (t) => [
    uniqueIndex('identities_subject_uq').on(t.issuer, t.subject),
    uniqueIndex('identities_person_uq').on(t.personId, t.issuer),
  ],
);

/** Facts about the installation itself: deployment id, heartbeat, quarantine. */
export const installation = sqliteTable('installation', {
  key: text('key').primaryKey(),
  value: text('value').notNull(),
  updatedAt: instant('updated_at').notNull(),
});

/** Pre-written updates with typed slots; pre-cleared when somebody approved them in peacetime. */
export const templates = sqliteTable(
  'templates',
  {
    id: id(),
    pageId: text('page_id')
      .notNull()
      .references(() => pages.id, { onDelete: 'cascade' }),
    name: text('name').notNull(),
    title: text('title').notNull(),
    status: text('status').$type<IncidentStatus>().notNull(),
    blocks: json<Blocks>('blocks').notNull(),
    body: text('body').notNull(),
    slots: json<unknown[]>('slots').notNull(),
    authorId: text('author_id').notNull(),
    /** What its words are about; null is B. Cleared words of class B go out as A, those of any other as what they are. */
    class: text('class').$type<UpdateClass>(),
    clearedBy: text('cleared_by'),
    clearedAt: instant('cleared_at'),
    clearedUntil: instant('cleared_until'),
    version: integer('version', { mode: 'number' }).notNull(),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (t) => [index('templates_page_ix').on(t.pageId, t.name)],
);

/** What somebody must be told now, inside the house: written with the fact that calls for it, sent by the outbox. */
export const alerts = sqliteTable(
  'alerts',
  {
    id: id(),
    pageId: text('page_id').notNull(),
    kind: text('kind').notNull(),
    connectionId: text('connection_id'),
    deliveryId: text('delivery_id'),
    message: text('message').notNull(),
    raisedAt: instant('raised_at').notNull(),
    /** Null until every on-call connection has taken it, or nobody is on call. */
    sentAt: instant('sent_at'),
    tries: integer('tries', { mode: 'number' }).notNull(),
    nextAt: instant('next_at').notNull(),
    incidentId: text('incident_id'),
    updateId: text('update_id'),
    /** Only this person is told, by mail and phone; null is whoever is on call. */
    personId: text('person_id'),
    /** When somebody said that it is dealt with. */
    doneAt: instant('done_at'),
    doneBy: text('done_by'),
  },
  (t) => [index('alerts_due_ix').on(t.sentAt, t.nextAt)],
);

export * from './desk-tables.sqlite.ts';

/** A person or system that asked to be told. Nobody here can be found without the installation's key. */
export const subscribers = sqliteTable(
  'subscribers',
  {
    id: id(),
    pageId: text('page_id')
      .notNull()
      .references(() => pages.id, { onDelete: 'cascade' }),
    kind: text('kind').$type<SubscriberKind>().notNull(),
    state: text('state').$type<SubscriberState>().notNull(),
    /** Keyed hash of page, kind and address: finds an address that is brought, and cannot be walked. */
    addressHash: text('address_hash').notNull(),
    /** The address, sealed to this row; empty once they have unsubscribed. */
    sealed: text('sealed').notNull(),
    /** Whom to write to when a program's address fails: an email address, sealed to this row. */
    contact: text('contact'),
    /** When the owner of `contact` said that it is theirs; nothing else is sent there before. */
    contactAt: instant('contact_at'),
    language: text('language').notNull(),
    /** Every incident; else only those that touch one of the targets. */
    everything: flag('everything').notNull(),
    /** Keyed hash of the code that was sent to a phone, until when it holds, and how often another was tried. */
    code: text('code'),
    codeUntil: instant('code_until'),
    codeTries: integer('code_tries', { mode: 'number' }).notNull(),
    /** When we last wrote to them about the subscription itself. */
    letterAt: instant('letter_at'),
    /** Tries in a row that reached nobody. */
    failures: integer('failures', { mode: 'number' }).notNull(),
    /** Why it is in quarantine. */
    reason: text('reason'),
    source: text('source').$type<'page' | 'api' | 'import'>().notNull(),
    /** For imported ones: on what ground they may be written to, in an admin's words. */
    basis: text('basis'),
    /** Days on which a mail to them came back though the address is right, and when it last did. */
    softBounces: integer('soft_bounces', { mode: 'number' }).notNull().default(0),
    softAt: instant('soft_at'),
    /** The ticket whose wish it still is: nobody else has asked, and its owner has not said yes. */
    ticket: text('ticket'),
    createdAt: instant('created_at').notNull(),
    confirmedAt: instant('confirmed_at'),
    quarantinedAt: instant('quarantined_at'),
    endedAt: instant('ended_at'),
    updatedAt: instant('updated_at').notNull(),
  },
  (t) => [
    uniqueIndex('subscribers_address_uq').on(t.pageId, t.kind, t.addressHash),
    index('subscribers_walk_ix').on(t.pageId, t.kind, t.state, t.id),
    index('subscribers_letter_ix').on(t.letterAt),
  ],
);

/**
 * What a program got for subscribing somebody by the public API: an id by which it may ask what it asked for, and take
 * it back. Kept for a fixed time, whatever becomes of the subscription, so that nothing is learned from its end.
 */
export const tickets = sqliteTable(
  'tickets',
  {
    /** Keyed hash of the id that the program was told. */
    id: id(),
    pageId: text('page_id')
      .notNull()
      .references(() => pages.id, { onDelete: 'cascade' }),
    kind: text('kind').$type<SubscriberKind>().notNull(),
    /** Of whom it speaks: see `subscribers`. */
    addressHash: text('address_hash').notNull(),
    /** The answer it was given, sealed to the id itself. */
    sealed: text('sealed').notNull(),
    createdAt: instant('created_at').notNull(),
  },
  (t) => [index('tickets_age_ix').on(t.createdAt), index('tickets_address_ix').on(t.addressHash)],
);

/** The components and incidents that a subscriber asked for. */
export const subscriberTargets = sqliteTable(
  'subscriber_targets',
  {
    subscriberId: text('subscriber_id')
      .notNull()
      .references(() => subscribers.id, { onDelete: 'cascade' }),
    /** Id of a component or an incident. */
    targetId: text('target_id').notNull(),
  },
  (t) => [
    uniqueIndex('subscriber_targets_uq').on(t.subscriberId, t.targetId),
    index('subscriber_targets_target_ix').on(t.targetId),
  ],
);

/** An update on its way to everybody who asked: one row, written with the publication and walked through in batches. */
export const fanouts = sqliteTable(
  'fanouts',
  {
    updateId: text('update_id')
      .primaryKey()
      .references(() => updates.id, { onDelete: 'cascade' }),
    pageId: text('page_id').notNull(),
    incidentId: text('incident_id').notNull(),
    /** The seq of the publication. */
    ord: integer('ord', { mode: 'number' }).notNull(),
    /** Which of its connections is being walked, and after which subscriber. */
    step: integer('step', { mode: 'number' }).notNull(),
    cursor: text('cursor').notNull(),
    /** What programs get, made once: the same bytes for everybody and on every try. Null until then. */
    calls: json<FanoutCall[] | null>('calls'),
    queued: integer('queued', { mode: 'number' }).notNull(),
    createdAt: instant('created_at').notNull(),
    doneAt: instant('done_at'),
  },
  (t) => [index('fanouts_open_ix').on(t.doneAt, t.ord), index('fanouts_incident_ix').on(t.incidentId, t.ord)],
);

/** Something to tell one subscriber about the subscription itself: gone as soon as it is sent. */
export const letters = sqliteTable(
  'letters',
  {
    id: id(),
    pageId: text('page_id').notNull(),
    subscriberId: text('subscriber_id')
      .notNull()
      .references(() => subscribers.id, { onDelete: 'cascade' }),
    kind: text('kind').$type<LetterKind>().notNull(),
    /** What only this letter knows (a code), sealed to it. */
    sealed: text('sealed').notNull(),
    tries: integer('tries', { mode: 'number' }).notNull(),
    nextAt: instant('next_at').notNull(),
    createdAt: instant('created_at').notNull(),
  },
  (t) => [index('letters_due_ix').on(t.nextAt)],
);

/** What somebody said to us on a network, copied whole when it came in: deleting our post there must not lose it. */
export const mentions = sqliteTable(
  'mentions',
  {
    id: id(),
    pageId: text('page_id')
      .notNull()
      .references(() => pages.id, { onDelete: 'cascade' }),
    connectionId: text('connection_id').notNull(),
    /** The network's own id: what comes twice, by webhook and by a look, is one mention. */
    remoteId: text('remote_id').notNull(),
    url: text('url'),
    authorId: text('author_id').notNull(),
    authorHandle: text('author_handle').notNull(),
    authorName: text('author_name'),
    text: text('text').notNull(),
    inReplyTo: text('in_reply_to'),
    /** Enough to answer it there. */
    post: json<RemotePost>('post').notNull(),
    /** When they said it, and when we had it. */
    saidAt: instant('said_at').notNull(),
    receivedAt: instant('received_at').notNull(),
    /** When it should be answered: an hour after they said it. */
    dueAt: instant('due_at').notNull(),
    state: text('state').$type<MentionState>().notNull(),
    assignedTo: text('assigned_to'),
    /** Why it needs no answer. */
    reason: text('reason'),
    settledAt: instant('settled_at'),
    settledBy: text('settled_by'),
    /** What they speak of, once a person has said so. */
    incidentId: text('incident_id'),
    /** When whoever is on call was told that they still wait. */
    alertedAt: instant('alerted_at'),
    updatedAt: instant('updated_at').notNull(),
  },
  (t) => [
    uniqueIndex('mentions_remote_uq').on(t.connectionId, t.remoteId),
    index('mentions_due_ix').on(t.state, t.dueAt),
    index('mentions_page_ix').on(t.pageId, t.saidAt),
    index('mentions_open_ix').on(t.pageId, t.state),
    index('mentions_incident_ix').on(t.incidentId, t.state),
  ],
);

/** Our answer to one mention; its delivery has it as update and rendition, and the mention as incident. */
export const replies = sqliteTable(
  'replies',
  {
    id: id(),
    mentionId: text('mention_id')
      .notNull()
      .references(() => mentions.id, { onDelete: 'cascade' }),
    connectionId: text('connection_id').notNull(),
    text: text('text').notNull(),
    authorId: text('author_id').notNull(),
    createdAt: instant('created_at').notNull(),
    /** Prepared once for many: the same for each of them, and each at most once. */
    batchId: text('batch_id'),
    /** Since when it waits for a second person, and what they said; it has no delivery before their yes. */
    askedAt: instant('asked_at'),
    judgedAt: instant('judged_at'),
    judgedBy: text('judged_by'),
    verdict: text('verdict').$type<'yes' | 'no'>(),
    note: text('note'),
  },
  (t) => [
    index('replies_mention_ix').on(t.mentionId, t.id),
    uniqueIndex('replies_batch_uq').on(t.batchId, t.mentionId),
  ],
);

/** How far we have listened to an account. */
export const hearing = sqliteTable('hearing', {
  connectionId: text('connection_id').primaryKey(),
  /** The channel's own; kept with what it brought, in one transaction. */
  cursor: text('cursor'),
  heardAt: instant('heard_at').notNull(),
  nextAt: instant('next_at').notNull(),
  /** Why the last look did not work. */
  failure: text('failure'),
});
