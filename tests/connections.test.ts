import t from 'tap';
import { changeConnection, getConnection } from '../db/queries/connections.ts';
import type { GuardedResponse } from '../src/channels/contract.ts';
import { openChannels } from '../src/connections.ts';
import { DATABASES, openHouse } from './house.ts';

for (const database of DATABASES)
  t.test(
    `who read the connection before its token was renewed gets the renewed one: ${database}`,
    async (t) => {
      const house = await openHouse({ database, connect: [{ channel: 'reddit' }] });
      t.teardown(() => house.close());
      const { store, secrets } = house;
      const used: string[] = [];
      const answer = (status: number, json: unknown): GuardedResponse => ({
        status,
        headers: new Headers(),
        text: JSON.stringify(json),
        json,
      });
      const channels = openChannels({
        store,
        secrets,
        now: house.clock.now,
        baseUrl: 'http://127.0.0.1',
        openTools: () => ({
          now: house.clock.now,
          async fetch(url, { body }) {
            if (!url.includes('access_token')) return answer(500, {});
            const token = new URLSearchParams(String(body)).get('refresh_token') ?? '';
            if (used.includes(token)) return answer(400, { error: 'invalid_grant' });
            used.push(token);
            return answer(200, {
              access_token: `of ${token}`,
              refresh_token: `${token}+`,
              expires_in: 3_600,
            });
          },
          connect: () => Promise.reject(new Error('nothing to connect to')),
          agent: undefined as never,
          secureAgent: undefined as never,
          close: async () => undefined,
        }),
      });
      t.teardown(() => channels.close());
      const { id } = house.connections[0]!;
      const values = { clientId: 'app', clientSecret: 'secret', refreshToken: 'once' };
      const sealed = secrets.seal(`connections|${id}|sealed`, JSON.stringify(values));
      const settings = { username: 'northwindpay', subreddit: 'northwindpay' };
      await store.transact((w) => changeConnection(w, id, { sealed, settings }), { appends: false });
      const early = await getConnection(store.read, id);
      const signal = AbortSignal.timeout(10_000);
      await t.rejects(channels.channelOf(early).verify(signal), { message: /500/ });
      t.same(used, ['once']);
      const late = await getConnection(store.read, id);
      t.not(late.sealed, early.sealed, 'the renewed token is on disk');
      t.equal(channels.channelOf(early), channels.channelOf(late));
      house.clock.advance(2 * 3_600_000);
      await t.rejects(channels.channelOf(early).verify(signal), { message: /500/ });
      t.same(used, ['once', 'once+'], 'no token is used twice');
    },
  );
