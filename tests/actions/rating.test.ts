import t from 'tap';
import { getIncident, getUpdate } from '../../db/queries/incidents.ts';
import { listAudit } from '../../db/queries/log.ts';
import { listRenditions } from '../../db/queries/words.ts';
import { approveUpdate } from '../../src/actions/approve-update.ts';
import { openIncident } from '../../src/actions/open-incident.ts';
import { rateIncident } from '../../src/actions/rate-incident.ts';
import { buildMemory, readFacts } from '../../src/live/facts.ts';
import { pageView } from '../../src/live/page-view.ts';
import { DATABASES, type House, MINUTE, openHouse, wordsAt } from '../house.ts';

/** How bad the public page says that each open incident is. */
async function shown(house: House): Promise<string[]> {
  const now = house.clock.now();
  const facts = await readFacts(house.store.read, house.page.id, now, buildMemory());
  const view = pageView(facts, {
    language: 'en',
    seq: 1,
    epoch: '',
    now,
    copyOf: null,
    isExercise: false,
    scriptUrl: null,
    links: () => ({}),
    channelName: () => undefined,
  });
  return view.incidents.map((i) => i.impact);
}

for (const database of DATABASES)
  t.test(database, async (t) => {
    const house = await openHouse({ database, connect: [{ template: 'email' }] });
    const { store, clock } = house;
    const [author, approver] = [house.ctx(house.author), house.ctx(house.approver)];
    const say = (known: string, components = {}) => ({ ...wordsAt(clock.now(), known), components });
    const [payments] = house.components;
    const incident = await house.openIncident();

    await t.test('before the first words it is part of what is approved', async (t) => {
      const asked = await house.ask(incident, say('Card payments fail.'));
      await rateIncident(author, incident.id, 'major');
      t.match(await getUpdate(store.read, asked.id), {
        state: 'returned',
        reason: 'How bad it is was changed after approval was asked for.',
      });
      t.strictSame(await shown(house), [], 'nothing is public yet');
      const said = await house.say(incident, say('Card payments fail for some.'));
      t.equal(said.state, 'published');
      t.match((await listRenditions(store.read, said.id))[0]?.parts[0]?.text, /Major impact/, 'mail says it');
      t.strictSame(await shown(house), ['major']);
    });

    await t.test('afterwards the page keeps it until a second person has said yes', async (t) => {
      await rateIncident(author, incident.id, 'minor');
      t.strictSame(await shown(house), ['major'], 'the public still reads what was approved');
      t.match(await getIncident(store.read, incident.id), { impact: 'major', impactNext: 'minor' });
      await house.say(incident, say('Most card payments work.', { [payments!.id]: 'partial_outage' }));
      t.strictSame(await shown(house), ['minor'], 'what a person says stands above the parts');
      t.match(await getIncident(store.read, incident.id), { impactOverride: 'minor', impactNext: null });
    });

    await t.test('given up, the parts of the service say it again', async (t) => {
      await rateIncident(approver, incident.id, null);
      t.strictSame(await shown(house), ['minor']);
      await house.say(incident, say('Nearly all card payments work.'));
      t.match(await getIncident(store.read, incident.id), { impact: 'major', impactOverride: null });
      t.strictSame(await shown(house), ['major'], 'payments are still out in part');
    });

    await t.test('second thoughts leave nothing behind, and the log has every one', async (t) => {
      await rateIncident(author, incident.id, 'critical');
      const asked = await house.ask(incident, say('Card payments fail again.'));
      const back = await rateIncident(author, incident.id, null);
      t.equal(back.impactNext, null);
      t.equal((await getUpdate(store.read, asked.id)).state, 'returned');
      await rateIncident(author, incident.id, null);
      const rated = (await listAudit(store.read, 0, 1_000)).filter((a) => a.action === 'incident.rate');
      t.strictSame(
        rated.map((a) => JSON.parse(a.detail).to),
        ['major', 'minor', null, 'critical', null],
        'saying the same twice is nothing new',
      );
    });

    await t.test('words that bring no rating do not wait for one', async (t) => {
      const asked = await house.ask(incident, say('It works.'));
      await approveUpdate(approver, asked.id, asked.hash!);
      t.match(await getIncident(store.read, incident.id), { impact: 'major', impactOverride: null });
      const planned = await openIncident(author, {
        pageId: house.page.id,
        title: 'New database',
        kind: 'maintenance',
        scheduledFor: clock.now() + MINUTE,
        scheduledUntil: clock.now() + 60 * MINUTE,
      });
      await t.rejects(rateIncident(author, planned.id, 'minor'), {
        code: 'invalid',
        field: 'impactOverride',
      });
      const reader = await house.addPerson('Vic', ['viewer']);
      await t.rejects(rateIncident(house.ctx(reader), incident.id, 'minor'), { code: 'forbidden' });
    });
  });
