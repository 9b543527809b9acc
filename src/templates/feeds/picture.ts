import { isEnded } from '../../domain/incident.ts';
import type { CardModel } from '../card.ts';
import { incidentTag } from '../draw/state.ts';
import { clockZone, dayAndClock, zoneName } from '../format.ts';
import { pageState } from './badge.ts';
import type { ProgramModel, ToldIncident, ToldUpdate } from './model.ts';
import { type Teller, teller, warning } from './words.ts';

/** The state of the page, or one update, as a card: what a link to us looks like where it is pasted. */

/** How the page is now. */
export function pageCard(model: ProgramModel): CardModel {
  const t = teller(model);
  const open = model.incidents.find((i) => !isEnded(i.status));
  const newest = open?.updates[0];
  if (open && newest) return updateCard(model, open, newest);
  const state = pageState(model);
  return {
    pageName: model.page.name,
    tone: model.page.grave ? 'note' : state.tone,
    state: state.word,
    headline: t.w.headline[model.status.indicator],
    promise: '',
    time: time(model.page.updatedAt, t),
    address: addressOf(model),
  };
}

/** How an incident is now, or how it ended; undefined when there is no such incident. */
export function incidentCard(model: ProgramModel, id: string): CardModel | undefined {
  const incident = [...model.incidents, ...model.maintenance].find((i) => i.id === id);
  const newest = incident?.updates[0];
  return incident && newest && updateCard(model, incident, newest);
}

/** One update of an incident, as it was told. */
export function updateCard(model: ProgramModel, incident: ToldIncident, update: ToldUpdate): CardModel {
  const t = teller(model);
  const tag = incidentTag({ status: update.status, impact: incident.impact }, t.w);
  return {
    pageName: model.page.name,
    tone: model.page.grave || incident.grave ? 'note' : tag.tone,
    state: tag.word,
    headline: update.retractedAt === null ? update.headline : warning(update, t),
    promise: update.nextBy === null ? '' : `${t.w.nextBy} ${clockZone(update.nextBy, t)}`,
    time: time(update.at, t),
    address: addressOf(model),
  };
}

const time = (at: number, t: Teller): string => `${dayAndClock(at, t)} ${zoneName(at, t)}`;

const addressOf = ({ page }: ProgramModel): string => page.url.replace(/^https?:\/\//, '');
