import { connect, type Socket } from 'node:net';

/**
 * A process full of raw WebSocket clients: port, how many, the last byte of their 127.0.0.x, the path. Tells its parent
 * {open} when all are upgraded, and after {listen} the instant at which the last of them had the next event.
 */

const [port = 0, count = 0, own = 2] = process.argv.slice(2, 5).map(Number);
const path = process.argv[5] ?? '/';
const atOnce = Number(process.argv[6] ?? 200);

interface Client {
  socket: Socket;
  open: boolean;
  held: Buffer | undefined;
  got: boolean;
}

// Read and used up at once, so that all sockets may share it.
const buffer = Buffer.allocUnsafe(65_536);
const clients: Client[] = [];
let opened = 0;
let started = 0;
let waiting = 0;
const PONG = Buffer.from([0x8a, 0x80, 0, 0, 0, 0]);
const EVENT = Buffer.from('{"type":"event"');

function take(client: Client, chunk: Buffer): void {
  let data = client.held ? Buffer.concat([client.held, chunk]) : chunk;
  client.held = undefined;
  if (!client.open) {
    const end = data.indexOf('\r\n\r\n');
    if (end < 0) {
      client.held = Buffer.from(data);
      return;
    }
    if (!data.subarray(0, 12).equals(Buffer.from('HTTP/1.1 101')))
      throw new Error(data.toString().slice(0, 200));
    client.open = true;
    opened += 1;
    data = data.subarray(end + 4);
    if (started < count) start();
    if (opened === count) process.send?.({ open: count });
  }
  while (data.length > 0) {
    const short = data[1]! & 0x7f;
    const head = short < 126 ? 2 : short === 126 ? 4 : 10;
    const length =
      data.length < head
        ? -1
        : short < 126
          ? short
          : short === 126
            ? data.readUInt16BE(2)
            : Number(data.readBigUInt64BE(2));
    if (length < 0 || data.length < head + length) {
      client.held = Buffer.from(data);
      return;
    }
    const payload = data.subarray(head, head + length);
    if (data[0] === 0x89) client.socket.write(PONG);
    else if (payload.subarray(0, EVENT.length).equals(EVENT)) heard(client, payload);
    data = data.subarray(head + length);
  }
}

function heard(client: Client, payload: Buffer): void {
  if (waiting === 0 || client.got) return;
  client.got = true;
  waiting -= 1;
  if (waiting === 0) {
    process.send?.({ last: String(process.hrtime.bigint()), text: payload.toString() });
  }
}

function start(): void {
  started += 1;
  const socket = connect({
    host: '127.0.0.1',
    port,
    localAddress: `127.0.0.${own}`,
    noDelay: true,
    onread: {
      buffer,
      callback(size) {
        take(client, buffer.subarray(0, size));
        return true;
      },
    },
  });
  const client: Client = { socket, open: false, held: undefined, got: false };
  clients.push(client);
  socket.on('connect', () =>
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    ),
  );
  socket.on('error', (error) => {
    throw error;
  });
}

process.on('message', (message: { listen: true }) => {
  if (!message.listen) return;
  waiting = clients.length;
  for (const client of clients) client.got = false;
  process.send?.({ listening: true });
});
process.on('disconnect', () => process.exit(0));
for (let i = 0; i < Math.min(atOnce, count); i += 1) start();
