import t from 'tap';
import { checksum, newApiToken, newId, newSecret } from '../src/ids.ts';

t.test('ids sort by the time they were made, whatever the clock does', async (t) => {
  const start = Date.UTC(2026, 2, 2);
  const made: string[] = [];
  for (const now of [start, start + 1, start + 1, start - 60_000, start + 2, start + 2, start + 86_400_000])
    for (let i = 0; i < 300; i += 1) made.push(newId(now));
  t.strictSame(made.toSorted(), made);
  t.equal(new Set(made).size, made.length);
  t.ok(made.every((id) => /^[0-9a-z]{18}$/.test(id)));
  t.ok(newId().length === 18);
});

t.test('ids of two processes do not meet', async (t) => {
  // Same moment, same turn: only the tail tells them apart.
  const tails = new Set(Array.from({ length: 10_000 }, (_, i) => newId(Date.UTC(2030, 0, 1) + i).slice(-5)));
  t.ok(tails.size > 9_990, `${tails.size} of 10,000 tails`);
});

t.test('a token can be told from a look-alike without asking us', async (t) => {
  for (let i = 0; i < 200; i += 1) {
    const token = newApiToken();
    const [, secret = '', sum] = /^tcs_([A-Za-z0-9]{43})([0-9a-z]{7})$/.exec(token) ?? [];
    t.equal(checksum(secret), sum);
    const mistyped = `${secret[0] === 'a' ? 'b' : 'a'}${secret.slice(1)}`;
    t.not(checksum(mistyped), sum);
  }
  t.equal(checksum('123456789'), (0xcbf43926).toString(36).padStart(7, '0'), 'it is the usual CRC-32');
  const secrets = new Set(Array.from({ length: 1_000 }, newSecret));
  t.equal(secrets.size, 1_000);
  t.ok([...secrets].every((s) => Buffer.from(s, 'base64url').length === 32));
});
