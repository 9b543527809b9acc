import type { Draft, Key, PictureLimits } from '../domain/channel.ts';
import { failureOfAnswer, recordOf, textOf, unreadable } from './classify.ts';
import type { ChannelTools } from './contract.ts';
import { NETWORK, type Rest } from './linkedin-rest.ts';
import { openUploads, picturesOf } from './media.ts';

/** https://learn.microsoft.com/linkedin/marketing/community-management/shares/multiimage-post-api */
export const PICTURES: PictureLimits = {
  most: 10,
  bytes: 8_000_000,
  alt: 2_000,
  types: ['image/jpeg', 'image/png', 'image/gif'],
  answers: false,
  edit: 'kept',
};

export type Images = (draft: Draft, key: Key, signal: AbortSignal) => Promise<Record<string, unknown>>;

/**
 * The pictures of a draft as the content of a post: LinkedIn says where each is to go, gets it there, and knows it by
 * name. https://learn.microsoft.com/linkedin/marketing/community-management/shares/images-api
 */
export function openImages(rest: Rest, us: string, tools: ChannelTools): Images {
  const upload = openUploads(async (picture, signal) => {
    const begun = await rest.ask({
      method: 'POST',
      path: 'images?action=initializeUpload',
      body: { initializeUploadRequest: { owner: us } },
      signal,
      safe: true,
    });
    const { uploadUrl, image } = recordOf(recordOf(begun.json)['value']);
    const url = textOf(uploadUrl);
    const id = textOf(image);
    if (url === undefined || id === undefined) throw unreadable(NETWORK, begun.status, true);
    const answer = await tools.fetch(url, {
      method: 'PUT',
      signal,
      safe: true,
      headers: { 'content-type': picture.mime },
      body: picture.bytes,
    });
    if (answer.status < 200 || answer.status > 299)
      throw failureOfAnswer(answer, { network: NETWORK, now: tools.now(), safe: true });
    return { id, altText: picture.alt };
  });
  return async (draft, key, signal) => {
    const [first, ...others] = await upload(picturesOf(draft, NETWORK, PICTURES), key, signal);
    if (first === undefined) return {};
    return {
      content: others.length === 0 ? { media: first } : { multiImage: { images: [first, ...others] } },
    };
  };
}
