import { DomainError } from '../domain/error.ts';
import type { ChannelKind } from './contract.ts';

const NOTE =
  'Google+ is gone: its APIs closed on 7 March 2019, the consumer service on 2 April 2019, and Google Currents, its successor for companies, on 5 July 2023. Use Mastodon, Bluesky or Threads instead.';

/** Kept so that whoever looks for it is told what became of it, and old imports fail with a sentence. */
export const googleplus: ChannelKind = {
  kind: 'googleplus',
  name: 'Google+',
  lifecycle: 'retired',
  retired: { since: '2019-04-02', note: NOTE, instead: ['mastodon', 'bluesky', 'threads'] },
  limits: { unit: 'utf16', max: 0 },
  can: {
    replies: false,
    edit: 'none',
    remove: false,
    idempotent: 'none',
    find: false,
    read: false,
    inbound: 'none',
    altText: false,
    lagMs: 0,
    whenUnverifiable: 'hold',
    everyUpdate: false,
  },
  template: 'post',
  cost: 'free',
  defaultRole: 'brand',
  checkedOn: '2026-11-21',
  promise: 'Nothing can be delivered here: the network does not exist any more.',
  fields: [],
  steps: [],
  open() {
    throw new DomainError('gone', NOTE);
  },
};
