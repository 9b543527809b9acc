import {
  advance,
  type DeliveryEvent,
  type DeliveryFacts,
  type DeliveryRules,
  isTerminal,
  type Tick,
} from '../../src/domain/delivery.ts';
import { leaseIsOver } from '../../src/domain/delivery-times.ts';
import { DomainError } from '../../src/domain/error.ts';

/**
 * One delivery, a network that misbehaves, and a clock that jumps: what `src/outbox` and the real networks do around
 * `advance`, in memory. `time` is the true time, which nobody in the simulation can read.
 */

/** What becomes of a request. `after` and `answers` are ms after it left, at most the deadline. */
export type Fate =
  | { kind: 'ok'; after: number; answers: number }
  | { kind: 'reply_lost'; after: number; answers: number }
  | { kind: 'request_lost'; answers: number }
  | {
      kind: 'refused';
      failure: 'limited' | 'unsent' | 'auth' | 'rejected';
      answers: number;
      retryAfterMs?: number;
    };

interface Node {
  boot: string;
  bootAt: number;
  skew: number;
}
interface Flight {
  boot: string;
  endsAt: number;
  event: DeliveryEvent;
}
interface Look {
  boot: string;
  endsAt: number;
  began: Tick;
  result: 'seen' | 'absent' | 'failed';
}

/** How long a network with a window remembers a key (Mastodon). */
const KEY_MS = 3_600_000;
const BY_PERSON = ['confirmed_by_person', 'resend_by_person', 'given_up_by_person'];

export class Simulation {
  readonly rules: DeliveryRules;
  readonly seen: string[] = [];
  d: DeliveryFacts;
  time = 1_000_000;
  wallOffset = Date.UTC(2026, 10, 21, 12) - 1_000_000;
  boots = 0;
  nodes: Node[];
  flights: Flight[] = [];
  looks: Look[] = [];
  /** True times at which posts of ours came to stand on the network. */
  posts: number[] = [];

  constructor(rules: DeliveryRules) {
    this.rules = rules;
    this.nodes = [this.start(0), this.start(1_500)];
    this.d = pendingAt(this.tick(0).now);
  }

  private start(skew: number): Node {
    this.boots++;
    return { boot: `boot-${this.boots}`, bootAt: this.time - ((this.boots * 7_919) % 60_000), skew };
  }
  private node(n: number): Node {
    return this.nodes[n % this.nodes.length]!;
  }
  private isAlive(boot: string): boolean {
    return this.nodes.some((node) => node.boot === boot);
  }
  /** One lane: a run that waits for an answer does nothing else with this account. */
  private isBusy(boot: string): boolean {
    return [...this.flights, ...this.looks].some((x) => x.boot === boot);
  }

  tick(n: number): Tick {
    const { boot, bootAt, skew } = this.node(n);
    return { now: this.time + this.wallOffset + skew, mono: this.time - bootAt, boot };
  }

  /** Posts a reader could find now, if the network's index has caught up. */
  visible(): number {
    return this.posts.filter((at) => at + this.rules.lagMs <= this.time).length;
  }
  landed(): number {
    return this.posts.filter((at) => at <= this.time).length;
  }

  /** Applies an event as the outbox does, checks the move, and says whether the table has it. */
  apply(event: DeliveryEvent, tick = this.tick(0)): boolean {
    const before = this.d;
    try {
      this.d = { ...before, ...advance(before, event, this.rules, tick) };
    } catch (error) {
      if (error instanceof DomainError && error.code === 'conflict') return false;
      throw error;
    }
    const why = 'failure' in event ? `${event.type} ${event.failure}` : event.type;
    this.seen.push(`${this.time} ${why}: ${before.state} → ${this.d.state}`);
    this.checkMove(before, event);
    return true;
  }

  private checkMove(before: DeliveryFacts, event: DeliveryEvent): void {
    const { idempotent, find, whenUnverifiable } = this.rules;
    if (isTerminal(before.state) && !BY_PERSON.includes(event.type))
      throw new Error(`${event.type} changed a delivery that was ${before.state}`);
    if (before.state === 'sending' && this.d.state === 'pending') {
      const nothingLeft = event.type === 'failed' && ['limited', 'unsent', 'auth'].includes(event.failure);
      const mayRepeat =
        idempotent === 'always' || idempotent === 'receiver' || (!find && whenUnverifiable === 'resend');
      if (!nothingLeft && !mayRepeat) throw new Error(`sending went back to pending on ${event.type}`);
    }
  }

  /** Takes a due delivery. */
  claim(n: number): boolean {
    const tick = this.tick(n);
    return !this.isBusy(tick.boot) && this.apply({ type: 'claimed', by: tick.boot }, tick);
  }

  /** Lets the request of a claimed delivery leave. */
  go(n: number, fate: Fate): boolean {
    const tick = this.tick(n);
    if (this.isBusy(tick.boot) || !this.apply({ type: 'sending', by: tick.boot }, tick)) return false;
    this.flights.push({ boot: tick.boot, endsAt: this.time + fate.answers, event: this.arrive(fate) });
    return true;
  }

  private arrive(fate: Fate): DeliveryEvent {
    if (fate.kind === 'refused') {
      const { failure, retryAfterMs } = fate;
      return {
        type: 'failed',
        failure,
        message: 'no',
        ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
        duplicate: failure === 'rejected' && this.landed() > 0,
      };
    }
    if (fate.kind === 'request_lost') return { type: 'failed', failure: 'unknown', message: 'timeout' };
    const at = this.time + fate.after;
    const { idempotent } = this.rules;
    const isKnown =
      idempotent === 'always' || idempotent === 'receiver'
        ? this.posts.length > 0
        : // The key is stored with the post, not before it, and forgotten when its time is over.
          idempotent === 'window' && this.posts.some((p) => p <= at && at - p < KEY_MS);
    if (!isKnown) this.posts.push(at);
    return fate.kind === 'ok'
      ? { type: 'accepted' }
      : { type: 'failed', failure: 'unknown', message: 'connection lost' };
  }

  private land(flight: Flight): void {
    this.flights = this.flights.filter((f) => f !== flight);
    const n = this.nodes.findIndex((node) => node.boot === flight.boot);
    // A late yes is a yes whoever holds the row by now; a late no is only for the one who still holds it.
    if (flight.event.type === 'accepted' || this.d.leaseBy === flight.boot)
      this.apply(flight.event, this.tick(n));
  }

  /** Looks for the post. What is seen is the network of this moment, however long the answer takes. */
  startLook(n: number, works: boolean, answers: number): boolean {
    const began = this.tick(n);
    if (this.isBusy(began.boot)) return false;
    if (this.d.state === 'accepted' ? !this.rules.read : !this.rules.find) return false;
    if (!this.apply({ type: 'looking', by: began.boot }, began)) return false;
    const result = !works ? 'failed' : this.visible() > 0 ? 'seen' : 'absent';
    this.looks.push({ boot: began.boot, endsAt: this.time + answers, began, result });
    return true;
  }

  /** What the outbox does next with a delivery it is not sure of: waits until it is due, looks, hears the answer. */
  waitAndLook(n: number, answers: number): void {
    const wait = this.d.nextAt - this.tick(n).now;
    if (wait > 0 && wait < 120_000) this.pass(wait);
    if (this.startLook(n, true, answers)) this.pass(answers);
  }

  private endLook(look: Look): void {
    this.looks = this.looks.filter((l) => l !== look);
    if (this.d.leaseBy !== look.boot) return;
    const n = this.nodes.findIndex((node) => node.boot === look.boot);
    if (look.result === 'failed') this.apply({ type: 'look_failed', message: 'timeout' }, this.tick(n));
    else if (look.result === 'seen') this.apply({ type: 'seen' }, this.tick(n));
    else this.apply({ type: 'absent', began: look.began.mono }, this.tick(n));
  }

  /** Lets true time pass; answers come and deadlines pass on the way. */
  pass(ms: number): void {
    const until = this.time + ms;
    for (;;) {
      const ends = [...this.flights, ...this.looks].map((x) => x.endsAt);
      const next = Math.min(...ends);
      if (!(next <= until)) break;
      this.time = next;
      for (const flight of this.flights.filter((f) => f.endsAt === next)) this.land(flight);
      for (const look of this.looks.filter((l) => l.endsAt === next)) this.endLook(look);
    }
    this.time = until;
  }

  jump(ms: number): void {
    this.wallOffset += ms;
  }

  /** kill -9, and a new run in its place. What was in its hands stays as it was written. */
  crash(n: number): void {
    const { boot, skew } = this.node(n);
    this.nodes[n % this.nodes.length] = this.start(skew);
    this.flights = this.flights.filter((f) => f.boot !== boot);
    this.looks = this.looks.filter((l) => l.boot !== boot);
  }

  /** Puts right what a run left that is gone, or whose lease looks over. */
  sweep(n: number): boolean {
    const tick = this.tick(n);
    const holder = this.d.leaseBy;
    if (holder === null || (holder === tick.boot && this.isBusy(holder))) return false;
    if (this.isAlive(holder) && !leaseIsOver(this.d, tick.now)) return false;
    return this.apply({ type: 'lost' }, tick);
  }

  /** The network, the clocks and the first run behave from now on: works until nothing moves, at most `forMs`. */
  settle(forMs: number): void {
    for (const until = this.time + forMs; this.time < until; this.pass(3_000)) {
      if (isTerminal(this.d.state) || this.d.state === 'held') return;
      this.sweep(0);
      if (this.claim(0)) this.go(0, { kind: 'ok', after: 50, answers: 100 });
      this.startLook(0, true, 100);
    }
  }
}

export const pendingAt = (now: number): DeliveryFacts => ({
  state: 'pending',
  attempts: 0,
  createdAt: now,
  nextAt: now,
  leaseBy: null,
  leaseUntil: null,
  sentAt: null,
  firstSentAt: null,
  absences: 0,
  absentBy: null,
  absentMono: null,
  heldAt: null,
  mayBeThere: false,
  reason: null,
});
