import type { Credentials } from '../../../db/queries/credentials.ts';
import type { Place } from '../../templates/format.ts';
import { moment } from './moments.ts';
import { count } from './words.ts';

/** How the desk speaks of the ways in. */

export function waysText(held: Credentials, sso: boolean): string {
  const ways = [
    held.passwordHash === null ? '' : 'password',
    held.passkeys.length === 0 ? '' : count(held.passkeys.length, 'passkey'),
    held.totp === null ? '' : 'app',
    sso ? 'single sign-on' : '',
  ].filter((x) => x !== '');
  return ways.length === 0 ? 'by link only' : ways.join(', ');
}

export const usedText = (at: number | null, now: number, place: Place): string =>
  at === null ? 'never used' : `last used ${moment(at, now, place).text}`;

const BROWSERS: readonly [RegExp, string][] = [
  [/edg/i, 'Edge'],
  [/firefox|fxios/i, 'Firefox'],
  [/chrome|crios|chromium/i, 'Chrome'],
  [/safari/i, 'Safari'],
];
const SYSTEMS: readonly [RegExp, string][] = [
  [/android/i, 'Android'],
  [/iphone|ipad/i, 'iOS'],
  [/windows/i, 'Windows'],
  [/mac os/i, 'macOS'],
  [/linux/i, 'Linux'],
];

/** "Firefox on Linux": enough for its owner to know it again. */
export function browserName(userAgent: string | null): string {
  const found = (list: readonly [RegExp, string][]) => list.find(([is]) => is.test(userAgent ?? ''))?.[1];
  const browser = found(BROWSERS);
  const system = found(SYSTEMS);
  return browser === undefined ? 'A browser' : system === undefined ? browser : `${browser} on ${system}`;
}
