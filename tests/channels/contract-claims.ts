import type { Test } from 'tap';
import type { Abilities, Limits } from '../../src/domain/channel.ts';
import type { AccountSpec } from '../../src/simulator/facts.ts';
import type { Fault } from '../../src/simulator/faults.ts';
import type { Stand } from './stand-in.ts';
import { TIMEOUT_MS } from './stand-in.ts';

/** What the suite has to be told about one kind of account; everything else is read from what the channel claims. */
export interface Claims {
  spec: AccountSpec;
  /** What `verify` must say. */
  account: RegExp;
  limits: Limits;
  can: Abilities;
  /** Makes the network refuse by its own rate limit, in its own spelling; gives the failure. */
  exhaust?: (stand: Stand) => Promise<unknown>;
  /** Within how many ms that limit ends at the latest. */
  windowMs?: number;
  /** Anybody may read on this network, so an old token does not matter there. */
  openReads?: boolean;
  /** Statuses that say, on this network, that the connection itself is refused or gone. */
  dead?: readonly number[];
  /** Every answer hangs below the first post of its thread, whichever post it answers. */
  flat?: boolean;
  /** It takes an answer to a post that is gone. */
  takesOrphans?: boolean;
  /** It asks us to wait without saying how long. */
  silentLimit?: boolean;
  /** Its yes is a status without a body. */
  bodiless?: boolean;
  /** It states waits in whole steps of this many ms. */
  waitStepMs?: number;
  /** What it tells of those who speak; by default a handle and a name. */
  tells?: 'names' | 'handles' | 'ids';
  /** Every post is a picture of its own link. */
  pictured?: boolean;
  /** How it says no, and how its answers get lost, where it does not speak HTTP. */
  wire?: Wire;
  /** The longest text that fits and ends so, where that is not `limits.max` letters. */
  longest?: (end: string) => string;
  /** Its posts have no address that could be opened. */
  unlinked?: boolean;
  /** It has no threads: who wrote is answered by address. */
  addressed?: boolean;
  /** A first post is known for longer than the window, which is that of answers. */
  remembers?: boolean;
  /** Its posts are one line: line breaks and runs of spaces become one space. */
  folds?: boolean;
  /** Secrets that only check what comes in. */
  inboundSecrets?: readonly string[];
}

interface Loss {
  fault: Omit<Fault, 'network'>;
  /** Whether the network has the post all the same. */
  there: boolean;
}
export interface Wire {
  refusals: readonly number[];
  /** Asks us to wait. */
  busy: number;
  /** Is not available, and has done nothing. */
  away: number;
  lost: readonly Loss[];
  /** It can send us elsewhere. */
  redirects: boolean;
}
/** How networks that speak HTTP say no and lose answers. */
export const HTTP: Wire = {
  refusals: [400, 403, 404, 422],
  busy: 429,
  away: 503,
  redirects: true,
  lost: [
    { fault: { kind: 'drop_after' }, there: true },
    { fault: { kind: 'error_after', code: 502 }, there: true },
    { fault: { kind: 'error_after', code: 500 }, there: true },
    { fault: { kind: 'delay', ms: TIMEOUT_MS * 3, after: true }, there: true },
    { fault: { kind: 'slow_body', ms: TIMEOUT_MS * 3 }, there: true },
    { fault: { kind: 'drop_before' }, there: false },
    { fault: { kind: 'html_200' }, there: false },
    { fault: { kind: 'status', code: 500 }, there: false },
    { fault: { kind: 'status', code: 504 }, there: false },
  ],
};

/** How the suite opens a stand-in network, whole or with faults. */
export interface Opening {
  open(t: Test, options?: object): Promise<Stand>;
  faulty(t: Test, ...faults: Omit<Fault, 'network'>[]): Promise<Stand>;
}

/** Whether the same key may be sent again without a second post. */
export const repeatable = ({ idempotent }: Abilities): boolean =>
  idempotent === 'always' || idempotent === 'receiver' || idempotent === 'window';
