import type { FastifyInstance } from 'fastify';
import { getIncident, listOpenIncidents, listUpdatesInState } from '../../../db/queries/incidents.ts';
import { listTemplates } from '../../../db/queries/templates.ts';
import { mayWrite, rolesOn } from '../../domain/rights.ts';
import { mustKnow } from '../who.ts';
import { approvalRows } from './approvals.ts';
import { type Desk, pagesFor } from './frame.ts';

/** What the command bar offers beside what stands on the page: what is open, what waits, where else to go. */
export function commands(app: FastifyInstance, desk: Desk): void {
  const { r, ports } = desk;
  app.get('/commands', async (request, reply) => {
    const who = mustKnow(request);
    const pages = await pagesFor(desk, request);
    const writesOn = (pageId: string) => mayWrite(rolesOn(who.person, pageId));
    const writes = pages.some((page) => writesOn(page.id));
    const list: { label: string; href: string; key: string }[] = [];
    const add = (label: string, href: string, key = '') => void list.push({ label, href, key });
    for (const row of await approvalRows(desk, who, ports.base.now()))
      add(`${row.yours ? 'Read and decide' : 'Look at'}: ${row.title}, update ${row.number}`, row.href);
    if (writes)
      for (const u of (await listUpdatesInState(r, ['draft', 'returned', 'expired'])).slice(-10).reverse())
        if (writesOn(u.pageId))
          add(`Go on writing: ${(await getIncident(r, u.incidentId)).title}`, `/desk/updates/${u.id}`);
    for (const page of pages) {
      for (const i of await listOpenIncidents(r, page.id)) {
        add(`Open ${i.title}`, `/desk/incidents/${i.id}`);
        add(`Facts of ${i.title}`, `/desk/incidents/${i.id}/facts`);
        add(`Report of ${i.title}`, `/desk/incidents/${i.id}/report`);
        if (writesOn(page.id) && i.publishedAt !== null)
          add(`Say that nothing has changed: ${i.title}`, `/desk/incidents/${i.id}/no-change`);
      }
      if (writesOn(page.id))
        for (const x of await listTemplates(r, page.id))
          add(`Declare with “${x.name}”`, `/desk/declare?page=${page.id}&template=${x.id}`);
    }
    if (writes) add('Declare an incident', '/desk/declare', '!');
    add('Message maps', '/desk/maps');
    add('What should we say? An adviser', '/desk/advice');
    add('Approval policy', '/desk/policy');
    add('Your sign-in', '/desk/me');
    return reply.header('cache-control', 'no-store').send({ commands: list });
  });
}
