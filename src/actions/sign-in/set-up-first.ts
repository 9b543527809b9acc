import { insertPasskey, setPasswordHash } from '../../../db/queries/credentials.ts';
import { changePage, listPages } from '../../../db/queries/pages.ts';
import { changePerson, findPersonByEmail, getPerson, type Person } from '../../../db/queries/people.ts';
import { conflict, DomainError, forbidden, refuse, type Wrong } from '../../domain/error.ts';
import { type Ctx, decide } from '../context.ts';
import { isTimeZone } from '../set-up-page.ts';
import type { Locks } from './locks.ts';
import { readNewPasskey } from './passkeys.ts';

/** The address of the first admin until a person has put in their own: it says that the set-up is not done. */
export const FIRST_ADDRESS = 'admin@tocsin.invalid';

export const isFirst = (person: Pick<Person, 'email'>): boolean => person.email === FIRST_ADDRESS;

export interface FirstSetUp {
  name: string;
  email: string;
  password: string;
  /** The browser's answer, when a passkey was made instead or as well. */
  passkey: string;
  pageName: string;
  timeZone: string;
  /** Whether one person may approve their own words: asked, never assumed. */
  approvals: string;
  sessionId: string;
}

/** All that is wrong with the answers, so that nobody has to send them six times. */
function wrongIn(input: FirstSetUp, locks: Locks): Wrong[] {
  const { name, email, pageName, password } = input;
  const weak = password === '' ? undefined : locks.passwords.weakness(password, [name, email]);
  const wrong: [boolean, Wrong['field'], string][] = [
    [name === '' || name.length > 100, 'name', 'Give your name, in 1 to 100 characters.'],
    [
      !/^[^\s@]+@[^\s@]+$/.test(email) || email.length > 254 || email.endsWith('.invalid'),
      'email',
      'This is not an email address. Write it like name@company.example.',
    ],
    [
      pageName === '' || pageName.length > 100,
      'pageName',
      'Give the service’s name, in 1 to 100 characters.',
    ],
    [!isTimeZone(input.timeZone), 'timeZone', 'Use a zone name such as UTC or Europe/Berlin.'],
    [
      input.approvals !== 'solo' && input.approvals !== 'two',
      'approvals',
      'Choose who approves. There is no default, because this is what keeps a mistake inside.',
    ],
    [password === '' && input.passkey === '', 'password', 'Choose a password, or add a passkey.'],
    [weak !== undefined, 'password', weak ?? ''],
  ];
  return wrong.filter(([is]) => is).map(([, field, message]) => ({ field, message }));
}

/** The first person makes the installation theirs: who they are, how they come in, whose page this is, who approves. */
export async function setUpFirstPerson(ctx: Ctx, locks: Locks, input: FirstSetUp): Promise<void> {
  const first = await getPerson(ctx.store.read, ctx.actor.id);
  if (!isFirst(first)) throw conflict('The set-up is done. Change things under People and Settings.');
  if (ctx.actor.kind !== 'person') throw forbidden('A person does this at the desk.');
  const name = input.name.trim();
  const email = input.email.trim().toLowerCase();
  const pageName = input.pageName.trim();
  refuse(wrongIn({ ...input, name, email, pageName }, locks));
  const hash = input.password === '' ? null : await locks.passwords.hash(input.password, [name, email]);
  const passkey =
    input.passkey === ''
      ? null
      : await readNewPasskey(ctx, locks, {
          answer: input.passkey,
          name: '',
          person: first,
          boundTo: input.sessionId,
        });
  await decide(ctx, async ({ w, now, say, account }) => {
    if (!isFirst(await getPerson(w, first.id))) throw conflict('The set-up is done already.');
    if (await findPersonByEmail(w, email))
      throw new DomainError('conflict', 'Somebody with this address is here already.', { field: 'email' });
    await changePerson(w, first.id, { name, email, updatedAt: now });
    if (hash !== null) await setPasswordHash(w, first.id, hash, now);
    if (passkey) await insertPasskey(w, passkey);
    const [page] = await listPages(w);
    if (page) {
      const policy = { ...page.policy, solo: input.approvals === 'solo' };
      await changePage(w, page.id, { name: pageName, timeZone: input.timeZone, policy, updatedAt: now });
      await say({ pageId: page.id, kind: 'page.changed', public: true, incidentId: null, updateId: null });
    }
    await account({
      action: 'installation.set_up',
      subjectKind: 'person',
      subjectId: first.id,
      detail: { email, approvals: input.approvals, password: hash !== null, passkey: passkey?.id ?? null },
    });
  });
}
