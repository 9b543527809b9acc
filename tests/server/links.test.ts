import t from 'tap';
import { keepMention } from '../../db/queries/mentions.ts';
import { connectAccount } from '../../src/actions/connect-account.ts';
import { LIMITS, NETWORKS } from '../house.ts';
import { openHouse } from './house.ts';

t.test('an address that a network gave is a link only where it leads to the web', async (t) => {
  const house = await openHouse();
  const { app, clock } = house;
  const plug = (id: string, url: string) =>
    connectAccount(app.ctx({ kind: 'cli', id: 'test', roles: [] }), {
      id,
      pageId: house.page.id,
      channel: 'mastodon',
      name: id,
      role: 'brand',
      settings: {},
      sealed: app.secrets.seal(`connections|${id}|sealed`, '{}'),
      template: 'post',
      verified: { account: `@${id}`, url, limits: LIMITS, can: NETWORKS.findable },
    });
  await plug('good', 'https://social.example/@good');
  const bad = await plug('bad', 'javascript:alert(1)');
  const hear = (id: string, url: string) =>
    app.store.transact((w) =>
      keepMention(
        w,
        id,
        bad,
        {
          id,
          url,
          at: clock.now(),
          author: { id: '7', handle: '@mira' },
          text: 'Is it down?',
          post: { id, url, raw: {} },
        },
        clock.now(),
      ),
    );
  await hear('one', 'https://social.example/@mira/1');
  await hear('two', 'JavaScript:alert(1)');
  await hear('three', 'intent://scan/#Intent;end');
  const desk = await house.enter(await house.add('Ada', ['admin']));
  const inbox = await desk.get('/desk/inbox');
  t.match(inbox.body, 'href="https://social.example/@mira/1"');
  t.equal(inbox.body.match(/see it there/g)?.length, 1);
  const links = [inbox, await desk.get('/desk/connections'), await desk.get('/desk')].flatMap(({ body }) =>
    [...body.matchAll(/href="([^"]*)"/g)].map(([, href = '']) => href),
  );
  t.ok(links.includes('https://social.example/@good'));
  t.strictSame(
    links.filter((href) => !/^(?:https?:\/\/|\/|#)/.test(href)),
    [],
  );
});
