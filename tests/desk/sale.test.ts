import t from 'tap';
import { getUpdate } from '../../db/queries/incidents.ts';
import { changeOffices } from '../../src/actions/sign-in/change-person.ts';
import { handsOn } from './hands.ts';
import { fieldOf, idIn, sayYes, words } from './house.ts';
import { openStory } from './story.ts';

/**
 * S1: a festival sale breaks, people say so on six networks, and the house apologises the next day. Priya writes, Arjun
 * approves on a phone, Iyer of Legal is the second for the apology, Rosa answers everybody where they asked.
 */
const story = await openStory('07:30:00', { name: 'Asia/Kolkata', aheadMs: 5.5 * 3_600_000 });
const { house, itIs } = story;
const reader = story.street.page;
const [priya, arjun, iyer, rosa] = [
  await house.add('Priya Nair', ['author']),
  await house.add('Arjun Mehta', ['approver']),
  await house.add('Sunita Iyer', ['approver']),
  await house.add('Rosa Diaz', ['responder']),
];
await changeOffices(house.app.ctx({ kind: 'cli', id: 'test', roles: [] }), iyer.id, ['legal']);
const PLACES = ['mastodon', 'bluesky', 'x', 'reddit', 'discourse', 'matrix'];
const inbox = await story.enter('desktop', rosa);
let incident = '';
/** From the first complaint to the first words, whole seconds: what people took, and this machine. */
let silent = 0;

t.test('S1: sorry, seen, and said everywhere minutes after the first complaint', async (t) => {
  const [author, approver] = [await house.enter(priya), await house.enter(arjun)];
  await story.clear(author, approver, {
    name: 'Sale failure',
    title: 'Trouble in the sale',
    care: 'We’re sorry: many of you can’t check out or are seeing wrong prices in the sale.',
    known: 'Checkout fails and prices are wrong since {{since}}.',
    unknown: 'We don’t yet know how many orders are affected.',
    doing: 'We’re fixing it now.',
    action: 'Please don’t pay twice.',
    slots: 'since: time',
  });
  const desk = await story.enter('desktop', priya);
  const phone = await story.enter('phone', arjun);
  await story.read();

  // Networks are asked once a minute, so what is said stands there before the story comes to that minute.
  for (const [i, network] of PLACES.entries()) {
    const said = await fetch(`${story.simulator}/_sim/mentions`, {
      method: 'POST',
      body: JSON.stringify({
        network,
        text: `@northwindpay${network === 'bluesky' ? '.test' : ''} checkout in the sale fails and the price is wrong, basket ${i}`,
        author: { handle: `shopper_${i}`, name: `Shopper ${i}` },
        at: story.at('08:04:00'),
      }),
    });
    t.equal(said.status, 201, network);
  }
  await itIs('08:04:00');
  await inbox.goto(`${house.url}/desk/inbox`);
  for (const i of PLACES.keys()) await inbox.getByText(`basket ${i}`).waitFor();
  await inbox.getByText('6 people ask about').waitFor();
  t.pass('what six people say on six networks is in one inbox, and one question');

  await itIs('08:06:10');
  const [desktopHands, phoneHands] = [handsOn(desk), handsOn(phone)];
  await desktopHands.press('!');
  await desk.waitForURL('**/desk/declare');
  await desk.locator('#f-template:focus').waitFor();
  await desktopHands.choose(desk.locator('#f-template'), 'sal', 'Sale failure');
  await desk.getByLabel('Since').waitFor();
  await desk.getByLabel('Noticed at').fill('08:04');
  await desk.getByLabel('Next update by').fill('09:10');
  await desktopHands.press('Control+Enter');
  await desk.waitForURL('**/desk/updates/*');
  await desk.getByText('too far away: at most 60 minutes').first().waitFor();
  t.pass('an hour is the longest that anybody is made to wait');
  await desk.getByLabel('Next update by').fill('08:25');
  await desk.getByText('Nothing in the way').waitFor();
  await desktopHands.press('Control+Enter');
  await desk.waitForURL('**/desk/approvals/*');
  const id = idIn(desk.url());

  const asks = phone.getByRole('link', { name: 'Read and decide Trouble in the sale' });
  await asks.waitFor();
  await phoneHands.tap(asks);
  await phone.waitForURL('**/desk/approvals/*');
  await phoneHands.hold(phone.locator('button.hold'), () => phone.waitForURL('**/deliveries'));
  await story.everywhere(t, phone, id, 'pay twice.');
  t.equal(phoneHands.taps, 2);
  const { publishedAt } = await getUpdate(house.app.store.read, id);
  silent = Math.round(((publishedAt ?? 0) - story.at('08:04:00')) / 1_000);
  await desk.goto(`${house.url}/desk/updates/${id}/deliveries`);
  incident = (await desk.getByRole('heading', { level: 1 }).getByRole('link').getAttribute('href')) ?? '';
});

/** The next words, by Priya; gives the update's id when they have been asked for. */
async function write(more: Record<string, string>): Promise<string> {
  const author = await house.enter(priya);
  const id = idIn((await author.post(`${incident}/updates`, {})).to);
  const draft = await author.get(`/desk/updates/${id}`);
  const form = words(fieldOf(draft.body, 'version'), { unknown: '', action: '', ...more });
  const asked = await author.post(`/desk/updates/${id}`, { ...form, do: 'request' });
  if (asked.status !== 303) throw new Error(`not asked: ${asked.status}`);
  return id;
}

t.test('S1: the promise is kept, and everybody is answered where they asked', async (t) => {
  await itIs('08:24:00');
  const update = await write({
    known:
      'Checkout is slow and some prices were wrong from 07:40 to 08:15 IST. Your card is charged once only.',
    doing: 'If your order was cancelled, your refund starts today.',
    nextUpdateBy: '08:45',
  });
  const approver = await house.enter(arjun);
  t.match((await sayYes(approver, update)).to, 'said=released');
  await reader.getByText('your refund starts today').first().waitFor();

  await inbox.goto(`${house.url}/desk/inbox`);
  await inbox.getByRole('link', { name: 'Answer them together' }).click();
  await inbox.getByRole('link', { name: 'Newest words: Trouble in the sale' }).click();
  await inbox.getByRole('button', { name: 'Review' }).click();
  await inbox
    .getByRole('button', { name: /Send|Answer/ })
    .first()
    .click();
  await inbox.waitForURL(/\/desk\/inbox(\?said=answered)?$/);
  await inbox.getByText('Nobody waits for an answer.').waitFor();
  const answers = await story.shown((posts) => {
    const asked = new Set(posts.flatMap((p) => (p.byCustomer ? [p.id] : [])));
    const found = posts.filter((p) => !p.byCustomer && p.parent !== null && asked.has(p.parent));
    return found.length >= PLACES.length ? found : undefined;
  });
  t.same(answers.map((p) => p.network).toSorted(), PLACES.toSorted(), 'each on the network they asked on');

  await itIs('08:44:00');
  const settled = await write({
    known: 'The sale works again: checkout and prices are right since 08:40 IST.',
    status: 'monitoring',
    nextUpdateBy: '09:30',
  });
  t.match((await sayYes(approver, settled)).to, 'said=released');
  await itIs('09:20:00');
  const over = await write({
    known: 'The sale has worked since 08:40 IST. No card was charged twice.',
    status: 'resolved',
    nextUpdateBy: '',
  });
  t.match((await sayYes(await house.enter(arjun), over)).to, 'said=released');
});

t.test('S1: the apology, the next day, by two people, on every network', async (t) => {
  await itIs('08:00:00', 1);
  const desk = await story.enter('desktop', priya);
  const phone = await story.enter('phone', arjun);
  await story.read();
  await desk.goto(house.url + incident);
  await desk.getByRole('button', { name: 'Write an update' }).first().click();
  await desk.waitForURL('**/desk/updates/*');
  await desk.getByLabel('Class: how many must say yes').selectOption('C');
  await desk.getByLabel('Status', { exact: true }).selectOption('resolved');
  await desk.getByLabel('Know', { exact: true }).fill('We apologise for any inconvenience.');
  await desk.getByText('Readers do not hear this as an apology').first().waitFor();
  await desk.getByLabel('Know', { exact: true }).fill('We’re sorry: you could not check out yesterday.');
  await desk.getByText('An apology weighs little without who was responsible').first().waitFor();
  await desk
    .getByLabel('Know', { exact: true })
    .fill(
      'We’re sorry: yesterday we let you down. We weren’t ready, and orders were cancelled. That is our fault.',
    );
  await desk
    .getByLabel('Doing', { exact: true })
    .fill('We’re refunding every cancelled order by Friday and honouring the sale price you saw.');
  await desk.getByText('An apology weighs little').first().waitFor({ state: 'detached' });
  t.equal(
    await desk.getByLabel('Next update by').inputValue(),
    '',
    'what has ended promises nothing by itself',
  );
  t.pass('fault and repair are what is heard');
  await desk.keyboard.press('Control+Enter');
  await desk.waitForURL('**/desk/approvals/*');
  const id = idIn(desk.url());
  t.equal(await desk.locator('button.hold').count(), 0, 'never by who wrote it');
  t.ok(
    await desk.getByText('0 of 2 yeses; one of them Sunita Iyer (legal)').isVisible(),
    'whose yes it takes',
  );

  t.match((await sayYes(await house.enter(iyer), id)).to, `/desk/approvals/${id}`);
  t.equal(await reader.getByText('That is our fault').count(), 0, 'one yes of two is none');
  const hands = handsOn(phone);
  await phone.goto(`${house.url}/desk`);
  await hands.tap(phone.getByRole('link', { name: 'Read and decide Trouble in the sale' }));
  await phone.waitForURL('**/desk/approvals/*');
  t.ok(await phone.getByText('Sunita Iyer (legal) said yes').isVisible());
  await hands.hold(phone.locator('button.hold'), () => phone.waitForURL('**/deliveries'));
  await story.everywhere(t, phone, id, 'yesterday we let you down');

  await desk.goto(`${house.url}${incident}/report`);
  const figure = (name: string) => desk.locator('.figs div', { hasText: name }).first();
  t.match(
    await figure('First statement').textContent(),
    `${Math.floor(silent / 60)}:${String(silent % 60).padStart(2, '0')}`,
    'counted from the first complaint, as it was noticed',
  );
  t.match(await figure('Promises kept').textContent(), /3 of 3/);
  t.match(await figure('Answered within the hour').textContent(), /100/, 'and nobody was ignored');
  t.same(story.complaints, [], 'no script failed');
});
