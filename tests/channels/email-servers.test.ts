import { createServer as createTcpServer, type Socket } from 'node:net';
import t from 'tap';
import { openGuardedFetch } from '../../src/channels/guard.ts';
import { openChannel } from '../../src/channels/registry.ts';
import { FROM, key, PASSWORD, relay } from './mail-relay.ts';
import { listen, portOf } from './sockets.ts';
import { draftOf, failureOf, never } from './stand-in.ts';

t.test('what the server says, and what may be done then', async (t) => {
  const say = async (responseCode: number, words: string, at: 'onMailFrom' | 'onRcptTo' | 'onData') => {
    const refuse = (...args: unknown[]) => {
      const done = args.at(-1) as (error: Error) => void;
      if (at === 'onData') (args[0] as NodeJS.ReadableStream).resume();
      done(Object.assign(new Error(words), { responseCode }));
    };
    const { open, got } = await relay(t, { [at]: refuse });
    const error = await failureOf(open().publish(draftOf(), key, never));
    t.equal(got.length, 0);
    return error;
  };
  t.match(await say(550, '5.1.1 User unknown', 'onRcptTo'), {
    failure: 'rejected',
    code: '5.1.1',
    status: 550,
  });
  t.match(await say(552, '5.3.4 Message too big', 'onData'), { failure: 'rejected', status: 552 });
  t.match(await say(550, '5.7.1 Spam', 'onData'), { failure: 'rejected' });
  t.match(await say(550, '5.7.1 Not your sender', 'onMailFrom'), {
    failure: 'auth',
    message: /as this sender/,
  });
  t.match(await say(530, '5.7.0 Log in first', 'onMailFrom'), { failure: 'auth' });
  t.match(await say(451, '4.3.0 Local error', 'onData'), { failure: 'unsent', code: '4.3.0' });
  t.match(await say(451, '4.7.1 Greylisted, come back in 5 minutes', 'onRcptTo'), {
    // Not `limited`: one recipient's greylisting must not hold up all the others.
    failure: 'unsent',
    retryAfterMs: 300_000,
  });
  t.match(await say(450, '4.7.1 Error: too much mail from 127.0.0.1', 'onMailFrom'), { failure: 'limited' });
  t.match(await say(421, '4.3.2 Too many connections', 'onRcptTo'), { failure: 'limited' });
});

t.test('a password goes only where it should, and into no error', async (t) => {
  const { open, logins, got } = await relay(t);
  await open({ user: 'status', password: PASSWORD }).publish(draftOf(), key, never);
  t.same(logins, [`status ${PASSWORD}`]);
  t.equal(got.length, 1);
  const error = await failureOf(
    open({ user: 'status', password: 'wrong-secret-9' }).publish(draftOf(), key, never),
  );
  t.equal(error.failure, 'auth');
  t.match(error.message, /It said: .*Bad password …/, 'the server repeats it; we do not');
  const words = `${error.message} ${error.stack} ${error.cause} ${JSON.stringify(error)}`;
  t.notMatch(words, /wrong-secret-9/);
  await open({ user: 'status', password: PASSWORD }).verify(never);
  t.equal(got.length, 1, 'a check is not a mail');
  const bare = await relay(t, { disabledCommands: ['AUTH'] });
  const none = bare.open({ user: 'status', password: PASSWORD });
  t.match(await failureOf(none.publish(draftOf(), key, never)), { failure: 'auth' });
});

t.test('without encryption nothing is said to a server that is not allowed by name', async (t) => {
  const plain = await relay(t, { hideSTARTTLS: true, disabledCommands: ['STARTTLS'] }, { trusted: false });
  const secret = { user: 'status', password: PASSWORD };
  const error = await failureOf(plain.open(secret).publish(draftOf(), key, never));
  t.match(error, { failure: 'unsent', message: /encryption/ });
  const forged = await relay(t, {}, { trusted: false });
  t.match(await failureOf(forged.open(secret).publish(draftOf(), key, never)), { failure: 'unsent' });
  const forgedFromStart = await relay(t, { secure: true }, { trusted: false });
  t.match(await failureOf(forgedFromStart.open(secret).publish(draftOf(), key, never)), {
    failure: 'unsent',
  });
  for (const one of [plain, forged, forgedFromStart]) t.same([one.logins, one.got], [[], []]);
  const relayed = await relay(t, { secure: true });
  await relayed.open(secret).publish(draftOf(), key, never);
  t.equal(relayed.got.length, 1, 'a relay that is allowed by name may have a certificate of its own');
});

t.test('the guard holds for mail too', async (t) => {
  const canary = await listen(
    t,
    createTcpServer(() => t.fail('somebody connected')),
  );
  const port = portOf(canary);
  const guard = openGuardedFetch({
    // A web address of the same machine opens no door for mail, nor does another port.
    allow: [`http://127.0.0.1:${port}`, `smtp://127.0.0.1:${port + 1}`],
    resolve: async (name) => [{ address: name === 'both.example' ? '127.0.0.1' : '10.0.0.7', family: 4 }],
  });
  t.teardown(() => guard.close());
  const tools = { ...guard, now: Date.now, saveSecrets: async () => {} };
  for (const host of [
    '127.0.0.1',
    'localhost',
    'both.example',
    'inside.example',
    '[::1]',
    '0.0.0.0',
    '169.254.169.254',
  ])
    for (const scheme of ['smtp', 'smtps']) {
      const channel = openChannel('email', { server: `${scheme}://${host}:${port}`, from: FROM }, tools);
      const error = await failureOf(channel.verify(never));
      t.match(error, { failure: 'rejected', code: 'private_address' }, `${scheme} ${host}`);
    }
});

t.test('a server that misbehaves', async (t) => {
  const speak = async (script: (socket: Socket) => void, timeoutMs = 30_000) => {
    const server = await listen(t, createTcpServer(script));
    const address = `smtp://127.0.0.1:${portOf(server)}`;
    const guard = openGuardedFetch({ allow: [address], timeoutMs });
    t.teardown(() => guard.close());
    const tools = { ...guard, now: Date.now, saveSecrets: async () => {} };
    return failureOf(
      openChannel('email', { server: address, from: FROM, to: 'a@x.example' }, tools).publish(
        draftOf(),
        key,
        never,
      ),
    );
  };
  t.match(await speak((s) => s.end()), { failure: 'unsent' }, 'hangs up');
  t.match(await speak(() => {}, 400), { failure: 'unsent' }, 'says nothing');
  t.match(
    await speak((s) => s.end('HTTP/1.1 400 Bad Request\r\n\r\n')),
    { failure: 'unsent' },
    'speaks HTTP',
  );
  t.match(
    await speak((s) => s.end('554 5.7.1 You are blocked\r\n')),
    { failure: 'auth' },
    'does not want us',
  );
  const flood = (s: Socket) => {
    const pour = setInterval(() => s.write(`250-${'x'.repeat(60_000)}\r\n`), 1);
    s.on('close', () => clearInterval(pour));
  };
  t.match(await speak(flood, 400), { failure: 'unsent' }, 'never ends its answer');
  const cutInData = (s: Socket) => {
    s.write('220 x\r\n');
    s.on('data', (chunk) => {
      if (/^DATA/m.test(chunk.toString())) s.write('354 go\r\n');
      else if (/^\.\r$/m.test(chunk.toString())) s.destroy();
      else s.write('250 ok\r\n');
    });
  };
  t.match(await speak(cutInData), { failure: 'unknown' }, 'hangs up after the last dot');
});
