import type { Connection } from '../../db/queries/connections.ts';
import type { Subscriber } from '../../db/queries/subscribers.ts';
import type { Ctx } from '../actions/context.ts';
import type { PushKeys } from '../actions/desk-push.ts';
import type { Locks } from '../actions/sign-in/locks.ts';
import type { SubscriberLocks } from '../actions/subscribers/locks.ts';
import type { Abilities, Limits, Verified } from '../domain/channel.ts';
import type { Returned } from '../domain/returned.ts';
import type { SubscriberKind } from '../domain/subscriber.ts';
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
  /** Why it shows no pictures, in the middle of a sentence. */
  withoutPictures?: string;
  fields: readonly {
    name: string;
    label: string;
    help: string;
    secret: boolean;
    required: boolean;
    placeholder?: string;
  }[];
  steps: readonly string[];
  /**
   * How to connect by signing in there; absent where one cannot. `register`: we make the app there ourselves, so there is
   * nothing to paste.
   */
  signIn?: { fields: KindFacts['fields']; steps: readonly string[]; register?: unknown };
  /** What to enter on the network so that it calls us at once; absent where it does not. */
  hook?: { steps: readonly string[]; wantsToken: boolean };
  open?: unknown;
}

/** Credentials that the network has just accepted. */
interface Prepared {
  verified: Verified;
  settings: Record<string, string>;
  sealed: string;
  kind: KindFacts;
}

/** What the composition root lends to the routes. */
export interface Ports {
  /** Everything of an action's context but who acts. */
  base: Omit<Ctx, 'actor'>;
  channels: {
    kinds(): readonly KindFacts[];
    kind(name: string): KindFacts;
    /**
     * Tries credentials on the network and seals them; secrets left empty are those of `before`. Throws `invalid` with
     * what the network said.
     */
    prepare(
      channel: string,
      connectionId: string,
      values: Record<string, string>,
      before?: Connection,
    ): Promise<Prepared>;
    /** Where to send a browser so that somebody signs in there, and what to keep, sealed, until it is back. */
    beginSignIn(
      channel: string,
      values: Record<string, string>,
      about: { redirect: string; state: string; before?: Connection | undefined },
    ): Promise<{ url: string; kept: string }>;
    /** The accounts that the sign-in can speak for. Throws `invalid` that says what to do. */
    finishSignIn(
      kept: string,
      returned: {
        code?: string | undefined;
        error?: string | undefined;
        errorDescription?: string | undefined;
      },
    ): Promise<readonly { id: string; name: string; values: Record<string, string> }[]>;
    prepareSignedIn(channel: string, connectionId: string, values: Record<string, string>): Promise<Prepared>;
    /** Says something where only the account's owner sees it; where that was. */
    tryOut(connectionId: string): Promise<string>;
    /** Where the network may call us about an account, and a secret that only the two of us know. */
    hookOf(connectionId: string): { url: string; secret: string };
  };
  /** Takes a call from a network about one of our accounts; what it brings is on disk when this resolves. */
  inbox: {
    take(
      connectionId: string,
      call: {
        method: 'GET' | 'POST';
        query: URLSearchParams;
        headers: Record<string, string>;
        body: Uint8Array;
      },
    ): Promise<{ status: number; type: string; body: string }>;
  };
  makeSecret(): string;
  makeApiToken(): string;
  /** HMAC with the installation's key. */
  sign(purpose: string, text: string): string;
  locks: Locks;
  /** Subscriptions: what only the composition root can open, and the networks' own idea of an address. */
  subscribers: {
    locks: SubscriberLocks;
    /** What somebody typed, in the one form that we keep. Throws `invalid` for `address`. */
    readRecipient(kind: SubscriberKind, typed: string): string;
    /** Whom a subscription reaches, as its owner and admins may see it; empty once it has ended. */
    shownAddress(s: Subscriber): string;
    /** With what a program checks our signature. */
    secretOf(s: Pick<Subscriber, 'id'>): string;
    /** What a mail that came back says, and what in it may prove whom it is about. */
    readReturned(bytes: Uint8Array): { returned: Returned; tags: string[]; links: string[] };
  };
  /** New keys with which people of the desk are told in their browsers. */
  newPushKeys(): PushKeys;
  /** Writes to somebody who is not a subscriber, by the page's own mail account if it has one. Never throws. */
  mail(pageId: string, letter: { to: string; subject: string; text: string }): Promise<void>;
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
