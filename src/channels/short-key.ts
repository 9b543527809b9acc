import { createHash } from 'node:crypto';

/** A delivery's id in so few lower-case letters and digits that every network takes it for a key; the same for ever. */
export const shortKey = (id: string, length: number): string =>
  createHash('sha256').update(id).digest('hex').slice(0, length);
