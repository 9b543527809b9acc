import { createServer } from 'node:http';

/** A receiver in a process of its own that answers every request after a fixed time. */
const wait = Number(process.argv[2] ?? 200);
const server = createServer((request, response) => {
  request.resume();
  request.on('end', () => {
    setTimeout(() => response.writeHead(200, { 'content-type': 'application/json' }).end('{}'), wait);
  });
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  process.send?.({ url: `http://127.0.0.1:${port}` });
});
