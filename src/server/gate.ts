import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import ipaddr from 'ipaddr.js';
import type { PageAccess } from '../../db/shapes.ts';
import { DomainError, notFound } from '../domain/error.ts';
import type { Place } from '../live/addresses.ts';
import type { Live } from '../live/live.ts';

/**
 * Whose page an address is, and whether this visitor may read it. Every public route asks here first, so that a private
 * page has no side door, and no host name shows another's pages.
 */
export interface Gate {
  /** Where the path of a request leads. Throws `not_found`, or `unauthorized` when the page is not for everybody. */
  place(request: FastifyRequest): Place;
  /** The same for a page that something else has named: a short link, an address in a question. */
  admit(request: FastifyRequest, pageId: string): void;
  /** Whether the page may be shown to this visitor. */
  mayRead(request: FastifyRequest, pageId: string): boolean;
  isPrivate(pageId: string): boolean;
  /** Lets a browser in for a while. */
  letIn(request: FastifyRequest, reply: FastifyReply, pageId: string): void;
  /** Page that a request was refused for, for the page with the password field. */
  lockedOf(request: FastifyRequest): string | undefined;
}

/** How long a visitor is let in, ms. */
const VISIT_MS = 12 * 60 * 60_000;

export interface GateParts {
  live: Live;
  now(): number;
  /** HMAC with the installation's key; without it nobody is let in to a private page. */
  sign?: ((purpose: string, text: string) => string) | undefined;
  secureCookies?: boolean;
}

export function openGate({ live, now, sign, secureCookies = false }: GateParts): Gate {
  const locked = new WeakMap<FastifyRequest, string>();
  const nameOf = (pageId: string) => `${secureCookies ? '__Host-' : ''}tocsin-visit-${pageId}`;

  /** What a browser holds once it was let in: until when, under which version of the door, and our hand under it. */
  const passOf = (pageId: string, access: PageAccess, until: number): string =>
    `${until}.${sign?.('visit', `${pageId}|${access.version}|${until}`) ?? ''}`;

  function holdsPass(request: FastifyRequest, pageId: string, access: PageAccess): boolean {
    if (!sign) return false;
    const given = cookieOf(request, nameOf(pageId));
    const until = Number(given?.split('.')[0]);
    if (given === undefined || !Number.isSafeInteger(until) || until <= now()) return false;
    return equal(given, passOf(pageId, access, until));
  }

  function mayRead(request: FastifyRequest, pageId: string): boolean {
    const access = live.access(pageId);
    if (access === undefined) return false;
    return access === null || isInside(request.ip, access.networks) || holdsPass(request, pageId, access);
  }

  function admit(request: FastifyRequest, pageId: string): void {
    if (!live.isShownAt(pageId, request.hostname)) throw notFound('page');
    if (mayRead(request, pageId)) return;
    locked.set(request, pageId);
    throw new DomainError('unauthorized', 'This page is private.');
  }

  return {
    admit,
    mayRead,
    isPrivate: (pageId) => live.access(pageId) !== null,
    place(request) {
      const { a, b } = request.params as { a?: string; b?: string };
      const place = live.findPlace(a === undefined ? NONE : b === undefined ? [a] : [a, b], request.hostname);
      if (!place) throw notFound('page');
      // Most pages are for everybody, and this is asked for each reader.
      if (live.access(place.pageId) !== null) admit(request, place.pageId);
      return place;
    },
    letIn(request, reply, pageId) {
      const access = live.access(pageId);
      if (!access || !live.isShownAt(pageId, request.hostname)) return;
      const until = now() + VISIT_MS;
      reply.setCookie(nameOf(pageId), passOf(pageId, access, until), {
        path: '/',
        httpOnly: true,
        sameSite: 'lax',
        secure: secureCookies,
        maxAge: VISIT_MS / 1_000,
      });
    },
    lockedOf: (request) => locked.get(request),
  };
}

const NONE: readonly string[] = [];

/** One cookie, read without the plugin that readers are spared. */
function cookieOf(request: FastifyRequest, name: string): string | undefined {
  for (const part of (request.headers.cookie ?? '').split(';')) {
    const at = part.indexOf('=');
    if (at > 0 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim();
  }
  return undefined;
}

const equal = (a: string, b: string): boolean => {
  const [x, y] = [a, b].map((text) => createHash('sha256').update(text).digest()) as [Buffer, Buffer];
  return timingSafeEqual(x, y);
};

/** Whether an address lies in one of these networks (CIDR); an IPv4 address written as IPv6 is the same address. */
export function isInside(address: string, networks: readonly string[]): boolean {
  if (networks.length === 0 || !ipaddr.isValid(address)) return false;
  const own = ipaddr.process(address);
  return networks.some((network) => {
    try {
      const [base, bits] = ipaddr.parseCIDR(network);
      return base.kind() === own.kind() && own.match(base, bits);
    } catch {
      return false;
    }
  });
}
