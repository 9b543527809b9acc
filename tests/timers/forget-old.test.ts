import t from 'tap';
import { insertAttempt, listAttempts } from '../../db/queries/attempts.ts';
import type { Incident } from '../../db/queries/incidents.ts';
import { listAudit } from '../../db/queries/log.ts';
import { getMention, listOpenMentions, listReplies } from '../../db/queries/mentions.ts';
import { answerMention, dismissMention, settleAnswered } from '../../src/actions/answer-mention.ts';
import { linkMention } from '../../src/actions/inbox/link-mention.ts';
import { verifyAudit } from '../../src/actions/verify-audit.ts';
import { readConfig } from '../../src/config.ts';
import { keep } from '../../src/inbox/keep.ts';
import { newKey } from '../../src/secrets.ts';
import { openTimers } from '../../src/timers/timers.ts';
import { DATABASES, type DatabaseKind, MONDAY, NETWORKS, openClock } from '../house.ts';
import { openDesk } from '../outbox/scripted.ts';

const DAY = 24 * 60 * 60_000;
const KEPT = { mentionsMs: 400 * DAY, attemptsMs: 400 * DAY };

let houses = 0;

/** A desk on which people wrote, were answered, and posts were tried. */
async function openOld(database: DatabaseKind, kept = KEPT) {
  // Ids of one process never go back, so each house begins when the one before is long over.
  houses += 1;
  const clock = openClock(MONDAY + houses * 2_000 * DAY);
  const desk = await openDesk(t, { database, clock, connect: [{ can: NETWORKS.findable }] });
  const { house } = desk;
  const { store, newId } = house;
  const rosa = house.ctx(await house.addPerson('Rosa', ['responder']));
  const reports: unknown[] = [];
  const timers = openTimers({ base: house.system, report: (error) => reports.push(error), keep: kept });
  // Beaten by hand alone: on a slow machine its own beat would come between two steps of the story.
  await timers.close();
  let n = 0;
  return {
    ...desk,
    rosa,
    timers,
    reports,
    /** Somebody writes to us. */
    async hear(incident?: Incident) {
      n += 1;
      const id = `said-${n}`;
      const said = {
        ...{ id, url: null, at: clock.now(), text: 'Was I charged twice?' },
        author: { id: `mira${n}@home.example`, handle: '@mira' },
        post: { id, url: null, raw: {} },
      };
      await store.transact((w) => keep(w, house.connections[0]!, [said], { now: clock.now(), newId }));
      const mention = (await listOpenMentions(store.read, 100)).find((m) => m.remoteId === id)!;
      if (incident) await linkMention(rosa, mention.id, incident.id);
      return mention.id;
    },
    /** Something is said that ends the incident. */
    end: (incident: Incident) =>
      house.say(incident, { blocks: { known: 'It works again.' }, status: 'resolved' }),
    lines: async () =>
      (await listAudit(store.read, 0, 10_000)).filter((row) => row.action === 'retention.forget'),
    /** Whether a message is still there. */
    has: (id: string) =>
      getMention(store.read, id).then(
        () => true,
        () => false,
      ),
  };
}

for (const database of DATABASES)
  t.test(`${database}: what is old and done with is forgotten, and nothing else`, async (t) => {
    const old = await openOld(database);
    const { house, rosa } = old;
    const { store, clock } = house;
    const { incident: over, rows } = await old.say();
    await old.rest();
    const answered = await old.hear(over);
    await answerMention(rosa, answered, 'We see it.');
    await old.rest();
    await settleAnswered(house.system);
    const dismissed = await old.hear();
    await dismissMention(rosa, dismissed, 'Not about us.');
    await old.end(over);
    await old.rest();
    const waiting = await old.hear();
    const { incident: open, rows: openRows } = await old.say();
    await old.rest();
    const ofOpen = await old.hear(open);
    await dismissMention(rosa, ofOpen, 'Not about us.');
    const [answer] = await listReplies(store.read, [answered]);
    const post = rows[0]!.id;

    clock.advance(399 * DAY);
    const young = await old.hear();
    await dismissMention(rosa, young, 'Not about us.');
    await old.timers.beat();
    t.ok((await old.has(answered)) && (await old.tries(post)).length > 0, 'not before its time');
    t.strictSame(await old.lines(), []);

    clock.advance(2 * DAY);
    await old.timers.beat();
    t.notOk((await old.has(answered)) || (await old.has(dismissed)), 'what was said is gone');
    for (const id of [waiting, ofOpen, young]) t.ok(await old.has(id), 'open, of something open, or young');
    t.strictSame(await listReplies(store.read, [answered]), [], 'our answer too');
    const sent = await old.delivery(answer!.delivery.id);
    t.equal(sent.recipient, 'forgotten', 'and whom it went to');
    t.ok(await old.receipt(sent.id), 'that it was delivered is kept');
    t.strictSame(await old.tries(post), [], 'single tries are gone');
    t.equal((await old.delivery(post)).state, 'delivered');
    t.ok(await old.receipt(post));
    t.ok((await old.tries(openRows[0]!.id)).length > 0, 'not those of what is still open');

    const [line, ...more] = await old.lines();
    t.strictSame(more, [], 'one line');
    t.match(line, { actorKind: 'timer', actorId: 'retention' });
    t.match(JSON.parse(line!.detail), {
      mentions: 2,
      saidBefore: new Date(clock.now() - 400 * DAY).toISOString(),
    });
    t.match(await verifyAudit(store.read, house.system.auditHash), { broken: null });

    clock.advance(DAY);
    await old.timers.beat();
    t.equal((await old.lines()).length, 1, 'nothing to forget is no line');
    t.ok(await old.has(waiting), 'who waits is never forgotten');
    await dismissMention(rosa, waiting, 'Nobody knows any more.');
    await old.end(open);
    await old.rest();
    clock.advance(401 * DAY);
    await old.timers.beat();
    t.notOk(await old.has(ofOpen), 'its time begins with the end of the incident');
    t.strictSame(await old.tries(openRows[0]!.id), []);
    t.strictSame(old.reports, []);
  });

for (const database of DATABASES)
  t.test(`${database}: a little at a time, in one line of the log; or nothing at all`, async (t) => {
    const old = await openOld(database, { mentionsMs: 0, attemptsMs: 400 * DAY });
    const { store, clock, newId } = old.house;
    const said = await old.hear();
    await dismissMention(old.rosa, said, 'Not about us.');
    const { incident, rows } = await old.say();
    await old.rest();
    await old.end(incident);
    await old.rest();
    const deliveryId = rows[0]!.id;
    const tries = () => listAttempts(store.read, [deliveryId]);
    await store.transact(async (w) => {
      for (let i = 0; i < 450; i += 1)
        await insertAttempt(w, {
          ...(await listAttempts(store.read, [deliveryId]))[0]!,
          id: newId(),
        });
    });
    const all = (await tries()).length;
    clock.advance(401 * DAY);
    await old.timers.beat();
    t.ok((await tries()).length >= all - 200, 'nobody waits for all of them');
    t.strictSame(await old.lines(), []);
    await old.timers.beat();
    await old.timers.beat();
    t.strictSame(await tries(), []);
    const [line] = await old.lines();
    t.match(JSON.parse(line!.detail), { mentions: 0, saidBefore: null });
    t.ok(JSON.parse(line!.detail).attempts >= all, 'those of the first beats are counted');
    t.ok(await old.has(said), 'what is to be kept for ever is');
    t.strictSame(old.reports, []);
  });

t.test('how long is a setting', async (t) => {
  const read = (more = {}) => readConfig({ TOCSIN_KEYS: newKey(), ...more }).keep;
  t.strictSame(read(), KEPT);
  t.strictSame(read({ KEEP_MENTIONS_DAYS: '90', KEEP_ATTEMPTS_DAYS: '0' }), {
    mentionsMs: 90 * DAY,
    attemptsMs: 0,
  });
  t.throws(() => read({ KEEP_MENTIONS_DAYS: '-1' }), /KEEP_MENTIONS_DAYS/);
});
