import type { Alert } from '../db/queries/alerts.ts';
import { deletePush, listPushes, notePush } from '../db/queries/desk-pushes.ts';
import { findIncident } from '../db/queries/incidents.ts';
import { getPerson } from '../db/queries/people.ts';
import type { Store } from '../db/store.ts';
import { findPushKeys, pushPlace } from './actions/desk-push.ts';
import { type Channel, ChannelError, type ChannelTools } from './channels/contract.ts';
import { RecipientError } from './channels/recipient-error.ts';
import { openChannel } from './channels/registry.ts';
import type { Secrets } from './secrets.ts';

/** What a locked screen shows above the title of the incident, and where a touch leads. Never a word of what it is about. */
const ABOUT: Record<string, { title: string; path(a: Alert): string }> = {
  approval: { title: 'Your yes is needed', path: (a) => `/desk/approvals/${a.updateId}` },
  consent: { title: 'Words in your own voice wait', path: (a) => `/desk/approvals/${a.updateId}` },
  hand_over: { title: 'An incident is to change hands', path: (a) => `/desk/incidents/${a.incidentId}` },
  owner_away: { title: 'Nobody is at an open incident', path: (a) => `/desk/incidents/${a.incidentId}` },
  override: {
    title: 'Words went out without a second person',
    path: (a) => `/desk/incidents/${a.incidentId}`,
  },
  way_in: { title: 'A way in was made for you', path: () => '/desk/me' },
};

export interface DeskPush {
  /** Tells its person in every browser of theirs. False when one of them is to be tried again. */
  tell(alert: Alert): Promise<boolean>;
  close(): Promise<void>;
}

/** Notifications to people of the desk. A browser that is gone is forgotten; one that fails keeps no other waiting. */
export function openDeskPush(parts: {
  store: Store;
  secrets: Secrets;
  openTools(): Omit<ChannelTools, 'saveSecrets' | 'hook'> & { close(): Promise<void> };
  now(): number;
  requestMs: number;
  deskUrl: string;
  exercise: boolean;
  report(error: unknown, where: string): void;
}): DeskPush {
  const { store, secrets } = parts;
  const { close, ...tools } = parts.openTools();
  const ownTools = { ...tools, saveSecrets: async () => undefined } as ChannelTools;

  async function toBrowser(
    channel: Channel,
    alert: Alert,
    push: { id: string; sealed: string },
  ): Promise<boolean> {
    const about = ABOUT[alert.kind] ?? { title: 'Tocsin needs you', path: () => '/desk' };
    const incident = alert.incidentId === null ? undefined : await findIncident(store.read, alert.incidentId);
    try {
      await channel.publish(
        {
          subject: `${parts.exercise ? 'EXERCISE: ' : ''}${about.title}`,
          text: incident?.title ?? 'Open the desk.',
          link: `${parts.deskUrl}${about.path(alert)}`,
          incident: alert.updateId ?? alert.incidentId ?? alert.id,
          recipient: secrets.open(pushPlace(push.id), push.sealed),
        },
        { id: alert.id, at: alert.raisedAt },
        AbortSignal.timeout(parts.requestMs),
      );
      await store.transact((w) => notePush(w, push.id, parts.now()), { appends: false });
      return true;
    } catch (error) {
      if (error instanceof RecipientError && alert.personId !== null) {
        const { personId } = alert;
        await store.transact((w) => deletePush(w, personId, push.id), { appends: false });
        return true;
      }
      const final =
        error instanceof ChannelError && (error.failure === 'rejected' || error.failure === 'auth');
      if (final) parts.report(error, 'notification to the desk');
      return final;
    }
  }

  return {
    async tell(alert) {
      if (alert.personId === null || (await getPerson(store.read, alert.personId)).disabledAt !== null)
        return true;
      const pushes = await listPushes(store.read, alert.personId);
      if (pushes.length === 0) return true;
      const keys = await findPushKeys(store.read, secrets);
      if (!keys) return true;
      const channel = openChannel('web_push', { ...keys }, ownTools);
      const told = await Promise.all(pushes.map((push) => toBrowser(channel, alert, push)));
      return !told.includes(false);
    },
    close,
  };
}
