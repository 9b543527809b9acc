import type { ApprovalPolicy, Assurance } from './approval.ts';
import { forbidden } from './error.ts';
import type { Hands } from './hands.ts';
import type { UpdateClass } from './words.ts';

/** What has to be shown with a yes besides having signed in, and what counts for it. */

/** Which ways of proving that it is them a person has set up. */
export interface Ways {
  passkey: boolean;
  /** An authenticator app. */
  code: boolean;
  password: boolean;
}
export type Proving = 'passkey' | 'code' | 'password';

/** The strongest way a person has, or null when they came in by a link or single sign-on alone. */
export const bestWay = (ways: Ways): Proving | null =>
  ways.passkey ? 'passkey' : ways.code ? 'code' : ways.password ? 'password' : null;

/** Classes for which a yes is proved by typing, unless the page has its own list: typing costs the seconds that A and B are for. */
export const TYPED_FOR: readonly UpdateClass[] = ['C', 'D', 'E'];

/** What this person must show to say yes to words of this class; null is nothing. A passkey is one touch: always. */
export function proofNeeded(
  policy: Pick<ApprovalPolicy, 'proofFor'>,
  of: UpdateClass,
  ways: Ways,
): Proving | null {
  return ways.passkey || (policy.proofFor ?? TYPED_FOR).includes(of) ? bestWay(ways) : null;
}

const STRENGTH: Record<Assurance, number> = { passkey: 3, code: 2, password: 1, session: 0, token: 0 };
/** Whether something was shown that only this person has, where somebody else had made their way in. */
export const showsSelf = (actor: Hands, shown: Assurance): boolean =>
  actor.letIn == null || (actor.letIn.how === 'link' && STRENGTH[shown] > 0);

const SHOW: Record<Proving, string> = {
  passkey: 'Show your passkey with your yes.',
  code: 'Type the six digits of your app with your yes.',
  password: 'Type your password with your yes.',
};

/** Throws unless what was shown is enough. A program has no finger: whoever has a passkey says yes at the desk. */
export function assertProved(needed: Proving | null, shown: Assurance): void {
  if (needed === null) return;
  if (shown === 'token') {
    if (needed !== 'passkey') return;
    throw forbidden(
      'This person approves with their passkey, which a program cannot show. Say yes at the desk.',
    );
  }
  if (STRENGTH[shown] < STRENGTH[needed]) throw forbidden(SHOW[needed]);
}
