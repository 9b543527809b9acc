import { setTimeout as pause } from 'node:timers/promises';
import tap, { type Test } from 'tap';
import { listAlerts } from '../../db/queries/alerts.ts';
import { setInstallation } from '../../db/queries/installation.ts';
import { draftUpdate } from '../../src/actions/draft-update.ts';
import { openIncident } from '../../src/actions/open-incident.ts';
import { requestApproval } from '../../src/actions/request-approval.ts';
import { openSimulator } from '../../src/simulator/simulator.ts';
import { DATABASES } from '../house.ts';
import { freshDatabase } from '../pg.ts';
import { buildVisitor, ORIGIN, openHouse, PASSWORD } from './house.ts';

/** People of the desk told in their browsers, through a push service that checks, decrypts and shows. */
for (const database of DATABASES)
  for (const exercise of [false, true])
    tap.test(`${database}${exercise ? ', in an exercise' : ''}`, (t) => told(t, database, exercise));

async function told(t: Test, database: (typeof DATABASES)[number], exercise: boolean) {
  const sim = await openSimulator({ accounts: [{ network: 'web_push', handle: 'marcus-phone' }] });
  t.teardown(() => sim.close());
  const house = await openHouse({
    ALLOW_ORIGINS: sim.url,
    ...(exercise ? { EXERCISE: '1' } : {}),
    ...(database === 'pg' ? { DATABASE_URL: await freshDatabase(tap) } : {}),
  });
  const { app, clock } = house;
  const [phone] = sim.accounts;
  const keys = {
    publicKey: phone?.settings['publicKey'],
    privateKey: phone?.secrets['privateKey'],
    subject: 'mailto:ops@northwind.example',
  };
  const shown = () => sim.world.posts('web_push');
  /** Until whoever was asked about these words has been told, or it never comes to that. */
  async function sent(updateId: string): Promise<void> {
    for (;;) {
      const mine = (await listAlerts(app.store.read, house.page.id, 50)).filter(
        (a) => a.updateId === updateId,
      );
      if (mine.length > 0 && mine.every((a) => a.sentAt !== null)) return;
      app.outbox.kick();
      await pause(20);
    }
  }

  const author = await house.addWithPassword('Dana Cole', ['author']);
  const marcus = await house.addWithPassword('Marcus Lee', ['approver']);
  const visitor = buildVisitor(app);
  await visitor.post('/desk/sign-in', { email: marcus.email, password: PASSWORD });
  const first = (await visitor.post('/desk/me/push/key', {})).json()['publicKey'];
  t.match(first, /^[\w-]{87}$/);
  t.equal((await visitor.post('/desk/me/push/key', {})).json()['publicKey'], first, 'made once');
  // The push service knows the browser by the key it subscribed with.
  await app.store.transact((w) =>
    setInstallation(
      w,
      'desk_push',
      app.secrets.seal('installation|desk_push|value', JSON.stringify(keys)),
      clock.now(),
    ),
  );
  t.equal((await visitor.post('/desk/me/push', { subscription: '{"endpoint":"x"}' })).status, 400);
  const subscription = phone?.settings['to'] ?? '';
  t.match(await visitor.post('/desk/me/push', { subscription }), {
    status: 303,
    to: '/desk/me?said=push-on',
  });
  t.match((await visitor.get('/desk/me')).body, 'Turn off');

  const ask = async (title: string) => {
    const ctx = app.ctx({ kind: 'person', id: author.id, roles: author.roles });
    const incident = await openIncident(ctx, { pageId: house.page.id, title });
    const draft = await draftUpdate(ctx, incident.id, {
      blocks: { known: `${exercise ? 'EXERCISE EXERCISE EXERCISE. ' : ''}Twelve people are hurt.` },
      nextUpdateBy: clock.now() + 20 * 60_000,
    });
    return requestApproval(ctx, draft.id, draft.version);
  };
  const title = exercise ? 'EXERCISE: fire in the warehouse' : 'Fire in the warehouse';
  const asked = await ask(title);
  await sent(asked.id);
  const [note] = shown();
  t.equal(note?.raw['subject'], `${exercise ? 'EXERCISE: ' : ''}Your yes is needed`);
  t.equal(note?.text, title);
  const payload = JSON.stringify(note?.raw);
  t.match(payload, `${ORIGIN}/desk/approvals/${asked.id}`, 'a touch opens the very question');
  t.notMatch(payload, /hurt/, 'not a word of what is to be approved');
  t.notMatch(payload, /link\//, 'and no link that works without signing in');
  const stranger = buildVisitor(app);
  await stranger.post('/desk/sign-in', { email: author.email, password: PASSWORD });
  const off = /\/desk\/me\/push\/\w+\/off/.exec((await visitor.get('/desk/me')).body)?.[0] ?? '';
  t.equal((await stranger.post(off, {})).status, 404, 'nobody turns off another’s');
  await visitor.post(off, {});
  await sent((await ask(`${title}, again`)).id);
  t.equal(shown().length, 1, 'turned off is off');
}
