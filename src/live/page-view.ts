import type { Promised } from '../../db/queries/incidents.ts';
import type { Component, Page } from '../../db/queries/pages.ts';
import { impactOf, isEnded, pageStatus } from '../domain/incident.ts';
import { standings } from '../domain/versions.ts';
import { answersBy } from '../domain/visitor.ts';
import { overdue } from '../domain/window.ts';
import type { ComponentStatus, Impact, IncidentStatus } from '../domain/words.ts';
import { ownStyle } from '../templates/styles.ts';
import type {
  AffectedComponent,
  GroupView,
  HistoryEntry,
  HistoryView,
  IncidentNotice,
  IncidentView,
  LanguageView,
  MaintenanceView,
  PageHead,
  PageLinks,
  PageView,
  PromiseView,
} from '../templates/views.ts';
import { accounts, type Posting } from './accounts.ts';
import type { IncidentFacts, PageFacts, PastFacts } from './facts.ts';
import { directionOf, filePath, languageName, pathOf } from './place.ts';
import { subscribeLinks } from './subscribe-links.ts';
import {
  corrections,
  isTakenBack,
  lastSaid,
  paragraphs,
  picturesOf,
  said,
  summary,
  timeline,
  wordsIn,
} from './words.ts';

/** Facts into views, one language at a time. Pure. */

/** Where and when a view is built. */
export interface Frame {
  language: string;
  /** Newest public event of the page that the facts contain. */
  seq: number;
  /** Names the log that `seq` counts in. */
  epoch: string;
  now: number;
  /** Set when the facts could not be read anew: when they were last known to be the newest. */
  copyOf: number | null;
  scriptUrl: string | null;
  isExercise: boolean;
  /** What a kind of network calls itself. */
  channelName?: ((channel: string) => string | undefined) | undefined;
  /** Addresses of what other rooms serve, by the page's path. */
  links(path: string): Partial<PageLinks>;
}

export function pageView(facts: PageFacts, frame: Frame): PageView {
  const { page } = facts;
  return {
    page: pageHead(page, facts, frame),
    seq: frame.seq,
    renderedAt: frame.now,
    copyOf: frame.copyOf,
    status: pageStatus(facts.components.map((c) => c.status)),
    checkedAt: page.checkedAt,
    incidents: facts.shown.map((x) => notice(x, page, facts.components, frame.language)),
    maintenance: facts.maintenance.map((x) => maintenance(x, page, facts.components, frame)),
    groups: groups(facts, frame.now),
    accounts: accounts(facts.connections, facts.postings, facts.silent, frame.channelName, frame.language),
    history: facts.history.map((x) => historyEntry(x, page)),
    owed:
      (facts.owed && {
        title: facts.owed.incident.title,
        url: incidentUrl(page, facts.owed.incident.id),
        dueAt: facts.owed.promise.dueAt,
      }) ||
      null,
    promises: facts.promises.made > 0 ? facts.promises : null,
    press: page.settings.press ?? '',
  };
}

export function incidentView(
  facts: PageFacts,
  one: { facts: IncidentFacts; postings: readonly Posting[] },
  frame: Frame,
): IncidentView {
  const { page } = facts;
  const { id, grave, status } = one.facts.incident;
  const head = pageHead(page, facts, frame, `/incidents/${id}`);
  const { subscribing = null } = head.links;
  // From here somebody may want to follow this one alone, as long as there is something to follow.
  const follow = subscribing && status && !isEnded(status) ? `${subscribing}?incident=${id}` : subscribing;
  return {
    page: { ...head, grave, links: { ...head.links, subscribing: follow } },
    seq: frame.seq,
    renderedAt: frame.now,
    copyOf: frame.copyOf,
    incident: notice(one.facts, page, facts.components, frame.language),
    report: reportOf(one.facts, frame.language),
    accounts: accounts(facts.connections, one.postings, facts.silent, frame.channelName, frame.language),
  };
}

export function historyView(
  facts: PageFacts,
  past: readonly PastFacts[],
  beside: { newer: string | null; older: string | null },
  frame: Frame,
): HistoryView {
  const path = `${pathOf(facts.page, frame.language)}/history`;
  return {
    page: pageHead(facts.page, facts, frame, '/history'),
    seq: frame.seq,
    renderedAt: frame.now,
    copyOf: frame.copyOf,
    entries: past.map((x) => historyEntry(x, facts.page)),
    newerUrl: beside.newer && `${path}?after=${beside.newer}`,
    olderUrl: beside.older && `${path}?before=${beside.older}`,
    search: null,
    month: null,
    canSearch: true,
  };
}

/** The newest report that stands, in the reader's language where there is one. */
function reportOf({ updates }: IncidentFacts, language: string): IncidentView['report'] {
  const told = wordsIn(updates, language).find(
    (s) => !isTakenBack(s) && s.words.status === 'postmortem',
  )?.words;
  return told === undefined
    ? null
    : {
        at: told.publishedAt ?? told.updatedAt,
        paragraphs: told.body === '' ? paragraphs(told) : told.body.split(/\n{2,}/),
      };
}

const incidentUrl = (page: Page, id: string): string => `${page.url}/incidents/${id}`;

/** Head and foot of a page, `tail` being what follows the page's own path. */
function pageHead(page: Page, facts: PageFacts, frame: Frame, tail = ''): PageHead {
  const path = pathOf(page, frame.language);
  const grave =
    page.settings.grave === true || facts.shown.some((x) => x.incident.grave && !x.incident.resolvedAt);
  return {
    id: page.id,
    name: page.name,
    isExercise: frame.isExercise,
    url: page.url,
    language: frame.language,
    dir: directionOf(frame.language),
    timeZone: page.timeZone,
    languages: page.languages.map((code) => languageView(code, page, facts, frame, tail)),
    links: {
      home: path || '/',
      history: `${path}/history`,
      promises: null,
      corrections: null,
      atom: null,
      rss: null,
      api: null,
      affected: `${path}/affected`,
      ask: answersBy(facts.connections) ? `${path}/ask` : null,
      ...subscribeLinks(facts.connections, path, frame.language),
      verify: `${path}/verify`,
      ...frame.links(path),
    },
    theme: 'auto',
    epoch: frame.epoch,
    isPrivate: page.access !== null,
    style: ownStyle(page.settings, grave),
    logo: filePath(page, 'logo'),
    favicon: filePath(page, 'favicon'),
    description: page.settings.description ?? '',
    company: {
      homepage: page.settings.homepage ?? null,
      support: page.settings.supportUrl ?? null,
      contact: page.settings.contactUrl ?? null,
    },
    grave,
    scriptUrl: frame.scriptUrl,
  };
}

/** A language is behind by how much older its newest words in an open incident are than the newest in any. */
function languageView(code: string, page: Page, facts: PageFacts, frame: Frame, tail: string): LanguageView {
  let behindMs = 0;
  let updatedAt: number | null = null;
  for (const { incident, updates } of facts.shown) {
    const newest = updates[0]?.publishedAt ?? null;
    const own = updates.find((u) => u.language === code)?.publishedAt ?? null;
    if (own !== null) updatedAt = Math.max(updatedAt ?? 0, own);
    if (newest === null || incident.resolvedAt !== null) continue;
    const before = own ?? (incident.publishedAt ?? newest) - 60_000;
    behindMs = Math.max(behindMs, newest - before);
  }
  return {
    code,
    name: languageName(code),
    dir: directionOf(code),
    url: `${pathOf(page, code)}${tail}` || '/',
    current: code === frame.language,
    behindMs,
    updatedAt,
  };
}

function notice(
  facts: IncidentFacts,
  page: Page,
  components: readonly Component[],
  language: string,
): IncidentNotice {
  const { incident, updates, promises } = facts;
  const told = wordsIn(updates, language);
  // What was taken back is told below, as such; what stands is what is said at the top.
  const standing = told.filter((s) => !isTakenBack(s)).map((s) => s.words);
  // A report tells more than fits at the top: it has a place of its own below.
  const newest = standing.find((u) => u.status !== 'postmortem') ?? standing[0];
  return {
    id: incident.id,
    url: incidentUrl(page, incident.id),
    kind: incident.kind,
    status: statusOf(facts),
    impact: impactNow(facts, components),
    title: incident.title,
    ...said(newest, incident.title),
    pictures: picturesOf(newest),
    startedAt: incident.startedAt,
    updatedAt: lastSaid(told) ?? incident.updatedAt,
    endedAt: incident.resolvedAt,
    promise: promise(promises, facts),
    corrections: corrections(standings(updates)),
    timeline: timeline(told, promises, newest),
    components: affected(facts, components),
    safety: incident.grave || page.cadence === 'life_safety',
    contact: incident.grave ? (page.settings.family ?? null) : null,
  };
}

/**
 * How bad an incident is now: by the parts it touches, as they are; an ended one and one that names no parts by how bad
 * it was. What an admin set by hand stands.
 */
function impactNow(facts: IncidentFacts, components: readonly Component[]): Impact {
  const { incident } = facts;
  const touched = affected(facts, components);
  if (isEnded(statusOf(facts)) || incident.impactOverride !== null) return incident.impact;
  if (touched.length > 0) return impactOf(touched.map((c) => c.status));
  return incident.status === 'monitoring' ? 'none' : incident.impact;
}

const statusOf = ({ incident }: IncidentFacts): IncidentStatus =>
  incident.status ?? (incident.kind === 'incident' ? 'investigating' : 'scheduled');

function promise(promises: readonly Promised[], { kept, made }: IncidentFacts): PromiseView | null {
  const newest = promises.find((p) => p.state === 'open') ?? promises[0];
  if (!newest) return null;
  return { dueAt: newest.dueAt, state: newest.state, kept, made, lastCheckAt: null };
}

/** Components this incident has touched, in page order, with what it last said of each. */
function affected(facts: IncidentFacts, components: readonly Component[]): AffectedComponent[] {
  const last = new Map<string, ComponentStatus>();
  for (const u of [...facts.updates].reverse())
    for (const [id, status] of Object.entries(u.components)) last.set(id, status);
  return components.flatMap((c) => {
    const status = last.get(c.id);
    return status === undefined ? [] : [{ id: c.id, name: c.name, status }];
  });
}

function maintenance(
  facts: IncidentFacts,
  page: Page,
  components: readonly Component[],
  { language, links, now }: Frame,
): MaintenanceView {
  const { incident, updates } = facts;
  const newest = wordsIn(updates, language).find((s) => !isTakenBack(s))?.words;
  return {
    id: incident.id,
    url: incidentUrl(page, incident.id),
    title: incident.title,
    status: statusOf(facts),
    startsAt: incident.scheduledFor ?? incident.startedAt,
    endsAt: incident.scheduledUntil ?? incident.startedAt,
    overdue: overdue(incident, now),
    text: newest ? paragraphs(newest).join(' ') : '',
    components: affected(facts, components).map((c) => c.name),
    calendarUrl: links(pathOf(page, language)).calendar ?? null,
  };
}

const historyEntry = ({ incident, last, kept, made }: PastFacts, page: Page): HistoryEntry => ({
  id: incident.id,
  url: incidentUrl(page, incident.id),
  title: incident.title,
  kind: incident.kind,
  status: incident.status ?? 'resolved',
  impact: incident.impact,
  startedAt: incident.startedAt,
  endedAt: incident.resolvedAt,
  summary: summary(incident, last),
  promises: { made, kept },
});

function groups(facts: PageFacts, now: number): GroupView[] {
  const draw = (groupId: string | null) =>
    facts.components
      .filter((c) => c.groupId === groupId && (!c.onlyShowIfDegraded || c.status !== 'operational'))
      .map((c) => {
        const { days, uptime } = c.showcase ? facts.days.daysOf(c, now) : { days: [], uptime: null };
        return { id: c.id, name: c.name, description: c.description ?? '', status: c.status, days, uptime };
      });
  return [
    ...facts.groups.map((g) => ({ id: g.id, name: g.name, components: draw(g.id) })),
    { id: 'other', name: '', components: draw(null) },
  ].filter((g) => g.components.length > 0);
}
