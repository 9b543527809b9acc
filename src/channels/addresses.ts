import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** 2000::/3, the only IPv6 space that is routed on the public internet. */
const GLOBAL_V6 = ipaddr.IPv6.parseCIDR('2000::/3');
/** Azure's host agent: it looks public and answers only from inside a virtual machine. */
const AZURE_HOST = '168.63.129.16';

/**
 * Whether an address literal belongs to the public internet. Everything else is refused: private and shared ranges,
 * loopback, link-local (cloud metadata), multicast, reserved and documentation ranges, and every IPv6 form that
 * carries an IPv4 address inside (mapped, NAT64, 6to4, Teredo), because it can name a private one.
 * The answer is false for anything that is not an address in its canonical spelling.
 */
export function isPublicAddress(address: string): boolean {
  // ipaddr.js also reads octal and short forms; net.isIP knows only what a socket connects to.
  if (isIP(address) === 0) return false;
  const parsed = ipaddr.parse(address);
  if (parsed.range() !== 'unicast') return false;
  // `::7f00:1` is "unicast" to the library, so the global block is asked for as well.
  if (parsed instanceof ipaddr.IPv6) return parsed.match(GLOBAL_V6);
  return address !== AZURE_HOST;
}

/** An IP literal from a URL's host or a socket's, without brackets; undefined when it is a name. */
export function addressOf(host: string): string | undefined {
  const bare = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
  return isIP(bare) === 0 ? undefined : bare;
}
