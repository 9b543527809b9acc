import type { SubscriberLocks } from '../../src/actions/subscribers/locks.ts';
import { type House, LIMITS, NETWORKS } from '../house.ts';

/** What subscribers' addresses are kept with, where every code is 123456 and every line speaks as it is. */
export const locksOf = (house: House): SubscriberLocks => ({
  ...house.secrets,
  newCode: () => '123456',
  newTicket: () => 'none',
  line: (kind, id) => ({
    name: kind,
    account: kind,
    limits: LIMITS,
    can: { ...NETWORKS.direct, everyUpdate: kind === 'webhook' },
    template: 'post',
    settings: {},
    sealed: house.secrets.seal(`connections|${id}|sealed`, '{}'),
  }),
});

/** The same secret but for its last character, which is never what it was: one in 64 ends in any given letter. */
export const otherThan = (secret: string): string => secret.slice(0, -1) + (secret.endsWith('A') ? 'B' : 'A');
