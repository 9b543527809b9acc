import type { Delivery } from '../../../db/queries/deliveries.ts';
import type { Incident, Update } from '../../../db/queries/incidents.ts';
import type { Office } from '../../domain/office.ts';
import {
  BLOCKS,
  type BlockName,
  type ComponentStatus,
  type DeliveryState,
  type Impact,
  type IncidentStatus,
  type Role,
  type Scope,
  type UpdateClass,
  type UpdateState,
} from '../../domain/words.ts';
import type { PersonView, StateView } from '../../templates/desk-views.ts';
import { en } from '../../templates/strings/page/en.ts';

/** How the desk calls things. */

/** The public's own words: who writes here sees what readers will. */
export const STATUS: Record<IncidentStatus, string> = en.phase;
export const IMPACT: Record<Impact, string> = {
  none: 'No impact',
  maintenance: 'Maintenance',
  minor: 'Minor',
  major: 'Major',
  critical: 'Critical',
};
export const COMPONENT: Record<ComponentStatus, string> = en.status;
export const CLASS: Record<UpdateClass, string> = {
  A: 'A: pre-cleared words, only slots filled',
  B: 'B: factual update',
  C: 'C: harm, breach, apology, money, numbers of people, legal',
  D: 'D: correction or retraction',
  E: 'E: a persona’s own words',
};
export const BLOCK: Record<BlockName, { label: string; help: string }> = {
  care: { label: 'Care', help: 'What this means for people. One sentence.' },
  known: { label: 'Know', help: 'What we know, and since when. Only what is confirmed.' },
  unknown: { label: 'Don’t know', help: 'What we do not know yet, and how we are finding out.' },
  doing: { label: 'Doing', help: 'What we are doing about it.' },
  action: { label: 'Do now', help: 'What people should do, or not do.' },
};
export const ROLE: Record<Role, string> = {
  viewer: 'sees everything, changes nothing',
  responder: 'answers people, may stop a release',
  author: 'declares incidents and writes updates',
  approver: 'says yes to the exact words, of others only',
  admin: 'everything, and people and networks',
};
export const OFFICE: Record<Office, string> = {
  legal: 'answers for the law: words of class C can need their yes',
  executive: 'answers for the house: the same, and may waive a gate with the owner',
  expert: 'knows the matter: facts for class C are confirmed by them',
};
export const SCOPE: Record<Scope, string> = {
  read: 'see incidents, updates, deliveries',
  draft: 'declare and write',
  approve: 'approve, and settle deliveries',
  admin: 'change people, components, networks',
};

const UPDATE: Record<UpdateState, StateView> = {
  draft: { icon: 'pen', tone: '', word: 'Draft' },
  in_review: { icon: 'wait', tone: 'warn', word: 'Waiting for approval' },
  returned: { icon: 'warn', tone: 'warn', word: 'Sent back' },
  approved: { icon: 'approve', tone: 'ink', word: 'Approved, not out yet' },
  published: { icon: 'ok', tone: 'good', word: 'Published' },
  withdrawn: { icon: 'skip', tone: '', word: 'Withdrawn' },
  expired: { icon: 'late', tone: 'warn', word: 'Approval ran out' },
  corrected: { icon: 'warn', tone: 'warn', word: 'Corrected' },
  superseded: { icon: 'skip', tone: '', word: 'Overtaken' },
  retracted: { icon: 'no', tone: 'bad', word: 'Retracted' },
};
export const updateState = (u: Pick<Update, 'state'>): StateView => UPDATE[u.state];

const DELIVERY: Record<DeliveryState, StateView> = {
  pending: { icon: 'queue', tone: '', word: 'Queued' },
  leased: { icon: 'send', tone: 'ink', word: 'Sending' },
  sending: { icon: 'send', tone: 'ink', word: 'Sending' },
  unknown: { icon: 'unk', tone: 'odd', word: 'Unknown' },
  reconciling: { icon: 'unk', tone: 'odd', word: 'Looking for it' },
  accepted: { icon: 'send', tone: 'ink', word: 'Taken, not seen yet' },
  delivered: { icon: 'ok', tone: 'good', word: 'Delivered' },
  held: { icon: 'unk', tone: 'odd', word: 'Held for a person' },
  refused: { icon: 'no', tone: 'bad', word: 'Refused' },
  dead: { icon: 'no', tone: 'bad', word: 'Gave up' },
  superseded: { icon: 'skip', tone: '', word: 'Overtaken' },
  cancelled: { icon: 'skip', tone: '', word: 'Cancelled' },
  skipped: { icon: 'skip', tone: '', word: 'Skipped' },
  manual: { icon: 'man', tone: 'ink', word: 'By hand' },
  manual_confirmed: { icon: 'man', tone: 'good', word: 'Confirmed by a person' },
};
/** A delivery that waits for the network's own time is told apart from one that waits for its turn. */
export function deliveryState(d: Pick<Delivery, 'state' | 'attempts'>): StateView {
  if (d.state === 'pending' && d.attempts > 0)
    return { icon: 'wait', tone: 'warn', word: 'Waits to try again' };
  return DELIVERY[d.state];
}

/** "3 delivered, 1 by hand": how many are in each state, worst first. */
export function tally(deliveries: readonly Pick<Delivery, 'state' | 'attempts'>[]): StateView[] {
  const order = ['bad', 'odd', 'warn', 'ink', '', 'good'];
  const counts = new Map<string, { state: StateView; n: number }>();
  for (const d of deliveries) {
    const state = deliveryState(d);
    const found = counts.get(state.word);
    if (found) found.n += 1;
    else counts.set(state.word, { state, n: 1 });
  }
  return [...counts.values()]
    .sort((a, b) => order.indexOf(a.state.tone) - order.indexOf(b.state.tone))
    .map(({ state, n }) => ({ ...state, word: `${n} ${lower(state.word)}` }));
}

const TONES: Record<ComponentStatus, Pick<StateView, 'icon' | 'tone'>> = {
  operational: { icon: 'ok', tone: 'good' },
  degraded_performance: { icon: 'warn', tone: 'warn' },
  partial_outage: { icon: 'warn', tone: 'warn' },
  major_outage: { icon: 'no', tone: 'bad' },
  under_maintenance: { icon: 'wait', tone: 'ink' },
};
export const componentState = (status: ComponentStatus): StateView => ({
  ...TONES[status],
  word: COMPONENT[status],
});

/** What an update says, as one text. */
export const textOf = (u: Pick<Update, 'blocks' | 'body'>, between = '\n\n'): string =>
  u.body || BLOCKS.flatMap((b) => u.blocks[b] ?? []).join(between);

/** An address that a network or a person gave, for a link; null where it does not lead to the web. */
export const linkTo = (url: string | null | undefined): string | null =>
  url && /^https?:\/\//i.test(url) ? url : null;

export const lower = (word: string): string => word.charAt(0).toLowerCase() + word.slice(1);

export function statusOf(incident: Pick<Incident, 'status'>): string {
  return incident.status === null ? 'Not public yet' : STATUS[incident.status];
}

export function personView(name: string): PersonView {
  const words = name.trim().split(/\s+/);
  const initials = [words[0], words.length > 1 ? words.at(-1) : undefined]
    .map((w) => [...(w ?? '')][0] ?? '')
    .join('')
    .toUpperCase();
  return { name, initials };
}

export const count = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`;

/** "Maintenance", or how bad it is; an incident that nobody was told about has not been judged yet. */
export function kindOf(i: Incident): string {
  if (i.kind === 'maintenance') return 'Maintenance';
  if (i.status === null && i.impactOverride === null) return 'New';
  // Nobody has said how bad it is, and no part of the service is named: that is not the same as harmless.
  if (i.impactOverride === null && i.impact === 'none' && i.resolvedAt === null) return 'Not rated';
  return IMPACT[i.impactOverride ?? i.impact];
}
