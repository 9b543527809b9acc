import pino from 'pino';
import t from 'tap';
import { changePerson } from '../../db/queries/people.ts';
import { invitePerson } from '../../src/actions/sign-in/invite.ts';
import { readConfig } from '../../src/config.ts';
import { newSecret } from '../../src/ids.ts';
import { newKey } from '../../src/secrets.ts';
import type { Visitor } from '../visitor.ts';
import { buildVisitor, openHouse, PASSWORD } from './house.ts';
import { CLIENT, openIssuer } from './issuer.ts';

const issuer = await openIssuer();
t.teardown(() => issuer.close());
const SSO = { OIDC_ISSUER: issuer.url, OIDC_CLIENT_ID: CLIENT.id, OIDC_CLIENT_SECRET: CLIENT.secret };
const house = await openHouse(SSO);
const { app, clock } = house;
const ada = await house.addWithPassword('Ada', ['admin']);
const start = async (visitor: Visitor, from = '/desk/sign-in/sso') => {
  const { status, to } = await visitor.get(from);
  t.equal(status, 303);
  return to;
};
const isIn = async (visitor: Visitor) => (await visitor.get('/desk')).status === 200;
const invite = async (name: string) => {
  const person = await house.add(name, ['author']);
  await invitePerson(app.ctx({ kind: 'cli', id: 'test', roles: [] }), person.id, newSecret());
  return person;
};

t.test(
  'the first time an invited person is met by a verified address, then by (issuer, subject) alone',
  async (t) => {
    const ines = await invite('Ines');
    const visitor = buildVisitor(app);
    t.match((await visitor.get('/desk/sign-in')).body, new URL(issuer.url).host, 'it is offered');
    const to = await start(visitor);
    const asked = new URL(to).searchParams;
    t.match(Object.fromEntries(asked), { response_type: 'code', code_challenge_method: 'S256' });
    for (const name of ['state', 'nonce', 'code_challenge'])
      t.ok((asked.get(name) ?? '').length >= 43, `${name} is long`);

    issuer.says = { sub: 'u-1', email: ines.email, email_verified: false };
    t.equal((await visitor.get(issuer.visit(to))).status, 401, 'an address that nobody verified is nobody’s');
    issuer.says = { sub: 'u-1', email: 'stranger@northwind.example', email_verified: true };
    t.equal((await visitor.get(issuer.visit(await start(visitor)))).status, 401, 'a stranger is not let in');
    issuer.says = { sub: 'u-1', email: ines.email.toUpperCase(), email_verified: true };
    t.match(await visitor.get(issuer.visit(await start(visitor))), { status: 303, to: '/desk?said=in' });
    t.ok(await isIn(visitor));

    issuer.says = { sub: 'u-1', email: 'married@northwind.example', email_verified: true };
    const later = buildVisitor(app);
    t.equal(
      (await later.get(issuer.visit(await start(later)))).status,
      303,
      'another address, the same person',
    );
    issuer.says = { sub: 'u-2', email: ines.email, email_verified: true };
    const impostor = buildVisitor(app);
    t.equal(
      (await impostor.get(issuer.visit(await start(impostor)))).status,
      401,
      'the same address, another person',
    );
    issuer.says = { sub: 'u-3', email: ada.email, email_verified: true };
    t.equal(
      (await impostor.get(issuer.visit(await start(impostor)))).status,
      401,
      'who is here already is not met by address',
    );
    t.notOk(await isIn(impostor));

    await app.store.transact((w) => changePerson(w, ines.id, { disabledAt: clock.now() }));
    issuer.says = { sub: 'u-1' };
    const off = buildVisitor(app);
    t.equal((await off.get(issuer.visit(await start(off)))).status, 401, 'nor is one who was switched off');
  },
);

t.test('an answer that is not to our question', async (t) => {
  const noor = await invite('Noor');
  issuer.says = { sub: 'n-1', email: noor.email, email_verified: true };
  const visitor = buildVisitor(app);
  const back = issuer.visit(await start(visitor));
  t.equal((await buildVisitor(app).get(back)).status, 401, 'brought by another browser');
  for (const [what, path] of [
    ['without a state', back.replace(/state=[^&]+/, '')],
    ['with another state', back.replace(/state=[^&]+/, 'state=guessed')],
    ['with two states', `${back}&state=guessed`],
    ['refused by the issuer', back.replace(/code=[^&]+/, 'error=access_denied')],
  ] as const)
    t.equal((await visitor.get(path)).status, 401, what);
  t.equal((await visitor.get(back)).status, 401, 'and a state is spent by its first answer');

  for (const [what, wrong] of Object.entries({
    'another nonce': { claims: { nonce: 'x' } },
    'no nonce': { claims: { nonce: undefined } },
    'for another client': { claims: { aud: 'somebody' } },
    'of another issuer': { claims: { iss: 'https://evil.example' } },
    'run out': { claims: { exp: 1_000 } },
    'without a subject': { claims: { sub: undefined } },
    'signed with another key': { otherKey: true },
    'not signed at all': { noAlgorithm: true },
  })) {
    issuer.wrong = wrong;
    t.equal((await visitor.get(issuer.visit(await start(visitor)))).status, 401, what);
    issuer.wrong = {};
  }
  const slow = issuer.visit(await start(visitor));
  clock.advance(11 * 60_000);
  t.equal((await visitor.get(slow)).status, 401, 'too late');
  t.notOk(await isIn(visitor));
  t.equal(
    (await visitor.get(issuer.visit(await start(visitor)))).status,
    303,
    'the right answer still works',
  );
});

t.test('who is signed in connects their own account', async (t) => {
  const visitor = await house.enter(ada);
  issuer.says = { sub: 'a-1', email: 'whatever@elsewhere.example', email_verified: false };
  const back = issuer.visit(await start(visitor, '/desk/me/sso'));
  const thief = await house.enter(await house.add('Theo', ['author']));
  t.equal((await thief.get(back)).status, 401, 'nobody else can take the answer');
  t.match(await visitor.get(back), { status: 303, to: '/desk/me?said=sso-connected' });
  const later = buildVisitor(app);
  await later.get(issuer.visit(await start(later)));
  t.match((await later.get('/desk/me')).body, ada.email);
  t.equal(
    (await thief.get(issuer.visit(await start(thief, '/desk/me/sso')))).status,
    409,
    'one account is one person',
  );
  clock.advance(16 * 60_000);
  t.equal((await visitor.get('/desk/me/sso')).status, 403, 'and only whoever has just signed in');
});

t.test('when the issuer is down the house’s own ways in stay', async (t) => {
  const visitor = buildVisitor(app);
  const back = issuer.visit(await start(visitor));
  issuer.mood = 'broken';
  t.match(await visitor.get(back), { status: 503, body: /does not answer just now/ });
  // A house that has never met its issuer.
  const fresh = await openHouse(SSO);
  await fresh.addWithPassword('Olga', ['author']);
  const guest = buildVisitor(fresh.app);
  for (const mood of ['broken', 'silent'] as const) {
    issuer.mood = mood;
    // A silent one is given up by itself: nothing here would end this otherwise.
    const answer = await guest.get('/desk/sign-in/sso');
    t.match(answer, { status: 503, body: /Sign in with your password, a passkey or a link instead/ }, mood);
  }
  t.equal((await guest.get('/desk/sign-in')).status, 200);
  t.match(await guest.post('/desk/sign-in', { email: 'olga@northwind.example', password: PASSWORD }), {
    to: '/desk?said=in',
  });
  issuer.mood = 'well';
  t.equal((await guest.get('/desk/sign-in/sso')).status, 303, 'and it is tried again when it is back');
});

t.test('why it failed is in the log, for whoever set it up', async (t) => {
  const lines: string[] = [];
  const logger = pino({ level: 'warn' }, { write: (line: string) => void lines.push(line) });
  const wrong = await openHouse({ ...SSO, OIDC_CLIENT_SECRET: 'not-the-secret-of-this-client' }, { logger });
  const guest = buildVisitor(wrong.app);
  t.equal((await guest.get(issuer.visit(await start(guest)))).status, 401);
  t.match(lines.at(-1), /"why":".*invalid_grant/);
  issuer.mood = 'broken';
  const fresh = await openHouse(SSO, { logger });
  t.equal((await buildVisitor(fresh.app).get('/desk/sign-in/sso')).status, 503);
  issuer.mood = 'well';
  t.match(lines.at(-1), /"why":".*OAUTH_/);
  t.notMatch(lines.join(), /not-the-secret/);
  t.notMatch(lines.join(), CLIENT.secret);
});

t.test('the configuration', async (t) => {
  const env = { TOCSIN_KEYS: newKey() };
  t.equal(readConfig(env).sso, undefined);
  t.throws(
    () => readConfig({ ...env, OIDC_ISSUER: 'https://id.example' }),
    /OIDC_CLIENT_ID: single sign-on needs/,
  );
  for (const OIDC_ISSUER of ['http://id.example', 'id.example', 'ftp://id.example'])
    t.throws(
      () => readConfig({ ...env, ...SSO, OIDC_ISSUER }),
      /OIDC_ISSUER: give the full https address/,
      OIDC_ISSUER,
    );
  const without = await openHouse();
  const guest = buildVisitor(without.app);
  t.equal((await guest.get('/desk/sign-in/sso')).status, 404);
  t.notMatch((await guest.get('/desk/sign-in')).body, '/desk/sign-in/sso');
});
