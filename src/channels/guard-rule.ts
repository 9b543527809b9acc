import { lookup as systemLookup } from 'node:dns/promises';
import type { Agent as HttpAgent } from 'node:http';
import type { LookupFunction } from 'node:net';
import { addressOf, isPublicAddress } from './addresses.ts';
import { ChannelError } from './contract.ts';

export interface Address {
  address: string;
  family: number;
}

export interface RuleOptions {
  /**
   * Origins that are trusted whatever their address is, as `http://127.0.0.1:4801` or `smtp://10.0.0.7:25`. The only
   * way to plain http, and to mail without encryption.
   */
  allow: readonly string[];
  /** An exercise: only what is allowed by name, and nothing is even looked up. */
  only?: boolean | undefined;
  /** All addresses of a name. The system's resolver, unless a test gives its own. */
  resolve?: (name: string) => Promise<Address[]>;
  /** Which addresses may be connected to. The public internet, unless a test draws its own line through loopback. */
  isPublic?: (address: string) => boolean;
}

/** Where a socket may go. */
export interface Rule {
  /** Parses an address and refuses what can be refused by reading it. */
  read(address: string): URL;
  trusts(protocol: string, host: string, port: string): boolean;
  /** Why there may be no connection there; undefined when there may, or when only a look-up can tell. */
  refuse(protocol: string, host: string, port: string): ChannelError | undefined;
  /** The same for a connection that is not HTTP, where only the address counts. */
  refuseHost(host: string): ChannelError | undefined;
  lookup: LookupFunction;
}

export function buildRule(options: RuleOptions): Rule {
  const isPublic = options.isPublic ?? isPublicAddress;
  const resolve = options.resolve ?? ((name: string) => systemLookup(name, { all: true, order: 'verbatim' }));
  const allowed = new Set(options.allow.map((origin) => placeOf(new URL(origin))));
  const trusts = (protocol: string, host: string, port: string) =>
    allowed.has(originOf(protocol, host, port) ?? '');
  const refuse = (protocol: string, host: string, port: string): ChannelError | undefined => {
    if (trusts(protocol, host, port)) return undefined;
    if (options.only) return exercise(host);
    if (protocol !== 'https:')
      return refused('insecure', 'Only https addresses can be used. Enter one that starts with https://.');
    return refuseHost(host);
  };
  const refuseHost = (host: string): ChannelError | undefined => {
    if (options.only) return exercise(host);
    const literal = addressOf(host);
    return literal === undefined || isPublic(literal) ? undefined : inside(host);
  };
  return {
    trusts,
    refuse,
    refuseHost,
    read(address) {
      const url = URL.canParse(address) ? new URL(address) : undefined;
      if (url === undefined || url.hostname === '')
        throw refused('bad_address', 'This is not a web address. Enter one that starts with https://.');
      if (url.username !== '' || url.password !== '')
        throw refused(
          'credentials_in_address',
          'The address carries a user name or a password. Enter it without.',
        );
      const refusal = refuse(url.protocol, url.hostname, url.port || portOf(url.protocol));
      if (refusal !== undefined) throw refusal;
      return url;
    },
    lookup(name, want, done) {
      if (options.only) return done(exercise(name), '', 0);
      resolve(name).then(
        (found) => {
          // One address inside is enough: which one the socket takes must not be left to luck.
          const first = found[0];
          if (first === undefined) {
            done(Object.assign(new Error(`No address for ${name}`), { code: 'ENOTFOUND' }), '', 0);
          } else if (!found.every((one) => isPublic(one.address))) {
            done(inside(name), '', 0);
          } else if (want.all) {
            done(null, found);
          } else {
            done(null, first.address, first.family);
          }
        },
        (error) => done(error, '', 0),
      );
    },
  };
}

export const portOf = (protocol: string): string => (protocol === 'https:' ? '443' : '80');

function originOf(protocol: string, host: string, port: string): string | undefined {
  const bracketed = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
  const url = `${protocol}//${bracketed}:${port}`;
  return URL.canParse(url) ? placeOf(new URL(url)) : undefined;
}

/** What two places are compared by. The URL standard gives only web addresses an origin; every other is "null". */
const placeOf = (url: URL): string =>
  url.origin === 'null' ? `${url.protocol}//${url.host.toLowerCase()}` : url.origin;

const refused = (code: string, message: string) => new ChannelError('rejected', message, { code });
const inside = (host: string) =>
  refused(
    'private_address',
    `${host} is not on the public internet, so we do not connect to it. Whoever runs this server can allow it by name.`,
  );
const exercise = (host: string) =>
  refused(
    'exercise',
    `This is an exercise: only simulated networks can be reached, and ${host} is not one of them.`,
  );

/** Gives the rule to an agent of node's own http, for libraries that cannot use our fetch. */
export function guardAgent<A extends HttpAgent>(agent: A, protocol: 'http:' | 'https:', rule: Rule): A {
  const connect = agent.createConnection.bind(agent);
  agent.createConnection = (options, done) => {
    const host = options.host ?? options.hostname ?? '';
    const port = String(options.port ?? portOf(protocol));
    const refusal = rule.refuse(protocol, host, port);
    if (refusal !== undefined) {
      process.nextTick(() => done?.(refusal, undefined as never));
      return undefined;
    }
    return connect(rule.trusts(protocol, host, port) ? options : { ...options, lookup: rule.lookup }, done);
  };
  return agent;
}
