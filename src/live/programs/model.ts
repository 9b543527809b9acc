import type { Update } from '../../../db/queries/incidents.ts';
import type { Component, Group, Page } from '../../../db/queries/pages.ts';
import { pageStatus } from '../../domain/incident.ts';
import { picturePath } from '../../domain/media.ts';
import { takesBack } from '../../domain/versions.ts';
import type { ComponentStatus } from '../../domain/words.ts';
import type {
  Affected,
  ProgramModel,
  ToldIncident,
  ToldUpdate,
  ToldVersion,
} from '../../templates/feeds/model.ts';
import { directionOf, pathOf } from '../place.ts';
import { isTakenBack, paragraphs, said, wordsIn } from '../words.ts';
import type { Records, Told } from './records.ts';

/** What programs are told of a page comes from. */
export interface Source {
  page: Page;
  groups: readonly Group[];
  components: readonly Component[];
  records: Records;
  exercise: boolean;
  /** What was made of these records before, by language: the same as long as page, groups and components are. */
  made: Map<string, WeakMap<Told, ToldIncident>>;
}

/** A page as programs read it, in one of its languages. Pure. */
export function programModel(source: Source, language: string): ProgramModel {
  const { page, groups, components, records } = source;
  const told = [...records.values()]
    .map((one) => remembered(one, source, language))
    .sort((a, b) => b.publishedAt - a.publishedAt || (a.id < b.id ? 1 : -1));
  const first = page.languages[0] ?? 'en';
  return {
    page: {
      id: page.id,
      name: source.exercise ? `EXERCISE: ${page.name}` : page.name,
      url: language === first ? page.url : `${page.url}/${language}`,
      path: pathOf(page, language),
      language,
      dir: directionOf(language),
      timeZone: page.timeZone,
      updatedAt: Math.max(
        page.updatedAt,
        ...components.map((c) => c.updatedAt),
        ...told.map((i) => i.updatedAt),
      ),
      grave: page.settings.grave === true || told.some((i) => i.grave && i.resolvedAt === null),
      safety: page.cadence === 'life_safety',
      exercise: source.exercise,
    },
    status: pageStatus(components.map((c) => c.status)),
    groups,
    components,
    incidents: told.filter((i) => i.kind === 'incident'),
    maintenance: told.filter((i) => i.kind === 'maintenance'),
  };
}

function remembered(one: Told, source: Source, language: string): ToldIncident {
  const known = source.made.get(language) ?? new WeakMap<Told, ToldIncident>();
  source.made.set(language, known);
  const found = known.get(one) ?? toldIncident(one, source, language);
  known.set(one, found);
  return found;
}

function toldIncident({ incident, updates, changes }: Told, source: Source, language: string): ToldIncident {
  const publishedAt = incident.publishedAt ?? incident.createdAt;
  const { origin } = new URL(source.page.url);
  const version = (u: Update, root: Update, before: Record<string, ComponentStatus>): ToldUpdate => ({
    id: root.id,
    status: u.status,
    language: u.language,
    headline: said(u, incident.title).headline,
    paragraphs: paragraphs(u),
    action: u.blocks.action?.trim() ?? '',
    at: saidAt(root),
    changedAt: saidAt(root),
    nextBy: u.nextUpdateBy ?? root.nextUpdateBy,
    affected: affected([root.id, u.id], { ...before, ...u.components }, changes, source),
    correctedAt: null,
    retractedAt: null,
    note: '',
    pictures: (u.media ?? []).map((m) => ({
      url: `${origin}${picturePath(m)}`,
      type: m.type,
      size: m.size,
      width: m.width,
      height: m.height,
      alt: m.alt,
    })),
  });
  const things = wordsIn(updates, language);
  const told = things.map((s): ToldUpdate => {
    const { root, words, corrected, retracted } = s;
    const correctedAt = corrected ? saidAt(corrected) : null;
    const retractedAt = retracted ? saidAt(retracted) : isTakenBack(s) ? root.updatedAt : null;
    return {
      ...version(words, root, root.components),
      changedAt: Math.max(saidAt(root), correctedAt ?? 0, retractedAt ?? 0),
      correctedAt,
      retractedAt,
      note: (retracted ?? corrected)?.note ?? '',
      ...(retractedAt === null ? {} : { pictures: [] }),
    };
  });
  const versions = things
    .flatMap((s) =>
      [...s.before.toReversed(), s.words, ...(s.retracted ? [s.retracted] : [])].map(
        (u): ToldVersion => ({
          id: u.id,
          at: saidAt(u),
          seq: u.publishedSeq ?? 0,
          update: version(takesBack(u.amends) ? s.words : u, s.root, s.root.components),
          amends: u.amends ?? (u.id === s.root.id ? null : 'correction'),
          note: u.note ?? '',
        }),
      ),
    )
    .sort((a, b) => a.seq - b.seq);
  return {
    id: incident.id,
    kind: incident.kind,
    title: incident.title,
    status: incident.status ?? (incident.kind === 'incident' ? 'investigating' : 'scheduled'),
    impact: incident.impact,
    grave: incident.grave,
    startedAt: incident.startedAt,
    publishedAt,
    // Not the row's own time: what is done inside the house is nobody else's news.
    updatedAt: Math.max(publishedAt, ...told.map((u) => u.changedAt)),
    monitoringAt: incident.monitoringAt,
    resolvedAt: incident.resolvedAt,
    scheduledFor: incident.scheduledFor,
    scheduledUntil: incident.scheduledUntil,
    autoStart: incident.autoStart,
    autoEnd: incident.autoEnd,
    reminds: (incident.reminders ?? []).length > 0,
    remindedAt: incident.remindedAt,
    updates: told,
    versions,
    componentIds: source.components.filter((c) => updates.some((u) => c.id in u.components)).map((c) => c.id),
  };
}

const saidAt = (u: Update): number => u.publishedAt ?? u.updatedAt;

function affected(
  updateIds: readonly string[],
  wanted: Record<string, ComponentStatus>,
  changes: Told['changes'],
  { components, groups }: Source,
): Affected[] {
  return components.flatMap((c) => {
    const to = wanted[c.id];
    if (to === undefined) return [];
    const group = groups.find((g) => g.id === c.groupId);
    const change = changes.find(
      (x) => x.updateId !== null && updateIds.includes(x.updateId) && x.componentId === c.id,
    );
    return [
      { id: c.id, name: group ? `${group.name} - ${c.name}` : c.name, from: change?.fromStatus ?? to, to },
    ];
  });
}
