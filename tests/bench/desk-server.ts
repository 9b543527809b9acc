import type { AddressInfo } from 'node:net';
import Fastify from 'fastify';
import { openDeskHouse } from './desk-house.ts';

/** A process that serves a desk with a past, and one screen's bytes by a bare Fastify route. */
const { house, author, approver, screens } = await openDeskHouse(Number(process.argv[2]));
const board = await author.get('/desk');
const bare = Fastify();
bare.get('/', (_request, reply) => reply.type('text/html; charset=utf-8').send(board.body));
await bare.listen({ host: '127.0.0.1', port: 0 });
const person = ({ cookie, csrf }: typeof author) => ({ cookie, csrf });
process.on('disconnect', () => process.exit(0));
process.send?.({
  desk: house.url,
  bare: `http://127.0.0.1:${(bare.server.address() as AddressInfo).port}`,
  author: person(author),
  approver: person(approver),
  screens,
});
