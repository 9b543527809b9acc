import { isIPv6 } from 'node:net';

/** How many open pages there may be: in all, and from one address. */
export interface Caps {
  /** Takes a place, or says which there are too many of. */
  enter(address: string): 'in' | 'all' | 'address';
  leave(address: string): void;
}

export function buildCaps(limits: { sockets: number; perAddress: number }): Caps {
  const from = new Map<string, number>();
  let all = 0;
  return {
    enter(address) {
      const own = from.get(address) ?? 0;
      if (all >= limits.sockets) return 'all';
      if (own >= limits.perAddress && !isOurs(address)) return 'address';
      all += 1;
      from.set(address, own + 1);
      return 'in';
    },
    leave(address) {
      all -= 1;
      const own = (from.get(address) ?? 1) - 1;
      if (own > 0) from.set(address, own);
      else from.delete(address);
    },
  };
}

/** Our own machine is no visitor: it is a proxy in front of us, and everybody comes through it. */
const isOurs = (address: string): boolean => address.startsWith('127.') || address === '0:0:0:0';

/** What counts as one address: an IPv4 address (also one written as IPv6), or the /64 of an IPv6 address. */
export function addressKey(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (mapped) return mapped[1]!;
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.toLowerCase().split('%')[0]!.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : 8 - left.length - right.length;
  const groups = [...left, ...Array.from({ length: Math.max(0, zeros) }, () => '0'), ...right];
  return groups
    .slice(0, 4)
    .map((g) => g.replace(/^0+(?=.)/, ''))
    .join(':');
}
