import t from 'tap';
import { openRounds } from '../../src/domain/rounds.ts';

/** What becomes of promises that have ended already. */
const breaths = async (count: number) => {
  for (let i = 0; i < count; i += 1) await undefined;
};

t.test('whoever asks while it is being done is served by the next round, and by one for all', async (t) => {
  const gates: (() => void)[] = [];
  let most = 0;
  let under = 0;
  const rounds = openRounds(async () => {
    under += 1;
    most = Math.max(most, under);
    await new Promise<void>((done) => gates.push(done));
    under -= 1;
  });
  const ended: string[] = [];
  const first = rounds.ask().then(() => ended.push('first'));
  const others = [rounds.ask(), rounds.ask()].map((one) => one.then(() => ended.push('other')));
  t.ok(rounds.busy());
  gates[0]?.();
  await first;
  t.same(ended, ['first'], 'what began before they asked is not theirs');
  gates[1]?.();
  await Promise.all(others);
  await rounds.rest();
  t.notOk(rounds.busy());
  t.equal(gates.length, 2);
  t.equal(most, 1, 'never two at a time');
});

t.test('nobody is forgotten who asks in the moment in which a round ends', async (t) => {
  for (let after = 0; after < 12; after += 1) {
    const wanted = new Set<string>();
    const rounds = openRounds(async () => {
      await undefined;
      wanted.clear();
    });
    const first = rounds.ask();
    await breaths(after);
    wanted.add('late');
    await rounds.ask();
    t.equal(wanted.size, 0, `asked ${after} breaths after the first`);
    await first;
  }
});

t.test('a round that fails is told to those who asked for it, and the next goes on', async (t) => {
  let count = 0;
  const rounds = openRounds(async () => {
    count += 1;
    if (count === 1) throw new Error('no');
  });
  const [first, second] = await Promise.allSettled([rounds.ask(), rounds.ask()]);
  t.equal(first?.status, 'rejected');
  t.equal(second?.status, 'fulfilled');
  t.notOk(rounds.busy());
});
