import { createHash } from 'node:crypto';
import type { Draft, Key, Media, PictureLimits } from '../domain/channel.ts';
import { ChannelError } from './contract.ts';

const KINDS = ['image/png', 'image/jpeg', 'image/webp', 'image/gif'];
const nameOf = (mime: string): string =>
  mime === 'image/webp' ? 'WebP' : mime.slice('image/'.length).toUpperCase();
/** How many deliveries' uploads are remembered: more than can be on their way at one time. */
const KEPT = 200;

/** The pictures of a draft. Throws `rejected` for what the network would refuse, or what nobody could hear described. */
export function picturesOf(draft: Draft, network: string, rules: PictureLimits): readonly Media[] {
  const media = draft.media ?? [];
  const refuse = (why: string) => new ChannelError('rejected', why, { code: 'media' });
  if (media.length > rules.most)
    throw refuse(`${network} takes ${rules.most} pictures with a post; these are ${media.length}.`);
  for (const { bytes, mime, alt } of media) {
    if (!(rules.types ?? KINDS).includes(mime))
      throw refuse(
        `We post ${(rules.types ?? KINDS).map(nameOf).join(', ')} to ${network}; one of these is ${mime}.`,
      );
    if (bytes.length === 0 || bytes.length > rules.bytes)
      throw refuse(
        `A picture on ${network} can have ${Math.floor(rules.bytes / 1_000)} kB; this one has ${Math.ceil(bytes.length / 1_000)}.`,
      );
    if (alt.trim() === '')
      throw refuse('A picture has no description. Write what it shows, for people who cannot see it.');
    if (alt.length > rules.alt)
      throw refuse(`A description on ${network} can have ${rules.alt} characters; one has ${alt.length}.`);
  }
  return media;
}

/**
 * Uploads pictures before the post that shows them, and remembers them by the delivery's key: a second try of the post
 * uses what the first has uploaded. Nobody sees an upload that no post shows, so one that is forgotten with this process
 * is only made again.
 */
export function openUploads<T>(upload: (picture: Media, signal: AbortSignal) => Promise<T>) {
  const done = new Map<string, T>();
  return async (pictures: readonly Media[], key: Key, signal: AbortSignal): Promise<T[]> => {
    const uploaded: T[] = [];
    for (const [i, picture] of pictures.entries()) {
      const name = `${key.id} ${i} ${createHash('sha256').update(picture.bytes).digest('base64')}`;
      const made = done.get(name) ?? (await upload(picture, signal));
      const [oldest] = done.keys();
      if (oldest !== undefined && done.size >= KEPT) done.delete(oldest);
      done.set(name, made);
      uploaded.push(made);
    }
    return uploaded;
  };
}

export interface FormFile {
  name: string;
  filename: string;
  mime: string;
  bytes: Uint8Array;
}

/** A multipart form; the same parts give the same bytes. */
export function formOf(
  fields: Record<string, string>,
  files: readonly FormFile[],
): { type: string; body: Uint8Array } {
  const hash = createHash('sha256').update(JSON.stringify(fields));
  for (const file of files) hash.update(file.bytes);
  const boundary = `tocsin${hash.digest('hex').slice(0, 40)}`;
  const chunks: Uint8Array[] = [];
  for (const [name, value] of Object.entries(fields))
    chunks.push(
      Buffer.from(`--${boundary}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`),
    );
  for (const { name, filename, mime, bytes } of files)
    chunks.push(
      Buffer.from(
        `--${boundary}\r\ncontent-disposition: form-data; name="${name}"; filename="${filename}"\r\ncontent-type: ${mime}\r\n\r\n`,
      ),
      bytes,
      Buffer.from('\r\n'),
    );
  chunks.push(Buffer.from(`--${boundary}--\r\n`));
  return { type: `multipart/form-data; boundary=${boundary}`, body: Buffer.concat(chunks) };
}

/** A name for a picture that says its kind and nothing else. */
export const filenameOf = ({ mime }: Media, i: number): string =>
  `picture-${i + 1}.${mime === 'image/jpeg' ? 'jpg' : mime.slice('image/'.length)}`;
