import type { Abilities } from '../domain/channel.ts';
import { invalid } from '../domain/error.ts';
import { relayLink } from '../domain/relay.ts';
import { type Channel, ChannelError, type ChannelKind } from './contract.ts';

const MAX_USUAL = 2_000;

const can: Abilities = {
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
};

/**
 * Any network that lets no program post: Nextdoor, an intranet, a shop window. Its deliveries begin as `manual` and
 * wait for the person named here, so nothing is ever sent by us.
 */
export const manual: ChannelKind = {
  kind: 'manual',
  name: 'By hand',
  lifecycle: 'active',
  limits: { unit: 'utf16', max: MAX_USUAL },
  can,
  template: 'post',
  cost: 'free',
  defaultRole: 'brand',
  checkedOn: '2026-11-21',
  promise:
    'Nothing is sent by us. A person gets the exact words that were approved, posts them by hand, and enters the address of the post; only that counts as delivered.',
  withoutPictures: 'a person posts there, and can take the picture from the page',
  fields: [
    {
      name: 'network',
      label: 'Network',
      help: 'What it is called, for example Nextdoor, YouTube or “Screen in the lobby”.',
      secret: false,
      required: true,
      placeholder: 'Nextdoor',
    },
    {
      name: 'relay',
      label: 'Who posts',
      help: 'The person, or the rota, that posts by hand, and how to reach them.',
      secret: false,
      required: true,
      placeholder: 'Dana Cole, +1 555 0134',
    },
    {
      name: 'composer',
      label: 'Address of the composer',
      help: 'An https:// address that opens the network’s own composer. {text}, {subject} and {link} in it are filled in. May be empty.',
      secret: false,
      required: false,
      placeholder: 'https://example.com/compose?text={text}',
    },
    {
      name: 'max',
      label: 'Longest post',
      help: `How many characters fit, a whole number. Without a number: ${MAX_USUAL}.`,
      secret: false,
      required: false,
      placeholder: String(MAX_USUAL),
    },
  ],
  steps: [
    'Agree with the person who posts how they are called at night.',
    'Post something by hand once, and time it: this network is as fast as that person.',
  ],
  open(values): Channel {
    const network = values['network']?.trim() ?? '';
    const relay = values['relay']?.trim() ?? '';
    const composer = values['composer']?.trim() ?? '';
    if (composer !== '' && relayLink(composer, { text: '' }) === undefined)
      throw invalid(
        'composer',
        'Address of the composer: begin with https:// and use only {text}, {subject} and {link}, behind the name of the site.',
      );
    const max = maxSetting(values['max']);
    return {
      async verify() {
        return { account: `${network}, by ${relay}`, url: null, limits: { unit: 'utf16', max }, can };
      },
      async publish() {
        throw new ChannelError(
          'rejected',
          `${network} is posted to by hand, by ${relay}. Post the words there and enter the address of the post.`,
          { code: 'manual' },
        );
      },
    };
  },
};

function maxSetting(typed: string | undefined): number {
  const text = typed?.trim() ?? '';
  if (text === '') return MAX_USUAL;
  const n = Number(text);
  if (!Number.isInteger(n) || n < 20 || n > 100_000)
    throw invalid('max', 'Longest post: enter a whole number from 20 to 100000.');
  return n;
}
