import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';

/** An authenticator in software: makes passkeys and shows them, by the book or, when a test says so, against it. */

type Cbor = number | string | Buffer | Map<number | string, Cbor>;

function head(major: number, n: number): Buffer {
  if (n < 24) return Buffer.from([(major << 5) | n]);
  if (n < 256) return Buffer.from([(major << 5) | 24, n]);
  return Buffer.from([(major << 5) | 25, n >> 8, n & 255]);
}

function cbor(value: Cbor): Buffer {
  if (typeof value === 'number') return value >= 0 ? head(0, value) : head(1, -1 - value);
  if (typeof value === 'string')
    return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value]);
  return Buffer.concat([head(5, value.size), ...[...value].flatMap(([k, v]) => [cbor(k), cbor(v)])]);
}

const sha256 = (x: string | Buffer) => createHash('sha256').update(x).digest();

export interface Wrong {
  origin?: string;
  rpId?: string;
  challenge?: string;
  counter?: number;
  /** Nobody's finger, PIN or face was checked. */
  unverified?: boolean;
}

export function buildAuthenticator(origin: string, rpId: string) {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = publicKey.export({ format: 'jwk' });
  const id = randomBytes(32);
  let counter = 0;

  const clientData = (type: string, challenge: string, wrong: Wrong) =>
    Buffer.from(
      JSON.stringify({
        type,
        challenge: wrong.challenge ?? challenge,
        origin: wrong.origin ?? origin,
        crossOrigin: false,
      }),
    );
  const authData = (more: number, count: number, wrong: Wrong, ...rest: Buffer[]) => {
    const counted = Buffer.alloc(4);
    counted.writeUInt32BE(count);
    const flags = 0x01 | (wrong.unverified ? 0 : 0x04) | more;
    return Buffer.concat([sha256(wrong.rpId ?? rpId), Buffer.from([flags]), counted, ...rest]);
  };

  return {
    id: id.toString('base64url'),
    /** Answers what `navigator.credentials.create` would be asked. */
    make(options: { challenge: string }, wrong: Wrong = {}): string {
      const key = cbor(
        new Map<number, Cbor>([
          [1, 2],
          [3, -7],
          [-1, 1],
          [-2, Buffer.from(jwk.x!, 'base64url')],
          [-3, Buffer.from(jwk.y!, 'base64url')],
        ]),
      );
      const length = Buffer.from([0, id.length]);
      const data = authData(0x40, 0, wrong, Buffer.alloc(16), length, id, key);
      const attestation = cbor(
        new Map<string, Cbor>([
          ['fmt', 'none'],
          ['attStmt', new Map()],
          ['authData', data],
        ]),
      );
      return JSON.stringify({
        id: id.toString('base64url'),
        rawId: id.toString('base64url'),
        type: 'public-key',
        clientExtensionResults: {},
        response: {
          clientDataJSON: clientData('webauthn.create', options.challenge, wrong).toString('base64url'),
          attestationObject: attestation.toString('base64url'),
          transports: ['internal'],
        },
      });
    },
    /** Answers what `navigator.credentials.get` would be asked. */
    show(options: { challenge: string }, wrong: Wrong = {}): string {
      counter = wrong.counter ?? counter + 1;
      const client = clientData('webauthn.get', options.challenge, wrong);
      const data = authData(0, counter, wrong);
      return JSON.stringify({
        id: id.toString('base64url'),
        rawId: id.toString('base64url'),
        type: 'public-key',
        clientExtensionResults: {},
        response: {
          clientDataJSON: client.toString('base64url'),
          authenticatorData: data.toString('base64url'),
          signature: sign('sha256', Buffer.concat([data, sha256(client)]), privateKey).toString('base64url'),
        },
      });
    },
  };
}
