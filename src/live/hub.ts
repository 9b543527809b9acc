import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { addressKey, buildCaps } from './caps.ts';
import { buildDepartures } from './departures.ts';
import { closeFrame, type Framed, frame, PING, pongFrame } from './frame.ts';
import { buildMember, hold, type Member, memberOf } from './member.ts';
import { type Ears, read } from './reader.ts';
import { catchUp, type Topic } from './topic.ts';
import { buildWheel } from './wheel.ts';

export interface HubLimits {
  /** Open pages at once. */
  sockets: number;
  /** Of one address; an IPv6 address is its /64. Does not hold for this machine's own. */
  perAddress: number;
  /** Bytes that may wait for one slow reader. */
  buffered: number;
  /** How often a socket is asked whether it still listens, and how long it may take to answer, ms. */
  pingMs: number;
  pongMs: number;
  beatMs: number;
  /** How finely those times are kept, ms. */
  tickMs: number;
  /** Over how long a closing server says goodbye to many, ms. */
  spreadMs: number;
}

export const LIMITS: HubLimits = {
  sockets: 20_000,
  perAddress: 50,
  buffered: 256 * 1024,
  pingMs: 25_000,
  pongMs: 8_000,
  beatMs: 15_000,
  tickMs: 1_000,
  spreadMs: 3_000,
};

export interface HubStats {
  sockets: number;
  streams: number;
  /** Frames written since the start. */
  frames: number;
  /** Let go because they read too slowly or did not answer. */
  slow: number;
  refused: number;
}

export interface Hub {
  /** Takes over an upgraded connection: backfills it, then keeps it up to date. Closes it when there is no room. */
  join(raw: Socket, topic: Topic, after: number, address: string): void;
  /** Says goodbye to a connection nobody can be found for. */
  turnAway(raw: Socket, code: number, why: string): void;
  /** The same as server-sent events, on a response nothing was written to yet. False when there is no room. */
  stream(response: ServerResponse, topic: Topic, after: number, address: string): boolean;
  publish(topic: Topic, framed: Framed): void;
  /** Lets go of everybody who follows a topic that is no more. */
  dissolve(topic: Topic): void;
  stats(): HubStats;
  close(): Promise<void>;
}

/** Close codes: come back later; we restart; you say too much. */
const FULL = 1013;
const RESTART = 1012;
const TOO_MUCH = 1008;
/** More than this between two pings is not a page of ours, bytes. */
const MOST_HEARD = 65_536;
/** How long a closed connection may take to go away by itself, ms. */
const LEAVE_MS = 2_000;

/** The first time an address is refused somebody should know, because it may be a proxy we were not told of. */
class TooMany extends Error {
  constructor(address: string, most: number) {
    super(
      `${address} has ${most} open pages, and more are refused. If it is your reverse proxy, add it to TRUST_PROXY.`,
    );
    this.name = 'TooManyError';
  }
}

export function openHub(
  now: () => number,
  report: (error: unknown, doing: string) => void,
  limits: HubLimits,
): Hub {
  const lists = new Map<Topic, Member[]>();
  const caps = buildCaps(limits);
  const ticks = (ms: number) => Math.max(1, Math.round(ms / limits.tickMs));
  const stats: HubStats = { sockets: 0, streams: 0, frames: 0, slow: 0, refused: 0 };
  const departures = buildDepartures(ticks(LEAVE_MS));
  const { leave } = departures;
  let closed = false;
  let told = false;

  function add(member: Member, topic: Topic, after: number): void {
    const list = lists.get(topic) ?? [];
    lists.set(topic, list);
    member.topic = topic;
    member.at = list.push(member) - 1;
    wheel.add(member);
    if (member.streams) stats.streams += 1;
    else stats.sockets += 1;
    const { seq, epoch } = topic.log;
    const hello = frame({ type: 'hello', seq, epoch, serverTime: now(), ...copied(topic) });
    const missed = catchUp(topic, after);
    const of = (f: Framed) => (member.streams ? f.stream : f.socket);
    member.raw.write(missed ? Buffer.concat([of(hello), of(missed)]) : of(hello));
  }

  function remove(member: Member): void {
    const list = member.topic && lists.get(member.topic);
    if (!list) return;
    const last = list.pop()!;
    if (last !== member) {
      list[member.at] = last;
      last.at = member.at;
    }
    wheel.remove(member);
    if (list.length === 0) lists.delete(member.topic!);
    member.topic = undefined;
    caps.leave(member.address);
    if (member.streams) stats.streams -= 1;
    else stats.sockets -= 1;
  }

  function letGo(member: Member): void {
    stats.slow += 1;
    remove(member);
    member.raw.destroy();
  }

  function write(list: Member[], framed: Framed): void {
    // From the end, because a member that is let go is replaced by the last.
    for (let i = list.length - 1; i >= 0; i -= 1) {
      const member = list[i]!;
      if (member.raw.writableLength > limits.buffered) letGo(member);
      else member.raw.write(member.streams ? framed.stream : framed.socket);
    }
    stats.frames += list.length;
  }

  function onClose(this: Socket): void {
    const member = memberOf(this);
    hold(this, undefined);
    if (member) remove(member);
  }
  function onEnd(this: Socket): void {
    onClose.call(this);
    leave(this);
  }
  let speaking: Member | undefined;
  const ears: Ears = {
    ping: (payload) => void speaking?.raw.write(pongFrame(payload)),
    pong() {
      if (speaking) speaking.asked = false;
    },
    close(code) {
      if (!speaking) return;
      const { raw } = speaking;
      remove(speaking);
      hold(raw, undefined);
      leave(raw, closeFrame(code, ''));
    },
  };
  function onRead(this: Socket, chunk: Buffer): void {
    speaking = memberOf(this);
    if (!speaking) return;
    speaking.heard += chunk.length;
    if (speaking.heard > MOST_HEARD) ears.close(TOO_MUCH);
    else read(speaking, chunk, ears);
    speaking = undefined;
  }

  /** Says that the line is alive, and to readers of a copy how old it is: nothing else would tell an open page. */
  function beat(list: Member[]): void {
    const framed = new Map<number | undefined, Framed>();
    const serverTime = now();
    const of = (topic: Topic | undefined): Framed => {
      const { copyOf } = topic ? copied(topic) : { copyOf: undefined };
      const known = framed.get(copyOf);
      if (known) return known;
      const made = frame({ type: 'beat', serverTime, ...(copyOf === undefined ? {} : { copyOf }) });
      framed.set(copyOf, made);
      return made;
    };
    for (let i = list.length - 1; i >= 0; i -= 1) {
      const member = list[i]!;
      const { socket, stream } = of(member.topic);
      if (member.raw.writableLength > limits.buffered) letGo(member);
      else member.raw.write(member.streams ? stream : socket);
    }
    stats.frames += list.length;
  }

  const wheel = buildWheel(
    { beat: ticks(limits.beatMs), question: ticks(limits.pingMs), answer: ticks(limits.pongMs) },
    {
      beat,
      ask(member) {
        member.heard = 0;
        if (member.streams) return;
        member.asked = true;
        member.raw.write(PING);
      },
      letGo,
    },
  );
  const timer = setInterval(() => {
    departures.turn();
    wheel.turn();
  }, limits.tickMs);

  function enter(raw: Socket, streams: boolean, address: string): Member | undefined {
    const place = closed ? 'all' : caps.enter(address);
    if (place !== 'in') {
      stats.refused += 1;
      if (place === 'address' && !told) report(new TooMany(address, limits.perAddress), 'joining');
      told ||= place === 'address';
      return undefined;
    }
    const member = buildMember(raw, streams, address);
    hold(raw, member);
    raw.on('close', onClose);
    return member;
  }

  return {
    join(raw, topic, after, from) {
      if (raw.destroyed) return;
      raw.on('error', ignore);
      raw.on('end', onEnd);
      const member = enter(raw, false, addressKey(from));
      if (!member) {
        raw.resume();
        leave(raw, closeFrame(closed ? RESTART : FULL, 'too many open pages, come back later'));
        return;
      }
      raw.on('data', onRead);
      add(member, topic, after);
    },
    turnAway(raw, code, why) {
      raw.on('error', ignore);
      raw.resume();
      leave(raw, closeFrame(code, why));
    },
    stream(response, topic, after, from) {
      const raw = response.socket;
      if (!raw || raw.destroyed) return false;
      const member = enter(raw, true, addressKey(from));
      if (!member) return false;
      raw.setTimeout(0);
      // Without a length or chunks the body ends with the connection, so shared buffers go out as they are.
      response.useChunkedEncodingByDefault = false;
      response.shouldKeepAlive = false;
      response.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
        'access-control-allow-origin': '*',
      });
      response.flushHeaders();
      add(member, topic, after);
      return true;
    },
    publish(topic, framed) {
      const list = lists.get(topic);
      if (list) write(list, framed);
    },
    dissolve(topic) {
      for (const member of [...(lists.get(topic) ?? [])]) {
        remove(member);
        leave(member.raw, member.streams ? undefined : closeFrame(1001, 'this page is no more'));
      }
    },
    stats: () => ({ ...stats }),
    async close() {
      closed = true;
      clearInterval(timer);
      const all = [...lists.values()].flat();
      const goodbye = closeFrame(RESTART, 'restarting, come back');
      const rounds = all.length > 100 ? 20 : 1;
      const size = Math.ceil(all.length / rounds);
      for (let i = 0; i < rounds; i += 1) {
        for (const member of all.slice(i * size, (i + 1) * size)) {
          if (member.topic === undefined) continue;
          remove(member);
          leave(member.raw, member.streams ? undefined : goodbye);
        }
        if (i < rounds - 1) await new Promise((done) => setTimeout(done, limits.spreadMs / rounds));
      }
      await departures.close();
    },
  };
}

/** Since when a topic's words are a copy, as frames say it. */
const copied = ({ view }: Topic): { copyOf?: number } =>
  view.copyOf === null ? {} : { copyOf: view.copyOf };

function ignore(): void {}
