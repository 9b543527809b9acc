import { isEnded } from '../../domain/incident.ts';
import { zoned, zonedNumeric } from './instants.ts';
import {
  everything,
  hostOf,
  type ProgramModel,
  type ToldIncident,
  type ToldUpdate,
  updateUrl,
} from './model.ts';
import { saidText, teller } from './words.ts';
import { clean, el, type Markup, maybe, xmlDocument } from './xml.ts';

/**
 * Incidents as alerts of the Common Alerting Protocol 1.2 (OASIS, 2010): every published update is one message. The
 * first is an Alert, those after it are Updates of all before, and the end, a false alarm or words taken back Cancel
 * what stands. An incident that opens again begins with a new Alert.
 */

const NAMESPACE = 'urn:oasis:names:tc:emergency:cap:1.2';
const DAY = 86_400_000;
/** How many messages the index lists. */
const ENTRIES = 100;

interface Message {
  /** Last part of its address: an update's id. */
  key: string;
  kind: 'Alert' | 'Update' | 'Cancel';
  sent: number;
  incident: ToldIncident;
  update: ToldUpdate;
  /** Those it replaces, oldest first. */
  replaces: readonly Message[];
  note: string;
}

/** What an incident told, oldest first. A postmortem warns of nothing and is none. */
function messagesOf(incident: ToldIncident): Message[] {
  const out: Message[] = [];
  let standing: Message[] = [];
  const add = (kind: Message['kind'], key: string, sent: number, update: ToldUpdate, note: string) => {
    const message: Message = { key, kind, sent, incident, update, replaces: standing, note };
    out.push(message);
    standing = kind === 'Cancel' ? [] : [...standing, message];
  };
  // What is said now, in the order in which it was said first.
  const now = new Map<string, ToldUpdate>();
  for (const { id, at, update, amends, note } of incident.versions) {
    if (update.status === 'postmortem') continue;
    if (amends === null) {
      now.set(update.id, update);
      if (!isEnded(update.status)) add(standing.length === 0 ? 'Alert' : 'Update', id, at, update, '');
      // Over before anybody was warned: there is nothing to cancel.
      else if (standing.length > 0) add('Cancel', id, at, update, NOTES[update.status] ?? '');
      continue;
    }
    const back = amends !== 'correction';
    if (back) now.delete(update.id);
    else now.set(update.id, update);
    const newest = [...now.values()].at(-1);
    if (newest === undefined) {
      if (standing.length > 0) add('Cancel', id, at, update, `${TAKEN_BACK} ${note}`.trim());
    } else if (standing.length > 0)
      add('Update', id, at, newest, `${back ? TAKEN_BACK : 'Correction.'} ${note}`.trim());
    // The end was said wrongly: it is not over.
    else if (back && !isEnded(newest.status)) add('Alert', id, at, newest, `${TAKEN_BACK} ${note}`.trim());
  }
  const last = [...incident.updates].reverse().findLast((u) => u.status !== 'postmortem');
  const said = incident.versions.some((v) => v.amends !== null && v.update.id === last?.id);
  if (last && !said && last.retractedAt !== null && standing.length > 0)
    add('Cancel', `${last.id}-retracted`, last.retractedAt, last, TAKEN_BACK);
  return out;
}

const TAKEN_BACK = 'These words were wrong and are taken back.';

const NOTES: Partial<Record<ToldUpdate['status'], string>> = {
  resolved: 'It is over.',
  completed: 'The work is done.',
  false_alarm: 'It was a false alarm.',
  cancelled: 'The work was called off.',
};

/** The newest message of an incident, or the one with this key; undefined when there is none. */
export function capAlert(model: ProgramModel, key: string): string | undefined {
  for (const incident of everything(model)) {
    const known = incident.versions.some((v) => key === v.id || key === `${v.id}-retracted`);
    if (incident.id !== key && !known) continue;
    const messages = messagesOf(incident);
    const found = incident.id === key ? messages.at(-1) : messages.find((m) => m.key === key);
    return found && xmlDocument(alertOf(found, model));
  }
  return undefined;
}

/** Keys of every alert there is. */
export const capKeys = (model: ProgramModel): string[] =>
  everything(model).flatMap((incident) => {
    const messages = messagesOf(incident);
    return messages.length === 0 ? [] : [incident.id, ...messages.map((m) => m.key)];
  });

/** The newest messages of all incidents, as Atom with each alert's address. */
export function capAtom(model: ProgramModel): string {
  const { page } = model;
  const messages = everything(model)
    .flatMap(messagesOf)
    .sort((a, b) => b.sent - a.sent)
    .slice(0, ENTRIES);
  return xmlDocument(
    el(
      'feed',
      { 'xml:lang': page.language, xmlns: 'http://www.w3.org/2005/Atom', 'xmlns:cap': NAMESPACE },
      el('id', {}, `tag:${hostOf(page)},2005:${page.path}/cap`),
      el('link', { rel: 'alternate', type: 'text/html', href: page.url }),
      el('link', { rel: 'self', type: 'application/atom+xml', href: `${page.url}/cap.atom` }),
      el('title', {}, `${page.name} · CAP 1.2`),
      el('updated', {}, zoned(messages[0]?.sent ?? page.updatedAt, page.timeZone)),
      el('author', {}, el('name', {}, page.name)),
      ...messages.map((m) =>
        el(
          'entry',
          {},
          el('id', {}, identifier(m, model)),
          el('published', {}, zoned(m.sent, page.timeZone)),
          el('updated', {}, zoned(m.sent, page.timeZone)),
          el('link', {
            rel: 'alternate',
            type: 'application/cap+xml',
            href: `${page.url}/cap/${m.key}.xml`,
          }),
          el('title', {}, m.incident.title),
          el('summary', {}, m.update.headline),
          el('cap:event', {}, m.incident.title),
          el('cap:sent', {}, zonedNumeric(m.sent, page.timeZone)),
          el('cap:status', {}, page.exercise ? 'Exercise' : 'Actual'),
          el('cap:msgType', {}, m.kind),
          el('cap:urgency', {}, urgencyOf(m, model)),
          el('cap:severity', {}, severityOf(m, model)),
          el('cap:certainty', {}, certaintyOf(m)),
          el('cap:areaDesc', {}, areaOf(m, model)),
        ),
      ),
    ),
  );
}

// A tag URI has a comma in it, which the protocol forbids (§3.2.1).
const identifier = (m: Message, { page }: ProgramModel): string => `urn:tocsin:${page.id}:${m.key}`;

const senderOf = ({ page }: ProgramModel): string => `status@${hostOf(page)}`;

/** Elements stand in the order of the schema; a receiver may refuse any other. */
function alertOf(m: Message, model: ProgramModel): Markup {
  const { page } = model;
  const notes = [page.exercise ? 'Exercise of the senders. Nothing has happened.' : '', m.note];
  return el(
    'alert',
    { xmlns: NAMESPACE },
    el('identifier', {}, identifier(m, model)),
    el('sender', {}, senderOf(model)),
    el('sent', {}, zonedNumeric(m.sent, page.timeZone)),
    el('status', {}, page.exercise ? 'Exercise' : 'Actual'),
    el('msgType', {}, m.kind),
    el('scope', {}, 'Public'),
    maybe('note', notes.filter((n) => n !== '').join(' ')),
    maybe('references', m.replaces.map((r) => referenceTo(r, model)).join(' ')),
    el('incidents', {}, m.incident.id),
    infoOf(m, model),
  );
}

const referenceTo = (m: Message, model: ProgramModel): string =>
  `${senderOf(model)},${identifier(m, model)},${zonedNumeric(m.sent, model.page.timeZone)}`;

function infoOf(m: Message, model: ProgramModel): Markup {
  const { page } = model;
  const { update, incident } = m;
  const time = (at: number) => zonedNumeric(at, page.timeZone);
  return el(
    'info',
    {},
    el('language', {}, update.language),
    el('category', {}, page.safety || incident.grave ? 'Safety' : 'Infra'),
    el('event', {}, incident.title),
    el('responseType', {}, m.kind === 'Cancel' ? 'AllClear' : update.action === '' ? 'Monitor' : 'Execute'),
    el('urgency', {}, urgencyOf(m, model)),
    el('severity', {}, severityOf(m, model)),
    el('certainty', {}, certaintyOf(m)),
    el('effective', {}, time(m.sent)),
    el('onset', {}, time(incident.scheduledFor ?? incident.startedAt)),
    // Until then it stands unless we say more: never shorter than what we promised.
    el('expires', {}, time(Math.max(m.sent + DAY, update.nextBy ?? 0, incident.scheduledUntil ?? 0))),
    el('senderName', {}, page.name),
    el('headline', {}, oneLine(update.headline)),
    maybe('description', saidText(update, teller(model))),
    maybe('instruction', m.kind === 'Cancel' ? '' : update.action),
    el('web', {}, updateUrl(page, incident, update)),
    el('parameter', {}, el('valueName', {}, 'incident-status'), el('value', {}, update.status)),
    el('area', {}, el('areaDesc', {}, areaOf(m, model))),
  );
}

const oneLine = (text: string): string => clean(text).replace(/\s+/g, ' ').trim();

function urgencyOf(m: Message, { page }: ProgramModel): string {
  if (m.kind === 'Cancel') return 'Past';
  if (m.update.status === 'scheduled') return 'Future';
  return page.safety || m.incident.grave ? 'Immediate' : 'Expected';
}

function severityOf({ incident }: Message, { page }: ProgramModel): string {
  if (incident.impact === 'critical') return page.safety || incident.grave ? 'Extreme' : 'Severe';
  if (incident.impact === 'major') return 'Moderate';
  return incident.impact === 'none' ? 'Unknown' : 'Minor';
}

const certaintyOf = (m: Message): string => (m.update.status === 'scheduled' ? 'Likely' : 'Observed');

/** We serve a service, not a place: its parts are the area. */
const areaOf = ({ incident }: Message, model: ProgramModel): string => {
  const parts = model.components.filter((c) => incident.componentIds.includes(c.id)).map((c) => c.name);
  return oneLine([model.page.name, parts.join('; ')].filter((x) => x !== '').join(': '));
};
