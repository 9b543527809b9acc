import type { FastifyInstance } from 'fastify';
import { listConnections } from '../../../db/queries/connections.ts';
import { findAuditHead } from '../../../db/queries/log.ts';
import { getPage } from '../../../db/queries/pages.ts';
import { incidentRecord } from '../../actions/incident-record.ts';
import { spoken } from '../../domain/fact.ts';
import { BLOCKS } from '../../domain/words.ts';
import { renderRecord } from '../../templates/desk-judgement.ts';
import { type Desk, frameFor, html, namesOf } from './frame.ts';
import { eventWord } from './log.ts';
import { moment, placeOf, toTheSecond } from './moments.ts';
import { BLOCK, deliveryState, STATUS, updateState } from './words.ts';

const DECISION = {
  approved: 'yes',
  consented: 'consent, in their own voice',
  returned: 'sent back',
} as const;

/** Everything that is known of an incident on one page, to be printed and filed. */
export function record(app: FastifyInstance, desk: Desk): void {
  const { r, ports } = desk;
  app.get<{ Params: { id: string } }>('/incidents/:id/record', async (request, reply) => {
    const now = ports.base.now();
    const whole = await incidentRecord(r, request.params.id, now);
    const { incident } = whole;
    const page = await getPage(r, incident.pageId);
    const place = placeOf(page);
    const names = await namesOf(r);
    const networks = new Map((await listConnections(r, page.id)).map((c) => [c.id, c.name]));
    const head = await findAuditHead(r);
    const at = (ms: number | null) => (ms === null ? '' : moment(ms, now, place).text);
    return html(
      reply,
      renderRecord({
        frame: await frameFor(desk, request, {
          title: `Record: ${incident.title}`,
          room: 'incidents',
          style: 'record',
          page,
        }),
        title: incident.title,
        incidentHref: `/desk/incidents/${incident.id}`,
        about: [
          { name: 'Page', value: page.name },
          { name: 'Objective', value: incident.objective || 'none given' },
          { name: 'Owner', value: incident.ownerId === null ? 'nobody' : names(incident.ownerId).name },
          { name: 'Noticed', value: at(incident.detectedAt) },
          { name: 'Declared', value: at(incident.createdAt) },
          { name: 'First public', value: at(incident.publishedAt) || 'never' },
          { name: 'Ended', value: at(incident.resolvedAt) || 'still open' },
        ],
        updates: whole.updates.map((u, i) => ({
          heading: `${i + 1}. ${STATUS[u.status]}, class ${u.class}, ${updateState(u).word.toLowerCase()}${u.heartbeat ? ', heartbeat' : ''}`,
          by: `Written by ${u.authorIds.map((id) => names(id).name).join(', ')}${u.publishedAt === null ? '' : `; public since ${at(u.publishedAt)}`}${u.nextUpdateBy === null ? '' : `; promised the next by ${at(u.nextUpdateBy)}`}`,
          words: [
            ...BLOCKS.filter((b) => u.blocks[b]).map((b) => ({
              label: BLOCK[b].label,
              words: u.blocks[b] ?? '',
            })),
            ...(u.body === '' ? [] : [{ label: 'Text', words: u.body }]),
          ],
          yeses: u.approvals.map(
            (a) =>
              `${names(a.personId).name}: ${DECISION[a.decision]}, ${toTheSecond(a.at, place).text}${a.assurance === null ? '' : `, ${a.assurance}`}${a.reason ? `: ${a.reason}` : ''}${a.voidedAt === null ? '' : ` (void: ${a.voidReason ?? ''})`}`,
          ),
          exact: u.renditions.map((x) => {
            const d = whole.deliveries.find((y) => y.renditionId === x.id);
            const receipt = d && whole.receipts.find((y) => y.deliveryId === d.id);
            return {
              network: networks.get(x.connectionId) ?? 'A network',
              text: x.parts.map((p) => p.text).join('\n\n'),
              came: d ? `${deliveryState(d).word}${receipt?.url ? `, ${receipt.url}` : ''}` : 'not sent',
            };
          }),
        })),
        facts: whole.facts.map(
          (f) =>
            `${f.key}: ${spoken(f)} (${f.state}${f.source === '' ? '' : `; ${f.source}`}${f.verifierId === null ? '' : `; ${names(f.verifierId).name}, ${at(f.confirmedAt)}`}${f.reason ? `; ${f.reason}` : ''})`,
        ),
        owners: whole.handOvers.map(
          (h) =>
            `${toTheSecond(h.askedAt, place).text}: ${h.fromId === null ? 'nobody' : names(h.fromId).name} to ${names(h.toId).name}, ${h.state}${h.answeredAt === null ? '' : ` ${toTheSecond(h.answeredAt, place).text}`}${h.answer ? `: ${h.answer}` : ''}`,
        ),
        overrides: whole.overrides.map(
          (o) =>
            `${toTheSecond(o.at, place).text}: ${names(o.personId).name}, ${o.reason.replace('_', ' ')}: ${o.sentence} ${o.reviewedAt === null ? 'NOT REVIEWED.' : `Reviewed by ${names(o.reviewedBy).name}, ${at(o.reviewedAt)}: ${o.verdict}. ${o.note ?? ''}`}`,
        ),
        promises: whole.promises.map(
          (p) =>
            `${at(p.dueAt)}: ${p.state}${p.settledAt === null ? '' : `, settled ${at(p.settledAt)}`}${p.lateMs ? `, ${Math.ceil(p.lateMs / 60_000)} min late` : ''}`,
        ),
        log: whole.events.map((e) => ({
          when: toTheSecond(e.at, place),
          what: eventWord(e, names, networks),
        })),
        made: `Made ${toTheSecond(now, place).text}. Audit head ${head ? `${head.seq}:${head.hash}` : 'none'}.`,
      }),
    );
  });
}
