import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FastifyRequest } from 'fastify';
import t from 'tap';
import { WebSocket, WebSocketServer } from 'ws';
import { findTokenByHash } from '../../db/queries/people.ts';
import { sha256 } from '../../src/actions/context.ts';
import { openFeed } from '../../src/server/desk/feed.ts';
import { openHouse } from './house.ts';

t.test('a quiet line has a pulse, and who does not answer is let go', async (t) => {
  const house = await openHouse();
  const { store } = house.app;
  const visitor = await house.enter(await house.add('Ada', ['author']));
  const who = await findTokenByHash(store.read, sha256(visitor.session() ?? ''));
  const feed = openFeed(store, house.clock.now, (error) => t.fail(String(error)), 50);
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const lines = new WebSocketServer({ server });
  lines.on('connection', (socket) => {
    void feed.join(socket, { who, query: { at: '/desk' } } as unknown as FastifyRequest);
  });
  t.teardown(() => {
    feed.close();
    for (const line of lines.clients) line.terminate();
    server.close();
  });
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const alive = new WebSocket(url);
  const dead = new WebSocket(url, { autoPong: false });
  const [code] = await once(dead, 'close');
  t.equal(code, 1006, 'it is cut, because it would not hear a word either');
  const kinds: string[] = [];
  alive.on('message', (frame) => kinds.push(JSON.parse(String(frame)).kind));
  while (kinds.filter((kind) => kind === 'beat').length < 3) await once(alive, 'message');
  t.equal(alive.readyState, WebSocket.OPEN, 'who answers stays');
});
