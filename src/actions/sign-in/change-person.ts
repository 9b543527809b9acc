import {
  deletePasskey,
  deletePasswordHash,
  deleteTotp,
  listPasskeys,
  replaceRecoveryCodes,
} from '../../../db/queries/credentials.ts';
import { getPage } from '../../../db/queries/pages.ts';
import {
  changePerson,
  getPerson,
  getToken,
  listPeople,
  type Person,
  revokeToken,
  revokeTokensOf,
} from '../../../db/queries/people.ts';
import type { Writer } from '../../../db/store.ts';
import { conflict, forbidden, invalid, notFound } from '../../domain/error.ts';
import { assertOwnWay } from '../../domain/hands.ts';
import type { Office } from '../../domain/office.ts';
import { checkText } from '../../domain/update.ts';
import type { Voice } from '../../domain/voice.ts';
import type { Role } from '../../domain/words.ts';
import { type Ctx, decide, mustBe } from '../context.ts';

/** Everything that lets somebody in as a person, at the desk. */
const WAYS_IN = ['session', 'half', 'sign_in', 'invite'] as const;

/** An installation without an admin could never have one again from the desk. */
async function keepAnAdmin(w: Writer, but: Person): Promise<void> {
  const others = (await listPeople(w)).filter(
    (p) => p.id !== but.id && p.disabledAt === null && p.roles.includes('admin'),
  );
  if (but.roles.includes('admin') && others.length === 0)
    throw conflict('This is the only admin. Make somebody else an admin first.');
}

/** Gives a person other roles; their sessions end, so that nothing open shows what they may no longer see. */
export async function changeRoles(ctx: Ctx, personId: string, roles: readonly Role[]): Promise<Person> {
  mustBe(ctx.actor, ['admin'], 'admin');
  if (roles.length === 0) throw invalid('role', 'Choose at least one role.');
  return decide(ctx, async ({ w, now, account }) => {
    const person = await getPerson(w, personId);
    if (!roles.includes('admin')) await keepAnAdmin(w, person);
    await changePerson(w, person.id, { roles: [...roles], updatedAt: now });
    await revokeTokensOf(w, person.id, ['session', 'half'], now);
    await account({
      action: 'person.roles',
      subjectKind: 'person',
      subjectId: person.id,
      detail: { from: person.roles, to: roles },
    });
    return { ...person, roles: [...roles] };
  });
}

/**
 * Gives a person other roles on one page (null: the usual ones again; none: they may not even read it). Their sessions
 * end. An admin of the installation has every right on every page, so there is nothing to give.
 */
export async function changePageRoles(
  ctx: Ctx,
  personId: string,
  pageId: string,
  roles: readonly Role[] | null,
): Promise<void> {
  mustBe(ctx.actor, ['admin'], 'admin');
  if (roles?.includes('admin'))
    throw invalid('role', 'An admin is one on every page. Choose other roles for a single page.');
  await decide(ctx, async ({ w, now, account }) => {
    const person = await getPerson(w, personId);
    await getPage(w, pageId);
    if (person.roles.includes('admin'))
      throw conflict('An admin has every right on every page. Take that role away first.');
    const { [pageId]: before, ...others } = person.pageRoles ?? {};
    const pageRoles = roles === null ? others : { ...others, [pageId]: [...roles] };
    await changePerson(w, personId, {
      pageRoles: Object.keys(pageRoles).length === 0 ? null : pageRoles,
      updatedAt: now,
    });
    await revokeTokensOf(w, personId, ['session', 'half'], now);
    await account({
      action: 'person.page_roles',
      subjectKind: 'person',
      subjectId: personId,
      detail: { pageId, from: before ?? null, to: roles },
    });
  });
}

/** Says what a person is besides their roles: legal, executive, expert. It counts from the next yes on. */
export async function changeOffices(ctx: Ctx, personId: string, offices: readonly Office[]): Promise<void> {
  mustBe(ctx.actor, ['admin'], 'admin');
  await decide(ctx, async ({ w, now, account }) => {
    const person = await getPerson(w, personId);
    await changePerson(w, personId, { offices: offices.length === 0 ? null : [...offices], updatedAt: now });
    await account({
      action: 'person.offices',
      subjectKind: 'person',
      subjectId: personId,
      detail: { from: person.offices ?? [], to: offices },
    });
  });
}

/**
 * Lends one's own voice: with which title, and who besides oneself may draft in it. Nothing goes out in it without one's
 * own consent. Null takes it back; what waits for consent then waits for good.
 */
export async function changeVoice(ctx: Ctx, voice: Voice | null): Promise<void> {
  assertOwnWay(ctx.actor);
  const title = voice?.title.trim() ?? '';
  checkText('title', title, 60);
  if (title.includes('\n')) throw invalid('title', 'Write the title on one line.');
  await decide(ctx, async ({ w, now, account }) => {
    const people = (await listPeople(w)).map((p) => p.id);
    const delegates = voice?.delegates.filter((id) => id !== ctx.actor.id && people.includes(id)) ?? [];
    await changePerson(w, ctx.actor.id, {
      voice: voice === null ? null : { title, delegates },
      updatedAt: now,
    });
    await account({
      action: 'person.voice',
      subjectKind: 'person',
      subjectId: ctx.actor.id,
      detail: voice === null ? { on: false } : { on: true, title, delegates },
    });
  });
}

/** Where a person is asked in the night: a phone number with + and country code, or none. */
export async function changePhone(ctx: Ctx, personId: string, phone: string): Promise<void> {
  if (ctx.actor.id !== personId) mustBe(ctx.actor, ['admin'], 'admin');
  const number = phone.replace(/[\s().-]/g, '');
  if (number !== '' && !/^\+[1-9]\d{6,14}$/.test(number))
    throw invalid('phone', 'Enter it with + and country code, like +15551234567, or leave it empty.');
  await decide(ctx, async ({ w, now, account }) => {
    await changePerson(w, personId, { phone: number === '' ? null : number, updatedAt: now });
    await account({ action: 'person.phone', subjectKind: 'person', subjectId: personId });
  });
}

/** Switches a person off: sessions, links, invitations and API tokens all end. */
export async function disablePerson(ctx: Ctx, personId: string): Promise<void> {
  mustBe(ctx.actor, ['admin'], 'admin');
  await decide(ctx, async ({ w, now, account }) => {
    const person = await getPerson(w, personId);
    if (person.id === ctx.actor.id) throw forbidden('You cannot switch yourself off. Ask another admin.');
    await keepAnAdmin(w, person);
    await changePerson(w, person.id, { disabledAt: person.disabledAt ?? now, updatedAt: now });
    const ended = await revokeTokensOf(w, person.id, [...WAYS_IN, 'api'], now);
    await account({
      action: 'person.off',
      subjectKind: 'person',
      subjectId: person.id,
      detail: { tokensEnded: ended },
    });
  });
}

/** Lets a person in again; nothing that was ended comes back. */
export async function enablePerson(ctx: Ctx, personId: string): Promise<void> {
  mustBe(ctx.actor, ['admin'], 'admin');
  await decide(ctx, async ({ w, now, account }) => {
    await getPerson(w, personId);
    await changePerson(w, personId, { disabledAt: null, updatedAt: now });
    await account({ action: 'person.on', subjectKind: 'person', subjectId: personId });
  });
}

/** Ends every session of a person, but one when they do it for themselves. */
export async function revokeSessions(ctx: Ctx, personId: string, but?: string): Promise<number> {
  if (personId !== ctx.actor.id) mustBe(ctx.actor, ['admin'], 'admin');
  return decide(ctx, async ({ w, now, account }) => {
    await getPerson(w, personId);
    const ended = await revokeTokensOf(w, personId, WAYS_IN, now, but);
    await account({
      action: 'person.sign_out_everywhere',
      subjectKind: 'person',
      subjectId: personId,
      detail: { ended },
    });
    return ended;
  });
}

/** Takes every way in away from a person who has lost theirs: they can be invited again. Their sessions end too. */
export async function resetSignIn(ctx: Ctx, personId: string): Promise<void> {
  mustBe(ctx.actor, ['admin'], 'admin');
  await decide(ctx, async ({ w, now, account }) => {
    const person = await getPerson(w, personId);
    if (person.id === ctx.actor.id) throw forbidden('Change your own under “Your sign-in”.');
    await deletePasswordHash(w, person.id);
    await deleteTotp(w, person.id);
    for (const passkey of await listPasskeys(w, person.id)) await deletePasskey(w, person.id, passkey.id);
    await replaceRecoveryCodes(w, person.id, [], now);
    await revokeTokensOf(w, person.id, WAYS_IN, now);
    await account({ action: 'person.reset_sign_in', subjectKind: 'person', subjectId: person.id });
  });
}

/** Ends an API token. Its own person may, and an admin. */
export async function endToken(ctx: Ctx, tokenId: string): Promise<void> {
  await decide(ctx, async ({ w, now, account }) => {
    const token = await getToken(w, tokenId);
    if (token.kind !== 'api') throw notFound('token');
    if (token.personId !== ctx.actor.id || ctx.actor.kind === 'token') mustBe(ctx.actor, ['admin'], 'admin');
    await revokeToken(w, token.id, now);
    await account({
      action: 'token.end',
      subjectKind: 'person',
      subjectId: token.personId,
      detail: { tokenId: token.id, name: token.name },
    });
  });
}
