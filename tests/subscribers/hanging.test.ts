import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import t from 'tap';
import { changeSubscriber } from '../../db/queries/subscribers.ts';
import { subscribe } from '../../src/actions/subscribers/subscribe.ts';
import { openHouse } from './house.ts';

const HANGING = 30;
const HEALTHY = 5;

/** Takes every call; once told so, leaves those to /hang/ without an answer. */
async function openReceivers() {
  const heard: string[] = [];
  const left = new Set<ServerResponse>();
  const waiters: (() => void)[] = [];
  let hangs = false;
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => {
      heard.push(request.url ?? '');
      if (hangs && request.url?.startsWith('/hang/')) {
        left.add(response);
        response.on('close', () => left.delete(response));
      } else response.writeHead(200).end();
      for (const look of waiters.splice(0)) look();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const release = () => {
    hangs = false;
    for (const response of left) response.writeHead(200).end();
  };
  t.teardown(() => {
    release();
    server.close();
  });
  return {
    base: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    heard,
    left,
    hang() {
      hangs = true;
    },
    release,
    async until(is: () => boolean) {
      while (!is()) await new Promise<void>((done) => waiters.push(done));
    },
  };
}

t.test('receivers that never answer keep nobody waiting who does', async (t) => {
  const receivers = await openReceivers();
  // Nobody is given up before the end: whoever is told was not told after somebody's time had run out.
  const house = await openHouse({
    origins: [receivers.base],
    env: { REQUEST_TIMEOUT_MS: '60000' },
  });
  const cli = house.app.ctx({ kind: 'cli', id: 'test', roles: [] });
  const join = (path: string) =>
    subscribe(cli, house.app.subscribers.locks, {
      pageId: house.page.id,
      kind: 'webhook',
      address: `${receivers.base}${path}`,
      source: 'page',
      everything: true,
    });
  const slow: string[] = [];
  for (let i = 0; i < HANGING; i += 1) slow.push((await join(`/hang/${i}`)).id);
  for (let i = 0; i < HEALTHY; i += 1) await join(`/well/${i}`);
  await receivers.until(() => receivers.heard.length === HANGING + HEALTHY);
  await house.app.told();
  // They have not answered in time before.
  await house.app.store.transact(async (w) => {
    for (const id of slow) await changeSubscriber(w, id, { timeouts: 2 });
  });
  receivers.heard.length = 0;
  receivers.hang();
  const well = () => receivers.heard.filter((path) => path.startsWith('/well/')).length;

  const incident = await house.openIncident();
  await house.say(incident);
  await receivers.until(() => well() === HEALTHY && receivers.left.size > 0);
  t.ok(receivers.left.size <= 3, `${receivers.left.size} hang`);

  await house.say(incident, { blocks: { known: 'Half of all cards fail.' } });
  await receivers.until(() => well() === 2 * HEALTHY);
  t.ok(receivers.left.size > 0, 'while the same ones still hang');
  t.equal(receivers.heard.length - well(), receivers.left.size, 'none of them was given up meanwhile');

  t.comment('what is said to people about their subscription does not wait either');
  const hung = receivers.left.size;
  for (let i = 0; i < 25; i += 1) await join(`/hang/new-${i}`);
  await receivers.until(() => receivers.left.size > hung);
  await house.join('ada@customer.example');
  t.ok(receivers.left.size > hung, 'while first messages to new receivers hang');

  t.comment('they come back');
  receivers.release();
  await receivers.until(() => new Set(receivers.heard).size === HANGING + HEALTHY + 25);
  t.pass('and are told in their turn');
});
