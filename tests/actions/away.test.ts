import t, { type Test } from 'tap';
import { type Person, revokeToken } from '../../db/queries/people.ts';
import { listAway, listLeft, noteAwayOwners } from '../../src/actions/hand-over/owner-away.ts';
import { issueToken, signIn, signOut } from '../../src/actions/people.ts';
import { DATABASES, type House, MINUTE, openHouse } from '../house.ts';
import { alertsOf } from './alerts.ts';

for (const database of DATABASES)
  t.test(database, async (t) => {
    await leaving(t, await openHouse({ database }));
  });

const HOUR = 60 * MINUTE;

async function comeIn(house: House, person: Person) {
  const secret = house.newId();
  await issueToken(house.system, { kind: 'sign_in', personId: person.id, name: 'Link', secret });
  return (await signIn(house.system, secret, house.newId())).session;
}
const told = (house: House) => alertsOf(house, 'owner_away');

async function leaving(t: Test, house: House) {
  const { author, approver, second, admin, store, clock } = house;

  await t.test('whoever leaves an open incident is told of, to those who can take it over', async (t) => {
    const here = await comeIn(house, author);
    const incident = await house.openIncident('Pay fails');
    const left = (but: string | null) => listLeft(store.read, author.id, but, clock.now());
    t.match(await left(here.id), [{ id: incident.id }]);
    const phone = await comeIn(house, author);
    t.strictSame(await left(here.id), [], 'not while they are here on their phone');
    await signOut(house.ctx(author), here.id);
    t.strictSame(await told(house), []);
    t.equal(await noteAwayOwners(house.system), 0);
    await signOut(house.ctx(author), phone.id);
    t.same(
      (await told(house)).map((a) => a.personId).toSorted(),
      [null, admin.id, approver.id, second.id].toSorted(),
      'whoever is on call, and everybody who may approve',
    );
    t.match(
      (await told(house))[0]?.message,
      /“Pay fails” is open, and its owner Arno has signed out\. Take it over/,
    );
    clock.advance(MINUTE);
    t.equal(await noteAwayOwners(house.system), 0, 'once');
    const away = await listAway(store.read, [incident], clock.now());
    t.equal(away.get(incident.id), clock.now() - MINUTE);
  });

  await t.test('a session that runs out is noticed, and whoever was never there is not missed', async (t) => {
    const before = (await told(house)).length;
    const robots = await house.openIncident('Told by a program');
    t.equal((await listAway(store.read, [robots], clock.now())).size, 0);
    clock.advance(MINUTE);
    const session = await comeIn(house, author);
    t.equal(await noteAwayOwners(house.system), 0, 'back again');
    clock.advance(59 * MINUTE);
    t.equal(await noteAwayOwners(house.system), 0);
    clock.advance(2 * MINUTE);
    t.equal(await noteAwayOwners(house.system), 2, 'both incidents, an hour after the last request');
    t.equal((await told(house)).length, before + 8);
    await store.transact((w) => revokeToken(w, session.id, clock.now()), { appends: false });
    clock.advance(HOUR);
    t.equal(await noteAwayOwners(house.system), 0, 'what had run out does not end again');
  });
}
