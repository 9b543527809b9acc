import t from 'tap';
import { setPageAccess } from '../../src/actions/page/page-access.ts';
import { openPasswords } from '../../src/actions/sign-in/passwords.ts';
import { openHouse } from '../subscribers/house.ts';

const plain = ({ raw }: { raw: string }) => raw.replaceAll('=\r\n', '');

t.test('a private page opens by a link that is mailed to who may read it, once', async (t) => {
  const house = await openHouse();
  const { app, page, mail } = house;
  const admin = app.ctx({ kind: 'cli', id: 'test', roles: [] });
  const locks = { passwords: openPasswords() };
  await setPageAccess(admin, locks, page.id, { emails: ['@readers.example'], networks: [] });
  await app.live.settled();
  t.equal((await house.get('/')).status, 401);

  const ask = (email: string) => house.post(`/visit/${page.id}/link`, { email, next: '/history' });
  const [stranger, reader] = [await ask('eve@elsewhere.example'), await ask('dana@readers.example')];
  t.equal(stranger.status, reader.status);
  t.equal(await stranger.text(), await reader.text(), 'nobody learns who may read it');
  const [letter] = await mail.waitFor('dana@readers.example');
  const link = new URL(/https?:\/\/\S+\/visit\/\S+/.exec(plain(letter!))![0]);
  t.equal(mail.mails.filter((m) => m.to === 'eve@elsewhere.example').length, 0);

  const opened = await house.get(link.pathname);
  t.equal(opened.status, 200);
  t.notOk(opened.headers.get('set-cookie'), 'whatever looks at mail before its reader does changes nothing');
  await house.get(link.pathname);
  const entered = await house.post(link.pathname, {});
  t.equal(entered.status, 303);
  const cookie = entered.headers.get('set-cookie')!.split(';')[0]!;
  const seen = await fetch(house.base, { headers: { cookie } });
  t.equal(seen.status, 200);
  const again = await house.post(link.pathname, {});
  t.equal(again.status, 401);
  t.match(await again.text(), 'This link is too old, or was used already.');

  for (const name of ['ann', 'bo', 'cy', 'di', 'ed', 'flo'])
    t.equal((await ask(`${name}@readers.example`)).status, 200, 'many of one office may ask');
  for (let i = 0; i < 5; i += 1) await ask('ann@readers.example');
  t.equal((await ask('ann@readers.example')).status, 429, 'but nobody is sent one mail after another');
  await ask('kim@readers.example');
  const second = /\/visit\/\S+/.exec(plain((await mail.waitFor('kim@readers.example'))[0]!))![0];
  await setPageAccess(admin, locks, page.id, { emails: ['@others.example'], networks: [] });
  await app.live.settled();
  t.equal((await house.post(second, {})).status, 401, 'a link of a door that has changed opens nothing');
  t.equal((await fetch(house.base, { headers: { cookie } })).status, 401);
});
