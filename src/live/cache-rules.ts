/** How long caches may keep what is public (RFC 9111, 5861; seconds): the same from the server and from a copy elsewhere. */

/** A browser may show an old one for a day while the bucket cannot be reached, as with the page itself. */
export const PAGE_CACHE = 'public, max-age=5, stale-while-revalidate=10, stale-if-error=86400';
/** Of the page's own module. */
export const MODULE_CACHE = 'public, max-age=300, stale-if-error=86400';
/** Of a picture, whose name changes with its bytes. */
export const PICTURE_CACHE = 'public, max-age=31536000, immutable';
