import type { PageStatus } from '../../domain/incident.ts';
import type { Amends, ComponentStatus, Impact, IncidentKind, IncidentStatus } from '../../domain/words.ts';

/**
 * What programs read of a page, in one language: the API, feeds, calendar, alerts, badges. Plain values only; instants
 * are milliseconds, texts are what a person wrote. The serialisers beside this file format and escape.
 */

export interface ProgramPage {
  id: string;
  name: string;
  /** Absolute address of the page in this language, without a trailing slash. */
  url: string;
  /** Path of the page in this language, without a trailing slash; empty for the first. */
  path: string;
  language: string;
  dir: 'ltr' | 'rtl';
  /** IANA zone in which times are printed. */
  timeZone: string;
  /** When anything of it that the public can see last changed. */
  updatedAt: number;
  grave: boolean;
  /** People's safety may hang on it. */
  safety: boolean;
  /** The process is an exercise and reaches no real network. */
  exercise: boolean;
}

export interface ProgramGroup {
  id: string;
  name: string;
  description: string | null;
  position: number;
  createdAt: number;
  updatedAt: number;
}

export interface ProgramComponent extends ProgramGroup {
  status: ComponentStatus;
  groupId: string | null;
  showcase: boolean;
  onlyShowIfDegraded: boolean;
  /** YYYY-MM-DD. */
  startDate: string | null;
}

/** What one update did to one component. */
export interface Affected {
  id: string;
  /** "Group - Component", or the component's name outside any group. */
  name: string;
  from: ComponentStatus;
  to: ComponentStatus;
}

export interface ToldUpdate {
  id: string;
  status: IncidentStatus;
  language: string;
  /** The first sentence that says what happened, or the incident's title. */
  headline: string;
  paragraphs: readonly string[];
  /** What readers should do; may be empty. */
  action: string;
  at: number;
  /** When it was last put right or taken back; else `at`. */
  changedAt: number;
  nextBy: number | null;
  affected: readonly Affected[];
  correctedAt: number | null;
  retractedAt: number | null;
  /** What was wrong, in a sentence; empty when nothing was, or nobody said. */
  note: string;
  /** Those of words that stand. */
  pictures: readonly ToldPicture[];
}

export interface ToldPicture {
  /** Absolute. */
  url: string;
  type: string;
  /** Bytes. */
  size: number;
  /** Pixels. */
  width: number;
  height: number;
  alt: string;
}

/** One state of the words of an update, for programs that are told of every change as a message of its own. */
export interface ToldVersion {
  id: string;
  at: number;
  /** The order in which the public read them. */
  seq: number;
  /** The update with the words of this version. */
  update: ToldUpdate;
  /** What it does to the version before it; null for the first. */
  amends: Amends | null;
  note: string;
}

export interface ToldIncident {
  id: string;
  kind: IncidentKind;
  title: string;
  status: IncidentStatus;
  impact: Impact;
  grave: boolean;
  startedAt: number;
  /** When the public first heard of it. */
  publishedAt: number;
  updatedAt: number;
  monitoringAt: number | null;
  resolvedAt: number | null;
  scheduledFor: number | null;
  scheduledUntil: number | null;
  /** Planned work begins, and ends, by itself; people are reminded of it before, and last were. */
  autoStart: boolean;
  autoEnd: boolean;
  reminds: boolean;
  remindedAt: number | null;
  /** Newest first. */
  updates: readonly ToldUpdate[];
  /** Everything that was said and put right, oldest first. */
  versions: readonly ToldVersion[];
  /** Ids of every component it touched, in page order. */
  componentIds: readonly string[];
}

export interface ProgramModel {
  page: ProgramPage;
  status: PageStatus;
  groups: readonly ProgramGroup[];
  /** In page order. */
  components: readonly ProgramComponent[];
  /** The newest and every open one, newest first. */
  incidents: readonly ToldIncident[];
  /** The same for planned maintenance. */
  maintenance: readonly ToldIncident[];
}

/** Absolute address of one incident. */
export const incidentUrl = (page: ProgramPage, id: string): string => `${page.url}/incidents/${id}`;

/** Absolute address at which one update can be read. */
export const updateUrl = (page: ProgramPage, incident: ToldIncident, update: ToldUpdate): string =>
  `${incidentUrl(page, incident.id)}#u-${update.id}`;

/** Host, with its port when it has one: the authority of tag and CAP identifiers. */
export const hostOf = (page: ProgramPage): string =>
  URL.canParse(page.url) ? new URL(page.url).host : 'localhost';

/** Incidents and maintenance together, the newest first. */
export const everything = (model: ProgramModel): ToldIncident[] =>
  [...model.incidents, ...model.maintenance].sort(
    (a, b) => b.publishedAt - a.publishedAt || (a.id < b.id ? 1 : -1),
  );
