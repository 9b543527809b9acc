import { Writable } from 'node:stream';
import pino from 'pino';
import t from 'tap';
import { getPerson } from '../../db/queries/people.ts';
import { withoutValues } from '../../db/store.ts';
import { answerFor } from '../../src/server/errors.ts';
import { openHouse } from '../house.ts';

t.test('what a database cannot keep is the sender’s to mend, and no log has it', async (t) => {
  const house = await openHouse({ database: 'pg' });
  t.teardown(() => house.close());
  const odd = 'secret-words\nat x\0';
  const error = await getPerson(house.store.read, odd).then(
    () => t.fail('PostgreSQL took a NUL'),
    (e: unknown) => e as Error,
  );
  t.match(answerFor(error), { status: 400, unexpected: false, body: { error: 'invalid' } });
  t.match(String((error as Error).message), /secret-words/, 'the driver says the values');
  const lines: string[] = [];
  const sink = new Writable({
    write(chunk, _, done) {
      lines.push(String(chunk));
      done();
    },
  });
  const err = (e: Error) => pino.stdSerializers.err(withoutValues(e));
  pino({ serializers: { err } }, sink).error({ err: error }, 'unexpected error');
  const text = lines.join('');
  t.match(text, /Failed query: select/, 'what was asked');
  t.match(text, /invalid byte sequence/, 'and why it failed');
  t.match(text, /values\.test\.ts|people\.ts/, 'and where');
  t.notMatch(text, /secret-words/, 'but not with what');
});
