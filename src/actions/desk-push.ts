import { deletePush, keepPush } from '../../db/queries/desk-pushes.ts';
import { findInstallation, setInstallation } from '../../db/queries/installation.ts';
import { notFound } from '../domain/error.ts';
import { assertOwnWay } from '../domain/hands.ts';
import { type Ctx, decide } from './context.ts';
import type { Locks } from './sign-in/locks.ts';

/** Notifications to people of the desk, in browsers where they have turned them on. */

export interface PushKeys {
  publicKey: string;
  privateKey: string;
  subject: string;
}

const KEYS_PLACE = 'installation|desk_push|value';
export const pushPlace = (id: string) => `desk_pushes|${id}|sealed`;

/** The desk's own keys for push services; undefined while nobody has turned notifications on. */
export async function findPushKeys(
  r: Ctx['store']['read'],
  locks: Pick<Locks, 'open'>,
): Promise<PushKeys | undefined> {
  const sealed = await findInstallation(r, 'desk_push');
  return sealed === undefined ? undefined : (JSON.parse(locks.open(KEYS_PLACE, sealed)) as PushKeys);
}

/** The public key that a browser subscribes with. Made once: every subscription is bound to it. */
export async function offerDeskPush(ctx: Ctx, locks: Locks, fresh: () => PushKeys): Promise<string> {
  const known = await findPushKeys(ctx.store.read, locks);
  if (known) return known.publicKey;
  return decide(ctx, async ({ w, now, account }) => {
    const there = await findPushKeys(w, locks);
    if (there) return there.publicKey;
    const keys = fresh();
    await setInstallation(w, 'desk_push', locks.seal(KEYS_PLACE, JSON.stringify(keys)), now);
    await account({ action: 'desk_push.keys', subjectKind: 'installation', subjectId: 'self' });
    return keys.publicKey;
  });
}

/** Tells the person who asks in this browser from now on. `address` is its subscription, checked. */
export async function addDeskPush(
  ctx: Ctx,
  locks: Locks,
  browser: { address: string; userAgent: string | null },
): Promise<void> {
  assertOwnWay(ctx.actor);
  const id = ctx.newId();
  await decide(ctx, async ({ w, now, account }) => {
    await keepPush(w, {
      id,
      personId: ctx.actor.id,
      hash: locks.sign('desk push', browser.address),
      sealed: locks.seal(pushPlace(id), browser.address),
      userAgent: browser.userAgent?.slice(0, 300) ?? null,
      createdAt: now,
      lastOkAt: null,
    });
    await account({
      action: 'desk_push.on',
      subjectKind: 'person',
      subjectId: ctx.actor.id,
      detail: { pushId: id },
    });
  });
}

export async function removeDeskPush(ctx: Ctx, id: string): Promise<void> {
  await decide(ctx, async ({ w, account }) => {
    if (!(await deletePush(w, ctx.actor.id, id))) throw notFound('browser');
    await account({
      action: 'desk_push.off',
      subjectKind: 'person',
      subjectId: ctx.actor.id,
      detail: { pushId: id },
    });
  });
}
