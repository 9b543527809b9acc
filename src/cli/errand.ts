import { randomUUID } from 'node:crypto';
import { openStore } from '../../db/open.ts';
import { findInstallation } from '../../db/queries/installation.ts';
import { bootName } from '../../db/store.ts';
import type { App } from '../app.ts';
import { openGuardedFetch } from '../channels/guard.ts';
import type { Config } from '../config.ts';
import { openChannels } from '../connections.ts';
import { invalid } from '../domain/error.ts';
import { newId } from '../ids.ts';
import { openSecrets } from '../secrets.ts';

/** What a short command needs of the service. */
export interface Errand extends Pick<App, 'store' | 'channels' | 'ctx' | 'close'> {
  /** Where the service says that it is; it may have been started with more than this shell knows. */
  baseUrl: string;
}

/**
 * Opens the database beside the running service, for one command. Nothing is sent or listened to from here, and the
 * installation is not judged: this shell need not know the service's own BASE_URL and ALLOW_ORIGINS, and a start as
 * somebody else would put the whole service into quarantine.
 */
export async function openErrand(config: Config): Promise<Errand> {
  const secrets = openSecrets(config.keys);
  const store = await openStore(config.database, bootName(process.pid, randomUUID()));
  const proof = await findInstallation(store.read, 'install_proof');
  if (proof !== undefined && proof !== secrets.fingerprint()) {
    await store.close();
    throw invalid(
      'TOCSIN_KEYS',
      'TOCSIN_KEYS: this is not the key that the service uses. Give the same TOCSIN_KEYS or TOCSIN_KEY_FILE as it has.',
    );
  }
  const baseUrl = (await findInstallation(store.read, 'base_url')) ?? config.baseUrl;
  const channels = openChannels({
    store,
    secrets,
    now: Date.now,
    baseUrl,
    openTools: () => ({
      ...openGuardedFetch({ allow: config.allowOrigins, only: config.exercise }),
      now: Date.now,
    }),
  });
  return {
    store,
    channels,
    baseUrl,
    ctx: (actor) => ({
      store,
      now: Date.now,
      newId: () => newId(),
      auditHash: (text) => secrets.sign('audit', text),
      exercise: config.exercise,
      deskUrl: baseUrl,
      actor,
    }),
    async close() {
      await channels.close();
      await store.close();
    },
  };
}
