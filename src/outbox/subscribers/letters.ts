import { isSilent } from '../../../db/queries/installation.ts';
import {
  changeSubscriber,
  claimLetter,
  deleteLetter,
  findSubscriber,
  type Letter,
  listDueLetters,
} from '../../../db/queries/subscribers.ts';
import { ChannelError } from '../../channels/contract.ts';
import { RecipientError } from '../../channels/recipient-error.ts';
import { backoffMs } from '../../domain/delivery-times.ts';
import { withDeadline } from '../parts.ts';
import { failureOf } from '../record.ts';
import type { LineParts } from './parts.ts';

const AT_ONCE = 20;
const MOST_TRIES = 8;
/** Whoever takes a letter has this long to send it before another process tries, ms. */
const HELD_MS = 60_000;

/**
 * Sends what there is to say about subscriptions themselves: letters to confirm, codes, private links. Until one is sent
 * nobody can go on, so what is uncertain is sent again. Those by mail and phone, and those to addresses of programs, which
 * may take a call and never answer, are sent beside each other: a letter to confirm waits for nobody's server.
 */
export async function sendLetters(parts: LineParts, by: 'account' | 'address'): Promise<void> {
  const { read } = parts.store;
  for (;;) {
    if (await isSilent(read)) return;
    const due = await listDueLetters(read, by, parts.tick().now, AT_ONCE);
    if (due.length === 0) return;
    const taken = await Promise.all(due.map((letter) => sendLetter(parts, letter)));
    if (!taken.includes(true)) return;
  }
}

async function sendLetter(parts: LineParts, letter: Letter): Promise<boolean> {
  const tries = letter.tries + 1;
  const held = { ...letter, nextAt: parts.tick().now + HELD_MS, tries };
  if (!(await parts.store.transact((w) => claimLetter(w, letter, held), { appends: false }))) return false;
  let failure: ChannelError | undefined;
  try {
    const subscriber = await findSubscriber(parts.store.read, letter.subscriberId);
    const to = subscriber && (await parts.recipients.addressLetter(letter, subscriber));
    if (to)
      await withDeadline(parts.requestMs, (signal) =>
        to.channel.publish(to.draft, { id: letter.id, at: letter.createdAt }, signal),
      );
  } catch (error) {
    failure = failureOf(error);
    if (!(error instanceof ChannelError)) parts.report(error, 'a letter to a subscriber');
  }
  parts.failpoint('after_letter');
  const again = failure !== undefined && failure.failure !== 'rejected' && tries < MOST_TRIES;
  const now = parts.tick().now;
  await parts.store.transact(
    async (w) => {
      if (again) {
        await claimLetter(w, held, { nextAt: now + backoffMs(tries + 1), tries });
        return;
      }
      await deleteLetter(w, letter.id);
      // An address that is refused at the first letter gets nothing else either.
      if (failure instanceof RecipientError && letter.kind !== 'quarantined' && letter.kind !== 'contact')
        await changeSubscriber(w, letter.subscriberId, {
          state: 'quarantined',
          reason: 'This address was refused for good.',
          quarantinedAt: now,
          updatedAt: now,
        });
    },
    { appends: false, patienceMs: 30_000 },
  );
  return true;
}
