/** The facts of the simulated world: who has an account, what was posted, what was asked. */

export interface Account {
  network: string;
  id: string;
  handle: string;
  name: string;
  /** The address of its network, or of its own host there; no slash at the end. */
  base: string;
  /** What the channel for this network asks for when it is connected. */
  settings: Record<string, string>;
  secrets: Record<string, string>;
  /** Other credentials the network takes, which no channel asks for. */
  extra: Record<string, string>;
  options: Record<string, unknown>;
}

/** What is asked for when an account is made; all but the network is optional. */
export interface AccountSpec {
  network: string;
  id?: string;
  handle?: string;
  name?: string;
  secrets?: Record<string, string>;
  /** The network's own variants, and `unlimited: true` for no rate limits. */
  options?: Record<string, unknown>;
}

/** Reads an account from outside; throws a TypeError that names the field. */
export function parseAccount(fields: Record<string, unknown>): AccountSpec {
  for (const name of ['network', 'id', 'handle', 'name'] as const) {
    const value = fields[name];
    if (value === undefined && name !== 'network') continue;
    if (typeof value !== 'string' || value === '') throw new TypeError(`${name}: expected a string`);
  }
  for (const name of ['secrets', 'options'] as const) {
    const value = fields[name];
    if (value !== undefined && (typeof value !== 'object' || value === null)) {
      throw new TypeError(`${name}: expected an object`);
    }
  }
  return fields as unknown as AccountSpec;
}

export interface Post {
  network: string;
  /** Id of the account it is on: its author, or the one that a customer spoke to. */
  account: string;
  /** Native id. */
  id: string;
  author: { id: string; handle: string; name: string };
  byCustomer: boolean;
  /** As the client sent it. */
  text: string;
  at: number;
  /** Native id of the post it answers. */
  parent: string | null;
  /** The client's own key as the network saw it: idempotency key, rkey, webhook id. */
  key: string | null;
  /** How many requests asked for this post; more than one when the network recognised a repeat. */
  receipts: number;
  url: string | null;
  /** Paths below the network's base at which it opens. */
  paths: string[];
  editedAt: number | null;
  /** Where an edit makes a new post: the one after this, and the ids of those before. */
  replacedBy: string | null;
  replaces: string[];
  deletedAt: number | null;
  /** Earlier texts, oldest first. */
  history: { at: number; text: string }[];
  /** What only this network knows. */
  raw: Record<string, unknown>;
}

export type NewPost = Pick<Post, 'network' | 'account' | 'id' | 'text' | 'at' | 'author'> & Partial<Post>;

export interface JournalEntry {
  seq: number;
  at: number;
  network: string;
  /** Handle, or null when the caller could not be told. */
  account: string | null;
  method: string;
  path: string;
  does: readonly string[];
  /** 0 when the connection was cut instead of answered. */
  status: number;
  faults: string[];
}
