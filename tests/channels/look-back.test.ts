import t from 'tap';
import type { ChannelError, ChannelTools, GuardedResponse } from '../../src/channels/contract.ts';
import { findKind, listKinds, openChannel } from '../../src/channels/registry.ts';
import { connect, draftOf, never, type Stand } from './stand-in.ts';

const HOUR = 3_600_000;
const LOOKED_AT = listKinds().filter((kind) => kind.lifecycle !== 'retired' && kind.can.find);
/** Looked through by time. Google lets nobody in whose clock is wrong, and is asked by a name of ours. */
const BY_TIME = LOOKED_AT.filter(({ kind }) => kind !== 'google_chat');
/** X's answers are read by its own library. */
const BY_US = LOOKED_AT.filter(({ kind }) => kind !== 'x');

/** The account of `stand`, opened anew with other tools. */
const openWith = (stand: Stand, tools: Partial<ChannelTools>) =>
  openChannel(stand.account.network, Object.assign({}, stand.values, ...stand.saved), {
    ...stand.tools,
    ...tools,
  });

t.test('a clock that is an hour ahead hides no post from a look', async (t) => {
  for (const { kind } of BY_TIME) {
    const stand = await connect(t, { network: kind }, { rates: 'open' });
    let wrongMs = HOUR;
    const now = () => stand.sim.world.now() + wrongMs;
    const draft = draftOf();
    const key = { id: 'dlv_ahead', at: now() };
    await openWith(stand, { now }).publish(draft, key, never);
    // X asks for no time that is still to come, and its own library reads its answers: that look fails instead.
    if (kind !== 'x') t.ok(await openWith(stand, { now }).find!(draft, key, never), `${kind}: still ahead`);
    wrongMs = 0;
    t.ok(await openWith(stand, { now }).find!(draft, key, never), `${kind}: put right since`);
  }
});

const ANSWERS = ['{}', '{"error":"broken"}', '[{}]', '[7]', 'null', '"yes"', '{"data":{}}', '{"ok":true}'];

t.test('an answer of 200 that is no list is no absence', async (t) => {
  for (const { kind } of BY_US) {
    const stand = await connect(t, { network: kind }, { rates: 'open' });
    const draft = draftOf();
    const key = { id: 'dlv_list', at: stand.sim.world.now() };
    await stand.channel.publish(draft, key, never);
    stand.sent.length = 0;
    t.ok(await stand.channel.find!(draft, key, never), findKind(kind).name);
    const last = stand.sent.at(-1)?.url.replace(/\?.*/, '');
    for (const text of ANSWERS) {
      const nonsense: GuardedResponse = { status: 200, headers: new Headers(), text, json: JSON.parse(text) };
      const fetch: ChannelTools['fetch'] = async (url, request) =>
        url.replace(/\?.*/, '') === last ? nonsense : stand.tools.fetch(url, request);
      const look = openWith(stand, { fetch }).find!(draft, key, never);
      const outcome = await look
        .then((found) => found ?? 'absent')
        .catch((error: ChannelError) => error.failure);
      t.match(outcome, /^(unsent|auth|rejected)$/, `${kind}: ${text}`);
    }
  }
});
