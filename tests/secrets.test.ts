import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import t from 'tap';
import { newKey, openSecrets, SecretError } from '../src/secrets.ts';

const place = (row: string, column = 'sealed') => `connections|${row}|${column}`;
const refused = (work: () => unknown): boolean => {
  try {
    work();
    return false;
  } catch (error) {
    if (error instanceof SecretError) return true;
    throw error;
  }
};

t.test('what is sealed is opened again, in its place', async (t) => {
  const secrets = openSecrets([newKey()]);
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), fc.uuid(), (text, row) => {
      const sealed = secrets.seal(place(row), text);
      return secrets.open(place(row), sealed) === text && (text.length < 12 || !sealed.includes(text));
    }),
  );
  const many = Array.from({ length: 1_000 }, () => secrets.seal(place('a'), 'same'));
  t.equal(new Set(many.map((s) => s.split('.')[2])).size, 1_000, 'a fresh nonce each time');
});

t.test('every flipped bit of 1,000 is noticed', async (t) => {
  const secrets = openSecrets([newKey()]);
  let flips = 0;
  for (let length = 0; length < 12; length += 1) {
    const text = randomBytes(length * 5).toString('latin1');
    const sealed = secrets.seal(place('row'), text);
    for (let i = 0; i < sealed.length; i += 1)
      for (let bit = 0; bit < 7; bit += 1) {
        const flipped = String.fromCharCode(sealed.charCodeAt(i) ^ (1 << bit));
        flips += 1;
        const changed = sealed.slice(0, i) + flipped + sealed.slice(i + 1);
        if (!refused(() => secrets.open(place('row'), changed))) t.fail(`character ${i}, bit ${bit}`);
      }
  }
  t.ok(flips > 1_000, `${flips} flips`);
});

t.test('what was cut off, put on or is no sealed text is refused, never a crash', async (t) => {
  const secrets = openSecrets([newKey()]);
  const sealed = secrets.seal(place('row'), 'token');
  for (let cut = 0; cut < sealed.length; cut += 1)
    t.ok(
      refused(() => secrets.open(place('row'), sealed.slice(0, cut))),
      `the first ${cut}`,
    );
  for (const more of ['x', '.', '.x', '=', ' ', '\n'])
    t.ok(refused(() => secrets.open(place('row'), sealed + more)));
  for (const nonsense of ['', '...', 's1...', 'plain text', `s1.${sealed.split('.')[1]}.AA.AA`])
    t.ok(
      refused(() => secrets.open(place('row'), nonsense)),
      nonsense,
    );
});

t.test('1,000 swaps of row or column are noticed', async (t) => {
  const secrets = openSecrets([newKey()]);
  const rows = Array.from({ length: 40 }, (_, i) => ({
    row: `row-${i}`,
    sealed: secrets.seal(place(`row-${i}`), `${i}`),
  }));
  let swaps = 0;
  for (const a of rows)
    for (const b of rows) {
      if (a === b) continue;
      swaps += 1;
      if (!refused(() => secrets.open(place(a.row), b.sealed))) t.fail(`${b.row} opened as ${a.row}`);
    }
  for (const { row, sealed } of rows)
    t.ok(
      refused(() => secrets.open(place(row, 'settings'), sealed)),
      'another column',
    );
  t.ok(swaps >= 1_000);
});

t.test('a key is exchanged without anything lost', async (t) => {
  const [old, fresh, other] = [newKey(), newKey(), newKey()];
  const before = openSecrets([old]);
  const sealed = before.seal(place('row'), 'token');
  const both = openSecrets([fresh, old]);
  t.equal(both.open(place('row'), sealed), 'token');
  t.ok(both.isStale(sealed), 'it should be sealed again');
  const again = both.seal(place('row'), 'token');
  t.notOk(both.isStale(again));
  t.ok(
    refused(() => before.open(place('row'), again)),
    'the old key cannot open what the new one sealed',
  );
  t.equal(openSecrets([fresh]).open(place('row'), again), 'token');
  t.throws(() => openSecrets([other]).open(place('row'), sealed), {
    name: 'SecretError',
    message: /key that is not here/,
  });
  t.equal(both.sign('audit', 'x'), before.sign('audit', 'x'), 'what was signed stays signed');
  t.not(both.sign('audit', 'x'), both.sign('csrf', 'x'), 'each purpose has a key of its own');
  t.equal(both.fingerprint(), before.fingerprint(), 'it is still the same installation');
  t.not(openSecrets([other]).fingerprint(), before.fingerprint());
  t.notMatch(before.fingerprint(), old.slice(0, 12), 'the fingerprint gives nothing away');
});

t.test('a malformed key is named by its place', async (t) => {
  t.throws(() => openSecrets([]), { name: 'SecretError', message: 'No key was given.' });
  t.throws(() => openSecrets([newKey(), 'short']), { message: /^Key 2 is not 32 bytes.*npx tocsin key/ });
  t.equal(Buffer.from(newKey(), 'base64url').length, 32);
  const key = randomBytes(32);
  t.equal(
    openSecrets([key.toString('base64')]).fingerprint(),
    openSecrets([` ${key.toString('base64url')}\n`]).fingerprint(),
    'both spellings of base64, and white space around it',
  );
});
