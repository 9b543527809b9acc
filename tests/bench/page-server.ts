import type { AddressInfo } from 'node:net';
import Fastify from 'fastify';
import { openBenchHouse } from './house.ts';

/** A process that serves what it is asked for (a path of ours) at one port, and the same bytes by a bare Fastify route. */
const path = process.argv[2] ?? '/';
const house = await openBenchHouse();
await house.app.listen({ host: '127.0.0.1', port: 0 });
const ours = (house.app.server.address() as AddressInfo).port;
const answer = await house.app.inject({ url: path, headers: { 'accept-encoding': 'gzip' } });
const body = answer.rawPayload;
const type = String(answer.headers['content-type']);
const bare = Fastify();
bare.get(path, (_request, reply) => reply.type(type).header('content-encoding', 'gzip').send(body));
await bare.listen({ host: '127.0.0.1', port: 0 });
process.on('disconnect', () => process.exit(0));
process.send?.({ ours, bare: (bare.server.address() as AddressInfo).port, bytes: body.length });
