import t from 'tap';
import { openHouse } from './house.ts';

t.test('people of one address who are at work are not taken for a flood', async (t) => {
  const house = await openHouse();
  const visitor = await house.enter(await house.add('Ada', ['author']));
  const get = async (remoteAddress: string, headers: Record<string, string> = {}) =>
    (await house.app.server.inject({ url: '/desk/sign-in', remoteAddress, headers })).statusCode;
  const times = (n: number, one: () => Promise<number>) =>
    Array.from({ length: n }).reduce<Promise<number[]>>(
      async (all) => [...new Set([...(await all), await one()])],
      Promise.resolve([]),
    );
  const cookie = `tocsin=${visitor.session()}`;
  t.same(await times(700, () => get('203.0.113.7', { cookie })), [303], 'ten boards in a busy minute');
  t.same(await times(600, () => get('203.0.113.7')), [200], 'and whoever comes to sign in beside them');
  t.equal(await get('203.0.113.7'), 429, 'but strangers are held back');
  t.equal(await get('203.0.113.7', { cookie }), 303);
  await times(600, () => get('2001:db8:1:2::1'));
  t.equal(await get('2001:db8:1:2:ffff::9'), 429, 'however many addresses one network has');
});
