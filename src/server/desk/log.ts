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
  // A network that shows nothing to us has only taken it, and the log must not say more.
  const kind = e.kind === 'delivery.delivered' && why !== '' ? 'delivery.accepted' : e.kind;
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

/** What a reason begins with that the line has said already. */
const TAKEN = /^The network took it\. /;
