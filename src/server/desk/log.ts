import type { EventRow } from '../../../db/queries/log.ts';
import type { PersonView } from '../../templates/desk-views.ts';
import { lower } from './words.ts';

const SAID: Record<string, string> = {
  'incident.opened': 'Declared',
  'incident.rated': 'How bad it is was changed',
  'update.drafted': 'An update was begun',
  'update.edited': 'The words were changed',
  'update.approved': 'A yes was given',
  'update.published': 'Published on the page',
  'update.returned': 'Sent back',
  'update.withdrawn': 'Withdrawn',
  'update.expired': 'The approval ran out',
  'update.voided': 'The approval was voided',
  'approval.requested': 'Approval was asked for',
  'approval.asked_next': 'More people were asked to approve',
  'approval.unanswered': 'Nobody answers who could approve',
  'update.overridden': 'OVERRIDE: put out without a second person',
  'override.reviewed': 'The override was reviewed',
  'override.overdue': 'Nobody has reviewed the override in time',
  'fact.added': 'A fact was written down',
  'fact.confirmed': 'A fact was confirmed',
  'fact.disputed': 'A fact was disputed',
  'fact.withdrawn': 'A fact was withdrawn',
  'fact.corrected': 'A fact was corrected',
  'hand_over.asked': 'Somebody was asked to take it over',
  'hand_over.accepted': 'Taken over',
  'hand_over.declined': 'The hand-over was declined',
  'hand_over.withdrawn': 'The hand-over was taken back',
  'hand_over.unanswered': 'The hand-over is unanswered',
  'gate.opened': 'Deaths and names may be spoken of',
  'alert.done': 'An alert was dealt with',
  'update.corrected': 'A correction was published',
  'update.retracted': 'Words were taken back',
  'delivery.leased': 'A network is next',
  'delivery.sending': 'A network is being told',
  'delivery.reconciling': 'A network is being looked through',
  'delivery.manual': 'A network waits for a person to post it',
  'delivery.skipped': 'A network was left out',
  'delivery.delivered': 'A network shows it',
  'delivery.accepted': 'A network took it',
  'delivery.pending': 'A network is to be tried again',
  'delivery.unknown': 'A network gave no clear answer',
  'delivery.held': 'A delivery waits for a person',
  'delivery.refused': 'A network refused it',
  'delivery.dead': 'A delivery was given up',
  'delivery.manual_confirmed': 'A person confirmed it',
  'delivery.cancelled': 'A delivery was cancelled',
  'delivery.superseded': 'A delivery was overtaken',
};

/** A line of the log, in words, with who or why where the event says so. */
export function eventWord(
  e: EventRow,
  names: (id: string) => PersonView,
  networks: ReadonlyMap<string, string>,
): string {
  const { by, reason, connectionId, key, value } = e.detail;
  const why = typeof reason === 'string' ? reason.replace(TAKEN, '') : '';
  const kind = kindOf(e);
  const said = SAID[kind] ?? lower(kind.replaceAll('.', ' ').replaceAll('_', ' '));
  const network = typeof connectionId === 'string' ? networks.get(connectionId) : undefined;
  const who = typeof by === 'string' ? ` by ${names(by).name}` : '';
  const told =
    network === undefined
      ? said
      : said.replace('A network', network).replace('A delivery', `${network}: a delivery`);
  const fact = typeof key === 'string' && typeof value === 'string' ? ` (${key}: ${value})` : '';
  return `${told}${fact}${who}${why === '' ? '' : `: ${why}`}`;
}

/** A network that shows nothing to us has only taken it, and the log must not say more. */
const kindOf = ({ kind, detail }: EventRow): string =>
  kind === 'delivery.delivered' && typeof detail['reason'] === 'string' && detail['reason'] !== ''
    ? 'delivery.accepted'
    : kind;

/** What a reason begins with that the line has said already. */
const TAKEN = /^The network took it\. /;

/** So many networks as one line, where more than a few stand alike. */
const TOGETHER: Record<string, (n: number) => string> = {
  'delivery.leased': (n) => `${n} networks are next`,
  'delivery.sending': (n) => `${n} networks are being told`,
  'delivery.accepted': (n) => `${n} networks took it`,
  'delivery.delivered': (n) => `${n} networks show it`,
  'delivery.cancelled': (n) => `${n} deliveries were cancelled`,
  'delivery.superseded': (n) => `${n} deliveries were overtaken`,
};
const FEW = 3;

/**
 * What there is to tell of an incident's events, newest first, at most so many lines: of each network only where an
 * update stands there now, and those that stand alike together. A log of every step would bury what people decided.
 */
export function tellEvents(events: readonly EventRow[], most: number): { event: EventRow; alike: number }[] {
  const known = new Set<string>();
  const newest = events.filter(({ kind, updateId, detail }) => {
    if (!kind.startsWith('delivery.')) return true;
    const key = `${updateId} ${String(detail['connectionId'])}`;
    if (known.has(key)) return false;
    known.add(key);
    return true;
  });
  const alike = Map.groupBy(newest, (e) => (kindOf(e) in TOGETHER ? `${e.updateId} ${kindOf(e)}` : e.seq));
  return [...alike.values()]
    .flatMap((group) => {
      const [first] = group;
      return first && group.length > FEW
        ? [{ event: first, alike: group.length }]
        : group.map((event) => ({ event, alike: 1 }));
    })
    .sort((a, b) => b.event.seq - a.event.seq)
    .slice(0, most);
}

/** A line for networks that stand alike, or for one event. */
export const lineOf = (
  { event, alike }: { event: EventRow; alike: number },
  names: (id: string) => PersonView,
  networks: ReadonlyMap<string, string>,
): string => (alike > 1 ? (TOGETHER[kindOf(event)]?.(alike) ?? '') : eventWord(event, names, networks));
