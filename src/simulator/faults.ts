import type { Account } from './facts.ts';
import { OPERATIONS, type Operation } from './network.ts';
import { seededUnit } from './random.ts';

export const FAULT_KINDS = [
  'delay', // waits `ms`, then answers as usual; `after: true` stores first and waits then
  'status', // answers `code` in the network's own words (or `body`), stores nothing
  'drop_before', // cuts the connection, stores nothing
  'drop_after', // stores, then cuts the connection
  'error_after', // stores, then answers `code` (502)
  'expired_token', // the network's own answer to an old token, stores nothing
  'slow_body', // answers, but half of the body comes `ms` later
  'html_200', // a proxy's page with status 200, stores nothing
  'redirect', // 302 to `location`, stores nothing
  'lag', // what is stored shows in reads, finds and timelines only `ms` later
] as const;
/** Kinds after which the request still meets the next fault, and at last the network. */
const WAITS: readonly FaultKind[] = ['delay', 'slow_body'];

export type FaultKind = (typeof FAULT_KINDS)[number];

/** One thing that goes wrong. Without `probability` and `times` it always does. */
export interface Fault {
  kind: FaultKind;
  network?: string;
  /** Id or handle. */
  account?: string;
  operation?: Operation | 'any';
  /** How often, 0 to 1; drawn from the seed, the account and its own count, so other traffic changes nothing. */
  probability?: number;
  /** How many times, then never again. */
  times?: number;
  ms?: number;
  after?: boolean;
  code?: number;
  /** Seconds, for `status` and `error_after`. */
  retryAfter?: number;
  body?: unknown;
  location?: string;
}

export interface FaultState extends Fault {
  hits: number;
}

const NUMBERS = ['probability', 'times', 'ms', 'code', 'retryAfter'] as const;
const WORDS = ['network', 'account', 'location'] as const;

/** Reads a fault list from outside; throws a TypeError that names the entry and the field. */
export function parseFaults(value: unknown, networks: readonly string[]): Fault[] {
  if (!Array.isArray(value)) throw new TypeError('faults: expected a list');
  return value.map((entry: unknown, index) => parseFault(entry, `faults[${index}]`, networks));
}

function parseFault(entry: unknown, at: string, networks: readonly string[]): Fault {
  if (typeof entry !== 'object' || entry === null) throw new TypeError(`${at}: expected an object`);
  const fault = entry as Record<string, unknown>;
  const kind = FAULT_KINDS.find((known) => known === fault['kind']);
  if (kind === undefined) throw new TypeError(`${at}.kind: expected one of ${FAULT_KINDS.join(', ')}`);
  for (const name of NUMBERS) {
    const number = fault[name];
    if (number === undefined) continue;
    if (typeof number !== 'number' || !(number >= 0)) throw new TypeError(`${at}.${name}: expected a number`);
  }
  for (const name of WORDS) {
    if (fault[name] !== undefined && typeof fault[name] !== 'string') {
      throw new TypeError(`${at}.${name}: expected a string`);
    }
  }
  if (fault['network'] !== undefined && !networks.includes(String(fault['network']))) {
    throw new TypeError(`${at}.network: expected one of ${networks.join(', ')}`);
  }
  const operation = fault['operation'];
  if (operation !== undefined && ![...OPERATIONS, 'any'].includes(String(operation))) {
    throw new TypeError(`${at}.operation: expected any or one of ${OPERATIONS.join(', ')}`);
  }
  const needs = { status: 'code', delay: 'ms', slow_body: 'ms', lag: 'ms' }[kind as string];
  if (needs !== undefined && fault[needs] === undefined) throw new TypeError(`${at}.${needs}: missing`);
  const code = fault['code'];
  if (typeof code === 'number' && (code < 200 || code > 599 || !Number.isInteger(code))) {
    throw new TypeError(`${at}.code: expected an HTTP status from 200 to 599`);
  }
  return { ...(fault as object), kind } as Fault;
}

/** The list of what goes wrong, and how often each entry has. */
export class FaultPlan {
  readonly #seed: string;
  #list: FaultState[] = [];
  /** Matching requests per fault and account, so that the n-th draw is the same in every run. */
  #draws = new Map<string, number>();

  constructor(seed: string, faults: readonly Fault[] = []) {
    this.#seed = seed;
    this.set(faults);
  }

  set(faults: readonly Fault[]): void {
    this.#list = faults.map((fault) => ({ ...fault, hits: 0 }));
    this.#draws.clear();
  }

  add(faults: readonly Fault[]): void {
    this.#list.push(...faults.map((fault) => ({ ...fault, hits: 0 })));
  }

  list(): readonly FaultState[] {
    return this.#list;
  }

  /**
   * The faults that strike this request, in list order; counts them. Waits add up; the first fault that decides
   * the answer is the last one drawn. Only a call that carries a token (`guarded`) meets an expired one.
   */
  draw(network: string, account: Account | undefined, does: readonly Operation[], guarded: boolean): Fault[] {
    let decided = false;
    return this.#list.filter((fault, index) => {
      if (decided || fault.kind === 'lag' || !concerns(fault, network, account)) return false;
      if (fault.kind === 'expired_token' && !guarded) return false;
      const operation = fault.operation ?? 'any';
      if (operation !== 'any' && !does.includes(operation)) return false;
      if (fault.times !== undefined && fault.hits >= fault.times) return false;
      if (fault.probability !== undefined) {
        const label = `fault ${index} ${network} ${account?.id ?? '-'}`;
        const count = this.#draws.get(label) ?? 0;
        this.#draws.set(label, count + 1);
        if (seededUnit(this.#seed, `${label} ${count}`) >= fault.probability) return false;
      }
      fault.hits += 1;
      decided = !WAITS.includes(fault.kind) || fault.after === true;
      return true;
    });
  }

  /** How long a stored post of this account stays hidden, in ms. */
  lagMs(network: string, account: () => Account | undefined): number {
    const lags = this.#list.filter(
      (fault) =>
        fault.kind === 'lag' && concerns(fault, network, fault.account === undefined ? undefined : account()),
    );
    return Math.max(0, ...lags.map((fault) => fault.ms ?? 0));
  }
}

function concerns(fault: Fault, network: string, account: Account | undefined): boolean {
  if (fault.network !== undefined && fault.network !== network) return false;
  if (fault.account === undefined) return true;
  return account !== undefined && (fault.account === account.id || fault.account === account.handle);
}
