import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';

/**
 * Seals and opens credentials, and signs the audit chain. The only file that touches the key. AES-256-GCM with a fresh
 * 96-bit nonce each time; what a sealed text belongs to (table, row, column) is bound in, so that it cannot be moved
 * to another row. Several keys may be known at once: the first seals, all open, so that a key can be rotated.
 */
export interface Secrets {
  /** `place` is bound to the sealed text, e.g. `connections|<id>|sealed`. */
  seal(place: string, text: string): string;
  /** Throws `SecretError` when the text was changed, moved, or sealed with a key that is not here. */
  open(place: string, sealed: string): string;
  /** True when it was sealed with an older key and should be sealed again. */
  isStale(sealed: string): boolean;
  /** HMAC-SHA256 in hex with a key derived for `purpose`; stable across key rotation (always the last key). */
  sign(purpose: string, text: string): string;
  /** Names this installation without giving the key away: a copy of the database elsewhere has another. */
  fingerprint(): string;
}

export class SecretError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'SecretError';
  }
}

const changed = () => new SecretError('The sealed text was changed or moved. Connect the account again.');

/** The bytes of a base64url text, or undefined when it is not the one text that these bytes have. */
function exactly(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64url');
  return bytes.toString('base64url') === text ? bytes : undefined;
}

/** A new key as people store it: 32 random bytes in base64url. */
export const newKey = (): string => randomBytes(32).toString('base64url');

/** `keys`: newest first, each 32 bytes in base64 or base64url. Throws `SecretError` naming the one that is malformed. */
export function openSecrets(keys: readonly string[]): Secrets {
  if (keys.length === 0) throw new SecretError('No key was given.');
  const ring = keys.map((text, i) => {
    const bytes = Buffer.from(text.trim(), 'base64url');
    if (bytes.length !== 32)
      throw new SecretError(`Key ${i + 1} is not 32 bytes in base64. Make one with: npx tocsin key`);
    const derive = (purpose: string, length = 32) =>
      Buffer.from(hkdfSync('sha256', bytes, 'tocsin', purpose, length));
    // As objects: from bytes a key is set up anew at every use, which takes longer than the use itself.
    return {
      id: derive('key-id', 6).toString('base64url'),
      sealing: createSecretKey(derive('sealing')),
      derive,
    };
  });
  const newest = ring[0]!;
  const oldest = ring.at(-1)!;
  const keyIdOf = (sealed: string) => sealed.split('.')[1] ?? '';
  // Derived once for each purpose: they are few, and a line to subscribers signs with every message.
  const signing = new Map<string, KeyObject>();
  const signingKey = (purpose: string): KeyObject => {
    const known = signing.get(purpose) ?? createSecretKey(oldest.derive(`sign|${purpose}`));
    signing.set(purpose, known);
    return known;
  };
  return {
    seal(place, text) {
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', newest.sealing, nonce);
      cipher.setAAD(Buffer.from(`${place}|${newest.id}`));
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
      return `s1.${newest.id}.${nonce.toString('base64url')}.${body.toString('base64url')}`;
    },
    open(place, sealed) {
      const [version, id, nonceText, bodyText, ...more] = sealed.split('.');
      if (version !== 's1' || !nonceText || !bodyText || more.length > 0)
        throw new SecretError('This is not a sealed text.');
      const key = ring.find((k) => k.id === id);
      if (!key)
        throw new SecretError('It was sealed with a key that is not here. Add the old key to TOCSIN_KEYS.');
      const nonce = exactly(nonceText);
      const bytes = exactly(bodyText);
      if (nonce?.length !== 12 || !bytes || bytes.length < 16) throw changed();
      const decipher = createDecipheriv('aes-256-gcm', key.sealing, nonce);
      decipher.setAAD(Buffer.from(`${place}|${id}`));
      decipher.setAuthTag(bytes.subarray(-16));
      try {
        return Buffer.concat([decipher.update(bytes.subarray(0, -16)), decipher.final()]).toString('utf8');
      } catch {
        throw changed();
      }
    },
    isStale: (sealed) => keyIdOf(sealed) !== newest.id,
    sign: (purpose, text) => createHmac('sha256', signingKey(purpose)).update(text).digest('hex'),
    fingerprint: () => oldest.derive('installation', 16).toString('base64url'),
  };
}
