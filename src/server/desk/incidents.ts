import type { FastifyInstance } from 'fastify';
import { listConnections } from '../../../db/queries/connections.ts';
import { listDeliveriesOfUpdates } from '../../../db/queries/deliveries.ts';
import {
  getIncident,
  type Incident,
  listIncidents,
  listPromises,
  listPublishedUpdates,
  listUpdates,
  type Promised,
  type Update,
} from '../../../db/queries/incidents.ts';
import { listIncidentEvents } from '../../../db/queries/log.ts';
import { getPage, type Page } from '../../../db/queries/pages.ts';
import { draftUpdate } from '../../actions/draft-update.ts';
import { cadenceFor } from '../../actions/request-approval.ts';
import { isLate } from '../../domain/promise.ts';
import { mayWrite } from '../../domain/rights.ts';
import { isPublic } from '../../domain/update.ts';
import { takesBack } from '../../domain/versions.ts';
import { BLOCKS } from '../../domain/words.ts';
import { renderDeskIncident, renderIncidents } from '../../templates/desk.ts';
import type { IncidentRow } from '../../templates/desk-incident-views.ts';
import type { StateView } from '../../templates/desk-views.ts';
import { ctxOf, mustKnow } from '../who.ts';
import { AMENDS } from './amend/words.ts';
import { numberOf } from './approvals.ts';
import { proposedNext } from './declare.ts';
import { formOf, text } from './forms.ts';
import { type Desk, frameFor, goTo, html, namesOf, pagesFor } from './frame.ts';
import { judgementView } from './hand-over.ts';
import { lineOf, tellEvents } from './log.ts';
import { plannedPane } from './maintenance/view.ts';
import { age, countdown, moment, placeOf, toTheSecond } from './moments.ts';
import { ratingView } from './rating.ts';
import { stillAffectedOf } from './still-affected.ts';
import { BLOCK, deliveryState, kindOf, STATUS, statusOf, tally, updateState } from './words.ts';

type ById = { Params: { id: string } };

/** Of the newest events so many are read for the log, and so many lines of it shown. */
const MOST_EVENTS = 600;
const MOST_LINES = 40;

/** All incidents, and everything about one: what was said, promised, delivered and done. */
export function incidents(app: FastifyInstance, desk: Desk): void {
  const { r, ports } = desk;

  app.get('/incidents', async (request, reply) => {
    const now = ports.base.now();
    const rows: (IncidentRow & { over: boolean })[] = [];
    for (const page of await pagesFor(desk, request))
      for (const i of await listIncidents(r, page.id, 100))
        rows.push({ ...row(i, page, now), over: i.resolvedAt !== null });
    return html(
      reply,
      renderIncidents({
        frame: await frameFor(desk, request, { title: 'Incidents', room: 'incidents' }),
        open: rows.filter((x) => !x.over),
        past: rows.filter((x) => x.over),
      }),
    );
  });

  app.get<ById>('/incidents/:id', async (request, reply) => {
    const who = mustKnow(request);
    const incident = await getIncident(r, request.params.id);
    const page = await getPage(r, incident.pageId);
    const names = await namesOf(r);
    const now = ports.base.now();
    const place = placeOf(page);
    const updates = await listUpdates(r, incident.id);
    const promises = await listPromises(r, [incident.id]);
    const open = promises.find((p) => p.state === 'open');
    const deliveries = await listDeliveriesOfUpdates(
      r,
      updates.filter((u) => isPublic(u.state)).map((u) => u.id),
    );
    const networks = new Map((await listConnections(r, page.id)).map((c) => [c.id, c.name]));
    const events = await listIncidentEvents(r, incident.id, MOST_EVENTS);
    const may = mayWrite(who.actor.roles);
    return html(
      reply,
      renderDeskIncident({
        frame: await frameFor(desk, request, { title: incident.title, room: 'incidents', page }),
        id: incident.id,
        title: incident.title,
        kind: kindOf(incident),
        status: statusOf(incident),
        affected: (await stillAffectedOf(r, [incident], now))(incident)?.text ?? null,
        objective: incident.objective,
        grave: incident.grave,
        owner: incident.ownerId === null ? null : names(incident.ownerId),
        detected: moment(incident.detectedAt, now, place),
        scheduled:
          incident.scheduledFor === null || incident.scheduledUntil === null
            ? null
            : `${moment(incident.scheduledFor, now, place).text} to ${moment(incident.scheduledUntil, now, place).text}`,
        publicHref: incident.publishedAt === null ? null : page.url,
        promise: open ? countdown(open, now, place) : null,
        newHref: `/desk/incidents/${incident.id}/updates`,
        noChangeHref: updates.some((u) => u.publishedSeq !== null)
          ? `/desk/incidents/${incident.id}/no-change`
          : null,
        judgement: await judgementView(desk, request, incident, page),
        mayWrite: may,
        reportAction:
          may && (incident.status === 'resolved' || incident.status === 'postmortem')
            ? `/desk/incidents/${incident.id}/postmortem`
            : null,
        rating: ratingView(incident, may),
        planned: (await plannedPane(r, incident, page, updates, may, now)) ?? null,
        updates: updates
          .filter((u) => u.plannedOf === null || isPublic(u.state))
          .sort((a, b) => order(b) - order(a))
          .map((u) => {
            const mine = deliveries.filter((d) => d.updateId === u.id);
            const at = u.publishedAt ?? u.updatedAt;
            return {
              href: `/desk/updates/${u.id}`,
              number: numberOf(u, updates),
              state: updateState(u),
              status: STATUS[u.status],
              when: moment(at, now, place),
              by: u.authorIds.map((id) => names(id).name).join(', '),
              text: [
                ...BLOCKS.filter((b) => u.blocks[b]).map((b) => ({
                  label: BLOCK[b].label,
                  words: u.blocks[b] ?? '',
                })),
                ...(u.body === '' ? [] : [{ label: 'Text', words: u.body }]),
              ],
              promised: u.nextUpdateBy === null ? null : moment(u.nextUpdateBy, now, place).text,
              reason: u.reason,
              deliveries:
                mine.length === 0
                  ? null
                  : {
                      href: `/desk/updates/${u.id}/deliveries`,
                      lamps: mine.map(deliveryState),
                      text: tally(mine)
                        .map((s) => s.word)
                        .join(', '),
                    },
              mayStartFrom: isPublic(u.state),
              amended:
                u.note === null || u.note === '' ? '' : `${AMENDS[u.amends ?? 'correction'].name}: ${u.note}`,
              correctHref: mayAmend(u) ? `/desk/updates/${u.id}/correct` : null,
              retractHref: mayAmend(u) ? `/desk/updates/${u.id}/retract` : null,
            };
          }),
        promises: promises.map((p) => promiseRow(p, now, place)).reverse(),
        log: tellEvents(events, MOST_LINES).map((line) => ({
          when: toTheSecond(line.event.at, place),
          what: lineOf(line, names, networks),
        })),
      }),
    );
  });

  app.post<ById>('/incidents/:id/updates', async (request, reply) => {
    const ctx = ctxOf(ports.base, request);
    const incident = await getIncident(r, request.params.id);
    const page = await getPage(r, incident.pageId);
    const last = (await listPublishedUpdates(r, [incident.id])).findLast((u) => !u.heartbeat);
    const goesOn = text(formOf(request), 'from') === 'last';
    const mine = goesOn
      ? ownDraft(await listUpdates(r, incident.id), mustKnow(request).person.id)
      : undefined;
    if (mine)
      return goTo(
        reply,
        `/desk/updates/${mine.id}`,
        (last?.publishedAt ?? 0) > mine.createdAt ? 'draft-older' : 'draft-yours',
      );
    const again = goesOn && last;
    const update = await draftUpdate(ctx, incident.id, {
      // What has ended owes nothing more, unless its author says so.
      nextUpdateBy:
        incident.resolvedAt === null
          ? proposedNext(cadenceFor(page.cadence, incident.kind), ports.base.now())
          : null,
      ...(again ? { blocks: last.blocks, body: last.body, connectionIds: last.connectionIds } : {}),
    });
    return goTo(reply, `/desk/updates/${update.id}`);
  });
}

/** What this person has begun on the incident and not sent: a second look at `u` goes on with it. */
const ownDraft = (updates: readonly Update[], person: string): Update | undefined =>
  updates.findLast(
    (u) =>
      u.state === 'draft' &&
      u.amends === null &&
      !u.heartbeat &&
      u.plannedOf === null &&
      u.authorIds.includes(person),
  );

/** Words that stand, and are not themselves a taking back. */
const mayAmend = (u: Update): boolean =>
  (u.state === 'published' || u.state === 'superseded') && !takesBack(u.amends);

const order = (u: { publishedSeq: number | null; createdAt: number }): number =>
  u.publishedSeq === null ? Number.MAX_SAFE_INTEGER : u.publishedSeq;

const row = (i: Incident, page: Page, now: number): IncidentRow => ({
  href: `/desk/incidents/${i.id}`,
  title: i.title,
  kind: kindOf(i),
  status: statusOf(i),
  opened: moment(i.createdAt, now, placeOf(page)),
  ended: i.resolvedAt === null ? null : moment(i.resolvedAt, now, placeOf(page)),
});

export function promiseRow(p: Promised, now: number, place: ReturnType<typeof placeOf>) {
  const state: StateView =
    p.state === 'kept'
      ? { icon: 'ok', tone: 'good', word: 'Kept' }
      : p.state === 'late'
        ? { icon: 'late', tone: 'bad', word: 'Late' }
        : p.state === 'dropped'
          ? { icon: 'skip', tone: '', word: 'Dropped' }
          : isLate(p, now)
            ? { icon: 'late', tone: 'bad', word: 'Late now' }
            : { icon: 'time', tone: 'ink', word: 'Open' };
  const note =
    p.state === 'late' && p.lateMs !== null
      ? `by ${age(p.lateMs)}`
      : p.state === 'open'
        ? p.dueAt > now
          ? `in ${age(p.dueAt - now)}`
          : `for ${age(now - p.dueAt)}`
        : '';
  return { state, due: moment(p.dueAt, now, place), note };
}
