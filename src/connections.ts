import { type Connection, getConnection } from '../db/queries/connections.ts';
import { replaceSealed } from '../db/queries/renewals.ts';
import type { Store } from '../db/store.ts';
import type { Channel, ChannelKind, ChannelTools, SignedInAccount } from './channels/contract.ts';
import { fieldsOf, findKind, listKinds, openChannel } from './channels/registry.ts';
import { type Begun, beginSignIn, finishSignIn, type Returned } from './channels/sign-in/oauth.ts';
import type { Verified } from './domain/channel.ts';
import { conflict, DomainError, invalid } from './domain/error.ts';
import type { Secrets } from './secrets.ts';

/** Credentials that the network has accepted just now, and what it said. */
export interface Prepared {
  verified: Verified;
  settings: Record<string, string>;
  sealed: string;
  kind: ChannelKind;
}

/** What the server may know of the channels: kinds as data, and ways to try credentials. */
export interface Channels {
  kinds(): readonly ChannelKind[];
  kind(name: string): ChannelKind;
  /**
   * Splits what a person entered into settings and secrets, tries them on the network, and seals the secrets. Secrets
   * that were left empty are those of `before`, when an account is connected anew.
   */
  prepare(
    channel: string,
    connectionId: string,
    values: Record<string, string>,
    before?: Connection,
  ): Promise<Prepared>;
  /** Where to send a browser so that somebody signs in on the network, and what to keep until it is back. */
  beginSignIn(
    channel: string,
    values: Record<string, string>,
    about: { redirect: string; state: string; before?: Connection | undefined },
  ): Promise<{ url: string; kept: string }>;
  /** The accounts that a sign-in can speak for, with the values that `prepareSignedIn` wants. */
  finishSignIn(kept: string, returned: Returned): Promise<readonly SignedInAccount[]>;
  prepareSignedIn(channel: string, connectionId: string, values: Record<string, string>): Promise<Prepared>;
  /** Says something where nobody but the account's owner sees it; where that was. Throws `conflict` where there is no such place. */
  tryOut(connectionId: string): Promise<string>;
  /** Where the network may call us about an account, and a secret that only the two of us know. */
  hookOf(connectionId: string): { url: string; secret: string };
  /** The connected account, opened once and kept until its credentials change. */
  channelOf(connection: Connection): Channel;
  close(): Promise<void>;
}

const placeOf = (id: string) => `connections|${id}|sealed`;

/** Joins the networks, the sealed credentials and the guarded client. Secrets are open only in here. */
export function openChannels(parts: {
  store: Store;
  secrets: Secrets;
  /** A client of its own for each account, so that one slow account never takes another's sockets. */
  openTools(): Omit<ChannelTools, 'saveSecrets' | 'hook'> & { close(): Promise<void> };
  now(): number;
  /** Public address of the installation. */
  baseUrl: string;
  verifyMs?: number;
}): Channels {
  interface Opened {
    sealed: string;
    /** Seals that this very channel has renewed since. Who read the connection just before still brings one of them. */
    former: Set<string>;
    channel: Channel;
    close(): Promise<void>;
  }
  const open = new Map<string, Opened>();
  const patience = () => AbortSignal.timeout(parts.verifyMs ?? 20_000);

  const hookOf = (id: string) => ({
    url: `${parts.baseUrl}/hooks/${id}`,
    secret: parts.secrets.sign('hook', id).slice(0, 40),
  });
  const secretsOf = (connection: Connection): Record<string, string> =>
    JSON.parse(parts.secrets.open(placeOf(connection.id), connection.sealed)) as Record<string, string>;

  function openOne(
    kind: ChannelKind,
    id: string,
    values: Record<string, string>,
    saveSecrets: ChannelTools['saveSecrets'],
  ) {
    const { close, ...tools } = parts.openTools();
    const channel = openChannel(kind.kind, values, { ...tools, saveSecrets, hook: hookOf(id) });
    return {
      channel,
      async close() {
        await channel.close?.();
        await close();
      },
    };
  }

  /** Tools for what happens before there is an account. */
  async function withTools<T>(work: (tools: ChannelTools) => Promise<T>): Promise<T> {
    const { close, ...tools } = parts.openTools();
    try {
      return await work({ ...tools, saveSecrets: async () => undefined });
    } finally {
      await close();
    }
  }

  /** Opens the account, asks the network who it is, and seals what was needed for it. */
  async function tried(
    kind: ChannelKind,
    connectionId: string,
    settings: Record<string, string>,
    given: Record<string, string>,
  ): Promise<Prepared> {
    let secrets = given;
    const account = openOne(kind, connectionId, { ...settings, ...secrets }, async (renewed) => {
      secrets = { ...secrets, ...renewed };
    });
    try {
      const verified = await account.channel.verify(patience());
      return {
        verified,
        settings,
        sealed: parts.secrets.seal(placeOf(connectionId), JSON.stringify(secrets)),
        kind,
      };
    } catch (error) {
      throw refused(kind, 'credentials', `${kind.name} did not accept them: `, error);
    } finally {
      await account.close();
    }
  }

  return {
    kinds: listKinds,
    kind: findKind,
    hookOf,
    async prepare(channel, connectionId, values, before) {
      const kind = findKind(channel);
      const settings: Record<string, string> = {};
      const secrets: Record<string, string> = {};
      if (kind.lifecycle === 'retired') openOne(kind, connectionId, {}, async () => undefined);
      for (const name of Object.keys(values))
        if (!kind.fields.some((f) => f.name === name))
          throw invalid(
            name,
            `${kind.name} has no field of this name. It has: ${kind.fields.map((f) => f.name).join(', ')}.`,
          );
      const kept = before === undefined ? {} : secretsOf(before);
      for (const f of kind.fields) {
        const value = values[f.name]?.trim() || (f.secret ? (kept[f.name] ?? '') : '');
        if (value === '') {
          if (f.required) throw invalid(f.name, `${f.label} is missing. ${f.help}`);
          continue;
        }
        if (f.secret) secrets[f.name] = value;
        else settings[f.name] = value;
      }
      return tried(kind, connectionId, settings, secrets);
    },
    async beginSignIn(channel, values, { redirect, state, before }) {
      const kind = findKind(channel);
      const kept = before === undefined ? {} : secretsOf(before);
      const entered: Record<string, string> = {};
      for (const f of kind.signIn?.fields ?? []) {
        const value = values[f.name]?.trim() || (f.secret ? (kept[f.name] ?? '') : '');
        if (value !== '') entered[f.name] = value;
      }
      try {
        const { url, begun } = await withTools((tools) =>
          beginSignIn(kind, entered, { redirect, state }, tools, patience()),
        );
        return { url, kept: JSON.stringify(begun) };
      } catch (error) {
        throw refused(kind, kind.signIn?.fields[0]?.name ?? 'credentials', '', error);
      }
    },
    async finishSignIn(kept, returned) {
      const begun = JSON.parse(kept) as Begun;
      const kind = findKind(begun.channel);
      try {
        return await withTools((tools) => finishSignIn(kind, begun, returned, tools, patience()));
      } catch (error) {
        throw refused(kind, 'sign-in', '', error);
      }
    },
    async prepareSignedIn(channel, connectionId, values) {
      const kind = findKind(channel);
      const isSecret = (name: string) =>
        [...kind.fields, ...(kind.signIn?.fields ?? [])].find((f) => f.name === name)?.secret ?? true;
      const of = (secret: boolean) =>
        Object.fromEntries(Object.entries(values).filter(([name]) => isSecret(name) === secret));
      return tried(kind, connectionId, { ...of(false), signedIn: '1' }, of(true));
    },
    async tryOut(connectionId) {
      const connection = await getConnection(parts.store.read, connectionId);
      const kind = findKind(connection.channel);
      const channel = this.channelOf(connection);
      if (channel.tryOut === undefined)
        throw conflict(
          `${kind.name} has no place that only you can see, so nothing is posted there to try it out. Its credentials are looked at every few hours instead.`,
        );
      try {
        return await channel.tryOut(patience());
      } catch (error) {
        throw refused(kind, 'credentials', '', error);
      }
    },
    channelOf(connection) {
      const known = open.get(connection.id);
      // A channel opened anew with credentials that were renewed since would use a refresh token a second time.
      if (known && (known.sealed === connection.sealed || known.former.has(connection.sealed)))
        return known.channel;
      const former = new Set<string>();
      const secrets = secretsOf(connection);
      let held = connection.sealed;
      const opened = openOne(
        findKind(connection.channel),
        connection.id,
        { ...connection.settings, ...secrets },
        async (renewed) => {
          const sealed = parts.secrets.seal(
            placeOf(connection.id),
            JSON.stringify({ ...secrets, ...renewed }),
          );
          Object.assign(secrets, renewed);
          const isOurs = await parts.store.transact(
            (w) => replaceSealed(w, connection.id, held, sealed, parts.now()),
            { appends: false, patienceMs: 30_000 },
          );
          // Somebody has connected the account anew while we renewed the old credentials: theirs are the ones that count.
          if (!isOurs) throw conflict('This account was connected anew meanwhile.');
          former.add(held);
          held = sealed;
          if (open.get(connection.id)?.channel === opened.channel)
            open.set(connection.id, { ...opened, former, sealed });
        },
      );
      open.set(connection.id, { ...opened, former, sealed: connection.sealed });
      void known?.close().catch(() => undefined);
      return opened.channel;
    },
    async close() {
      await Promise.allSettled([...open.values()].map((x) => x.close()));
    },
  };
}

/** Whatever a network made of it, as a refusal that a form can show. */
function refused(kind: ChannelKind, field: string, before: string, error: unknown): DomainError {
  if (error instanceof DomainError) return error;
  const why = error instanceof Error ? error.message : String(error);
  const known = fieldsOf(kind, {}).some((f) => f.name === field) || field === 'credentials';
  return invalid(known ? field : 'credentials', `${before}${why}`);
}
