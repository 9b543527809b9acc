import { isEnded } from '../../domain/incident.ts';
import { compileTemplate } from '../compile.ts';
import { incidentTag, type StateTag } from '../draw/state.ts';
import { clockZone } from '../format.ts';
import { closeWord } from '../strings/embed.ts';
import { embedCss } from '../styles.ts';
import { pageState } from './badge.ts';
import { incidentUrl, type ProgramModel, type ToldIncident } from './model.ts';
import { type Teller, teller, warning } from './words.ts';

/** The notice that stands in a frame on other sites: state, sentence, promise, and the way to the page. */

interface EmbedModel {
  css: string;
  language: string;
  dir: string;
  name: string;
  /** "yes" while there is something to tell: a notice in the corner of a site shows itself only then. */
  show: string;
  /** Changes with what is told, so that a notice somebody has put away comes back with new words. */
  key: string;
  rootClass: string;
  tag: StateTag | null;
  headline: string;
  promise: string;
  url: string;
  close: string;
}

const frame = compileTemplate<EmbedModel>('pages/embed.hbs');

/** How the page is: its worst open incident, else work under way, else that all is well. */
export function embedFrame(model: ProgramModel): string {
  const t = teller(model);
  const open = [...model.incidents.filter((i) => !isEnded(i.status))].sort(byWeight)[0];
  const work = model.maintenance.find((m) => m.status === 'in_progress' || m.status === 'verifying');
  const told = open ?? work;
  if (told) return frame(modelOf(model, told, t));
  return frame({
    ...around(model, t),
    show: model.status.indicator === 'none' ? 'no' : 'yes',
    key: model.status.indicator,
    tag: model.page.grave ? null : pageState(model),
    headline: t.w.headline[model.status.indicator],
    promise: '',
    url: model.page.url,
  });
}

/** One incident, for ever. */
export function embedIncident(model: ProgramModel, id: string): string | undefined {
  const incident = [...model.incidents, ...model.maintenance].find((i) => i.id === id);
  return incident && frame(modelOf(model, incident, teller(model)));
}

const ORDER = ['critical', 'major', 'minor', 'maintenance', 'none'] as const;
const byWeight = (a: ToldIncident, b: ToldIncident): number =>
  Number(b.grave) - Number(a.grave) || ORDER.indexOf(a.impact) - ORDER.indexOf(b.impact);

function modelOf(model: ProgramModel, incident: ToldIncident, t: Teller): EmbedModel {
  const newest = incident.updates[0];
  const wrong = newest ? warning(newest, t) : '';
  const promised = newest && !isEnded(incident.status) ? newest.nextBy : null;
  return {
    ...around(model, t),
    show: isEnded(incident.status) ? 'no' : 'yes',
    key: newest?.id ?? incident.id,
    tag: model.page.grave ? null : incidentTag(incident, t.w),
    headline: newest?.retractedAt ? wrong : (newest?.headline ?? incident.title),
    promise: promised === null || promised === undefined ? '' : `${t.w.nextBy} ${clockZone(promised, t)}`,
    url: incidentUrl(model.page, incident.id),
  };
}

const around = ({ page }: ProgramModel, t: Teller) => ({
  css: embedCss().text,
  language: page.language,
  dir: page.dir,
  name: page.name,
  rootClass: page.grave ? 'grave' : '',
  close: closeWord(t.language),
});
