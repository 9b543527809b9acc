import { generateSync } from 'otplib';
import t from 'tap';
import { findPersonByEmail } from '../../db/queries/people.ts';
import { signInLink } from '../../src/cli/first-run.ts';
import { freshPlace } from '../house.ts';
import type { Visitor } from '../visitor.ts';
import { buildAuthenticator } from './authenticator.ts';
import { buildVisitor, ORIGIN, openHouse, PASSWORD } from './house.ts';

const MINUTE = 60_000;
const house = await openHouse();
const { app, clock } = house;
/** The same door on the other database, where tries really are made at the same time. */
const onPg = await openHouse({ DATABASE_URL: (await freshPlace('pg')).url ?? '' });
const ada = await house.addWithPassword('Ada Admin', ['admin']);

const sign = (visitor: Visitor, email: string, password = PASSWORD) =>
  visitor.post('/desk/sign-in', { email, password });
const code = (secret: string) => generateSync({ secret, epoch: Math.floor(clock.now() / 1_000) });
/** Sets up an app for a person who has just signed in; gives its secret and the recovery codes. */
async function turnOn(visitor: Visitor) {
  await visitor.post('/desk/me/app', {});
  const secret = /id="secret">(\w+)</.exec((await visitor.get('/desk/me')).body)?.[1] ?? '';
  const codes = await visitor.post('/desk/me/app/on', { code: code(secret) });
  return { secret, codes: [...codes.body.matchAll(/<li>(\w{5}-\w{5})<\/li>/g)].map((m) => m[1]!) };
}
const isIn = async (visitor: Visitor) => (await visitor.get('/desk')).status === 200;

t.test('an invitation: once, for 72 hours, with a password that is not the first one tried', async (t) => {
  const admin = await house.enter(ada);
  const shown = await admin.post('/desk/people', {
    name: 'Ivo',
    email: 'ivo@northwind.example',
    role: ['author'],
  });
  const path = /(\/desk\/invitation\/[\w-]{43})/.exec(shown.body)?.[1] ?? '';
  t.equal(shown.headers['cache-control'], 'no-store');
  t.notMatch((await admin.get('/desk/people')).body, path, 'the link is shown once');
  const guest = buildVisitor(app);
  t.match((await guest.get(path)).body, 'ivo@northwind.example');
  for (const password of ['short', 'aaaaaaaaaaaaaaaa', 'password1234', 'ivo@northwind.example', ''])
    t.match(
      await guest.post(path, { name: 'Ivo', password }),
      { status: 400, body: /id="e-password"/ },
      password,
    );
  t.match(await guest.post(path, { name: 'Ivo Ek', password: PASSWORD }), {
    status: 303,
    to: '/desk?said=in',
  });
  t.ok(await isIn(guest));
  t.match((await guest.get('/desk/me')).body, 'Ivo Ek');
  t.match(await buildVisitor(app).get(path), { status: 401, body: /was used or has run out/ }, 'used up');
  t.match(await sign(buildVisitor(app), ' IVO@northwind.example '), { status: 303, to: '/desk?said=in' });

  const person = (await findPersonByEmail(app.store.read, 'ivo@northwind.example'))!;
  t.equal(
    (await admin.post(`/desk/people/${person.id}/invitation`, {})).status,
    409,
    'who has a way in is not invited again: it would lead around their password',
  );
  t.equal((await admin.post(`/desk/people/${person.id}/reset`, {})).status, 303);
  t.notOk(await isIn(guest), 'a reset ends their sessions');
  t.equal((await sign(buildVisitor(app), 'ivo@northwind.example')).status, 401, 'and their password');
  const again = await admin.post(`/desk/people/${person.id}/invitation`, {});
  const second = /(\/desk\/invitation\/[\w-]{43})/.exec(again.body)?.[1] ?? '';
  clock.advance(72 * 60 * MINUTE);
  t.equal((await buildVisitor(app).get(second)).status, 401, 'and after 72 hours it is spent');
});

t.test('who does not exist, who has no password and who is wrong get one answer', async (t) => {
  await house.add('Nora None', ['author']);
  const off = await house.addWithPassword('Otto Off', ['author']);
  const admin = await house.enter(ada);
  t.equal((await admin.post(`/desk/people/${off.id}/off`, {})).status, 303);
  const tries = [
    ['ada.admin@northwind.example', 'not her password at all'],
    ['nobody@northwind.example', PASSWORD],
    ['nora.none@northwind.example', PASSWORD],
    ['otto.off@northwind.example', PASSWORD],
    ['not an address', ''],
  ] as const;
  const answers = [];
  for (const [email, password] of tries) {
    const { status, body, headers } = await sign(buildVisitor(app), email, password);
    const { date: _, ...rest } = headers;
    answers.push({
      status,
      body: body.replaceAll(email, '…').replace(/data-at="\d+"/, ''),
      rest: Object.keys(rest),
    });
  }
  for (const [i, answer] of answers.entries()) t.strictSame(answer, answers[0], tries[i]![0]);
  t.equal(answers[0]!.status, 401);
});

t.test('nobody and somebody take equally long', async (t) => {
  await house.addWithPassword('Timea', ['author']);
  const took: Record<string, number[]> = { 'timea@northwind.example': [], 'nobody@northwind.example': [] };
  for (let i = 0; i < 24; i += 1)
    for (const [email, list] of Object.entries(took)) {
      const start = process.hrtime.bigint();
      await sign(buildVisitor(app), email, 'a wrong password, surely');
      list.push(Number(process.hrtime.bigint() - start) / 1e6);
      clock.advance(61 * MINUTE);
    }
  const median = (list: number[]) => [...list].sort((a, b) => a - b)[list.length >> 1]!;
  const [known, unknown] = Object.values(took).map(median) as [number, number];
  t.ok(unknown > 0.6 * known && known > 0.6 * unknown, `${known.toFixed(1)} ms and ${unknown.toFixed(1)} ms`);
});

for (const door of [house, onPg])
  t.test(
    `five tries a quarter of an hour; the owner is never shut out (${door.app.store.kind})`,
    async (t) => {
      const { app, clock } = door;
      const lea = await door.addWithPassword('Lea', ['author']);
      const email = 'lea@northwind.example';
      const start = clock.now();
      let made = 0;
      while (clock.now() - start < 15 * MINUTE) {
        const burst = await Promise.all(
          [1, 2, 3, 4].map(() => sign(buildVisitor(app), email, 'wrong wrong wrong')),
        );
        made += burst.filter((x) => x.status === 401).length;
        clock.advance(20_000);
      }
      t.ok(made >= 3 && made <= 5, `${made} tries were made`);
      const held = await sign(buildVisitor(app), email);
      t.match(held, { status: 429, body: /Too many tries/ }, 'also with the right password');
      t.ok(Number(held.headers['retry-after']) > 0);
      const nobody = await Promise.all(
        [1, 2, 3, 4, 5, 6, 7, 8].map(() => sign(buildVisitor(app), 'nobody.else@northwind.example')),
      );
      t.ok(
        nobody.some((x) => x.status === 429),
        'somebody who does not exist is held back alike',
      );
      const owner = buildVisitor(app);
      t.equal((await owner.post(new URL(await signInLink(app, ORIGIN, email)).pathname, {})).status, 303);
      t.ok(await isIn(owner), 'a link from the server lets her in meanwhile');
      clock.advance(61 * MINUTE);
      t.equal((await sign(buildVisitor(app), email)).status, 303, 'and the password works after the wait');
      t.ok(lea.id);
    },
  );

t.test('twenty tries a minute from one address', async (t) => {
  const one = buildVisitor(app);
  const answers = [];
  for (let i = 0; i < 22; i += 1) answers.push((await sign(one, `x${i}@northwind.example`)).status);
  t.equal(answers.filter((x) => x === 401).length, 20);
  t.equal(answers.at(-1), 429);
  const v6 = buildVisitor(app);
  for (let i = 0; i < 22; i += 1) {
    v6.address = `2001:db8:1:2::${i + 1}`;
    answers.push((await sign(v6, `y${i}@northwind.example`)).status);
  }
  t.equal(answers.at(-1), 429, 'and a /64 is one address');
  clock.advance(2 * MINUTE);
  t.equal((await sign(one, 'z@northwind.example')).status, 401);
});

t.test('a second factor', async (t) => {
  await house.addWithPassword('Sam', ['author']);
  const email = 'sam@northwind.example';
  const first = buildVisitor(app);
  await sign(first, email);
  await first.post('/desk/me/app', {});
  t.match(await first.post('/desk/me/app/on', { code: '000000' }), { status: 400, body: /id="e-code"/ });
  await first.post('/desk/sign-out', {});
  t.match(
    await sign(buildVisitor(app), email),
    { to: '/desk?said=in' },
    'an app that was never confirmed is not asked for',
  );

  await sign(first, email);
  const { secret, codes } = await turnOn(first);
  t.equal(codes.length, 10, 'turning it on gives recovery codes');
  const before = first.session();

  const half = buildVisitor(app);
  t.match(await sign(half, email), { status: 303, to: '/desk/sign-in/second' });
  const halfSecret = half.session();
  t.notOk(await isIn(half), 'half a session opens nothing');
  for (const path of ['/desk/me', '/desk/people', '/api/v1/incidents'])
    t.equal((await half.get(path)).status, 401, path);
  t.equal((await half.post('/desk/me/app/off', {})).status, 401, 'least of all the second factor itself');
  t.match(await half.post('/desk/sign-in/second', { code: '123456' }), { status: 400, body: /id="e-code"/ });
  t.equal(
    (await half.post('/desk/sign-in/second', { code: code(secret) })).status,
    400,
    'a code that was used before is refused',
  );
  clock.advance(MINUTE);
  const now = code(secret);
  t.match(
    await half.post('/desk/sign-in/second', { code: now }),
    { status: 303, to: '/desk/people?said=in' },
    'and the way leads where they wanted to go',
  );
  t.ok(await isIn(half));
  t.not(half.session(), halfSecret, 'the session got a new secret');
  const thief = buildVisitor(app);
  thief.cookies.set('tocsin', halfSecret);
  t.notOk(await isIn(thief), 'and the old one is worth nothing');

  const other = buildVisitor(app);
  await sign(other, email);
  t.equal((await other.post('/desk/sign-in/second', { code: now })).status, 400, 'no code works twice');
  t.match(await other.post('/desk/sign-in/second', { code: codes[0]!.toUpperCase() }), {
    to: '/desk?said=in',
  });
  const third = buildVisitor(app);
  await sign(third, email);
  t.equal(
    (await third.post('/desk/sign-in/second', { code: codes[0]! })).status,
    400,
    'nor does a recovery code',
  );

  const byAdmin = buildVisitor(app);
  const sam = (await findPersonByEmail(app.store.read, email))!;
  t.match(
    await byAdmin.post(await house.link(sam, 'system'), {}),
    { to: '/desk/sign-in/second' },
    'an admin’s link is no second factor',
  );
  const bySelf = buildVisitor(app);
  t.match(await bySelf.post(await house.link(sam), {}), { to: '/desk?said=in' }, 'the server’s command is');
  t.ok(before);

  clock.advance(30 * MINUTE);
  const guess = buildVisitor(app);
  await sign(guess, email);
  const made = [];
  for (let i = 0; i < 8; i += 1) {
    made.push((await guess.post('/desk/sign-in/second', { code: String(100_000 + i) })).status);
    clock.advance(30_000);
  }
  t.ok(made.filter((x) => x === 400).length <= 5, 'codes cannot be guessed one after another');
  t.ok(made.includes(429));
});

t.test('passkeys', async (t) => {
  const pia = await house.add('Pia', ['author']);
  const key = buildAuthenticator(ORIGIN, 'localhost');
  const visitor = await house.enter(pia);
  const askNew = async (v: Visitor) =>
    (await v.post('/desk/me/passkeys/ask', {})).json() as { challenge: string };
  const add = (v: Visitor, passkey: string) => v.post('/desk/me/passkeys', { passkey, passkeyName: 'phone' });

  for (const [what, wrong] of Object.entries({
    'another origin': { origin: 'https://evil.example' },
    'another site': { rpId: 'evil.example' },
    'nobody verified': { unverified: true },
    'a challenge of its own': { challenge: Buffer.from('chosen by the client').toString('base64url') },
  }))
    t.not((await add(visitor, key.make(await askNew(visitor), wrong))).status, 303, what);
  for (const nonsense of [
    '',
    '{}',
    '[]',
    'null',
    '{"id":1,"response":null}',
    '{"response":{}}',
    '{"response":{"clientDataJSON":7}}',
  ])
    t.equal((await add(visitor, nonsense)).status, 400, nonsense);
  const other = await house.enter(ada);
  t.equal((await add(visitor, key.make(await askNew(other)))).status, 400, 'what another session was asked');
  const asked = await askNew(visitor);
  const made = key.make(asked);
  t.match(await add(visitor, made), { status: 303, to: '/desk/me?said=passkey-added' });
  t.equal((await add(visitor, made)).status, 400, 'an answer counts once');
  t.match((await visitor.get('/desk/me')).body, 'phone');

  const ask = async (v: Visitor) =>
    (await v.post('/desk/sign-in/passkey/ask', {})).json() as { challenge: string };
  const show = (v: Visitor, passkey: string) => v.post('/desk/sign-in/passkey', { passkey });
  const guest = buildVisitor(app);
  const shown = key.show(await ask(guest));
  t.match(await show(guest, shown), { status: 303, to: '/desk?said=in' });
  t.ok(await isIn(guest));
  const thief = buildVisitor(app);
  t.equal((await show(thief, shown)).status, 401, 'a replayed answer');
  t.equal(
    (await show(thief, key.show(await ask(buildVisitor(app))))).status,
    401,
    'an answer of another browser',
  );
  for (const [what, wrong] of Object.entries({
    'another origin': { origin: 'http://evil.example' },
    'another site': { rpId: 'evil.example' },
    'a copied authenticator, whose counter is behind': { counter: 1 },
    'nobody verified': { unverified: true },
    'a challenge of its own': { challenge: Buffer.from('chosen by the client').toString('base64url') },
  }))
    t.equal((await show(thief, key.show(await ask(thief), wrong))).status, 401, what);
  t.equal(
    (await show(thief, buildAuthenticator(ORIGIN, 'localhost').show(await ask(thief)))).status,
    401,
    'an unknown key',
  );
  const late = await ask(thief);
  clock.advance(11 * MINUTE);
  t.equal((await show(thief, key.show(late, { counter: 50 }))).status, 401, 'too late');
  t.notOk(await isIn(thief));

  const fresh = await house.enter(pia);
  t.equal((await fresh.post('/desk/me/password', { password: PASSWORD })).status, 303);
  const half = buildVisitor(app);
  t.match(
    await sign(half, 'pia@northwind.example'),
    { to: '/desk/sign-in/second' },
    'a passkey is a second factor, too',
  );
  const second = (await half.post('/desk/sign-in/second/ask', {})).json() as { challenge: string };
  t.match(await half.post('/desk/sign-in/second', { passkey: key.show(second, { counter: 60 }) }), {
    to: '/desk?said=in',
  });

  const forgot = buildVisitor(app);
  await show(forgot, key.show(await ask(forgot), { counter: 65 }));
  t.equal(
    (await forgot.post('/desk/me/password', { password: 'a password that I shall remember' })).status,
    303,
    'whoever has shown a passkey may have forgotten the password',
  );
  const again = await house.enter(pia);
  const list = (await again.get('/desk/me')).body;
  const id = /passkeys\/(\w+)\/remove/.exec(list)?.[1] ?? '';
  t.equal(
    (await (await house.enter(ada)).post(`/desk/me/passkeys/${id}/remove`, {})).status,
    404,
    'nobody removes another’s',
  );
  t.equal((await again.post(`/desk/me/passkeys/${id}/remove`, {})).status, 303);
  t.equal(
    (await show(buildVisitor(app), key.show(await ask(guest), { counter: 70 }))).status,
    401,
    'and then it is worth nothing',
  );
});
