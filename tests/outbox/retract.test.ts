import t from 'tap';
import { getUpdate } from '../../db/queries/incidents.ts';
import { retract } from '../amend.ts';
import { DATABASES, MINUTE, NETWORKS } from '../house.ts';
import { brief, EDITS, open, rowsOf, sayWrong, WRONG } from './amending.ts';

for (const database of DATABASES)
  t.test(database, async (t) => {
    t.test('a retraction: changed or answered where it was read, and nothing where it was not', async (t) => {
      const desk = await open(t, database, {
        connect: [{ can: EDITS }, { can: NETWORKS.findable, name: 'Answers' }, { can: EDITS, name: 'Down' }],
      });
      desk.network(2).script.push({ failure: 'unsent' });
      const { update } = await sayWrong(desk);
      const back = await retract(desk.house, update);
      await desk.rest();
      await desk.pass(MINUTE);
      t.match(
        desk.network(0).posts.map((p) => p.text),
        [/^Retracted: This was a draft, sent by mistake\./],
      );
      t.notMatch(desk.network(0).posts[0]!.text, WRONG);
      t.match(
        desk.network(1).posts.map((p) => p.text),
        [WRONG, /^Retracted: This was a draft/],
      );
      const here = (await rowsOf(desk, back)).find((d) => d.connectionId === desk.house.connections[2]!.id);
      t.match(here, desk.network(2).posts.length === 0 ? { state: 'skipped' } : { state: 'delivered' });
      t.equal((await getUpdate(desk.house.store.read, update.id)).state, 'retracted');
    });

    t.test(
      'a removal says so in a post of its own and takes the wrong one off, read back as gone',
      async (t) => {
        const desk = await open(t, database, {
          page: { policy: { mayRemove: true } } as never,
          connect: [{ can: EDITS }, { can: { ...EDITS, remove: false }, name: 'Keeps' }],
        });
        const { update } = await sayWrong(desk);
        desk.network(0).script.push('accept', { lost: 0 });
        const back = await retract(desk.house, update, 'This could hurt people.', true);
        await desk.rest();
        await desk.pass(MINUTE);
        await desk.pass(MINUTE);
        t.match(
          desk.network(0).posts.map((p) => p.text),
          [/^Retracted: This could hurt people\./],
        );
        t.equal(desk.network(0).posts[0]!.draft.inReplyTo, undefined);
        t.match(
          desk.network(1).posts.map((p) => p.text),
          [/^Retracted: This could hurt people\./],
          'changed where it stays',
        );
        t.same((await brief(desk, back)).sort(), [
          'edit 0 edit delivered',
          'publish 0 new delivered',
          'remove 0 remove delivered',
        ]);
      },
    );
  });
