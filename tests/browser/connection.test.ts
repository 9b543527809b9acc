import t from 'tap';
import {
  begin,
  type Connection,
  climb,
  dial,
  type Frame,
  freshness,
  hear,
  isSilent,
  lose,
  SILENCE_MS,
  serverNow,
  waitFor,
} from '../../src/browser/connection.ts';
import { ago, flagState, lateBy, remaining } from '../../src/browser/countdown.ts';
import * as format from '../../src/templates/format.ts';

const NOW = Date.parse('2026-11-24T14:22:38Z');
const DUE = Date.parse('2026-11-24T14:40:00Z');
const MINUTE = 60_000;

const event = (seq: number): Frame => ({
  type: 'event',
  seq,
  at: NOW,
  kind: 'update',
  html: { notice: `${seq}` },
});
const listen = (c: Connection, frames: Frame[], now = NOW) => {
  const shown: string[] = [];
  for (const frame of frames) {
    const [next, step] = hear(c, frame, now);
    c = next;
    if (step && step !== 'refetch') shown.push(step.html['notice'] ?? '');
  }
  return { c, shown };
};
const hello: Frame = { type: 'hello', seq: 41, serverTime: NOW };
const live = () => listen(begin(41, NOW, NOW), [hello]).c;
const fall = (c: Connection, times: number) => {
  for (let i = 0; i < times; i++) c = lose(c);
  return c;
};

t.test('each event is shown once, in order, whatever is replayed', async (t) => {
  const { c, shown } = listen(live(), [event(41), event(42), event(42), event(40), event(45), event(43)]);
  t.same(shown, ['42', '45'], 'nothing old, nothing twice');
  t.equal(c.seq, 45, 'the next connection asks for what follows the newest');
  const snapshot = listen(c, [{ type: 'state', seq: 60, html: { notice: 'all' } }]);
  t.same(snapshot.shown, ['all'], 'a gap too old is filled by a snapshot');
  t.equal(snapshot.c.seq, 60);
});

t.test('a server put back to an older day is believed, by its page', async (t) => {
  const [, step] = hear(live(), { type: 'hello', seq: 7, serverTime: NOW }, NOW);
  t.equal(step, 'refetch');
});

t.test('the word is Live only while somebody vouches for it', async (t) => {
  const c = begin(41, NOW, NOW);
  t.equal(freshness(c, NOW + 9_000), 'starting', 'a first connection gets a few seconds');
  t.equal(freshness(c, NOW + 10_000), 'copy');
  const open = live();
  t.equal(freshness(open, NOW + SILENCE_MS - 1), 'live');
  t.equal(freshness(open, NOW + SILENCE_MS), 'copy', '45 seconds without a frame');
  t.ok(isSilent(dial(open, NOW), NOW + SILENCE_MS), 'and the line is given up');
  t.ok(isSilent(dial(c, NOW), NOW + SILENCE_MS), 'so is one that opened and never spoke');
  t.notOk(isSilent(lose(dial(open, NOW)), NOW + SILENCE_MS), 'but not while there is none');
  const beat = listen(open, [{ type: 'beat', serverTime: NOW + 40_000 }], NOW + 40_000).c;
  t.equal(freshness(beat, NOW + 60_000), 'live', 'a beat is enough');
  const lost = lose(beat);
  t.equal(freshness(lost, NOW + 60_000), 'reconnecting');
  t.equal(freshness(lost, NOW + 40_000 + SILENCE_MS), 'copy');
  t.equal(lost.knownAt, NOW + 40_000, 'a copy is from the last sign of life');
});

t.test('falls from socket to events to polling to the page, and climbs back', async (t) => {
  const rungs = [begin(41, NOW, NOW)];
  for (let i = 0; i < 5; i++) rungs.push(lose(rungs.at(-1)!));
  t.same(
    rungs.map((c) => c.rung),
    ['socket', 'events', 'poll', 'page', 'page', 'page'],
    'a way that never worked is left at once; the page is asked for ever',
  );
  t.equal(fall(live(), 3).rung, 'socket', 'one that did is tried again');
  t.equal(fall(live(), 4).rung, 'events');

  let polling = listen({ ...fall(live(), 4), rung: 'poll' }, [{ type: 'state', seq: 42, html: {} }]).c;
  t.equal(climb(polling).rung, 'socket', 'where sockets worked today, one answer is enough');
  polling = fall(begin(41, NOW, NOW), 2);
  for (let i = 0; i < 59; i++) polling = listen(polling, [{ type: 'beat', serverTime: NOW }]).c;
  t.equal(climb(polling).rung, 'poll', 'where they never did, not for half an hour');
  t.equal(climb(listen(polling, [{ type: 'beat', serverTime: NOW }]).c).rung, 'socket');
  t.equal(climb(polling, true).rung, 'socket', 'or when the network comes back');
});

t.test('a page from a mirror vouches for when it was made, never for now', async (t) => {
  const mirror = fall(begin(41, NOW, NOW), 3);
  const { c } = listen(mirror, [{ type: 'beat', serverTime: 0 }], NOW + 5 * MINUTE);
  t.equal(freshness(c, NOW + 5 * MINUTE), 'copy');
  t.equal(c.knownAt, NOW);
});

t.test('pages that fell together come back apart', async (t) => {
  const lost = lose(live());
  t.equal(waitFor(lost, 0), 0);
  t.equal(waitFor(lost, 1), 5_000);
  t.equal(waitFor(fall(live(), 2), 1), 10_000);
  t.equal(waitFor(fall(live(), 4), 1), 5_000, 'a new rung begins anew');
  t.ok(waitFor({ ...lost, failures: 40 }, 1) <= 30_000, 'never longer than half a minute');
  const polling = { ...live(), rung: 'poll' as const };
  t.ok(waitFor(polling, 0) >= 30_000 && waitFor(polling, 1) < SILENCE_MS, 'polling keeps the word Live');
  const dead = fall(begin(41, NOW, NOW), 5);
  t.ok(waitFor(dead, 0) >= 30_000, 'a dead server is not hammered');
});

t.test('counts by the server’s clock', async (t) => {
  const slow = NOW - 7 * MINUTE;
  const { c } = listen(begin(41, NOW, slow), [{ type: 'hello', seq: 41, serverTime: NOW }], slow);
  t.equal(serverNow(c, slow + 1_000), NOW + 1_000);
  t.equal(serverNow(begin(41, NOW, slow), slow), NOW, 'it is never earlier than the page was made');
  t.equal(serverNow(begin(41, NOW, NOW + MINUTE), NOW + MINUTE), NOW + MINUTE, 'but it may be later');
});

t.test('the flag runs, is late after its minute, and belongs to the past on a copy', async (t) => {
  t.equal(remaining(DUE, NOW), '17:22');
  t.equal(remaining(DUE, DUE - 5_322_000), '1:28:42');
  t.equal(remaining(DUE, DUE + 30_000), '0:00');
  t.equal(remaining(DUE, DUE - 25 * 60 * MINUTE), '', 'seconds mean nothing a day ahead');
  t.equal(flagState(DUE, DUE + 59_999, false), 'open', 'a promise of 14:40 is kept up to 14:40:59');
  t.equal(flagState(DUE, DUE + MINUTE, false), 'late');
  t.equal(flagState(DUE, DUE + MINUTE, true), 'old', 'a copy cannot know that we are late');
  t.equal(lateBy(DUE, DUE + MINUTE, 'en'), '1 min');
  t.equal(lateBy(DUE, DUE + 84 * MINUTE, 'en'), '1 hr 24 min');
  t.equal(lateBy(DUE, DUE + 120 * MINUTE, 'de'), '2 Std.');
});

t.test('an open page and the server say the same words for the same time', async (t) => {
  for (const language of ['en', 'de', 'fr', 'es', 'it', 'pt', 'nl', 'pl', 'ja', 'ar', 'hi', 'zh'])
    for (const ms of [20_000, 2 * MINUTE, 21 * MINUTE, 5 * 60 * MINUTE, 50 * 60 * MINUTE])
      t.equal(ago(ms, language), format.ago(ms, language));
});

t.test('words that the server cannot renew are a copy, however alive the line is', async (t) => {
  const copied = listen(live(), [{ type: 'beat', serverTime: NOW + 15_000, copyOf: NOW - 60_000 }]).c;
  t.equal(freshness(copied, NOW + 1_000), 'copy');
  t.equal(copied.knownAt, NOW - 60_000, 'and it says since when');
  const well = listen(copied, [{ type: 'beat', serverTime: NOW + 30_000 }]).c;
  t.equal(freshness(well, NOW + 1_000), 'live', 'until it can again');
});

t.test('a restored log is taken anew, whatever its numbers are', async (t) => {
  const open = begin(41, NOW, NOW, 'first');
  const [met] = hear(open, { type: 'hello', seq: 50, epoch: 'second', serverTime: NOW }, NOW);
  t.equal(met.seq, -1, 'a higher number of another log is no later word');
  const [shown, step] = hear(met, { type: 'state', seq: 7, epoch: 'second', html: { main: 'all' } }, NOW);
  t.strictSame(step, { html: { main: 'all' } });
  t.match(shown, { seq: 7, epoch: 'second' });
  const [polled, whole] = hear(open, { type: 'state', seq: 7, epoch: 'second', html: { main: 'all' } }, NOW);
  t.match(polled, { seq: 7, epoch: 'second' });
  t.strictSame(whole, { html: { main: 'all' } });
  const [same] = hear(open, { type: 'hello', seq: 41, epoch: 'first', serverTime: NOW }, NOW);
  t.equal(same.seq, 41);
});
