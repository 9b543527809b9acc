import t from 'tap';
import { expectKills } from './expect.ts';

t.test('killed 40 times while it speaks, nothing is lost, doubled or claimed falsely', (t) =>
  expectKills(t, 'sqlite', 40),
);
