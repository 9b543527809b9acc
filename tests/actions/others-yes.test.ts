import t from 'tap';
import { getUpdate } from '../../db/queries/incidents.ts';
import { approveUpdate } from '../../src/actions/approve-update.ts';
import { clearTemplate } from '../../src/actions/clear-template.ts';
import { clearHeartbeat, saveHeartbeat } from '../../src/actions/heartbeat/save-heartbeat.ts';
import { clearMap, saveMap } from '../../src/actions/message-maps.ts';
import { saveTemplate } from '../../src/actions/save-template.ts';
import { changeRoles, disablePerson } from '../../src/actions/sign-in/change-person.ts';
import { DATABASES, openHouse, wordsAt } from '../house.ts';

const FORBIDDEN = { code: 'forbidden', message: /You wrote these/ };

for (const database of DATABASES)
  t.test(database, async (t) => {
    t.test('who wrote a cleared text cannot clear it because somebody touched it since', async (t) => {
      const house = await openHouse({ database });
      t.teardown(() => house.close());
      const { page } = house;
      // Ann may write and approve; she writes, and somebody who may only write saves it once more.
      const ann = house.ctx(house.approver);
      const arno = house.ctx(house.author);
      const other = house.ctx(house.second);
      const until = house.clock.now() + 86_400_000;

      const words = {
        name: 'Payments',
        title: 'Payments fail',
        status: 'investigating',
        blocks: { known: 'Payments fail.', unknown: 'We do not know why.', doing: 'We look into it.' },
        slots: [],
      } as const;
      const first = await saveTemplate(ann, page.id, words);
      const again = await saveTemplate(arno, page.id, { ...words, name: 'Payments now' }, first);
      await t.rejects(clearTemplate(ann, again.id, again.version, until), FORBIDDEN);
      const cleared = await clearTemplate(other, again.id, again.version, until);
      const later = await saveTemplate(arno, page.id, words, cleared);
      await clearTemplate(ann, later.id, later.version, until);

      const beat = { words: 'We are late. Next update by {next}.', minutes: 10, auto: false };
      await saveHeartbeat(ann, page.id, beat);
      await saveHeartbeat(arno, page.id, { ...beat, minutes: 15 });
      await t.rejects(clearHeartbeat(ann, page.id), FORBIDDEN);
      await clearHeartbeat(other, page.id);
      await saveHeartbeat(arno, page.id, beat);
      await clearHeartbeat(ann, page.id);

      const map = {
        pageId: page.id,
        incidentId: null,
        question: 'Was I charged twice?',
        messages: [
          {
            text: 'No payment that failed was charged.',
            supports: ['Pending payments go back by themselves.'],
          },
        ],
      };
      const one = await saveMap(ann, map);
      const two = await saveMap(arno, { ...map, question: 'Was I charged twice today?' }, one);
      await t.rejects(clearMap(ann, two.id, two.version), FORBIDDEN);
      await clearMap(other, two.id, two.version);
    });

    t.test('the yes of somebody who may not approve any more does not count', async (t) => {
      const house = await openHouse({ database });
      t.teardown(() => house.close());
      const { store } = house;
      const admin = house.ctx(house.admin);
      for (const away of ['off', 'demoted'] as const) {
        const gone = await house.addPerson(away === 'off' ? 'Gil' : 'Hal', ['approver']);
        const asked = await house.ask(await house.openIncident(), {
          ...wordsAt(house.clock.now()),
          class: 'C',
        });
        await approveUpdate(house.ctx(gone), asked.id, asked.hash!);
        if (away === 'off') await disablePerson(admin, gone.id);
        else await changeRoles(admin, gone.id, ['author']);
        await approveUpdate(house.ctx(house.second), asked.id, asked.hash!);
        t.equal((await getUpdate(store.read, asked.id)).state, 'in_review', `${away}: one yes is missing`);
        await approveUpdate(house.ctx(house.approver), asked.id, asked.hash!);
        t.equal((await getUpdate(store.read, asked.id)).state, 'published');
      }
    });
  });
