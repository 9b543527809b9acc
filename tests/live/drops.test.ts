import { copyFileSync, rmSync } from 'node:fs';
import t, { type Test } from 'tap';
import { openStore } from '../../db/open.ts';
import type { Incident } from '../../db/queries/incidents.ts';
import { findInstallation, setInstallation } from '../../db/queries/installation.ts';
import { lastSeq } from '../../db/queries/log.ts';
import type { Person } from '../../db/queries/people.ts';
import { bootName } from '../../db/store.ts';
import { approveUpdate } from '../../src/actions/approve-update.ts';
import { switchConnection } from '../../src/actions/connect-account.ts';
import type { Ctx } from '../../src/actions/context.ts';
import { draftUpdate } from '../../src/actions/draft-update.ts';
import { openIncident } from '../../src/actions/open-incident.ts';
import { enterQuarantine } from '../../src/actions/quarantine.ts';
import { requestApproval } from '../../src/actions/request-approval.ts';
import { begin, type Connection, hear } from '../../src/browser/connection.ts';
import type { Message } from '../../src/live/frame.ts';
import { REMEMBERED } from '../../src/live/topic.ts';
import { type House, openHouse, wordsAt } from '../house.ts';
import { type Cut, followLine } from './cut-line.ts';
import { goLive, type LiveHouse, seqOf } from './live-house.ts';
import { elementOf } from './open-page.ts';

const SEED = Number(process.env['TOCSIN_DROPS_SEED'] ?? 20_261_122);
/** Between two events; fewer only make the test longer. */
const CUTS_PER_EVENT = 8;
const PARTS = ['title', 'ruler', 'answers', 'timeline', 'accounts', 'components', 'history'];

/** A random number from a seed, so that the points of a failure can be had again. */
function dice(seed: number): () => number {
  let x = seed >>> 0;
  return () => {
    x = (x + 0x6d2b79f5) >>> 0;
    let y = Math.imul(x ^ (x >>> 15), x | 1);
    y ^= y + Math.imul(y ^ (y >>> 7), y | 61);
    return ((y ^ (y >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What somebody was told in one go, of one log: everything behind `from`. */
interface Stretch {
  epoch: string;
  from: number;
  seqs: number[];
}

/** One open page: the browser's own rules for what a frame means, and what they put on the screen. */
interface Reader {
  c: Connection;
  readonly streams: boolean;
  readonly random: () => number;
  readonly stretches: Stretch[];
  /** Known cursors that were answered with the whole state: how far each was behind. */
  readonly jumps: number[];
  take(message: Message): void;
  /** What this page shows of a part. */
  shows(id: string): string | undefined;
}

interface Loaded {
  html: string;
  epoch: string;
  streams: boolean;
  random(): number;
  /** Whether it may meet a node that is behind another: such a node repeats what the page has. */
  nodes: number;
}

function buildReader({ html, epoch, streams, random, nodes }: Loaded): Reader {
  const screen = new Map(['main', 'title'].map((id) => [id, elementOf(html, id) ?? '']));
  const reader: Reader = {
    c: begin(seqOf(html), 0, 0, epoch),
    streams,
    random,
    stretches: [{ epoch, from: seqOf(html), seqs: [] }],
    jumps: [],
    take(message) {
      const before = reader.c;
      const [next, step] = hear(before, message, 0);
      reader.c = next;
      if (step === 'refetch' && nodes === 1) throw new Error('a greeting of an older log by the same name');
      if (message.type === 'event' && (step || nodes === 1))
        reader.stretches
          .at(-1)!
          .seqs.push(...message.log.map((e) => e.seq).filter((seq) => nodes === 1 || seq > before.seq));
      if (!step || step === 'refetch') return;
      if (message.type === 'state') {
        if (before.seq >= 0 && before.epoch === message.epoch) reader.jumps.push(message.seq - before.seq);
        reader.stretches.push({ epoch: message.epoch, from: message.seq, seqs: [] });
      }
      if ('main' in step.html) for (const id of PARTS) screen.delete(id);
      for (const [id, html] of Object.entries(step.html)) screen.set(id, html);
    },
    shows: (id) => (screen.get(id) ?? elementOf(screen.get('main') ?? '', id))?.trim(),
  };
  return reader;
}

/** A cut somewhere: before anything is read, in the handshake, the greeting, what was missed, the cutover, the stream. */
function anyCut(random: () => number): Cut {
  const where = random();
  // Ends of frames are where things go wrong, so they come up more often than their share of bytes.
  const edge = random();
  const share = edge < 0.1 ? 0 : edge < 0.25 ? 1 : random();
  if (where < 0.05) return { frames: -1, share };
  if (where < 0.15) return { frames: 0, share };
  if (where < 0.3) return { frames: 1, share };
  if (where < 0.7) return { frames: 2, share };
  return { frames: where < 0.9 ? 3 : 4, share };
}

/** Everybody who reads one page. */
interface Crowd {
  pageId: string;
  readers: Reader[];
  /** Where it can be reached just now; waits while nobody is there. */
  at(random: () => number): Promise<string>;
  /** How many cuts there are still to make. */
  left: number;
  /** By how many whole frames came before. */
  cuts: Map<number, number>;
  made: number;
  /** Resolves at so many cuts. */
  reached(made: number): Promise<void>;
  /** Who stays away, from so many cuts on, until something. */
  away: Map<Reader, [from: number, to: Promise<void>]>;
  counted(cut: Cut): void;
  /** Resolves after a few cuts more, or as soon as everybody knows this event: nobody is cut while all wait. */
  wants(seq: number): Promise<void>;
  /** Somebody was told something. */
  told(): void;
}

function buildCrowd(pageId: string, readers: Reader[], cuts: number, at: Crowd['at']): Crowd {
  const waiting = new Map<number, () => void>();
  const away: Crowd['away'] = new Map();
  const isAway = (reader: Reader) => away.has(reader) && crowd.made >= away.get(reader)![0];
  let thirsty: { seq: number; made: number; done(): void } | undefined;
  const crowd: Crowd = {
    pageId,
    readers,
    at,
    left: cuts,
    cuts: new Map(),
    made: 0,
    away,
    reached: (made) => new Promise((done) => waiting.set(made, done)),
    counted({ frames }) {
      crowd.cuts.set(frames, (crowd.cuts.get(frames) ?? 0) + 1);
      crowd.made += 1;
      waiting.get(crowd.made)?.();
      crowd.told();
    },
    wants: (seq) =>
      new Promise((done) => {
        thirsty = { seq, made: crowd.made + CUTS_PER_EVENT, done };
        crowd.told();
      }),
    told() {
      if (!thirsty) return;
      const { seq, made, done } = thirsty;
      if (crowd.made < made && crowd.left > 0 && crowd.readers.some((r) => r.c.seq < seq && !isAway(r)))
        return;
      thirsty = undefined;
      done();
    },
  };
  return crowd;
}

const pathOf = ({ c, streams }: Reader, pageId: string) =>
  `/live${streams ? '/events' : ''}?page=${pageId}&lang=en&after=${c.seq}&epoch=${c.epoch}`;

/** Falls and comes back until no cut is left. */
async function fallAndReturn(crowd: Crowd, reader: Reader): Promise<void> {
  const { random, streams } = reader;
  while (crowd.left > 0) {
    const [from = Number.POSITIVE_INFINITY, to] = crowd.away.get(reader) ?? [];
    if (crowd.made >= from) {
      await to;
      crowd.away.delete(reader);
    }
    if (crowd.left === 0) return;
    crowd.left -= 1;
    const cut = anyCut(random);
    const resumes = streams && random() < 0.5 && reader.c.seq >= 0;
    const end = await followLine({
      base: await crowd.at(random),
      path: pathOf(reader, crowd.pageId),
      streams,
      lastEventId: resumes ? reader.c.seq : undefined,
      cut,
      hear(message) {
        reader.take(message);
        crowd.told();
      },
    });
    // When the server went away first, that was no cut of ours.
    if (end === 'cut') crowd.counted(cut);
    else crowd.left += 1;
  }
}

/** Comes back for good, and stays until it knows the newest. */
async function comeHome(crowd: Crowd, reader: Reader, newest: number, epoch: string): Promise<void> {
  const isHome = () => reader.c.seq === newest && reader.c.epoch === epoch;
  while (!isHome())
    await followLine({
      base: await crowd.at(reader.random),
      path: pathOf(reader, crowd.pageId),
      streams: reader.streams,
      hear(message, isOver) {
        reader.take(message);
        if (isHome()) isOver();
      },
    });
}

/** Appends to the log, faster than it can be followed, until told to stop; now and then it is words, not a switch. */
async function write(
  house: House,
  crowd: Crowd,
  stop: () => boolean,
  said: { words: number },
): Promise<void> {
  const as = (person: Person): Ctx => ({ ...house.ctx(person), store: house.store });
  const connection = house.connections[0]!.id;
  let incident: Incident | undefined;
  for (let i = 0; !stop(); i += 1) {
    await switchConnection(as(house.admin), connection, i % 2 === 1);
    await crowd.wants(await lastSeq(house.store.read));
    if (i % 20 !== 19) continue;
    // Beginnings and ends change more of the page than words in between.
    const isEnd = said.words % 4 === 3;
    incident ??= await openIncident(as(house.author), { pageId: house.page.id, title: `Fault ${i}` });
    const words = wordsAt(house.clock.now(), `Payments fail: ${i} of 100,000 people have told us so.`);
    const draft = await draftUpdate(
      as(house.author),
      incident.id,
      isEnd ? { status: 'resolved', blocks: words.blocks ?? {} } : words,
    );
    const asked = await requestApproval(as(house.author), draft.id, draft.version);
    await approveUpdate(as(house.approver), asked.id, asked.hash!);
    if (isEnd) incident = undefined;
    said.words += 1;
  }
}

/** Every page heard all of the log, in order and once, and shows what a page that is loaded now shows. */
async function expectSame(t: Test, crowd: Crowd, house: LiveHouse, logs: Map<string, number[]>) {
  const fresh = await house.read();
  const wrong: unknown[] = [];
  for (const [n, reader] of crowd.readers.entries()) {
    for (const [i, { epoch, from, seqs }] of reader.stretches.entries()) {
      const truth = (logs.get(epoch) ?? []).filter((seq) => seq > from);
      const want = i === reader.stretches.length - 1 ? truth : truth.slice(0, seqs.length);
      if (seqs.join() !== want.join()) wrong.push({ n, epoch, from, seqs, want });
    }
    for (const id of PARTS)
      if (reader.shows(id) !== elementOf(fresh, id)?.trim())
        wrong.push({ n, id, shows: reader.shows(id), fresh: elementOf(fresh, id) });
    if (reader.jumps.some((gap) => gap <= REMEMBERED)) wrong.push({ n, jumps: reader.jumps });
  }
  t.strictSame(wrong.slice(0, 2), [], 'no gap, no double, in order, and the same words');
}

async function load(house: LiveHouse, count: number, nodes: number): Promise<Reader[]> {
  const html = await house.read();
  const epoch = /data-epoch="([^"]*)"/.exec(html)?.[1] ?? '';
  // One in four listens to server-sent events.
  return Array.from({ length: count }, (_, i) =>
    buildReader({ html, epoch, streams: i % 4 === 3, random: dice(SEED + i), nodes }),
  );
}

t.test('ten thousand lines cut anywhere, across a restore: every page has the whole log', async (t) => {
  t.comment(`seed ${SEED}`);
  const house = await openHouse({ database: 'sqlite' });
  await house.store.transact((w) => setInstallation(w, 'epoch', 'before', house.clock.now()));
  const first = await goLive(house);
  const port = Number(new URL(first.base).port);
  const logs = new Map<string, number[]>();
  let open: Promise<string> = Promise.resolve(first.base);
  const crowd = buildCrowd(house.page.id, await load(first, 32, 1), 10_000, () => open);
  const reached = { backup: crowd.reached(3_000), restore: crowd.reached(6_000), all: crowd.reached(10_000) };

  // Somebody's laptop was shut before the restore, and is opened when the new log has overtaken what it knew of the old.
  const back = crowd.reached(7_500);
  for (const reader of crowd.readers.slice(0, 6)) crowd.away.set(reader, [4_000, back]);

  let stopped = false;
  const said = { words: 0 };
  const writing = write(house, crowd, () => stopped, said);
  const falling = crowd.readers.map((reader) => fallAndReturn(crowd, reader));
  await reached.backup;
  const backup = `${house.place.file}.backup`;
  await house.store.backup(backup);

  await reached.restore;
  stopped = true;
  await writing;
  logs.set('before', await first.publicLog());
  let reopened = (_: string) => {};
  open = new Promise((done) => {
    reopened = done;
  });
  await first.closeLive();
  await house.close();
  for (const end of ['', '-wal', '-shm']) rmSync(`${house.place.file}${end}`, { force: true });
  copyFileSync(backup, house.place.file);
  const store = await openStore(house.place, bootName(process.pid, 'after'));
  t.teardown(() => store.close());
  await enterQuarantine({ ...house.system, store }, 'This database was restored from a backup.');
  const epoch = (await findInstallation(store.read, 'epoch'))!;
  const restored = { ...house, store };
  const second = await goLive(restored, { port });
  t.ok((await second.publicLog()).length < logs.get('before')!.length, 'the backup is of an older day');
  reopened(second.base);
  stopped = false;
  const writingOn = write(restored, crowd, () => stopped, said);
  await reached.all;
  await Promise.all(falling);
  stopped = true;
  await writingOn;

  const truth = await second.publicLog();
  logs.set(epoch, truth);
  await second.live.settled();
  for (const reader of crowd.readers) await comeHome(crowd, reader, truth.at(-1)!, epoch);
  await expectSame(t, crowd, second, logs);
  t.equal(crowd.made, 10_000);
  for (const place of [-1, 0, 1, 2, 3, 4])
    t.ok((crowd.cuts.get(place) ?? 0) > 300, `cut behind ${place} frames`);
  t.ok(said.words > 20, 'words were said meanwhile');
  t.comment(`${logs.get('before')!.length} and ${truth.length} events, ${said.words} of them words`);
  t.comment(`cuts by whole frames before: ${JSON.stringify([...crowd.cuts].sort())}`);
  t.strictSame([...first.reports, ...second.reports], []);
});

t.test('lines that come back to another node have the whole log as well (pg)', async (t) => {
  const house = await openHouse({ database: 'pg' });
  await house.store.transact((w) => setInstallation(w, 'epoch', 'one log', house.clock.now()));
  const openNode = async () => {
    const store = await openStore(house.place, bootName(process.pid, house.newId()));
    t.teardown(() => store.close());
    return goLive({ ...house, store });
  };
  const nodes = [await openNode(), await openNode()];
  const crowd = buildCrowd(house.page.id, await load(nodes[0]!, 16, 2), 2_000, async (random) => {
    return nodes[Math.floor(random() * nodes.length)]!.base;
  });
  const half = crowd.reached(1_000);
  const all = crowd.reached(2_000);
  let stopped = false;
  const said = { words: 0 };
  const writing = write(house, crowd, () => stopped, said);
  const falling = crowd.readers.map((reader) => fallAndReturn(crowd, reader));
  await half;
  // One of the two is put in another's place, as an upgrade does.
  const [old] = nodes.splice(0, 1);
  nodes.push(await openNode());
  await old!.closeLive();
  await all;
  await Promise.all(falling);
  stopped = true;
  await writing;
  const truth = await nodes[0]!.publicLog();
  for (const node of nodes) await node.live.settled();
  for (const reader of crowd.readers) await comeHome(crowd, reader, truth.at(-1)!, 'one log');
  for (const node of nodes) await expectSame(t, crowd, node, new Map([['one log', truth]]));
  t.equal(crowd.made, 2_000);
  t.comment(`seed ${SEED}, ${truth.length} events, ${said.words} of them words`);
  t.strictSame(
    nodes.flatMap((node) => node.reports),
    [],
  );
});
