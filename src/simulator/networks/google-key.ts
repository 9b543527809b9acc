import { checkPrimeSync, createPrivateKey } from 'node:crypto';
import { seededBytes } from '../random.ts';

const E = 65_537n;
const BITS = 1024;

const known = new Map<string, string>();

/** A private key (PKCS #8, PEM) of 2048 bits that is the same for the same seed and label. Never for anything real. */
export function seededKey(seed: string, label: string): string {
  const place = `${seed}\n${label}`;
  const there = known.get(place);
  if (there !== undefined) return there;
  const p = prime(seed, `${label} p`);
  const q = prime(seed, `${label} q`);
  const phi = (p - 1n) * (q - 1n);
  const d = inverse(E, phi);
  const number = (value: bigint): string => {
    const hex = value.toString(16);
    return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex').toString('base64url');
  };
  const jwk = {
    kty: 'RSA',
    n: number(p * q),
    e: number(E),
    d: number(d),
    p: number(p),
    q: number(q),
    dp: number(d % (p - 1n)),
    dq: number(d % (q - 1n)),
    qi: number(inverse(q, p)),
  };
  const pem = createPrivateKey({ key: jwk, format: 'jwk' })
    .export({ type: 'pkcs8', format: 'pem' })
    .toString();
  known.set(place, pem);
  return pem;
}

/** The first prime at or after a seeded number whose two highest bits are set. */
function prime(seed: string, label: string): bigint {
  const bytes = seededBytes(seed, label, BITS / 8);
  let candidate = BigInt(`0x${bytes.toString('hex')}`) | (3n << BigInt(BITS - 2)) | 1n;
  while ((candidate - 1n) % E === 0n || !checkPrimeSync(candidate)) candidate += 2n;
  return candidate;
}

/** The inverse of `a` modulo `m`, by Euclid. */
function inverse(a: bigint, m: bigint): bigint {
  let [before, after] = [m, ((a % m) + m) % m];
  let [x, y] = [0n, 1n];
  while (after !== 0n) {
    const times = before / after;
    [before, after] = [after, before - times * after];
    [x, y] = [y, x - times * y];
  }
  return ((x % m) + m) % m;
}
