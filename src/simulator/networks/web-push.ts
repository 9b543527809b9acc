import {
  createDecipheriv,
  createECDH,
  createHmac,
  createPublicKey,
  type ECDH,
  hkdfSync,
  verify,
} from 'node:crypto';
import type { Account } from '../facts.ts';
import { type Answer, type Call, json, type NetworkKind } from '../network.ts';

/** "must not be more than 24 hours from the time of the request" (RFC 8292). */
const DAY_S = 24 * 3_600;

/**
 * A push service and the browser behind it: checks the VAPID token, decrypts with the subscription's keys and shows the
 * notification, once for each id. Errors are those of Mozilla's autopush. `options.gone` ends the subscription.
 */
export const webPush: NetworkKind = {
  kind: 'web_push',
  name: 'Browser notifications',
  handle: 'mira-laptop',
  open(world) {
    return {
      credentials(seed, base) {
        const vapid = curveOf(seed.bytes('vapid', 32));
        const browser = curveOf(seed.bytes('browser', 32));
        const subscription = {
          endpoint: `${base}/push/${seed.handle}`,
          expirationTime: null,
          keys: {
            p256dh: browser.getPublicKey('base64url'),
            auth: seed.bytes('auth', 16).toString('base64url'),
          },
        };
        return {
          settings: {
            publicKey: vapid.getPublicKey('base64url'),
            subject: 'mailto:ops@northwind.example',
            to: JSON.stringify(subscription),
          },
          secrets: { privateKey: vapid.getPrivateKey('base64url') },
          extra: { browser: browser.getPrivateKey('base64url') },
        };
      },

      authenticate(call) {
        const account = world.account('web_push', call.params['account'] ?? '');
        if (account === undefined) return fail(404, 102, 'Request did not validate invalid token');
        if (account.options['gone'] === true) return fail(410, 106, 'Subscription no longer valid');
        const complaint = complaintAbout(call, account);
        return complaint ?? account;
      },
      refusal(code, retryAfter) {
        const answer = fail(code, ERRNO[code] ?? 999, `status ${code}`);
        return retryAfter === undefined
          ? answer
          : { ...answer, headers: { 'retry-after': String(retryAfter) } };
      },
      expired: () => fail(401, 109, 'Invalid Authorization: token expired'),
      profiles: (account) => [`/push/${account.handle}`],

      routes: [
        {
          method: 'POST',
          path: '/push/:account',
          does: ['publish'],
          run(call, account) {
            const wrong = wrongHeader(call);
            if (wrong !== undefined) return wrong;
            const text = decrypt(call.raw, account);
            if (text === undefined) return fail(400, 110, 'Invalid crypto keys specified');
            const shown = notificationOf(text);
            const id = shown.id;
            const seen = world.post('web_push', id);
            const place = `${call.base}/m/${encodeURIComponent(id)}`;
            const headers = { location: place, ttl: String(call.headers['ttl']) };
            if (seen !== undefined) {
              seen.receipts += 1;
              return { status: 201, headers };
            }
            world.keep({
              network: 'web_push',
              account: account.id,
              author: { id: account.id, handle: account.handle, name: account.name },
              id,
              key: id,
              text: shown.body,
              at: call.now,
              url: place,
              paths: [`/m/${id}`],
              raw: {
                subject: shown.title,
                payload: shown.payload,
                topic: call.headers['topic'],
                urgency: call.headers['urgency'],
                ttl: call.headers['ttl'],
              },
            });
            return { status: 201, headers };
          },
        },
      ],
    };
  },
};

/** A key pair that is the same for the same bytes. */
function curveOf(secret: Buffer): ECDH {
  const curve = createECDH('prime256v1');
  curve.setPrivateKey(secret);
  return curve;
}

const ERRNO: Record<number, number> = {
  400: 110,
  401: 109,
  403: 109,
  404: 102,
  410: 106,
  413: 104,
  429: 114,
};
const NAMES: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  404: 'Not Found',
  410: 'Gone',
};
const fail = (code: number, errno: number, message: string): Answer =>
  json(code, {
    code,
    errno,
    error: NAMES[code] ?? 'Error',
    message,
    more_info: 'http://autopush.readthedocs.io/en/latest/http.html#error-codes',
  });

function wrongHeader(call: Call): Answer | undefined {
  const header = (name: string) => String(call.headers[name] ?? '');
  if (!/^\d+$/.test(header('ttl'))) return fail(400, 111, 'Missing or invalid TTL header');
  if (!/^[\w-]{0,32}$/.test(header('topic'))) return fail(400, 113, 'Invalid topic');
  if (!/^(very-low|low|normal|high)?$/.test(header('urgency'))) return fail(400, 115, 'Invalid urgency');
  if (header('content-encoding') !== 'aes128gcm') return fail(400, 110, 'Unknown content encoding');
  return call.raw.length > 4_096 ? fail(413, 104, 'Message payload is too large') : undefined;
}

/** Checks `Authorization: vapid t=<jwt>, k=<key>` (RFC 8292) against the key that the browser has subscribed with. */
function complaintAbout(call: Call, account: Account): Answer | undefined {
  const [, token = '', key = ''] =
    /^vapid t=([\w.-]+), ?k=([\w-]+)=*$/.exec(call.headers.authorization ?? '') ?? [];
  if (token === '') return fail(401, 109, 'Missing VAPID token');
  if (key !== account.settings['publicKey']) return fail(403, 109, 'VAPID credentials mismatch');
  const [head = '', body = '', signature = ''] = token.split('.');
  const point = Buffer.from(key, 'base64url');
  const publicKey = createPublicKey({
    format: 'jwk',
    key: {
      kty: 'EC',
      crv: 'P-256',
      x: point.subarray(1, 33).toString('base64url'),
      y: point.subarray(33).toString('base64url'),
    },
  });
  const holds = verify(
    'sha256',
    Buffer.from(`${head}.${body}`),
    { key: publicKey, dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  );
  if (!holds) return fail(401, 109, 'Invalid VAPID signature');
  const claims = JSON.parse(Buffer.from(body, 'base64url').toString('utf8')) as Record<string, unknown>;
  // Token times are of this machine, whatever clock the simulated networks have.
  const left = Number(claims['exp']) - Date.now() / 1_000;
  if (!(left > 0 && left <= DAY_S)) return fail(401, 109, 'Invalid VAPID expiry');
  if (claims['aud'] !== new URL(call.base).origin) return fail(401, 109, 'Invalid VAPID audience');
  return /^(mailto:|https:)/.test(String(claims['sub']))
    ? undefined
    : fail(401, 109, 'Invalid VAPID subject');
}

/** RFC 8291 and 8188, as a browser does it; undefined when it was not meant for this browser. */
function decrypt(raw: Buffer, account: Account): string | undefined {
  const { keys } = JSON.parse(account.settings['to'] ?? '{}') as { keys: { auth: string } };
  const browser = curveOf(Buffer.from(account.extra['browser'] ?? '', 'base64url'));
  const salt = raw.subarray(0, 16);
  const length = raw.readUInt8(20);
  const sender = raw.subarray(21, 21 + length);
  const sealed = raw.subarray(21 + length);
  try {
    const shared = browser.computeSecret(sender);
    const prk = createHmac('sha256', Buffer.from(keys.auth, 'base64url')).update(shared).digest();
    const info = Buffer.concat([
      Buffer.from('WebPush: info\0'),
      browser.getPublicKey(),
      sender,
      Buffer.from([1]),
    ]);
    const ikm = createHmac('sha256', prk).update(info).digest();
    const derive = (label: string, size: number) =>
      Buffer.from(hkdfSync('sha256', ikm, salt, `Content-Encoding: ${label}\0`, size));
    const open = createDecipheriv('aes-128-gcm', derive('aes128gcm', 16), derive('nonce', 12));
    open.setAuthTag(sealed.subarray(-16));
    const padded = Buffer.concat([open.update(sealed.subarray(0, -16)), open.final()]);
    return padded.subarray(0, padded.lastIndexOf(2)).toString('utf8');
  } catch {
    return undefined;
  }
}

function notificationOf(text: string): { id: string; title: string; body: string; payload: unknown } {
  const payload = JSON.parse(text) as Record<string, unknown>;
  return {
    id: String(payload['id']),
    title: String(payload['title']),
    body: String(payload['body']),
    payload,
  };
}
