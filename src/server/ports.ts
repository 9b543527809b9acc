import type { Ctx } from '../actions/context.ts';
import type { Locks } from '../actions/sign-in/locks.ts';
import type { Abilities, Limits, Verified } from '../domain/channel.ts';
import type { ConnectionRole } from '../domain/words.ts';
import type { SingleSignOn } from './single-sign-on.ts';

/** A kind of network as the server may know it: data, and never the channel itself. */
export interface KindFacts {
  kind: string;
  name: string;
  lifecycle: 'active' | 'degraded' | 'deprecated' | 'retired';
  limits: Limits;
  can: Abilities;
  template: string;
  cost: string;
  defaultRole: ConnectionRole;
  checkedOn: string;
  promise: string;
  fields: readonly {
    name: string;
    label: string;
    help: string;
    secret: boolean;
    required: boolean;
    placeholder?: string;
  }[];
  steps: readonly string[];
  open?: unknown;
}

/** What the composition root lends to the routes. */
export interface Ports {
  /** Everything of an action's context but who acts. */
  base: Omit<Ctx, 'actor'>;
  channels: {
    kinds(): readonly KindFacts[];
    kind(name: string): KindFacts;
    /** Tries credentials on the network and seals them. Throws `invalid` with what the network said. */
    prepare(
      channel: string,
      connectionId: string,
      values: Record<string, string>,
    ): Promise<{ verified: Verified; settings: Record<string, string>; sealed: string; kind: KindFacts }>;
  };
  makeSecret(): string;
  makeApiToken(): string;
  /** HMAC with the installation's key. */
  sign(purpose: string, text: string): string;
  locks: Locks;
  /** Null when no issuer is configured. */
  sso: SingleSignOn | null;
  secureCookies: boolean;
  baseUrl: string;
  /** An exercise: the desk wears its stripes and nothing real can be reached. */
  exercise: boolean;
  /** What is true of this process now, for /readyz and the desk. */
  readiness(): Promise<{ ready: boolean; checks: Record<string, { ok: boolean; note: string }> }>;
  /** Connections as the desk shows them may need a word on their health that only the outbox knows. */
  kick(): void;
}
