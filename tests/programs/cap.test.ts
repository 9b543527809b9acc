import t from 'tap';
import { MINUTE, wordsAt } from '../house.ts';
import { checkAlert } from './cap-reading.ts';
import { atom, HOST, trouble, xml } from './feed-reading.ts';
import { openProgramHouse, tamper } from './programs-house.ts';
import { all, type Element, one, say } from './xml.ts';

t.test('an incident is a run of alerts: the first, updates of it, and its end', async (t) => {
  const house = await openProgramHouse({ page: { cadence: 'life_safety' } });
  const incident = await trouble(house);
  await house.say(incident, {
    status: 'identified',
    blocks: { known: 'The gas valve is shut.', action: 'Stay away from the building.' },
    nextUpdateBy: house.clock.now() + 20 * MINUTE,
  });
  await house.live.settled();
  const index = async () => atom(t, await xml(house, '/cap.atom'), `https://${HOST}/cap.atom`);
  const messages = await index();
  const address = (entry: Element) => new URL(one(entry, 'link').attributes['href']!).pathname;
  const alerts: Element[] = [];
  for (const entry of messages) alerts.push(checkAlert(t, await xml(house, address(entry))));
  t.strictSame(
    alerts.map((a) => say(a, 'msgType')),
    ['Update', 'Update', 'Alert'],
  );
  t.equal(
    (await house.look(`/cap/${incident.id}.xml`)).headers['content-type'],
    'application/cap+xml; charset=utf-8',
  );
  const newest = checkAlert(t, await xml(house, `/cap/${incident.id}.xml`));
  t.equal(say(newest, 'identifier'), say(alerts[0]!, 'identifier'));
  t.equal(say(newest, 'status'), 'Actual');
  const refer = (a: Element) => `${say(a, 'sender')},${say(a, 'identifier')},${say(a, 'sent')}`;
  t.equal(say(newest, 'references'), `${refer(alerts[2]!)} ${refer(alerts[1]!)}`);
  t.match(say(newest, 'sent'), /-00:00$/, 'UTC');
  const info = one(newest, 'info');
  t.equal(say(info, 'instruction'), 'Stay away from the building.');
  t.equal(say(info, 'responseType'), 'Execute');
  t.equal(say(info, 'urgency'), 'Immediate');
  t.equal(say(info, 'severity'), 'Extreme');
  t.equal(say(info, 'category'), 'Safety');
  t.equal(say(one(info, 'area'), 'areaDesc'), 'Company: Payments');

  await house.say(incident, { status: 'resolved', body: 'It is over.' });
  await house.live.settled();
  const end = checkAlert(t, await xml(house, `/cap/${incident.id}.xml`));
  t.equal(say(end, 'msgType'), 'Cancel');
  t.equal(say(end, 'references').split(' ').length, 3, 'of everything that stood');
  t.equal(say(one(end, 'info'), 'responseType'), 'AllClear');
  t.equal(say(one(end, 'info'), 'urgency'), 'Past');
  await house.say(incident, { status: 'investigating', ...wordsAt(house.clock.now(), 'It is back.') });
  await house.live.settled();
  const again = checkAlert(t, await xml(house, `/cap/${incident.id}.xml`));
  t.equal(say(again, 'msgType'), 'Alert', 'nothing of the first stands any more');
  t.equal(all(again, 'references').length, 0);
});

t.test('words taken back cancel the alert that said them', async (t) => {
  const house = await openProgramHouse();
  const incident = await house.openIncident();
  const told = await house.say(incident);
  await tamper(
    house,
    incident,
    {},
    { id: told.id, state: 'retracted', updatedAt: house.clock.now() + MINUTE },
  );
  const cancel = checkAlert(t, await xml(house, `/cap/${incident.id}.xml`));
  t.equal(say(cancel, 'msgType'), 'Cancel');
  t.match(say(cancel, 'references'), told.id);
  t.equal(say(checkAlert(t, await xml(house, `/cap/${told.id}.xml`)), 'msgType'), 'Alert');
});

t.test('an exercise says that it is one, in a zone of its own', async (t) => {
  const house = await openProgramHouse({ exercise: true, page: { timeZone: 'Asia/Kolkata' } });
  const incident = await trouble(house);
  const alert = checkAlert(t, await xml(house, `/cap/${incident.id}.xml`));
  t.equal(say(alert, 'status'), 'Exercise');
  t.match(say(alert, 'note'), 'Exercise');
  t.match(say(alert, 'sent'), /\+05:30$/);
});
