import t from 'tap';
import { expectSteps } from './expect.ts';

t.test('stopped before and after each durable step', (t) => expectSteps(t, 'sqlite'));
