import {
  type AuthenticationResponseJSON,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  type RegistrationResponseJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import { findPasskey, listPasskeys, type Passkey } from '../../../db/queries/credentials.ts';
import type { Person } from '../../../db/queries/people.ts';
import type { ChallengeKind } from '../../../db/shapes.ts';
import { DomainError, invalid } from '../../domain/error.ts';
import type { Ctx } from '../context.ts';
import { keepChallenge, spendChallenge } from './challenge.ts';
import type { Locks } from './locks.ts';

/** Asking authenticators and reading their answers. What follows from an answer is decided by the verbs beside it. */

/** EdDSA, ES256, RS256: what authenticators have. (COSE numbers.) */
const ALGORITHMS = [-8, -7, -257];

/** What a browser needs to make a passkey for this person. */
export async function askForNewPasskey(
  ctx: Ctx,
  locks: Locks,
  person: Person,
  boundTo: string,
): Promise<PublicKeyCredentialCreationOptionsJSON> {
  const known = await listPasskeys(ctx.store.read, person.id);
  const options = await generateRegistrationOptions({
    rpName: locks.site.name,
    rpID: locks.site.id,
    userID: new TextEncoder().encode(person.id),
    userName: person.email,
    userDisplayName: person.name,
    attestationType: 'none',
    excludeCredentials: known.map((k) => ({ id: k.credentialId, transports: k.transports })),
    supportedAlgorithmIDs: ALGORITHMS,
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  });
  await keepChallenge(ctx, locks, {
    kind: 'passkey_add',
    value: options.challenge,
    boundTo,
    personId: person.id,
  });
  return options;
}

/** What a browser needs to show a passkey: any of this site, or one of a person whose password was right. */
export async function askForPasskey(
  ctx: Ctx,
  locks: Locks,
  asked: { kind: 'passkey_sign_in' | 'passkey_second'; boundTo: string; person: Person | null },
): Promise<PublicKeyCredentialRequestOptionsJSON> {
  const known = asked.person ? await listPasskeys(ctx.store.read, asked.person.id) : [];
  const options = await generateAuthenticationOptions({
    rpID: locks.site.id,
    userVerification: 'required',
    allowCredentials: known.map((k) => ({ id: k.credentialId, transports: k.transports })),
  });
  await keepChallenge(ctx, locks, {
    kind: asked.kind,
    value: options.challenge,
    boundTo: asked.boundTo,
    personId: asked.person?.id ?? null,
  });
  return options;
}

const refused = (why = 'The passkey could not be checked. Try again, or come in another way.') =>
  new DomainError('unauthorized', why);

/** Reads a new passkey. Throws `invalid` (field `passkey`) or `unauthorized`. */
export async function readNewPasskey(
  ctx: Ctx,
  locks: Locks,
  input: { answer: string; name: string; person: Person; boundTo: string },
): Promise<Passkey> {
  const response = parse<RegistrationResponseJSON>(input.answer);
  const name = input.name.trim() || 'Passkey';
  if (name.length > 60) throw invalid('passkeyName', 'Use at most 60 characters.');
  const challenge = await spend(ctx, locks, response, ['passkey_add'], input.boundTo);
  if (challenge.personId !== input.person.id) throw refused();
  const read = await verifyRegistrationResponse({
    response,
    expectedChallenge: challenge.value,
    expectedOrigin: locks.site.origin,
    expectedRPID: locks.site.id,
    requireUserVerification: true,
    supportedAlgorithmIDs: ALGORITHMS,
  }).catch(() => {
    throw refused();
  });
  if (!read.verified) throw refused();
  const { credential, credentialBackedUp } = read.registrationInfo;
  if (await findPasskey(ctx.store.read, credential.id))
    throw invalid('passkey', 'This passkey is in use already.');
  return {
    id: ctx.newId(),
    personId: input.person.id,
    name,
    credentialId: credential.id,
    publicKey: Buffer.from(credential.publicKey).toString('base64url'),
    counter: credential.counter,
    transports: (credential.transports ?? []).filter((x) => typeof x === 'string').slice(0, 10),
    backedUp: credentialBackedUp,
    createdAt: ctx.now(),
    lastUsedAt: null,
  };
}

/** Reads the answer of a passkey we know; whose it is, and its new counter. Throws `unauthorized`. */
export async function readPasskey(
  ctx: Ctx,
  locks: Locks,
  input: { answer: string; kind: 'passkey_sign_in' | 'passkey_second'; boundTo: string },
): Promise<{ passkey: Passkey; person: Person; counter: number }> {
  const response = parse<AuthenticationResponseJSON>(input.answer);
  const challenge = await spend(ctx, locks, response, [input.kind], input.boundTo);
  const found = await findPasskey(ctx.store.read, String(response.id));
  if (!found || (challenge.personId !== null && challenge.personId !== found.person.id)) throw refused();
  const { passkey, person } = found;
  const read = await verifyAuthenticationResponse({
    response,
    expectedChallenge: challenge.value,
    expectedOrigin: locks.site.origin,
    expectedRPID: locks.site.id,
    requireUserVerification: true,
    credential: {
      id: passkey.credentialId,
      publicKey: new Uint8Array(Buffer.from(passkey.publicKey, 'base64url')),
      counter: passkey.counter,
      transports: passkey.transports,
    },
  }).catch(() => {
    throw refused();
  });
  if (!read.verified) throw refused();
  return { passkey, person, counter: read.authenticationInfo.newCounter };
}

/** The challenge is taken from our own table by what came back; what the browser says it was is never believed. */
async function spend(
  ctx: Ctx,
  locks: Locks,
  answer: { response?: { clientDataJSON?: unknown } | null },
  kinds: readonly ChallengeKind[],
  boundTo: string,
): Promise<{ value: string; personId: string | null }> {
  const signed = parse<{ challenge?: unknown }>(
    Buffer.from(String(answer.response?.clientDataJSON), 'base64url').toString('utf8'),
  );
  const value = String(signed.challenge ?? '').slice(0, 200);
  const { personId } = await spendChallenge(ctx, locks, { kinds, value, boundTo });
  return { value, personId };
}

/** An object, or a refusal: nothing else is looked into. */
function parse<T>(text: string): T {
  try {
    const read: unknown = JSON.parse(text);
    if (typeof read === 'object' && read !== null) return read as T;
  } catch {
    // Not JSON: refused below.
  }
  throw refused();
}
