import { createECDH, randomBytes } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import t from 'tap';
import { listSubscribers } from '../../db/queries/subscribers.ts';
import { connectAccount } from '../../src/actions/connect-account.ts';
import { openHouse, pathIn } from './house.ts';
import { openPeer } from './peer.ts';

const gone = new Set<string>();
const peer = await openPeer(({ path }) => {
  if (gone.has(path)) return { status: 404, body: 'no' };
  if (path.startsWith('/services/')) return { status: 200, body: 'ok' };
  if (path.startsWith('/workflows/')) return { status: 202 };
  if (path.startsWith('/push/')) return { status: 201 };
  if (path.includes('/Messages.json'))
    return {
      status: 201,
      body: JSON.stringify({
        sid: `SM${'0'.repeat(32)}`,
        status: 'queued',
        body: '',
        date_created: 'Mon, 02 Mar 2026 14:00:00 +0000',
      }),
    };
  if (path.includes('/Balance')) return { status: 200, body: '{}' };
  if (path.includes('/Accounts/')) return { status: 200, body: '{"status":"active","friendly_name":"Us"}' };
  return { status: 200 };
});
const house = await openHouse({
  env: { TRUST_PROXY: 'loopback' },
  origins: [peer.base],
});
const { app, page, parts, mail } = house;
const rowsOf = (kind: 'webhook' | 'slack' | 'teams' | 'web_push' | 'sms') =>
  listSubscribers(app.store.read, page.id, { kind }, 10);

t.test('programs: the form that Statuspage uses, signed, a call for each part that changed', async (t) => {
  const address = `${peer.base}/hook`;
  const asked = await house.post('/subscribe', { by: 'webhook', address, contact: 'ops@receiver.example' });
  t.equal(asked.status, 200);
  const [hello] = await peer.waitFor('/hook', 1);
  const letter = JSON.parse(hello!.body) as { type: string; data: { link: string } };
  t.equal(letter.type, 'subscription.welcome');
  const manage = pathIn(letter.data.link);
  const [asks] = await mail.waitFor('ops@receiver.example');
  await house.post(pathIn(asks!.text), { do: 'confirm' });
  const shown = await (await house.get(manage)).text();
  const secret = /whsec_[\w+/=]+/.exec(shown)?.[0] ?? '';

  const incident = await house.openIncident();
  await house.say(incident, { components: { [parts[0]!.id]: 'partial_outage' } });
  await house.app.told();
  const calls = (await peer.waitFor('/hook', 3)).slice(1);
  await house.app.told();
  t.equal(peer.calls.filter((c) => c.path === '/hook').length, 3, 'each once');
  const bodies = calls.map((call) =>
    new Webhook(secret).verify(call.body, call.headers as Record<string, string>),
  );
  const told = bodies.find((b) => 'incident' in (b as object)) as Record<string, Record<string, unknown>>;
  t.match(told, {
    meta: { unsubscribe: /\/subscription\//, documentation: String, generated_at: String },
    page: { id: page.id, status_indicator: String, status_description: String },
    incident: {
      id: incident.id,
      name: 'Card payments fail',
      status: 'investigating',
      impact: String,
      shortlink: `http://status.northwind.example/incidents/${incident.id}`,
      incident_updates: [
        {
          body: /Card payments fail/,
          affected_components: [
            { code: parts[0]!.id, old_status: 'operational', new_status: 'partial_outage' },
          ],
        },
      ],
      components: [{ id: parts[0]!.id, status: 'partial_outage' }],
    },
  });
  const changed = bodies.find((b) => 'component' in (b as object));
  t.match(changed, {
    component: { id: parts[0]!.id, name: 'Payments', status: 'partial_outage' },
    component_update: {
      old_status: 'operational',
      new_status: 'partial_outage',
      component_type: 'Component',
    },
  });
  t.notMatch(JSON.stringify(bodies), 'ops@receiver.example');

  t.comment('refused three times: into quarantine, and its owner gets a mail');
  gone.add('/hook');
  for (let i = 0; i < 2; i += 1) {
    await house.say(incident, {
      blocks: { known: `Word number ${i}.` },
      components: { [parts[0]!.id]: i ? 'partial_outage' : 'major_outage' },
    });
    await house.app.told();
  }
  const [, away] = await mail.waitFor('ops@receiver.example', 2);
  t.match(away?.text, new RegExp(address));
  t.match((await rowsOf('webhook'))[0], { state: 'quarantined', reason: /refused/ });
  const before = peer.calls.length;
  await house.say(incident, { blocks: { known: 'One more.' } });
  await house.app.told();
  t.equal(
    peer.calls.filter((c) => c.path === '/hook').length,
    peer.calls.slice(0, before).filter((c) => c.path === '/hook').length,
  );
  t.match(await (await house.get(manage)).text(), /our messages did not arrive/);
});

t.test('addresses inside are refused at the form, and at the door', async (t) => {
  for (const address of [
    'https://127.0.0.1/x',
    'https://169.254.169.254/latest',
    'http://customer.example/x',
    'https://[::1]/',
    'ftp://x.example',
    'https://a:b@x.example/',
  ]) {
    const asked = await house.post('/subscribe', { by: 'webhook', address });
    t.equal(asked.status, 400, address);
    t.match(await asked.text(), /Enter a public address/);
  }
});

t.test('channels in Slack and Teams: a welcome with the private link, then each update', async (t) => {
  await house.post('/subscribe', { by: 'slack', address: `${peer.base}/services/T1/B2/abc` });
  await house.post('/subscribe', {
    by: 'teams',
    address: `${peer.base}/workflows/x/triggers/manual?sig=abc`,
  });
  const [slack] = await peer.waitFor('/services/', 1);
  const [teams] = await peer.waitFor('/workflows/', 1);
  for (const call of [slack, teams]) {
    t.match(call!.body, 'From now on, updates from Northwind Pay come here.');
    t.match(pathIn(call!.body), /^\/subscription\//);
  }
  const incident = await house.openIncident('Search is slow');
  await house.say(incident, { blocks: { known: 'Search answers slowly.' } });
  await house.app.told();
  t.match((await peer.waitFor('/services/', 2))[1]!.body, 'Search answers slowly.');
  t.match((await peer.waitFor('/workflows/', 2))[1]!.body, 'Search answers slowly.');
});

t.test(
  'a browser: the page’s own key, an encrypted message, and the end when the browser forgets it',
  async (t) => {
    const json = async (path: string, body: object) => {
      const answer = await fetch(`${house.base}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-forwarded-for': '10.9.9.9' },
        body: JSON.stringify(body),
      });
      return { status: answer.status, body: (await answer.json()) as Record<string, string> };
    };
    const first = await json('/subscribe/push/key', {});
    t.match(first.body['publicKey'], /^[\w-]{87}$/);
    t.same((await json('/subscribe/push/key', {})).body, first.body, 'one key for ever');
    const keys = createECDH('prime256v1');
    keys.generateKeys();
    const subscription = {
      endpoint: `${peer.base}/push/one`,
      keys: { p256dh: keys.getPublicKey('base64url'), auth: randomBytes(16).toString('base64url') },
    };
    const made = await json('/subscribe/push', { subscription, choice: { scope: 'everything' } });
    t.match(made.body['manage'], /^\/subscription\//);
    t.equal((await json('/subscribe/push', { subscription: { endpoint: 'x' } })).status, 400);
    const incident = await house.openIncident('Refunds');
    await house.say(incident);
    await house.app.told();
    const [pushed] = await peer.waitFor('/push/', 1);
    t.equal(pushed!.headers['content-encoding'], 'aes128gcm');
    t.match(String(pushed!.headers['authorization']), /^vapid /i);
    t.notMatch(pushed!.raw.toString('latin1'), 'Card payments');
    gone.add('/push/one');
    await house.say(incident, { blocks: { known: 'More.' } });
    await house.app.told();
    t.match((await rowsOf('web_push'))[0], { state: 'quarantined' });
  },
);

t.test('phones: a code, typed by its owner; five wrong ones end it', async (t) => {
  const cli = app.ctx({ kind: 'cli', id: 'test', roles: [] });
  t.notMatch(await (await house.get('/subscribe')).text(), /Text message/, 'not offered without an account');
  const id = cli.newId();
  const values = { accountSid: 'AC1', authToken: 'token', from: '+15550006245', api: peer.base };
  const { verified, settings, sealed, kind } = await app.channels.prepare('sms', id, values);
  await connectAccount(cli, {
    id,
    pageId: page.id,
    channel: 'sms',
    name: 'SMS',
    role: 'status',
    settings,
    sealed,
    template: kind.template,
    verified,
  });
  t.match(await (await house.get('/subscribe')).text(), /Text message/);
  const asked = await house.post('/subscribe', { by: 'sms', address: '+1 (555) 123-4567' });
  t.match(await asked.text(), /name="code"/);
  const sent = () => peer.waitFor('/2010-04-01/Accounts/AC1/Messages.json', 1);
  const [first] = await sent();
  const form = new URLSearchParams(first!.body);
  t.equal(form.get('To'), '+15551234567');
  const code = /\b\d{6}\b/.exec(form.get('Body') ?? '')?.[0] ?? '';
  const wrong = await house.post('/subscribe/code', {
    address: '+15551234567',
    code: code === '000000' ? '111111' : '000000',
  });
  t.equal(wrong.status, 400);
  t.match(await wrong.text(), /not right, or too old/);
  const unknown = await house.post('/subscribe/code', { address: '+15557654321', code: '123456' });
  t.equal(unknown.status, 400, 'a number that nobody asked for is answered like a wrong code');
  const right = await house.post('/subscribe/code', { address: '+15551234567', code });
  t.equal(right.status, 303);
  t.match(right.headers.get('location'), /^\/subscription\/.*said=confirmed$/);
  const incident = await house.openIncident('Transfers');
  await house.say(incident, { blocks: { known: 'Transfers are late.' } });
  await house.app.told();
  const [, told] = await peer.waitFor('/2010-04-01/Accounts/AC1/Messages.json', 2);
  t.match(new URLSearchParams(told!.body).get('Body'), /Transfers are late\./);
});

t.test('Statuspage’s own way in', async (t) => {
  const ask = (init: RequestInit) =>
    fetch(`${house.base}/api/v2/subscribers.json`, {
      method: 'POST',
      ...init,
      headers: { 'x-forwarded-for': '10.8.8.8', ...(init.headers ?? {}) },
    });
  const form = await ask({
    body: new URLSearchParams({
      'subscriber[email]': 'api@customer.example',
      'subscriber[component_ids][]': parts[1]!.id,
    }),
  });
  t.equal(form.status, 201);
  const made = (await form.json()) as { subscriber: Record<string, unknown> };
  t.match(made.subscriber, {
    mode: 'email',
    email: 'api@customer.example',
    quarantined_at: null,
    skip_confirmation_notification: false,
  });
  await mail.waitFor('api@customer.example');
  const again = await ask({
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ subscriber: { email: 'api@customer.example' } }),
  });
  t.equal(again.status, 201);
  const twice = (await again.json()) as { subscriber: Record<string, unknown> };
  t.strictSame(Object.keys(twice.subscriber), Object.keys(made.subscriber), 'the same answer');
  t.not(twice.subscriber['id'], made.subscriber['id'], 'with an id of its own');
  t.equal((await ask({ body: new URLSearchParams({ 'subscriber[email]': 'no' }) })).status, 422);
  t.equal((await fetch(`${house.base}/api/v2/subscribers.json?subscriber[email]=x@y.example`)).status, 405);
});
