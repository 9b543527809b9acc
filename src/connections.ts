import type { Connection } from '../db/queries/connections.ts';
import { changeConnection } from '../db/queries/connections.ts';
import type { Store } from '../db/store.ts';
import type { Channel, ChannelKind, ChannelTools } from './channels/contract.ts';
import { findKind, listKinds, openChannel } from './channels/registry.ts';
import type { Verified } from './domain/channel.ts';
import { DomainError, invalid } from './domain/error.ts';
import type { Secrets } from './secrets.ts';

/** What the server may know of the channels: kinds as data, and a way to try credentials. */
export interface Channels {
  kinds(): readonly ChannelKind[];
  kind(name: string): ChannelKind;
  /** Splits what a person entered into settings and secrets, tries them on the network, and seals the secrets. */
  prepare(
    channel: string,
    connectionId: string,
    values: Record<string, string>,
  ): Promise<{ verified: Verified; settings: Record<string, string>; sealed: string; kind: ChannelKind }>;
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
  openTools(): Omit<ChannelTools, 'saveSecrets'> & { close(): Promise<void> };
  now(): number;
  verifyMs?: number;
}): Channels {
  const open = new Map<string, { sealed: string; channel: Channel; close(): Promise<void> }>();

  function openOne(
    kind: ChannelKind,
    values: Record<string, string>,
    saveSecrets: ChannelTools['saveSecrets'],
  ) {
    const { close, ...tools } = parts.openTools();
    const channel = openChannel(kind.kind, values, { ...tools, saveSecrets });
    return {
      channel,
      async close() {
        await channel.close?.();
        await close();
      },
    };
  }

  return {
    kinds: listKinds,
    kind: findKind,
    async prepare(channel, connectionId, values) {
      const kind = findKind(channel);
      const settings: Record<string, string> = {};
      let secrets: Record<string, string> = {};
      if (kind.lifecycle === 'retired') openOne(kind, {}, async () => undefined);
      for (const name of Object.keys(values))
        if (!kind.fields.some((f) => f.name === name))
          throw invalid(
            name,
            `${kind.name} has no field of this name. It has: ${kind.fields.map((f) => f.name).join(', ')}.`,
          );
      for (const f of kind.fields) {
        const value = values[f.name]?.trim() ?? '';
        if (value === '') {
          if (f.required) throw invalid(f.name, `${f.label} is missing. ${f.help}`);
          continue;
        }
        if (f.secret) secrets[f.name] = value;
        else settings[f.name] = value;
      }
      const tried = openOne(kind, { ...settings, ...secrets }, async (renewed) => {
        secrets = { ...secrets, ...renewed };
      });
      try {
        const verified = await tried.channel.verify(AbortSignal.timeout(parts.verifyMs ?? 20_000));
        return {
          verified,
          settings,
          sealed: parts.secrets.seal(placeOf(connectionId), JSON.stringify(secrets)),
          kind,
        };
      } catch (error) {
        if (error instanceof DomainError) throw error;
        const why = error instanceof Error ? error.message : String(error);
        throw invalid('credentials', `${kind.name} did not accept them: ${why}`);
      } finally {
        await tried.close();
      }
    },
    channelOf(connection) {
      const known = open.get(connection.id);
      if (known && known.sealed === connection.sealed) return known.channel;
      const secrets = JSON.parse(parts.secrets.open(placeOf(connection.id), connection.sealed)) as Record<
        string,
        string
      >;
      const opened = openOne(
        findKind(connection.channel),
        { ...connection.settings, ...secrets },
        async (renewed) => {
          const sealed = parts.secrets.seal(
            placeOf(connection.id),
            JSON.stringify({ ...secrets, ...renewed }),
          );
          Object.assign(secrets, renewed);
          await parts.store.transact(
            (w) => changeConnection(w, connection.id, { sealed, updatedAt: parts.now() }),
            {
              appends: false,
              patienceMs: 30_000,
            },
          );
          open.set(connection.id, { ...opened, sealed });
        },
      );
      open.set(connection.id, { ...opened, sealed: connection.sealed });
      void known?.close().catch(() => undefined);
      return opened.channel;
    },
    async close() {
      await Promise.allSettled([...open.values()].map((x) => x.close()));
    },
  };
}
