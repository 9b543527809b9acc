import { bigint, boolean, index, jsonb, pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core';
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

/** The tables, for PostgreSQL: the same as in `schema.sqlite.ts`, where their comments are. */

const id = () => text('id').primaryKey();
const instant = (name: string) => bigint(name, { mode: 'number' });
const flag = (name: string) => boolean(name);
const json = <T>(name: string) => jsonb(name).$type<T>();

export const pages = pgTable(
  'pages',
  {
    id: id(),
    slug: text('slug').notNull(),
    name: text('name').notNull(),
    url: text('url').notNull(),
    timeZone: text('time_zone').notNull(),
    languages: json<string[]>('languages').notNull(),
    cadence: text('cadence').notNull(),
    policy: json<ApprovalPolicy>('policy').notNull(),
    settings: json<PageSettings>('settings').notNull(),
    domain: text('domain'),
    access: json<PageAccess>('access'),
    checkedAt: instant('checked_at'),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (t) => [uniqueIndex('pages_slug_uq').on(t.slug), uniqueIndex('pages_domain_uq').on(t.domain)],
);

export const pageFiles = pgTable(
  'page_files',
  {
    id: id(),
    pageId: text('page_id')
      .notNull()
      .references(() => pages.id, { onDelete: 'cascade' }),
    kind: text('kind').$type<PageFileKind>().notNull(),
    type: text('type').notNull(),
    hash: text('hash').notNull(),
    body: text('body').notNull(),
    createdAt: instant('created_at').notNull(),
  },
  (t) => [uniqueIndex('page_files_kind_uq').on(t.pageId, t.kind)],
);

export const pictures = pgTable(
  'pictures',
  {
    id: id(),
    incidentId: text('incident_id')
      .notNull()
      .references(() => incidents.id, { onDelete: 'cascade' }),
    pageId: text('page_id').notNull(),
    type: text('type').$type<PictureType>().notNull(),
    width: bigint('width', { mode: 'number' }).notNull(),
    height: bigint('height', { mode: 'number' }).notNull(),
    size: bigint('size', { mode: 'number' }).notNull(),
    body: text('body').notNull(),
    createdBy: text('created_by').notNull(),
    createdAt: instant('created_at').notNull(),
  },
  (t) => [index('pictures_incident_ix').on(t.incidentId), index('pictures_created_ix').on(t.createdAt)],
);

export const componentGroups = pgTable(
  'component_groups',
  {
    id: id(),
    pageId: text('page_id')
      .notNull()
      .references(() => pages.id, { onDelete: 'cascade' }),
    name: text('name').notNull(),
    description: text('description'),
    position: bigint('position', { mode: 'number' }).notNull(),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (t) => [index('component_groups_page_ix').on(t.pageId, t.position)],
);

export const components = pgTable(
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
    position: bigint('position', { mode: 'number' }).notNull(),
    showcase: flag('showcase').notNull(),
    onlyShowIfDegraded: flag('only_show_if_degraded').notNull(),
    startDate: text('start_date'),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (t) => [index('components_page_ix').on(t.pageId, t.position)],
);

export const componentChanges = pgTable(
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

export const incidents = pgTable(
  'incidents',
  {
    id: id(),
    pageId: text('page_id')
      .notNull()
      .references(() => pages.id, { onDelete: 'cascade' }),
    kind: text('kind').$type<IncidentKind>().notNull(),
    title: text('title').notNull(),
    objective: text('objective').notNull(),
    ownerId: text('owner_id'),
    status: text('status').$type<IncidentStatus>(),
    impact: text('impact').$type<Impact>().notNull(),
    impactOverride: text('impact_override').$type<Impact>(),
    grave: flag('grave').notNull(),
    detectedAt: instant('detected_at').notNull(),
    startedAt: instant('started_at').notNull(),
    scheduledFor: instant('scheduled_for'),
    scheduledUntil: instant('scheduled_until'),
    autoStart: flag('auto_start').notNull().default(false),
    autoEnd: flag('auto_end').notNull().default(false),
    reminders: json<number[]>('reminders'),
    remindedAt: instant('reminded_at'),
    overdueAt: instant('overdue_at'),
    publishedAt: instant('published_at'),
    monitoringAt: instant('monitoring_at'),
    resolvedAt: instant('resolved_at'),
    gateAt: instant('gate_at'),
    gateBy: text('gate_by'),
    gateNote: text('gate_note'),
    gateHow: text('gate_how').$type<GateHow>(),
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

export const updates = pgTable(
  'updates',
  {
    id: id(),
    incidentId: text('incident_id')
      .notNull()
      .references(() => incidents.id, { onDelete: 'cascade' }),
    pageId: text('page_id').notNull(),
    state: text('state').$type<UpdateState>().notNull(),
    class: text('class').$type<UpdateClass>().notNull(),
    status: text('status').$type<IncidentStatus>().notNull(),
    language: text('language').notNull(),
    blocks: json<Blocks>('blocks').notNull(),
    body: text('body').notNull(),
    media: json<Attached[]>('media'),
    nextUpdateBy: instant('next_update_by'),
    components: json<Record<string, ComponentStatus>>('components').notNull(),
    connectionIds: json<string[] | null>('connection_ids'),
    overrides: json<Record<string, string>>('overrides').notNull(),
    authorIds: json<string[]>('author_ids').notNull(),
    templateId: text('template_id'),
    correctsId: text('corrects_id'),
    amends: text('amends').$type<Amends>(),
    note: text('note'),
    plan: json<AmendStep[]>('plan'),
    scheduledFor: instant('scheduled_for'),
    scheduledUntil: instant('scheduled_until'),
    plannedOf: text('planned_of'),
    plannedAs: text('planned_as').$type<PlannedAs>(),
    voiceOf: text('voice_of'),
    leaves: text('leaves'),
    searchText: text('search_text'),
    version: bigint('version', { mode: 'number' }).notNull(),
    hash: text('hash'),
    requestedBy: text('requested_by'),
    requestedAt: instant('requested_at'),
    requestedSeq: bigint('requested_seq', { mode: 'number' }),
    approvedAt: instant('approved_at'),
    releaseAt: instant('release_at'),
    publishedAt: instant('published_at'),
    publishedSeq: bigint('published_seq', { mode: 'number' }),
    reason: text('reason'),
    cites: json<{ factId: string; version: number }[]>('cites'),
    publishAt: instant('publish_at'),
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

export const renditions = pgTable(
  'renditions',
  {
    id: id(),
    updateId: text('update_id')
      .notNull()
      .references(() => updates.id, { onDelete: 'cascade' }),
    connectionId: text('connection_id').notNull(),
    language: text('language').notNull(),
    code: text('code').notNull(),
    parts: json<RenditionPart[]>('parts').notNull(),
    dropped: json<string[]>('dropped').notNull(),
    ways: json<RenditionWays>('ways'),
    max: bigint('max', { mode: 'number' }).notNull(),
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

export const approvals = pgTable(
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
    assurance: text('assurance').$type<Assurance>(),
    behind: json<string[]>('behind'),
    voidedAt: instant('voided_at'),
    voidReason: text('void_reason'),
  },
  (t) => [index('approvals_update_ix').on(t.updateId, t.id)],
);

export const promises = pgTable(
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
    lateMs: bigint('late_ms', { mode: 'number' }),
    escalatedTo: bigint('escalated_to', { mode: 'number' }),
  },
  (t) => [
    index('promises_incident_ix').on(t.incidentId, t.id),
    index('promises_due_ix').on(t.state, t.dueAt),
  ],
);

export const connections = pgTable(
  'connections',
  {
    id: id(),
    pageId: text('page_id')
      .notNull()
      .references(() => pages.id, { onDelete: 'cascade' }),
    channel: text('channel').notNull(),
    name: text('name').notNull(),
    role: text('role').$type<ConnectionRole>().notNull(),
    voiceOf: text('voice_of'),
    account: text('account').notNull(),
    url: text('url'),
    settings: json<Record<string, string>>('settings').notNull(),
    sealed: text('sealed').notNull(),
    limits: json<Limits>('limits').notNull(),
    can: json<Abilities>('can').notNull(),
    template: text('template').notNull(),
    language: text('language').notNull(),
    includeLink: flag('include_link').notNull(),
    thread: flag('thread').notNull(),
    enabled: flag('enabled').notNull(),
    pausedAt: instant('paused_at'),
    pausedReason: text('paused_reason'),
    notBefore: instant('not_before'),
    expiresAt: instant('expires_at'),
    lastOkAt: instant('last_ok_at'),
    verifiedAt: instant('verified_at'),
    checkAt: instant('check_at'),
    checkedAt: instant('checked_at'),
    checkFailure: text('check_failure'),
    position: bigint('position', { mode: 'number' }).notNull(),
    laneBy: text('lane_by'),
    laneUntil: instant('lane_until'),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (t) => [index('connections_page_ix').on(t.pageId, t.position)],
);

export const deliveries = pgTable(
  'deliveries',
  {
    id: id(),
    pageId: text('page_id').notNull(),
    incidentId: text('incident_id').notNull(),
    updateId: text('update_id').notNull(),
    renditionId: text('rendition_id').notNull(),
    connectionId: text('connection_id').notNull(),
    op: text('op').$type<DeliveryOp>().notNull(),
    part: bigint('part', { mode: 'number' }).notNull(),
    recipient: text('recipient').notNull(),
    targetId: text('target_id'),
    way: text('way').$type<AmendWay>(),
    amendedBy: text('amended_by'),
    priority: bigint('priority', { mode: 'number' }).notNull(),
    ord: bigint('ord', { mode: 'number' }).notNull(),
    state: text('state').$type<DeliveryState>().notNull(),
    reason: text('reason'),
    attempts: bigint('attempts', { mode: 'number' }).notNull(),
    nextAt: instant('next_at').notNull(),
    leaseBy: text('lease_by'),
    leaseUntil: instant('lease_until'),
    sentAt: instant('sent_at'),
    firstSentAt: instant('first_sent_at'),
    mayBeThere: flag('may_be_there').notNull(),
    absences: bigint('absences', { mode: 'number' }).notNull(),
    absentBy: text('absent_by'),
    absentMono: bigint('absent_mono', { mode: 'number' }),
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

export const attempts = pgTable(
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
    status: bigint('status', { mode: 'number' }),
    message: text('message'),
  },
  (t) => [index('attempts_delivery_ix').on(t.deliveryId, t.id)],
);

export const receipts = pgTable(
  'receipts',
  {
    deliveryId: text('delivery_id')
      .primaryKey()
      .references(() => deliveries.id, { onDelete: 'cascade' }),
    remoteId: text('remote_id').notNull(),
    url: text('url'),
    raw: json<Record<string, unknown>>('raw').notNull(),
    proof: text('proof').$type<'answer' | 'read' | 'person'>().notNull(),
    textRead: text('text_read'),
    readAt: instant('read_at'),
    acceptedAt: instant('accepted_at').notNull(),
  },
  (t) => [index('receipts_remote_ix').on(t.remoteId)],
);

export const events = pgTable(
  'events',
  {
    seq: bigint('seq', { mode: 'number' }).primaryKey(),
    at: instant('at').notNull(),
    pageId: text('page_id'),
    kind: text('kind').notNull(),
    public: flag('public').notNull(),
    incidentId: text('incident_id'),
    updateId: text('update_id'),
    detail: json<Record<string, unknown>>('detail').notNull(),
  },
  (t) => [index('events_page_ix').on(t.pageId, t.seq), index('events_incident_ix').on(t.incidentId, t.seq)],
);

export const audit = pgTable(
  'audit',
  {
    seq: bigint('seq', { mode: 'number' }).primaryKey(),
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

export const people = pgTable(
  'people',
  {
    id: id(),
    name: text('name').notNull(),
    email: text('email').notNull(),
    roles: json<Role[]>('roles').notNull(),
    pageRoles: json<Record<string, Role[]>>('page_roles'),
    phone: text('phone'),
    offices: json<Office[]>('offices'),
    voice: json<Voice>('voice'),
    disabledAt: instant('disabled_at'),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (t) => [uniqueIndex('people_email_uq').on(t.email)],
);

export const tokens = pgTable(
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
    secondFactorAt: instant('second_factor_at'),
    behind: json<string[]>('behind'),
    userAgent: text('user_agent'),
    address: text('address'),
  },
  (t) => [uniqueIndex('tokens_hash_uq').on(t.hash), index('tokens_person_ix').on(t.personId, t.kind)],
);

export const passwords = pgTable('passwords', {
  personId: text('person_id')
    .primaryKey()
    .references(() => people.id, { onDelete: 'cascade' }),
  hash: text('hash').notNull(),
  changedAt: instant('changed_at').notNull(),
});

export const passkeys = pgTable(
  'passkeys',
  {
    id: id(),
    personId: text('person_id')
      .notNull()
      .references(() => people.id, { onDelete: 'cascade' }),
    name: text('name').notNull(),
    credentialId: text('credential_id').notNull(),
    publicKey: text('public_key').notNull(),
    counter: bigint('counter', { mode: 'number' }).notNull(),
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

export const totps = pgTable('totps', {
  personId: text('person_id')
    .primaryKey()
    .references(() => people.id, { onDelete: 'cascade' }),
  sealed: text('sealed').notNull(),
  confirmedAt: instant('confirmed_at'),
  lastStep: bigint('last_step', { mode: 'number' }).notNull(),
  createdAt: instant('created_at').notNull(),
});

export const recoveryCodes = pgTable(
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

export const challenges = pgTable(
  'challenges',
  {
    id: id(),
    kind: text('kind').$type<ChallengeKind>().notNull(),
    hash: text('hash').notNull(),
    boundTo: text('bound_to').notNull(),
    personId: text('person_id').references(() => people.id, { onDelete: 'cascade' }),
    sealed: text('sealed').notNull(),
    createdAt: instant('created_at').notNull(),
    expiresAt: instant('expires_at').notNull(),
  },
  (t) => [uniqueIndex('challenges_hash_uq').on(t.hash), index('challenges_expires_ix').on(t.expiresAt)],
);

export const signInTries = pgTable(
  'sign_in_tries',
  {
    key: text('key').primaryKey(),
    times: json<number[]>('times').notNull(),
    strikes: bigint('strikes', { mode: 'number' }).notNull(),
    waitUntil: instant('wait_until').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (t) => [index('sign_in_tries_updated_ix').on(t.updatedAt)],
);

export const identities = pgTable(
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

export const installation = pgTable('installation', {
  key: text('key').primaryKey(),
  value: text('value').notNull(),
  updatedAt: instant('updated_at').notNull(),
});

export const templates = pgTable(
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
    class: text('class').$type<UpdateClass>(),
    clearedBy: text('cleared_by'),
    clearedAt: instant('cleared_at'),
    clearedUntil: instant('cleared_until'),
    version: bigint('version', { mode: 'number' }).notNull(),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (t) => [index('templates_page_ix').on(t.pageId, t.name)],
);

export const alerts = pgTable(
  'alerts',
  {
    id: id(),
    pageId: text('page_id').notNull(),
    kind: text('kind').notNull(),
    connectionId: text('connection_id'),
    deliveryId: text('delivery_id'),
    message: text('message').notNull(),
    raisedAt: instant('raised_at').notNull(),
    sentAt: instant('sent_at'),
    tries: bigint('tries', { mode: 'number' }).notNull(),
    nextAt: instant('next_at').notNull(),
    incidentId: text('incident_id'),
    updateId: text('update_id'),
    personId: text('person_id'),
    doneAt: instant('done_at'),
    doneBy: text('done_by'),
  },
  (t) => [index('alerts_due_ix').on(t.sentAt, t.nextAt)],
);

export * from './desk-tables.pg.ts';

export const subscribers = pgTable(
  'subscribers',
  {
    id: id(),
    pageId: text('page_id')
      .notNull()
      .references(() => pages.id, { onDelete: 'cascade' }),
    kind: text('kind').$type<SubscriberKind>().notNull(),
    state: text('state').$type<SubscriberState>().notNull(),
    addressHash: text('address_hash').notNull(),
    sealed: text('sealed').notNull(),
    contact: text('contact'),
    contactAt: instant('contact_at'),
    language: text('language').notNull(),
    everything: flag('everything').notNull(),
    code: text('code'),
    codeUntil: instant('code_until'),
    codeTries: bigint('code_tries', { mode: 'number' }).notNull(),
    letterAt: instant('letter_at'),
    failures: bigint('failures', { mode: 'number' }).notNull(),
    reason: text('reason'),
    source: text('source').$type<'page' | 'api' | 'import'>().notNull(),
    basis: text('basis'),
    softBounces: bigint('soft_bounces', { mode: 'number' }).notNull().default(0),
    softAt: instant('soft_at'),
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

export const tickets = pgTable(
  'tickets',
  {
    id: id(),
    pageId: text('page_id')
      .notNull()
      .references(() => pages.id, { onDelete: 'cascade' }),
    kind: text('kind').$type<SubscriberKind>().notNull(),
    addressHash: text('address_hash').notNull(),
    sealed: text('sealed').notNull(),
    createdAt: instant('created_at').notNull(),
  },
  (t) => [index('tickets_age_ix').on(t.createdAt), index('tickets_address_ix').on(t.addressHash)],
);

export const subscriberTargets = pgTable(
  'subscriber_targets',
  {
    subscriberId: text('subscriber_id')
      .notNull()
      .references(() => subscribers.id, { onDelete: 'cascade' }),
    targetId: text('target_id').notNull(),
  },
  (t) => [
    uniqueIndex('subscriber_targets_uq').on(t.subscriberId, t.targetId),
    index('subscriber_targets_target_ix').on(t.targetId),
  ],
);

export const fanouts = pgTable(
  'fanouts',
  {
    updateId: text('update_id')
      .primaryKey()
      .references(() => updates.id, { onDelete: 'cascade' }),
    pageId: text('page_id').notNull(),
    incidentId: text('incident_id').notNull(),
    ord: bigint('ord', { mode: 'number' }).notNull(),
    step: bigint('step', { mode: 'number' }).notNull(),
    cursor: text('cursor').notNull(),
    calls: json<FanoutCall[] | null>('calls'),
    queued: bigint('queued', { mode: 'number' }).notNull(),
    createdAt: instant('created_at').notNull(),
    doneAt: instant('done_at'),
  },
  (t) => [index('fanouts_open_ix').on(t.doneAt, t.ord), index('fanouts_incident_ix').on(t.incidentId, t.ord)],
);

export const letters = pgTable(
  'letters',
  {
    id: id(),
    pageId: text('page_id').notNull(),
    subscriberId: text('subscriber_id')
      .notNull()
      .references(() => subscribers.id, { onDelete: 'cascade' }),
    kind: text('kind').$type<LetterKind>().notNull(),
    sealed: text('sealed').notNull(),
    tries: bigint('tries', { mode: 'number' }).notNull(),
    nextAt: instant('next_at').notNull(),
    createdAt: instant('created_at').notNull(),
  },
  (t) => [index('letters_due_ix').on(t.nextAt)],
);

export const mentions = pgTable(
  'mentions',
  {
    id: id(),
    pageId: text('page_id')
      .notNull()
      .references(() => pages.id, { onDelete: 'cascade' }),
    connectionId: text('connection_id').notNull(),
    remoteId: text('remote_id').notNull(),
    url: text('url'),
    authorId: text('author_id').notNull(),
    authorHandle: text('author_handle').notNull(),
    authorName: text('author_name'),
    text: text('text').notNull(),
    inReplyTo: text('in_reply_to'),
    post: json<RemotePost>('post').notNull(),
    saidAt: instant('said_at').notNull(),
    receivedAt: instant('received_at').notNull(),
    dueAt: instant('due_at').notNull(),
    state: text('state').$type<MentionState>().notNull(),
    assignedTo: text('assigned_to'),
    reason: text('reason'),
    settledAt: instant('settled_at'),
    settledBy: text('settled_by'),
    incidentId: text('incident_id'),
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

export const replies = pgTable(
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
    batchId: text('batch_id'),
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

export const hearing = pgTable('hearing', {
  connectionId: text('connection_id').primaryKey(),
  cursor: text('cursor'),
  heardAt: instant('heard_at').notNull(),
  nextAt: instant('next_at').notNull(),
  failure: text('failure'),
});
