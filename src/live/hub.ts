import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import { addressKey, buildCaps } from './caps.ts';
import { closeFrame, type Framed, frame, PING } from './frame.ts';
import { catchUp, type Topic } from './topic.ts';

export interface HubLimits {
  /** Open pages at once. */
  sockets: number;
  /** Of one address; an IPv6 address is its /64. */
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

/** An open page. One small object each: there may be twenty thousand. */
interface Member {
  raw: Socket;
  /** Undefined for server-sent events. */
  ws: WebSocket | undefined;
  topic: Topic | undefined;
  /** Place in the topic's list and in the wheel's slot. */
  at: number;
  slot: number;
  slotAt: number;
  /** Asked, and has not answered yet. */
  asked: boolean;
  address: string;
}

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
  /** Takes over an upgraded socket: backfills it, then keeps it up to date. Closes it when there is no room. */
  join(ws: WebSocket, topic: Topic, after: number, address: string): void;
  /** The same as server-sent events, on a response nothing was written to yet. False when there is no room. */
  stream(response: ServerResponse, topic: Topic, after: number, address: string): boolean;
  publish(topic: Topic, framed: Framed): void;
  /** Lets go of everybody who follows a topic that is no more. */
  dissolve(topic: Topic): void;
  stats(): HubStats;
  close(): Promise<void>;
}

/** Told to come back later, after a random while. */
const FULL = 1013;
const RESTART = 1012;

const MEMBER = Symbol('member');
type Held = { [MEMBER]?: Member };

export function openHub(now: () => number, limits: HubLimits): Hub {
  const lists = new Map<Topic, Member[]>();
  const caps = buildCaps(limits);
  const ticks = (ms: number) => Math.max(1, Math.round(ms / limits.tickMs));
  const every = { ping: ticks(limits.pingMs), pong: ticks(limits.pongMs), beat: ticks(limits.beatMs) };
  // One slot a tick of the longer round, so that neither pings nor beats come all at once.
  const wheel: Member[][] = Array.from({ length: every.ping * every.beat }, () => []);
  const stats: HubStats = { sockets: 0, streams: 0, frames: 0, slow: 0, refused: 0 };
  let nextSlot = 0;
  let tick = 0;
  let closed = false;

  function add(member: Member, topic: Topic, after: number): void {
    const list = lists.get(topic) ?? [];
    lists.set(topic, list);
    member.topic = topic;
    member.at = list.push(member) - 1;
    nextSlot = (nextSlot + 1) % wheel.length;
    member.slot = nextSlot;
    member.slotAt = wheel[nextSlot]!.push(member) - 1;
    if (member.ws) stats.sockets += 1;
    else stats.streams += 1;
    const hello = frame({ type: 'hello', seq: topic.log.seq, serverTime: now() });
    const missed = catchUp(topic, after);
    const of = (f: Framed) => (member.ws ? f.socket : f.stream);
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
    const slot = wheel[member.slot]!;
    const tail = slot.pop()!;
    if (tail !== member) {
      slot[member.slotAt] = tail;
      tail.slotAt = member.slotAt;
    }
    if (list.length === 0) lists.delete(member.topic!);
    member.topic = undefined;
    caps.leave(member.address);
    if (member.ws) stats.sockets -= 1;
    else stats.streams -= 1;
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
      else member.raw.write(member.ws ? framed.socket : framed.stream);
    }
    stats.frames += list.length;
  }

  function onClose(this: WebSocket | ServerResponse): void {
    const member = (this as Held)[MEMBER];
    if (member) remove(member);
  }
  function onPong(this: WebSocket): void {
    const member = (this as Held)[MEMBER];
    if (member) member.asked = false;
  }

  function turn(): void {
    tick += 1;
    const beat = frame({ type: 'beat', serverTime: now() });
    for (let s = 0; s < wheel.length; s += 1) {
      const slot = wheel[s]!;
      if (slot.length === 0) continue;
      if (tick % every.beat === s % every.beat) write(slot, beat);
      const phase = (tick - (s % every.ping) + every.ping) % every.ping;
      if (phase === 0) ask(slot);
      else if (phase === every.pong % every.ping) dropSilent(slot);
    }
  }

  function ask(slot: Member[]): void {
    for (const member of slot) {
      if (!member.ws) continue;
      member.asked = true;
      member.raw.write(PING);
    }
  }

  function dropSilent(slot: Member[]): void {
    for (let i = slot.length - 1; i >= 0; i -= 1) if (slot[i]!.asked) letGo(slot[i]!);
  }

  const timer = setInterval(turn, limits.tickMs);

  const member = (raw: Socket, ws: WebSocket | undefined, address: string): Member => ({
    raw,
    ws,
    topic: undefined,
    at: -1,
    slot: -1,
    slotAt: -1,
    asked: false,
    address,
  });

  return {
    join(ws, topic, after, from) {
      const raw = (ws as unknown as { _socket: Socket })._socket;
      forgetRequest(ws, raw);
      if (ws.readyState !== ws.OPEN) return;
      const address = addressKey(from);
      if (closed || !caps.enter(address)) {
        stats.refused += 1;
        ws.close(closed ? RESTART : FULL, 'too many open pages, try again later');
        return;
      }
      const held = member(raw, ws, address);
      (ws as Held)[MEMBER] = held;
      ws.on('pong', onPong);
      ws.on('close', onClose);
      add(held, topic, after);
    },
    stream(response, topic, after, from) {
      const address = addressKey(from);
      if (closed || !caps.enter(address)) {
        stats.refused += 1;
        return false;
      }
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
      const held = member(response.socket!, undefined, address);
      (response as unknown as Held)[MEMBER] = held;
      response.on('close', onClose);
      response.on('error', ignore);
      add(held, topic, after);
      return true;
    },
    publish(topic, framed) {
      const list = lists.get(topic);
      if (list) write(list, framed);
    },
    dissolve(topic) {
      for (const held of [...(lists.get(topic) ?? [])]) {
        if (held.ws) held.raw.write(closeFrame(1001, 'this page is no more'));
        remove(held);
        held.raw.end();
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
        for (const held of all.slice(i * size, (i + 1) * size)) {
          if (held.topic === undefined) continue;
          if (held.ws) held.raw.write(goodbye);
          remove(held);
          held.raw.end();
        }
        if (i < rounds - 1) await new Promise((done) => setTimeout(done, limits.spreadMs / rounds));
      }
      // Whoever does not answer a goodbye is not waited for.
      await new Promise((done) => setTimeout(done, all.length > 0 ? 100 : 0));
      for (const held of all) held.raw.destroy();
    },
  };
}

function ignore(): void {}

/** Everything that led to the upgrade would be kept as long as the socket: request, response, headers. */
function forgetRequest(ws: WebSocket, raw: Socket): void {
  ws.removeAllListeners('error');
  ws.on('error', ignore);
  const { _httpMessage: response } = raw as unknown as { _httpMessage?: ServerResponse };
  response?.detachSocket(raw);
}
