import t from 'tap';
import { switchConnection } from '../../src/actions/connect-account.ts';
import { REMEMBERED } from '../../src/live/topic.ts';
import { MINUTE, wordsAt } from '../house.ts';
import { goLive, openLiveHouse, seqOf } from './live-house.ts';
import { elementOf, openPage } from './open-page.ts';

t.test('what an event puts into an open page is what a new page shows', async (t) => {
  const house = await openLiveHouse({ page: { languages: ['en', 'fr'] } });
  const incident = await house.openIncident();
  let shown = await house.read();
  const page = await openPage(house.base, { after: seqOf(shown) });
  const seen: string[] = [];
  const tell = async (known: string) => {
    const update = await house.say(incident, {
      ...wordsAt(house.clock.now(), known),
      components: { [house.components[0]!.id]: 'partial_outage' },
    });
    const frame = await page.until('event', (f) => f.seq >= (update.publishedSeq ?? 0));
    await house.live.settled();
    const fresh = await house.read();
    t.equal(seqOf(fresh), frame.seq, 'the new page is at the same event');
    for (const [id, html] of Object.entries(frame.html)) {
      t.equal(html.trim(), elementOf(fresh, id), `#${id} is the same`);
      seen.push(id);
    }
    if (!('main' in frame.html))
      for (const id of ['ruler', 'answers', 'timeline', 'accounts', 'components', 'history'])
        if (!(id in frame.html))
          t.equal(elementOf(fresh, id), elementOf(shown, id), `#${id} had not changed`);
    shown = fresh;
  };
  await tell('Card payments fail for some customers.');
  await tell('Card payments fail for about one in three customers.');
  t.ok(seen.includes('main'), 'the first word changes the order of the page');
  t.ok(seen.includes('timeline'), 'the second changes only its parts');
  page.drop();
});

t.test('pages that join while events are appended have no gap and no repeat', async (t) => {
  const house = await openLiveHouse();
  const [connection] = house.connections;
  const joined: Promise<{ from: number; log: number[]; page: Awaited<ReturnType<typeof openPage>> }>[] = [];
  const join = async () => {
    const from = seqOf(await house.read());
    const page = await openPage(house.base, { after: from });
    return { from, log: page.log, page };
  };
  for (let i = 0; i < 100; i += 1) {
    joined.push(join());
    await switchConnection(house.ctx(house.admin), connection!.id, i % 2 === 1);
  }
  const end = (await house.publicLog()).at(-1)!;
  for (const { from, log, page } of await Promise.all(joined)) {
    if (from < end) await page.until('event', (f) => f.seq === end);
    t.strictSame(log, await house.publicLog(from));
    page.drop();
  }
});

t.test('a cursor that is too old, unknown, or of another time gets everything at once', async (t) => {
  const house = await openLiveHouse();
  const [connection] = house.connections;
  const begin = seqOf(await house.read());
  const events = REMEMBERED + 5;
  for (let i = 0; i < events; i += 1)
    await switchConnection(house.ctx(house.admin), connection!.id, i % 2 === 1);
  await house.live.settled();
  const truth = await house.publicLog();
  const fresh = await house.read();
  const expectState = async (name: string, after: number | undefined) => {
    const page = await openPage(house.base, { after });
    const state = await page.until('state');
    t.equal(state.seq, truth.at(-1), `${name}: the newest event`);
    t.equal(state.html['main']?.trim(), elementOf(fresh, 'main'), `${name}: the whole page`);
    t.equal(page.frames[0]?.type, 'hello', `${name}: after a greeting`);
    page.drop();
  };
  await expectState('older than 300 events', begin);
  await expectState('from the future', truth.at(-1)! + 1_000);
  await expectState('no cursor', undefined);
  const page = await openPage(house.base, { after: truth.at(-REMEMBERED - 1) });
  await page.until('event', (f) => f.seq === truth.at(-1));
  t.strictSame(page.log, truth.slice(-REMEMBERED), 'exactly 300 events later nothing is lost');
  page.drop();
});

t.test('a restart loses nobody: pages go on where they were', async (t) => {
  const first = await openLiveHouse();
  const incident = await first.openIncident();
  const page = await openPage(first.base, { after: seqOf(await first.read()) });
  await first.say(incident);
  await page.until('event', (f) => f.kind === 'update.published');
  const cursor = page.seq();
  await first.closeLive();
  t.equal(await page.closed, 1012, 'told that it is a restart');
  await first.say(incident, wordsAt(first.clock.now(), 'It was said while nobody could hear it.'));
  const second = await goLive(first);
  const again = await openPage(second.base, { after: cursor, log: page.log });
  const frame = await again.until('event');
  t.match(JSON.stringify(frame.html), 'while nobody could hear it');
  t.strictSame(again.log, await second.publicLog(page.log[0]! - 1), 'one log, without a gap or a repeat');
  again.drop();
});

t.test('the same frames come as server-sent events and by polling', async (t) => {
  const house = await openLiveHouse();
  const incident = await house.openIncident();
  const begin = seqOf(await house.read());
  const stop = new AbortController();
  const stream = await fetch(`${house.base}/live/events?after=${begin}`, { signal: stop.signal });
  t.equal(stream.headers.get('content-type'), 'text/event-stream; charset=utf-8');
  const page = await openPage(house.base, { after: begin });
  await house.say(incident);
  const frame = await page.until('event');
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of stream.body!) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    if (text.includes('"type":"event"') && text.endsWith('\n\n')) break;
  }
  stop.abort();
  const event = text.split('\n\n').find((x) => x.includes('"type":"event"'))!;
  t.match(event, new RegExp(`^id: ${frame.seq}\n`), 'with the cursor a browser sends back');
  t.strictSame(JSON.parse(event.split('data: ')[1]!), frame);
  const poll = async (after: number | string) =>
    (await fetch(`${house.base}/live/poll?after=${after}`)).json() as Promise<Record<string, unknown>>;
  t.strictSame(await poll(begin), frame);
  t.match(await poll(frame.seq), { type: 'beat', serverTime: house.clock.now() }, 'nothing new is nothing');
  t.match(await poll('x'), { type: 'state', seq: frame.seq });
  const resumed = await fetch(`${house.base}/live/events?after=0`, {
    headers: { 'last-event-id': String(frame.seq) },
  });
  const reader = resumed.body!.getReader();
  const hello = decoder.decode((await reader.read()).value);
  t.match(hello, /^data: \{"type":"hello"/);
  t.notMatch(hello, '"type":"event"', 'a stream that comes back is not told again');
  await reader.cancel();
  page.drop();
});

t.test('a page hears of its own language, and only of its own page', async (t) => {
  const house = await openLiveHouse({ page: { languages: ['en', 'fr'] } });
  const other = await openLiveHouse({ at: house.place, clock: house.clock });
  await house.live.settled();
  const begin = seqOf(await house.read());
  const french = await openPage(house.base, { after: begin, query: 'lang=fr' });
  const theirs = await openPage(house.base, { after: 1_000, query: `page=${other.page.id}` });
  await theirs.until('state');
  const incident = await house.openIncident();
  await house.say(incident);
  const frame = await french.until('event');
  t.match(frame.html['main'], 'data-layout="active"');
  await switchConnection(other.ctx(other.admin), other.connections[0]!.id, false);
  await house.live.settled();
  const heard = await theirs.until('event');
  t.strictSame(
    heard.log.map((e) => e.kind),
    ['connection.off'],
  );
  const nobody = await openPage(house.base, { query: 'page=none' });
  t.equal(await nobody.closed, 1008);
  french.drop();
  theirs.drop();
  await other.closeLive();
});

t.test('a promise that time breaks is late on the page, though nothing has happened', async (t) => {
  const house = await openLiveHouse();
  const incident = await house.openIncident();
  await house.say(incident);
  await house.live.settled();
  const begin = seqOf(await house.read());
  t.notMatch(await house.read(), 'class="promise late');
  house.clock.advance(22 * MINUTE);
  await house.live.settled();
  t.match(await house.read(), 'class="promise late');
  t.equal(seqOf(await house.read()), begin);
});

t.test('pages loaded before and after the clock rearranged them show the same in the end', async (t) => {
  const house = await openLiveHouse();
  const first = await house.openIncident('First');
  await house.say(first);
  await house.say(first, { status: 'resolved', blocks: { known: 'The first is over.' } });
  await house.live.settled();
  const before = await house.read();
  house.clock.advance(3 * 60 * MINUTE);
  await house.live.settled();
  const after = await house.read();
  t.match(before, 'data-layout="active"');
  t.match(after, 'data-layout="calm"', 'by now the first is history');
  t.equal(seqOf(after), seqOf(before), 'and no event has said so');
  const page = await openPage(house.base, { after: seqOf(after) });
  await page.until('hello');
  await house.say(await house.openIncident('Second'));
  const frame = await page.until('event');
  await house.live.settled();
  t.equal(frame.html['main']?.trim(), elementOf(await house.read(), 'main'), 'both get the whole of it');
  page.drop();
});
