import type { Test } from 'tap';
import type { Inbound } from '../../src/domain/channel.ts';

/** A call from a network that was altered by one bit, anywhere; none may be read. */
export function assertNoneIsRead(
  t: Test,
  body: string,
  headers: Record<string, string>,
  read: (headers: Record<string, string>, body: Uint8Array) => Inbound[],
) {
  const bytes = Buffer.from(body);
  let accepted = 0;
  for (let n = 0; n < 1_000; n++) {
    const bit = (n * 7_919) % (bytes.length * 8);
    const bent = Buffer.from(bytes);
    bent[bit >> 3] = (bent[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    try {
      read(headers, bent);
      accepted++;
    } catch (error) {
      if ((error as { code?: string }).code !== 'bad_signature') throw error;
    }
  }
  t.equal(accepted, 0, '1000 altered calls, none read');
}
