/** LinkedIn's refusals, word for word where somebody has published them. */
import { type Answer, json } from '../network.ts';

export const linkedInError = (
  status: number,
  code: string,
  message: string,
  more: Record<string, unknown> = {},
  headers: Record<string, string> = {},
): Answer => json(status, { status, code, message, ...more }, headers);

export const UNAUTHORIZED = {
  empty: linkedInError(401, 'EMPTY_ACCESS_TOKEN', 'Empty oauth2_access_token', { serviceErrorCode: 401 }),
  invalid: linkedInError(401, 'INVALID_ACCESS_TOKEN', 'Invalid access token', { serviceErrorCode: 65600 }),
  revoked: linkedInError(
    401,
    'REVOKED_ACCESS_TOKEN',
    'The token used in the request has been revoked by the user',
    { serviceErrorCode: 65601 },
  ),
  expired: linkedInError(401, 'EXPIRED_ACCESS_TOKEN', 'The token used in the request has expired', {
    serviceErrorCode: 65602,
  }),
};

export const notFound = (what: string): Answer =>
  linkedInError(404, 'NOT_FOUND', `Could not find entity ${what}`);

/** A daily budget; LinkedIn sends no time with it, except in drills that give one. */
const dayLimit = (retryAfter: number | undefined): Answer =>
  linkedInError(
    429,
    'TOO_MANY_REQUESTS',
    'Resource level throttle APPLICATION_AND_MEMBER DAY limit for calls to this resource is reached.',
    { serviceErrorCode: 101 },
    retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) },
  );

export function refusal(code: number, retryAfter: number | undefined): Answer {
  if (code === 401) return UNAUTHORIZED.expired;
  if (code === 404) return notFound('urn:li:share:0');
  if (code === 429) return dayLimit(retryAfter);
  if (code === 403)
    return linkedInError(
      403,
      'UNPERMITTED_FIELDS',
      'Unpermitted fields present in REQUEST_BODY: Data Processing Exception while processing fields [/content]',
      { serviceErrorCode: 100 },
    );
  if (code === 422) return linkedInError(422, 'UNPROCESSABLE_ENTITY', 'The content could not be published.');
  if (code < 500) return linkedInError(code, 'ILLEGAL_ARGUMENT', 'The request could not be understood.');
  return linkedInError(
    code,
    code === 503 ? 'SERVICE_UNAVAILABLE' : 'INTERNAL_SERVER_ERROR',
    'Internal Server Error',
    {},
    retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) },
  );
}

/** The oldest version that was still spoken in November 2026: versions live for about a year. */
const OLDEST_VERSION = 202_512;

/** What LinkedIn says to a call without the headers of its versioned API; undefined when they are right. */
export function headerComplaint(headers: NodeJS.Dict<string | string[]>): Answer | undefined {
  const version = headers['linkedin-version'];
  if (version === undefined)
    return linkedInError(
      400,
      'VERSION_MISSING',
      'A version must be present. Please specify a version by adding the LinkedIn-Version header.',
    );
  if (!/^\d{6}$/.test(String(version)) || Number(version) < OLDEST_VERSION)
    return linkedInError(426, 'NONEXISTENT_VERSION', `Requested version ${version} is not active`);
  if (headers['x-restli-protocol-version'] !== '2.0.0')
    return linkedInError(400, 'ILLEGAL_ARGUMENT', 'Invalid Rest.li protocol version');
  return undefined;
}
