import type { Test } from 'tap';
import type { Account } from '../../src/simulator/facts.ts';
import { openSimulator, type Simulator, type SimulatorOptions } from '../../src/simulator/simulator.ts';

// biome-ignore lint/suspicious/noExplicitAny: answers of other people's APIs, checked field by field
export type Loose = any;

export interface Reply {
  status: number;
  headers: Headers;
  text: string;
  json: Loose;
}

/** One request; an object as body goes out as JSON. Rejects when the connection is cut. */
export async function ask(
  url: string,
  options: { method?: string; token?: string; headers?: Record<string, string>; body?: unknown } = {},
): Promise<Reply> {
  const body =
    options.body === undefined
      ? null
      : typeof options.body === 'string'
        ? options.body
        : JSON.stringify(options.body);
  const res = await fetch(url, {
    method: options.method ?? (body === null ? 'GET' : 'POST'),
    redirect: 'manual',
    body,
    headers: {
      ...(body === null ? {} : { 'content-type': 'application/json' }),
      ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
      ...options.headers,
    },
  });
  const text = await res.text();
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  return { status: res.status, headers: res.headers, text, json };
}

/** Stand-ins whose clock the test moves; closed at the end of the test. */
export async function open(
  t: Test,
  options: SimulatorOptions = {},
): Promise<{ sim: Simulator; clock: { now: number }; of(network: string): Account }> {
  const clock = { now: Date.parse('2026-11-21T12:00:00Z') };
  const sim = await openSimulator({ seed: 'test', now: () => clock.now, ...options });
  t.teardown(() => sim.close());
  return { sim, clock, of: (network) => sim.accounts.find((one) => one.network === network)! };
}

/** What an official document says of an entity: `string`, `string?` (may be null), a list, or fields in it. */
export type Shape = string | readonly [Shape] | { readonly [field: string]: Shape };

/** The fields of `value` that are not as the document says, as paths; empty when it fits. */
export function misfits(value: unknown, shape: Shape, at = '$'): string[] {
  if (typeof shape === 'string') {
    if (shape.endsWith('?') && value === null) return [];
    const type = shape.replace('?', '');
    if (type === 'time')
      return typeof value === 'string' && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value) ? [] : [at];
    return typeof value === type ? [] : [at];
  }
  if (Array.isArray(shape)) {
    if (!Array.isArray(value)) return [at];
    return value.flatMap((one, n) => misfits(one, shape[0] as Shape, `${at}[${n}]`));
  }
  if (typeof value !== 'object' || value === null) return [at];
  const fields = value as Record<string, unknown>;
  return Object.entries(shape).flatMap(([name, inner]) =>
    misfits(fields[name], inner as Shape, `${at}.${name}`),
  );
}
