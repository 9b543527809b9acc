import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

/** A process of its own with a mail server that takes everything and keeps nothing. Asked, it tells how many it took. */
let taken = 0;
const server = new SMTPServer({
  authOptional: true,
  disabledCommands: ['STARTTLS', 'AUTH'],
  disableReverseLookup: true,
  onData(stream, _session, done) {
    stream.resume();
    stream.on('end', () => {
      taken += 1;
      done();
    });
  },
});
server.listen(0, '127.0.0.1', () =>
  process.send?.({ url: `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}` }),
);
process.on('message', () => process.send?.({ taken }));
process.on('disconnect', () => process.exit(0));
