import t from 'tap';
import { openHouse, pathIn } from './house.ts';

const house = await openHouse({ env: { TRUST_PROXY: 'loopback' } });
const { mail } = house;
/** How many mails came to somebody; approvers get theirs besides. */
const got = (to: string) => mail.mails.filter((m) => m.to === to).length;

t.test('from the form to the last update: one mail each, and one click stops them', async (t) => {
  const form = await (await house.get('/subscribe')).text();
  t.match(form, /<form action="\/subscribe" method="post"/);
  const asked = await house.post('/subscribe', { by: 'email', address: 'Mara@Customer.example' });
  t.equal(asked.status, 200);
  t.equal(asked.headers.get('cache-control'), 'no-store');
  t.equal(asked.headers.get('referrer-policy'), 'no-referrer');
  const [letter] = await mail.waitFor('mara@customer.example');
  t.match(letter?.headers, {
    subject: 'Confirm: updates from Northwind Pay',
    'auto-submitted': 'auto-generated',
  });
  const link = pathIn(letter?.text ?? '');

  t.comment('a program that follows every link in a mail confirms nothing');
  const looked = await house.get(link);
  t.equal(looked.status, 200);
  t.match(await looked.text(), /mara@customer\.example/);
  const incident = await house.openIncident();
  await house.say(incident);
  await house.app.told();
  t.equal(got('mara@customer.example'), 1, 'nothing is sent before it is confirmed');

  const yes = await house.post(link, { do: 'confirm' });
  t.equal(yes.status, 303);
  const manage = yes.headers.get('location') ?? '';
  t.match(manage, /^\/subscription\/[\w-]{61}\?said=confirmed$/);
  t.match(await (await house.get(manage)).text(), /You will hear from us/);

  await house.say(incident, { blocks: { known: 'The cause is found.' } });
  const mails = await mail.waitFor('mara@customer.example', 2);
  await house.app.told();
  t.equal(got('mara@customer.example'), 2, 'once');
  const told = mails[1]!;
  t.match(told.text, /The cause is found\./);
  t.match(told.text, /You get this because you asked for updates from Northwind Pay\./);
  t.match(told.html, /The cause is found\./);
  t.match(told.html, /Unsubscribe<\/a>/);
  t.notMatch(told.html, /<img|pixel|track/i, 'nobody is followed');
  t.match(told.headers, {
    from: /status@northwind\.example/,
    subject: /: Card payments fail$/,
    'list-unsubscribe': /^<http:\/\/status\.northwind\.example\/subscription\/[\w-]{61}>$/,
    'auto-submitted': 'auto-generated',
    references: `<incident.${incident.id}@northwind.example>`,
  });

  t.comment('one click, as a mail program does it (RFC 8058)');
  const stop = pathIn(told.headers['list-unsubscribe'] ?? '');
  t.equal((await house.get(stop)).status, 200, 'opening it stops nothing');
  const click = await house.post(stop, { 'List-Unsubscribe': 'One-Click' }, { accept: '*/*' });
  t.equal(click.status, 200);
  await house.say(incident, { blocks: { known: 'It works again.' }, status: 'resolved', nextUpdateBy: null });
  await house.app.told();
  t.equal(got('mara@customer.example'), 2, 'the next update does not come');
  t.match(await (await house.get(manage)).text(), /You are unsubscribed/);
});
