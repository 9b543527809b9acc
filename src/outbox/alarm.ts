import { type Alert, changeAlert, claimAlert, listDueAlerts } from '../../db/queries/alerts.ts';
import { type Connection, listConnections } from '../../db/queries/connections.ts';
import { getPerson } from '../../db/queries/people.ts';
import type { Reader, Writer } from '../../db/store.ts';
import { ChannelError } from '../channels/contract.ts';
import { backoffMs } from '../domain/delivery-times.ts';
import { type OutboxParts, withDeadline } from './parts.ts';

const MOST_TRIES = 12;
const AT_ONCE = 20;
/** Whoever takes an alert has this long to send it before another process tries, ms. */
const HELD_MS = 60_000;

/** Never a word of what is to be approved: subjects are read over shoulders. */
const SUBJECT: Record<string, string> = {
  approval: 'Tocsin: your yes is needed',
  way_in: 'Tocsin: a way in was made for you',
  consent: 'Tocsin: words in your own voice wait for you',
  owner_away: 'Tocsin: nobody is at an open incident',
  hand_over: 'Tocsin: an incident is to change hands',
  override: 'Tocsin: words went out without a second person',
};

/**
 * Tells whoever is on call what only a person can settle, each alert by one process, and none of them after another's
 * network. A missing alert is worse than a double one, so what is uncertain is sent again, under the same key.
 */
export async function sendAlerts(parts: OutboxParts): Promise<void> {
  const due = await listDueAlerts(parts.store.read, parts.tick().now, AT_ONCE);
  if (due.length === 0) return;
  const taken = await parts.store.transact((w) => take(parts, w, due), { appends: false });
  const ended = await Promise.allSettled(taken.map((alert) => sendAlert(parts, alert)));
  for (const one of ended) if (one.status === 'rejected') throw one.reason;
}

/** Those that no other process is sending, held for this one. */
async function take(parts: OutboxParts, w: Writer, due: readonly Alert[]): Promise<Alert[]> {
  const nextAt = parts.tick().now + HELD_MS;
  const taken: Alert[] = [];
  for (const alert of due) {
    const held = { ...alert, nextAt, tries: alert.tries + 1 };
    if (await claimAlert(w, alert, { nextAt, tries: held.tries })) taken.push(held);
  }
  return taken;
}

async function sendAlert(parts: OutboxParts, alert: Alert): Promise<void> {
  const told = await Promise.all([
    ...(await listLines(parts.store.read, alert)).map((line) => tell(parts, line, alert)),
    alert.personId === null || parts.pushTo === undefined ? true : parts.pushTo(alert),
  ]);
  const again = told.includes(false) && alert.tries < MOST_TRIES;
  await parts.store.transact(
    (w) => {
      const { now } = parts.tick();
      return changeAlert(w, alert.id, again ? { nextAt: now + backoffMs(alert.tries) } : { sentAt: now });
    },
    { appends: false, patienceMs: 30_000 },
  );
}

/** A way to tell somebody: an account, and whom through it where it speaks to people one by one. */
interface Line {
  connection: Connection;
  recipient?: string;
}

/** Who is on call; or one person, by every mail and text account the page has. What they are told is theirs alone. */
async function listLines(r: Reader, alert: Alert): Promise<Line[]> {
  const able = (await listConnections(r, alert.pageId)).filter((c) => c.enabled && c.pausedAt === null);
  if (alert.personId === null)
    return able.filter((c) => c.role === 'oncall').map((connection) => ({ connection }));
  const person = await getPerson(r, alert.personId);
  if (person.disabledAt !== null) return [];
  // One account of a kind is enough; the house's own before those that speak to the public. A line to subscribers is none.
  const first = (channel: string) =>
    able
      .filter((c) => c.channel === channel && c.role !== 'subscribers')
      .sort((a, b) => rank(a) - rank(b))[0];
  const [mail, sms] = [first('email'), first('sms')];
  return [
    ...(mail ? [{ connection: mail, recipient: person.email }] : []),
    ...(sms && person.phone !== null ? [{ connection: sms, recipient: person.phone }] : []),
  ];
}

const rank = (c: Connection): number => (c.role === 'oncall' ? 0 : c.role === 'status' ? 1 : 2);

/** True when nothing more can be done on this line: it took the alert, or it never will. */
async function tell(parts: OutboxParts, line: Line, alert: Alert): Promise<boolean> {
  const { connection, recipient } = line;
  try {
    const channel = parts.channelOf(connection);
    const mark = parts.exercise ? 'EXERCISE: ' : '';
    const draft = {
      text: mark + alert.message,
      subject: mark + (SUBJECT[alert.kind] ?? 'Tocsin needs a person'),
      payload: { alert: alert.kind, message: alert.message, incidentId: alert.incidentId },
      ...(recipient === undefined ? {} : { recipient }),
    };
    await withDeadline(parts.requestMs, (signal) =>
      channel.publish(draft, { id: alert.id, at: alert.raisedAt }, signal),
    );
    return true;
  } catch (error) {
    const final = error instanceof ChannelError && (error.failure === 'rejected' || error.failure === 'auth');
    if (final) parts.report(error, `alert to ${connection.name}`);
    return final;
  }
}
