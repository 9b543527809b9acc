import { createHash } from 'node:crypto';
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyReply, FastifyRequest } from 'fastify';

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const KEY = /^[+/0-9A-Za-z]{22}==$/;

/** How long a connection may be idle that asked for another protocol and has not been handed over, ms. */
const UNSWITCHED_MS = 5_000;

/**
 * Node lets go of a connection that asks for another protocol. One that is answered with a page instead would be held by
 * nobody: open for ever, and waited for when the service is to stop. Whoever takes a connection over ends this clock.
 */
export const letGoOfUnswitched = (server: Server): void => {
  server.on('upgrade', (_request, socket: Socket) => {
    socket.setTimeout(UNSWITCHED_MS, () => socket.destroy());
  });
};

/** Whether somebody asks to speak WebSocket. */
export const wantsSocket = (request: FastifyRequest): boolean =>
  request.headers.upgrade?.toLowerCase() === 'websocket';

/**
 * Answers a WebSocket handshake (RFC 6455 §4.2) and hands over the bare connection, of which nothing that led to it is
 * kept: a page stays open for hours, its request should not. Undefined when the handshake is wrong; it is answered.
 * The connection comes without listeners; attach `error` before anything else.
 */
export function takeSocket(request: FastifyRequest, reply: FastifyReply): Socket | undefined {
  const { socket, headers } = request.raw;
  const key = headers['sec-websocket-key'];
  reply.hijack();
  reply.raw.detachSocket(socket);
  socket.removeAllListeners();
  socket.setTimeout(0);
  if (headers['sec-websocket-version'] !== '13' || key === undefined || !KEY.test(key)) {
    const wrong = key !== undefined && KEY.test(key) ? '426 Upgrade Required' : '400 Bad Request';
    socket.on('error', () => socket.destroy());
    socket.end(
      `HTTP/1.1 ${wrong}\r\nSec-WebSocket-Version: 13\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
    );
    return undefined;
  }
  const accept = createHash('sha1')
    .update(key + GUID)
    .digest('base64');
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  return socket;
}

/** Answers a handshake that is not to be had, and lets go of its connection. */
export function refuseSocket(request: FastifyRequest, reply: FastifyReply, status: 401 | 404): void {
  const { socket } = request.raw;
  reply.hijack();
  reply.raw.detachSocket(socket);
  socket.removeAllListeners();
  socket.on('error', () => socket.destroy());
  const words = status === 401 ? '401 Unauthorized' : '404 Not Found';
  socket.end(`HTTP/1.1 ${words}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
