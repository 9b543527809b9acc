import type { Socket } from 'node:net';
import type { Reading } from './reader.ts';
import type { Topic } from './topic.ts';

/** An open page. One small object each: there may be twenty thousand. */
export interface Member extends Reading {
  raw: Socket;
  /** Server-sent events, not a WebSocket. */
  streams: boolean;
  /** Undefined once it has left. */
  topic: Topic | undefined;
  /** Place in the topic's list, slot of the wheel and place in it. */
  at: number;
  slot: number;
  slotAt: number;
  /** Asked, and has not answered yet. */
  asked: boolean;
  /** Bytes it has sent since it was last asked. */
  heard: number;
  address: string;
}

export const buildMember = (raw: Socket, streams: boolean, address: string): Member => ({
  raw,
  streams,
  topic: undefined,
  at: -1,
  slot: -1,
  slotAt: -1,
  asked: false,
  heard: 0,
  address,
  skip: 0,
  bytes: 0,
  frames: 0,
  rest: undefined,
});

const MEMBER = Symbol('member');
type Held = { [MEMBER]?: Member | undefined };

/** Who a socket belongs to stands on the socket, so that one listener serves them all. */
export const memberOf = (raw: Socket): Member | undefined => (raw as Held)[MEMBER];
export function hold(raw: Socket, member: Member | undefined): void {
  (raw as Held)[MEMBER] = member;
}
