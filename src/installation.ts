import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { listAllConnections } from '../db/queries/connections.ts';
import { findInstallation, setInstallation } from '../db/queries/installation.ts';
import { lastSeq } from '../db/queries/log.ts';
import type { Store } from '../db/store.ts';
import type { Ctx } from './actions/context.ts';
import { enterQuarantine } from './actions/quarantine.ts';
import { DomainError } from './domain/error.ts';
import type { Secrets } from './secrets.ts';

/**
 * What a file outside the database remembers of it: which database, and how far its log had come. A database that is
 * behind its anchor was restored from a backup; one that has another name was put in its place.
 */
interface Anchor {
  deploymentId: string;
  seq: number;
}

/** How often the anchor is written, ms. What is lost of it at a crash only makes it a little old, never wrong. */
const ANCHOR_MS = 1_000;

export interface Installation {
  close(): void;
}

/**
 * Gives a new database its name, and puts one that is a copy into quarantine before anything can be sent: sealed with
 * another key, serving another address, or older than what the anchor remembers.
 */
export async function openInstallation(parts: {
  store: Store;
  secrets: Secrets;
  ctx: Ctx;
  baseUrl: string;
  anchorFile: string | undefined;
}): Promise<Installation> {
  const { store, secrets, ctx } = parts;
  const now = ctx.now();
  const proof = secrets.fingerprint();
  const named = await findInstallation(store.read, 'deployment_id');
  const deploymentId = named ?? randomUUID();
  if (named === undefined)
    await store.transact(async (w) => {
      await setInstallation(w, 'deployment_id', deploymentId, now);
      await setInstallation(w, 'install_proof', proof, now);
      await setInstallation(w, 'base_url', parts.baseUrl, now);
    });
  const why = await whyCopy();
  // Where nothing is connected, nothing can be posted twice, and moving house is nobody's business.
  if (why && (await listAllConnections(store.read)).length > 0) await enterQuarantine(ctx, why);
  else if (why)
    await store.transact((w) => setInstallation(w, 'epoch', randomUUID(), now), { appends: false });
  await store.transact((w) => setInstallation(w, 'base_url', parts.baseUrl, now), { appends: false });
  const file = parts.anchorFile;
  if (file === undefined) return { close: () => undefined };
  let written = -1;
  const write = async () => {
    const seq = await lastSeq(store.read).catch(() => written);
    if (seq === written) return;
    writeAnchor(file, { deploymentId, seq });
    written = seq;
  };
  try {
    await write();
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? (error as Error).message;
    throw new DomainError(
      'invalid',
      `TOCSIN_ANCHOR_FILE: ${file} cannot be written (${why}). Name a file in a folder that this user may write in.`,
      { field: 'TOCSIN_ANCHOR_FILE' },
    );
  }
  const timer = setInterval(() => void write().catch(() => undefined), ANCHOR_MS);
  timer.unref();
  return { close: () => clearInterval(timer) };

  async function whyCopy(): Promise<string | undefined> {
    if (named === undefined) return undefined;
    if ((await findInstallation(store.read, 'install_proof')) !== proof)
      return 'This database was made with another key: it is a copy, or the key is the wrong one. Put its own key back, or connect each network anew.';
    const url = await findInstallation(store.read, 'base_url');
    if (url !== undefined && url !== parts.baseUrl)
      return `This database served ${url}, and is started as ${parts.baseUrl}: it may be a copy.`;
    const anchor = parts.anchorFile === undefined ? undefined : readAnchor(parts.anchorFile);
    if (!anchor) return undefined;
    if (anchor.deploymentId !== deploymentId) return 'Another database was used here before this one.';
    const seq = await lastSeq(store.read);
    if (seq < anchor.seq)
      return `This database is older than the one used here last (event ${seq} of ${anchor.seq}): it was restored.`;
    return undefined;
  }
}

function readAnchor(file: string): Anchor | undefined {
  if (!existsSync(file)) return undefined;
  try {
    const { deploymentId, seq } = JSON.parse(readFileSync(file, 'utf8')) as Partial<Anchor>;
    return typeof deploymentId === 'string' && typeof seq === 'number' ? { deploymentId, seq } : undefined;
  } catch {
    // A torn anchor says nothing; the other two signs still do.
    return undefined;
  }
}

function writeAnchor(file: string, anchor: Anchor): void {
  const fresh = `${file}.new`;
  // With PostgreSQL and its keys in the environment, nobody else has made this folder.
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(fresh, `${JSON.stringify(anchor)}\n`, { mode: 0o600 });
  renameSync(fresh, file);
}
