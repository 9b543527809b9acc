import { listConnections } from '../db/queries/connections.ts';
import { isSilent } from '../db/queries/installation.ts';
import type { Store } from '../db/store.ts';
import type { Channels } from './connections.ts';
import { accountFor } from './domain/subscriber.ts';

interface MailParts {
  store: Store;
  channelOf: Channels['channelOf'];
  requestMs: number;
  report(error: unknown, where: string): void;
}

/**
 * One letter to one address by the page's own mail account: links that let a visitor in. Lost with the process, because
 * whoever waits for it asks again. Nothing leaves while sending is off, or from a database that is a copy.
 */
export async function sendMail(
  { store, channelOf, requestMs, report }: MailParts,
  pageId: string,
  letter: { id: string; at: number; to: string; subject: string; text: string },
): Promise<void> {
  try {
    const r = store.read;
    if (await isSilent(r)) return;
    const accounts = (await listConnections(r, pageId)).filter(
      (c) => c.channel === 'email' && c.enabled && c.pausedAt === null && c.role !== 'subscribers',
    );
    const account = accountFor(accounts, 'email') ?? accounts[0];
    if (!account) return;
    const { id, at, to, subject, text } = letter;
    await channelOf(account).publish(
      { text, subject, recipient: to },
      { id, at },
      AbortSignal.timeout(requestMs),
    );
  } catch (error) {
    report(error, 'a link by mail');
  }
}
