import { type DomainError, invalid } from '../error.ts';

/** A picture that was taken apart and put together again from what makes it up: nothing else is in it. */
export interface Plain {
  bytes: Uint8Array;
  /** Pixels, as it is shown. */
  width: number;
  height: number;
  /** It moves. */
  animated: boolean;
}

export const damaged = (field: string, kind: string): DomainError =>
  invalid(field, `This ${kind} is damaged. Save it again.`);

export const textAt = (bytes: Uint8Array, at: number, length: number): string =>
  String.fromCharCode(...bytes.subarray(at, at + length));

export const startsWith = (bytes: Uint8Array, first: readonly number[], at = 0): boolean =>
  first.every((b, i) => bytes[at + i] === b);

/** Little-endian. */
export const u16 = (bytes: Uint8Array, at: number): number => (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
export const u24 = (bytes: Uint8Array, at: number): number => u16(bytes, at) | ((bytes[at + 2] ?? 0) << 16);

export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let to = 0;
  for (const part of parts) {
    out.set(part, to);
    to += part.length;
  }
  return out;
}
