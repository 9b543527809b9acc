import type { FastifyInstance, FastifyRequest } from 'fastify';
import { listConnections } from '../../../db/queries/connections.ts';
import { getPage } from '../../../db/queries/pages.ts';
import { incidentRecord } from '../../actions/incident-record.ts';
import type { Spread } from '../../domain/metrics.ts';
import { renderReport } from '../../templates/desk.ts';
import type { ReportView } from '../../templates/desk-report-views.ts';
import { clock } from '../../templates/format.ts';
import { numberOf } from './approvals.ts';
import { type Desk, frameFor, html, namesOf } from './frame.ts';
import { answersNote } from './inbox-rows.ts';
import { promiseRow } from './incidents.ts';
import { eventWord } from './log.ts';
import { age, moment, placeOf, toTheSecond } from './moments.ts';
import { arrivalPlot, promisePlot, span } from './report-plots.ts';
import { stillAffectedOf } from './still-affected.ts';
import { count, tally, textOf } from './words.ts';

type ById = { Params: { id: string } };

/** What an incident says afterwards: in numbers, promise by promise, network by network, line by line. */
export function report(app: FastifyInstance, desk: Desk): void {
  app.get<ById>('/incidents/:id/report', async (request, reply) =>
    html(reply, renderReport(await view(desk, request, request.params.id))),
  );
}

async function view(desk: Desk, request: FastifyRequest, id: string): Promise<ReportView> {
  const { r, ports } = desk;
  const record = await incidentRecord(r, id, ports.base.now());
  const { incident, metrics, updates, promises, deliveries } = record;
  const page = await getPage(r, incident.pageId);
  const now = ports.base.now();
  const place = placeOf(page);
  const names = await namesOf(r);
  const networks = new Map((await listConnections(r, page.id)).map((c) => [c.id, c.name]));
  const published = updates
    .filter((u) => u.publishedAt !== null)
    .sort((a, b) => (a.publishedSeq ?? 0) - (b.publishedSeq ?? 0));
  const number = (updateId: string | null): number => {
    const update = updates.find((u) => u.id === updateId);
    return update ? numberOf(update, updates) : 0;
  };
  const arrivals = published.map((u) => {
    const mine = deliveries.filter((d) => d.updateId === u.id);
    const there = mine.filter((d) => d.state === 'delivered' || d.state === 'manual_confirmed');
    return {
      label: `Update ${number(u.id)}`,
      after: there.flatMap((d) => (d.doneAt === null ? [] : [d.doneAt - (u.publishedAt ?? 0)])),
      all: there.length === mine.length,
      some: mine.length > 0,
    };
  });
  const affected = (await stillAffectedOf(r, [incident], now))(incident);
  const settled = promises.filter((p) => p.settledAt !== null && (p.state === 'kept' || p.state === 'late'));
  return {
    frame: await frameFor(desk, request, {
      title: `Report: ${incident.title}`,
      room: 'incidents',
      style: 'report',
      page,
    }),
    title: incident.title,
    incidentHref: `/desk/incidents/${incident.id}`,
    when: `${moment(incident.detectedAt, now, place).text} to ${
      incident.resolvedAt === null ? 'now, still open' : moment(incident.resolvedAt, now, place).text
    }`,
    recordHref: `/api/v1/incidents/${incident.id}/record`,
    printHref: `/desk/incidents/${incident.id}/record`,
    figures: [
      {
        label: 'First statement',
        ...long(metrics.firstWordMs),
        note:
          metrics.firstWordFromDeclaredMs === null
            ? 'Nothing has been said yet.'
            : `after it was noticed; ${span(metrics.firstWordFromDeclaredMs)} after it was declared`,
      },
      {
        label: 'All networks',
        ...middle(metrics.allChannelsMs),
        note: worst(metrics.allChannelsMs, 'update'),
      },
      { label: 'The yes', ...middle(metrics.approvalMs), note: worst(metrics.approvalMs, 'question') },
      {
        label: 'Promises kept',
        value: String(metrics.promises.kept),
        unit: `of ${metrics.promises.settled}`,
        note:
          metrics.promises.medianLateMs === null
            ? `${count(metrics.promises.made, 'promise')} made, none late`
            : `median lateness ${span(metrics.promises.medianLateMs)}`,
      },
      {
        label: 'Corrections',
        value: String(metrics.correctionMs?.n ?? 0),
        unit: `in ${count(published.length, 'update')}`,
        note: metrics.correctionMs === null ? 'None was needed.' : worst(metrics.correctionMs, 'correction'),
      },
      {
        label: 'Without a second person',
        value: String(metrics.overrides.count),
        unit: metrics.overrides.count === 1 ? 'time' : 'times',
        note:
          metrics.overrides.count === 0
            ? 'Every update had its yes.'
            : `${metrics.overrides.reviewedInTime} of ${metrics.overrides.count} reviewed within the hour${metrics.overrides.reviewedInTime < metrics.overrides.count ? ': a finding' : ''}`,
      },
      {
        label: 'Answered within the hour',
        value: record.answers.percent === null ? '–' : String(record.answers.percent),
        unit: record.answers.percent === null ? '' : '%',
        note: answersNote(record.answers),
      },
      {
        label: 'Still affected',
        value: String(affected?.all ?? 0),
        unit: affected?.all === 1 ? 'person' : 'people',
        note: affected === null ? 'Nobody said so on the page.' : 'said so on the page while it was open',
      },
      {
        label: 'Networks not ready',
        ...long(metrics.downtime.length === 0 ? null : metrics.downtime.reduce((n, x) => n + x.ms, 0)),
        note:
          metrics.downtime.length === 0
            ? 'Every account could speak.'
            : metrics.downtime
                .map((x) => `${networks.get(x.connectionId) ?? 'A network'} ${span(x.ms)}`)
                .join(', '),
      },
    ],
    promisePlot: promisePlot(
      settled.map((p) => ({
        label: clock(p.dueAt, place),
        at: (p.settledAt ?? p.dueAt) - p.dueAt,
        late: p.state === 'late',
      })),
      `${metrics.promises.kept} of ${count(metrics.promises.settled, 'promise')} kept`,
    ),
    arrivalPlot: arrivalPlot(arrivals.filter((a) => a.some)),
    ledger: promises.map((p) => {
      const update = updates.find((u) => u.id === p.updateId);
      const row = promiseRow(p, now, place);
      const words = update ? textOf(update, ' ') : '';
      const by =
        p.settledBy === null || p.settledAt === null
          ? ''
          : `by update ${number(p.settledBy)} at ${moment(p.settledAt, now, place).text}`;
      return {
        number: number(p.updateId),
        href: `/desk/updates/${p.updateId}/deliveries`,
        said: words,
        made: moment(p.madeAt, now, place),
        due: row.due,
        state: row.state,
        outcome: [by, row.note].filter((x) => x !== '').join(', '),
      };
    }),
    approvals: published.map((u) => ({
      number: number(u.id),
      href: `/desk/updates/${u.id}/deliveries`,
      asked: `${names(u.requestedBy).name}, class ${u.class}`,
      given: u.approvals
        .filter((a) => a.decision === 'approved')
        .map(
          (a) =>
            `${names(a.personId).name}${a.assurance === null || a.assurance === 'session' ? '' : ` (${a.assurance})`}, ${toTheSecond(a.at, place).text}${a.voidedAt === null ? '' : ` (void: ${a.voidReason ?? ''})`}`,
        )
        .join('; '),
      took: u.requestedAt === null || u.approvedAt === null ? '' : span(u.approvedAt - u.requestedAt),
    })),
    deliveries: published.flatMap((u) =>
      [
        ...Map.groupBy(
          deliveries.filter((d) => d.updateId === u.id),
          (d) => d.connectionId,
        ),
      ].map(([connectionId, mine]) => {
        const done = mine.flatMap((d) => (d.doneAt === null ? [] : [d.doneAt]));
        return {
          number: number(u.id),
          href: `/desk/updates/${u.id}/deliveries`,
          network: networks.get(connectionId) ?? 'A network',
          states: tally(mine),
          took: done.length < mine.length ? '' : span(Math.max(...done) - (u.publishedAt ?? 0)),
        };
      }),
    ),
    log: record.events.map((e) => ({ when: toTheSecond(e.at, place), what: eventWord(e, names, networks) })),
  };
}

/** A long time as a figure: minutes and seconds, or in words from a day on. */
const long = (ms: number | null): { value: string; unit: string } =>
  ms === null
    ? { value: '–', unit: '' }
    : ms >= 86_400_000
      ? { value: age(ms), unit: '' }
      : ms < 10_000
        ? { value: span(ms).replace(' s', ''), unit: 's' }
        : { value: span(ms), unit: ms < 3_600_000 ? 'min' : 'h' };

const middle = (s: Spread | null) => long(s === null ? null : s.median);

const worst = (s: Spread | null, one: string): string =>
  s === null ? 'Nothing to measure yet.' : `median of ${count(s.n, one)}, longest ${span(s.worst)}`;
