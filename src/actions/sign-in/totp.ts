import { generateSecret, generateURI } from 'otplib';
import { deleteTotp, findTotp, setTotp } from '../../../db/queries/credentials.ts';
import { getPerson } from '../../../db/queries/people.ts';
import { conflict, invalid } from '../../domain/error.ts';
import { assertOwnWay } from '../../domain/hands.ts';
import { type Ctx, decide } from '../context.ts';
import { countTry, forgive } from './limits.ts';
import type { Locks } from './locks.ts';
import { writeRecoveryCodes } from './recovery-codes.ts';
import { stepOf } from './second-factor.ts';

const placeOf = (personId: string) => `totps|${personId}|sealed`;

/** Makes a secret for an authenticator app. It is not asked for before a first code of it was typed. */
export async function startTotp(ctx: Ctx, locks: Locks): Promise<{ secret: string; uri: string }> {
  assertOwnWay(ctx.actor);
  const secret = generateSecret();
  return decide(ctx, async ({ w, now, account }) => {
    const person = await getPerson(w, ctx.actor.id);
    if ((await findTotp(w, person.id))?.confirmedAt != null)
      throw conflict('An app is set up already. Remove it first, then set up the new one.');
    await setTotp(w, {
      personId: person.id,
      sealed: locks.seal(placeOf(person.id), secret),
      confirmedAt: null,
      lastStep: 0,
      createdAt: now,
    });
    await account({ action: 'totp.start', subjectKind: 'person', subjectId: person.id });
    return { secret, uri: generateURI({ issuer: locks.site.name, label: person.email, secret }) };
  });
}

/** The secret that awaits its first code, to be shown again on a form that was filled in wrong. */
export async function openStartedTotp(
  ctx: Ctx,
  locks: Locks,
): Promise<{ secret: string; uri: string } | null> {
  const person = await getPerson(ctx.store.read, ctx.actor.id);
  const totp = await findTotp(ctx.store.read, person.id);
  if (!totp || totp.confirmedAt !== null) return null;
  const secret = locks.open(placeOf(person.id), totp.sealed);
  return { secret, uri: generateURI({ issuer: locks.site.name, label: person.email, secret }) };
}

/** Turns the app on with a first code; the recovery codes that come with it are shown once. */
export async function turnOnTotp(ctx: Ctx, locks: Locks, code: string): Promise<string[]> {
  assertOwnWay(ctx.actor);
  await countTry(ctx, locks, [{ second: ctx.actor.id }]);
  return decide(ctx, async (d) => {
    const totp = await findTotp(d.w, ctx.actor.id);
    if (!totp || totp.confirmedAt !== null)
      throw conflict('Start again: there is no app waiting for its first code.');
    const step = stepOf(locks.open(placeOf(totp.personId), totp.sealed), code, d.now);
    if (step === undefined)
      throw invalid(
        'code',
        'This is not the code of now. Check the clock of your phone, and type the six digits it shows.',
      );
    await setTotp(d.w, { ...totp, confirmedAt: d.now, lastStep: step });
    await forgive(d.w, locks, { second: totp.personId }, d.now);
    await d.account({ action: 'totp.on', subjectKind: 'person', subjectId: totp.personId });
    return writeRecoveryCodes(ctx, d, locks, totp.personId);
  });
}

export async function turnOffTotp(ctx: Ctx): Promise<void> {
  assertOwnWay(ctx.actor);
  await decide(ctx, async ({ w, account }) => {
    await deleteTotp(w, ctx.actor.id);
    await account({ action: 'totp.off', subjectKind: 'person', subjectId: ctx.actor.id });
  });
}
