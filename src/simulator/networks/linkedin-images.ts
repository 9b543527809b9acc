/** Pictures on LinkedIn: a place to put each, the bytes, and the names by which a post shows them. */
import { type Call, json, type OpenRoute, objectField, type Route } from '../network.ts';
import type { Picture } from '../pictures.ts';
import type { World } from '../world.ts';
import { linkedInError } from './linkedin-errors.ts';

export function openImages(world: World, nextId: () => string) {
  const images = new Map<string, Picture>();
  const routes: Route[] = [
    {
      method: 'POST',
      path: '/rest/images',
      does: ['prepare'],
      run(call) {
        if (call.query.get('action') !== 'initializeUpload')
          return linkedInError(400, 'ILLEGAL_ARGUMENT', 'Unknown action');
        const id = nextId();
        return json(200, {
          value: {
            uploadUrlExpiresAt: call.now + 3_600_000,
            uploadUrl: `${call.base}/dms-uploads/${id}`,
            image: `urn:li:image:${id}`,
          },
        });
      },
    },
  ];
  const openRoutes: OpenRoute[] = [
    {
      method: 'PUT',
      path: '/dms-uploads/:id',
      does: ['prepare'],
      run(call) {
        const mime = call.headers['content-type'] ?? '';
        images.set(`urn:li:image:${call.params['id']}`, world.keepPicture('', mime, call.raw));
        return { status: 201 };
      },
    },
  ];
  /** The pictures that a new post names; undefined when one of them was never uploaded. */
  function shownBy(call: Call): Picture[] | undefined {
    const content = objectField(call.body, 'content');
    const several = objectField(content, 'multiImage')['images'];
    const one = objectField(content, 'media');
    const named = (Array.isArray(several) ? several : one['id'] === undefined ? [] : [one]) as {
      id: string;
      altText?: string;
    }[];
    const shown = named.flatMap(({ id, altText = '' }) => {
      const image = images.get(id);
      return image === undefined ? [] : [{ ...image, alt: altText }];
    });
    return shown.length === named.length ? shown : undefined;
  }
  return { routes, openRoutes, shownBy };
}
