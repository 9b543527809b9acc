import { listConnections } from '../../../db/queries/connections.ts';
import { listIncidents } from '../../../db/queries/incidents.ts';
import { listComponents, type Page } from '../../../db/queries/pages.ts';
import { listPeople } from '../../../db/queries/people.ts';
import { listTemplates } from '../../../db/queries/templates.ts';
import { mayApprove, mayWrite, rolesOn } from '../../domain/rights.ts';
import type { FirstStep } from '../../templates/desk-board-views.ts';
import type { Desk } from './frame.ts';

/**
 * What a new page still lacks before its first incident, in the order that matters, for its admins. Null once nothing
 * is missing, and from the first incident that the public heard of: from then on nobody is taught any more.
 */
export async function firstSteps(
  { r }: Pick<Desk, 'r'>,
  page: Page | undefined,
): Promise<FirstStep[] | null> {
  if (!page) return null;
  if ((await listIncidents(r, page.id, 20)).some((i) => i.publishedAt !== null)) return null;
  const people = (await listPeople(r)).filter((p) => p.disabledAt === null);
  const may = (test: typeof mayWrite) => people.filter((p) => test(rolesOn(p, page.id))).map((p) => p.id);
  // Whoever approves must not be the one who wrote.
  const writers = may(mayWrite);
  const second = page.policy.solo || may(mayApprove).some((a) => writers.some((w) => w !== a));
  const steps: FirstStep[] = [
    {
      done: second,
      what: 'Invite somebody who approves',
      why: 'Nobody approves their own words, so without a second person nothing can go out.',
      href: '/desk/people#invite',
    },
    {
      done: (await listComponents(r, page.id)).length > 0,
      what: 'Name the parts of your service',
      why: 'What customers know and what can fail: updates say which of them are affected.',
      href: `/desk/pages/${page.id}/components`,
    },
    {
      done: (await listConnections(r, page.id)).some((c) => c.enabled),
      what: 'Connect a network',
      why: 'Until one is, updates are published on the status page only.',
      href: '/desk/connections',
    },
    {
      done: (await listTemplates(r, page.id)).some((x) => x.clearedBy !== null),
      what: 'Clear a few texts',
      why: 'Words for the hour when there is no time to write: one writes them, another clears them.',
      href: '/desk/templates',
    },
  ];
  return steps.every((step) => step.done) ? null : steps;
}
