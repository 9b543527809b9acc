import { domainToASCII } from 'node:url';

/** RFC 5321: 64 before the @, 254 in all. What is longer is not looked at. */
const LOCAL_MAX = 64;
const ADDRESS_MAX = 254;
const LOCAL = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/i;
const HOST =
  /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/i;

/**
 * One plain address, or undefined. Only the form that every mail server reads alike is taken: no comments, groups,
 * quotes, routes, lists or control characters, because what we read as one address another program may read as two.
 * A domain in another script comes back in ASCII.
 */
export function readAddress(typed: string): string | undefined {
  const text = typed.trim();
  if (text.length > ADDRESS_MAX) return undefined;
  const at = text.lastIndexOf('@');
  const local = text.slice(0, Math.max(at, 0));
  if (local.length > LOCAL_MAX || !LOCAL.test(local)) return undefined;
  const typedHost = text.slice(at + 1);
  // The URL parser would also take ports, user names and percent signs for granted.
  if (/[\s\p{Cc}\p{Cf}/?#@:%[\]\\<>^|"(),;]/u.test(typedHost)) return undefined;
  const host = domainToASCII(typedHost);
  if (!HOST.test(host)) return undefined;
  const address = `${local}@${host}`;
  return address.length > ADDRESS_MAX ? undefined : address;
}

/** `Northwind Status <status@northwind.example>`, or a bare address; undefined when it is neither. */
export function readSender(typed: string): { name: string; address: string } | undefined {
  const text = typed.trim();
  if (text.length > 400) return undefined;
  const open = text.endsWith('>') ? text.lastIndexOf('<') : -1;
  const address = readAddress(open === -1 ? text : text.slice(open + 1, -1));
  if (address === undefined) return undefined;
  const name = open === -1 ? '' : text.slice(0, open);
  // Quoting would make these harmless, but not every program that reads it later unquotes.
  return { name: oneLine(name.replace(/["<>\\]/g, '')), address };
}

export const hostOf = (address: string): string => address.slice(address.lastIndexOf('@') + 1);

/** Text for a header: on one line, without control characters and without marks that turn the writing direction. */
export const oneLine = (text: string): string =>
  text.replace(/[\s\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]+/gu, ' ').trim();
