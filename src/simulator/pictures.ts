import type { Part } from './body.ts';

/** A picture as the stand-ins keep it with a post, in `raw.media`. */
export interface Picture {
  alt: string;
  mime: string;
  size: number;
  /** Its bytes are at `/_sim/pictures/<name>`, as they came. */
  name: string;
}

/** A file of a multipart form, or undefined when the field is none. */
export function fileIn(body: Record<string, unknown>, name: string): Part | undefined {
  const value = body[name];
  return typeof value === 'object' && value !== null && 'bytes' in value ? (value as Part) : undefined;
}
