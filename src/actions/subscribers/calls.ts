import { getIncident, listPublishedUpdates, type Update } from '../../../db/queries/incidents.ts';
import { type Component, getPage, listChangesOfUpdates, listComponents } from '../../../db/queries/pages.ts';
import type { FanoutCall } from '../../../db/shapes.ts';
import type { Reader } from '../../../db/store.ts';
import { pageStatus } from '../../domain/incident.ts';
import { BLOCKS } from '../../domain/words.ts';
import { type CallComponent, componentCall, incidentCall } from '../../templates/feeds/calls.ts';

/** A receiver reads the newest; a call with all that was ever said in a long incident would be refused for its size. */
const UPDATES = 30;

const bodyOf = (u: Update): string =>
  [...BLOCKS.map((name) => u.blocks[name] ?? ''), u.body]
    .map((text) => text.trim())
    .filter((text) => text !== '')
    .join('\n\n');

/** What programs are sent of one published update: the incident first, then each component it changed. */
export async function callsOf(r: Reader, update: Update): Promise<FanoutCall[]> {
  const row = await getPage(r, update.pageId);
  const incident = await getIncident(r, update.incidentId);
  const components = await listComponents(r, row.id);
  const said = (await listPublishedUpdates(r, [incident.id]))
    .filter((u) => (u.publishedSeq ?? 0) <= (update.publishedSeq ?? 0))
    .reverse()
    .slice(0, UPDATES);
  const changes = await listChangesOfUpdates(
    r,
    said.map((u) => u.id),
  );
  const page = {
    id: row.id,
    url: row.url,
    timeZone: row.timeZone,
    status: pageStatus(components.map((c) => c.status)),
  };
  const touched = (c: Component) => said.some((u) => c.id in u.components);
  const asCall = (c: Component): CallComponent => c;
  const at = update.publishedAt ?? update.updatedAt;
  const own = changes.filter((x) => x.updateId === update.id);
  return [
    {
      componentId: null,
      body: incidentCall(page, {
        id: incident.id,
        name: incident.title,
        status: update.status,
        impact: incident.impact,
        createdAt: incident.publishedAt ?? incident.createdAt,
        updatedAt: at,
        monitoringAt: incident.monitoringAt,
        resolvedAt: incident.resolvedAt,
        scheduledFor: incident.scheduledFor,
        scheduledUntil: incident.scheduledUntil,
        autoStart: incident.autoStart,
        autoEnd: incident.autoEnd,
        reminds: (incident.reminders ?? []).length > 0,
        remindedAt: incident.remindedAt,
        components: components.filter(touched).map(asCall),
        updates: said.map((u) => ({
          id: u.id,
          status: u.status,
          body: bodyOf(u),
          at: u.publishedAt ?? u.updatedAt,
          affected: components.flatMap((c) => {
            const to = u.components[c.id];
            const from = changes.find((x) => x.updateId === u.id && x.componentId === c.id)?.fromStatus ?? to;
            return to === undefined || from === undefined ? [] : [{ id: c.id, name: c.name, from, to }];
          }),
        })),
      }),
    },
    ...components.flatMap((c): FanoutCall[] => {
      const change = own.find((x) => x.componentId === c.id);
      return change === undefined
        ? []
        : [
            {
              componentId: c.id,
              body: componentCall(page, asCall(c), {
                id: change.id,
                from: change.fromStatus,
                to: change.toStatus,
                at: change.at,
              }),
            },
          ];
    }),
  ];
}
