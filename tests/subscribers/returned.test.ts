import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { findSubscriber, listSubscribers } from '../../db/queries/subscribers.ts';
import { bounceTag, linkToken, mailHookSecret, readBounceTag } from '../../src/actions/subscribers/locks.ts';
import { takeReturned } from '../../src/actions/subscribers/returned.ts';
import { readReturned } from '../../src/channels/returned-mail.ts';
import { isGone, MOST_SOFT } from '../../src/domain/returned.ts';
import { DATABASES, type DatabaseKind } from '../house.ts';
import { openHouse } from './house.ts';
import { otherThan } from './locks.ts';
import { REPORTS } from './reports.ts';

const CLI = fileURLToPath(new URL('../../src/cli/tocsin.js', import.meta.url));
const DAY = 24 * 60 * 60_000;
const reportOf = (name: string) => REPORTS.find((r) => r.name === name)!;

t.test('what mail servers write is read for what it says', async (t) => {
  for (const { name, what, mail } of REPORTS) {
    const { returned, tags, links } = readReturned(
      Buffer.from(
        mail(
          `bounces+${'a'.repeat(44)}@status.example`,
          'List-Unsubscribe: <https://s.example/subscription/abcdefghijklmnopqrstuv>\r\n\r\nwords',
        ),
      ),
    );
    const seen = returned.what === 'failed' ? (isGone(returned) ? 'gone' : 'soft') : returned.what;
    t.equal(seen, what, name);
    t.strictSame(tags, ['a'.repeat(44)], `${name}: to whom it came`);
    if (mail('x', 'y').includes('y'))
      t.ok(links.length === 1 || name === 'an answering machine', `${name}: what it quotes`);
  }
});

t.test('what is no report, or half of one, is nothing', async (t) => {
  const whole = reportOf('Postfix: no such user').mail(
    'bounces+x@status.example',
    'Subject: words\r\n\r\nwords',
  );
  for (let end = 0; end < whole.length; end += 7) readReturned(Buffer.from(whole.slice(0, end)));
  const nested = (depth: number): string =>
    depth === 0
      ? 'x'
      : `Content-Type: multipart/mixed; boundary=b${depth}\r\n\r\n--b${depth}\r\n${nested(depth - 1)}\r\n--b${depth}--\r\n`;
  const odd = [
    '',
    '\r\n\r\n',
    'Content-Type: multipart/report; report-type=delivery-status; boundary=""\r\n\r\n--\r\n',
    'Content-Type: multipart/report; report-type=delivery-status\r\n\r\nno boundary',
    nested(200),
    `Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n${'--b\r\n'.repeat(50_000)}`,
    `To: ${'+'.repeat(100_000)}\r\n\r\n`,
    `${'a'.repeat(200_000)}\r\n\r\n`,
    `X: ${' \r\n '.repeat(100_000)}\r\n\r\n`,
    `Content-Transfer-Encoding: quoted-printable\r\n\r\n${' '.repeat(400_000)}`,
    `Content-Type: x${'; a="'.repeat(80_000)}\r\n\r\n`,
  ];
  for (const mail of odd) t.strictSame(readReturned(Buffer.from(mail)).returned, { what: 'other' });
});

for (const database of DATABASES) t.test(database, (t) => comesBack(t, database));

async function comesBack(t: Test, database: DatabaseKind) {
  const house = await openHouse({
    database,
    env: { TRUST_PROXY: 'loopback' },
    account: { bounces: 'bounces@status.northwind.example' },
  });
  const { app, page, mail } = house;
  const { locks } = app.subscribers;
  const secret = mailHookSecret(locks);
  const hook = async (body: string, by = secret) => {
    const answer = await fetch(`${house.base}/hooks/mail/${by}`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'message/rfc822' },
    });
    return `${answer.status} ${(await answer.text()).trim()}`;
  };
  /** Somebody who gets an update. Returns their row and the mail they got. */
  const reader = async (address: string) => {
    const link = await house.join(address);
    const id = link.split('/').at(-1)!.slice(0, 18);
    const incident = await house.openIncident();
    await house.say(incident);
    const letter = (await mail.waitFor(address, 2))[1]!;
    await app.told();
    return { id, letter, row: async () => (await findSubscriber(app.store.read, id))! };
  };

  await t.test('a mailbox that is no more goes into quarantine, and the desk says why', async (t) => {
    const one = await reader('gone@customer.example');
    t.match(one.letter.from, /^bounces\+[a-z0-9]{44}@status\.northwind\.example$/, 'comes back with a mark');
    t.match(one.letter.headers['from'], 'status@northwind.example', 'which nobody sees');
    const report = reportOf('Postfix: no such user').mail(one.letter.from.toUpperCase(), one.letter.raw);
    t.equal(await hook(report), '200 quarantined');
    t.match(await one.row(), {
      state: 'quarantined',
      reason: 'Mail came back: there is no such mailbox (5.1.1).',
    });
    t.equal(await hook(report), '200 nothing to do', 'and the same report again changes nothing');
    const before = mail.mails.length;
    await house.say(await house.openIncident('Another'));
    await app.told();
    t.notOk(mail.mails.slice(before).some((m) => m.to === 'gone@customer.example'));
  });

  await t.test('the first letter can come back as well', async (t) => {
    await house.post('/subscribe', { by: 'email', address: 'typo@customer.example' });
    const [letter] = await mail.waitFor('typo@customer.example');
    t.equal(
      await hook(reportOf('Exchange: no such user, headers only').mail(letter!.from, letter!.raw)),
      '200 quarantined',
    );
  });

  await t.test('what passes is counted a day at a time', async (t) => {
    const one = await reader('full@customer.example');
    const take = (name: string, now: number) =>
      takeReturned(
        { store: app.store, now: () => now },
        locks,
        readReturned(Buffer.from(reportOf(name).mail(one.letter.from, one.letter.raw))),
      );
    const now = Date.now();
    t.equal(await take('a full mailbox', now), 'counted');
    t.equal(await take('a filter that dislikes our address', now + 1_000), 'nothing to do', 'the same day');
    t.equal(await take('a delay', now + DAY), 'nothing to do');
    for (let day = 1; day < MOST_SOFT - 1; day += 1)
      t.equal(await take('days without an answer', now + day * DAY), 'counted');
    t.match(await one.row(), { state: 'active', softBounces: MOST_SOFT - 1 });
    t.equal(await take('a full mailbox', now + MOST_SOFT * DAY), 'quarantined');
    t.match(await one.row(), { reason: `Mail came back on ${MOST_SOFT} days (5.2.2).` });
    const rare = await reader('rare@customer.example');
    const seldom = readReturned(Buffer.from(reportOf('a full mailbox').mail(rare.letter.from, '')));
    for (let i = 0; i < 10; i += 1)
      await takeReturned({ store: app.store, now: () => now + i * 31 * DAY }, locks, seldom);
    t.match(await rare.row(), { state: 'active', softBounces: 1 }, 'once a month is nothing');
  });

  await t.test('whoever complains is unsubscribed, by the mail that the complaint quotes', async (t) => {
    const one = await reader('cross@customer.example');
    t.equal(
      await hook(reportOf('not spam after all').mail('fbl@status.northwind.example', one.letter.raw)),
      '200 nothing to do',
    );
    t.equal(
      await hook(reportOf('a complaint').mail('fbl@status.northwind.example', one.letter.raw)),
      '200 unsubscribed',
    );
    t.match(await one.row(), { state: 'unsubscribed', sealed: '' });
  });

  await t.test('nobody can have somebody else’s mail come back', async (t) => {
    const one = await reader('safe@customer.example');
    const { mail: report } = reportOf('Postfix: no such user');
    const good = bounceTag(locks, one.id);
    t.equal(readBounceTag(locks, good), one.id);
    let forged = 0;
    for (let at = 18; at < good.length; at += 1)
      for (const c of 'abcdefghijklmnopqrstuvwxyz234567')
        if (c !== good[at] && readBounceTag(locks, good.slice(0, at) + c + good.slice(at + 1)) !== undefined)
          forged += 1;
    t.equal(forged, 0, 'every other letter is another mark');
    const marks = [
      `${one.id}${'a'.repeat(26)}`,
      bounceTag(locks, '0'.repeat(18)).slice(0, 18) + good.slice(18),
      `${one.id}${linkToken(locks, 'stop', one.id).slice(18, 44).toLowerCase()}`,
    ];
    for (const mark of marks)
      t.equal(
        await hook(report(`bounces+${mark}@status.northwind.example`, 'Subject: x\r\n\r\n')),
        '200 not ours',
        mark,
      );
    const link = otherThan(linkToken(locks, 'stop', one.id));
    const quoted = `List-Unsubscribe: <http://status.northwind.example/subscription/${link}>\r\n\r\n`;
    t.equal(await hook(reportOf('a complaint').mail('x@y.example', quoted)), '200 not ours');
    t.equal(
      await hook(reportOf('a complaint').mail('x@y.example', `To: safe@customer.example\r\n\r\n`)),
      '200 not ours',
      'an address alone proves nothing',
    );
    t.match(await one.row(), { state: 'active' });
    const real = report(one.letter.from, one.letter.raw);
    for (const by of ['x', secret.slice(1), `${secret}a`, secret.toLowerCase()])
      t.match(await hook(real, by), /^404 /, 'nor without the secret of the address');
    t.match(await one.row(), { state: 'active' });
  });

  // The same program on both; starting it takes its time.
  if (database === 'sqlite')
    await t.test('a mail server’s pipe', async (t) => {
      const one = await reader('piped@customer.example');
      const run = async (args: string[], input: string) => {
        const child = spawn(process.execPath, [CLI, 'bounce', ...args], {
          env: { ...process.env, ...house.env },
        });
        child.stdin.end(input);
        const [out, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
        return `${code} ${out.trim()}`;
      };
      t.equal(await run(['--where'], ''), `0 http://status.northwind.example/hooks/mail/${secret}`);
      t.equal(await run([], 'Subject: hello\r\n\r\nhello'), '0 not ours');
      const bare = reportOf('a server with one code for everything').mail(
        'undisclosed',
        'Subject: x\r\n\r\n',
      );
      t.equal(
        await run(['--to', one.letter.from], bare),
        '0 quarantined',
        'the mail server says where it came',
      );
      t.match(await one.row(), { state: 'quarantined' });
    });

  t.equal((await listSubscribers(app.store.read, page.id, { state: 'active' }, 50)).length, 2);
}
