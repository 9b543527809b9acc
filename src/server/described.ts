import type { FastifySchema } from 'fastify';

declare module 'fastify' {
  interface FastifySchema {
    /** The status of an answer that is not 200, for the API's document. */
    answers?: 201 | 204;
  }
}

const DONE: Record<number, string> = {
  200: 'What was asked for.',
  201: 'Made, as it is now.',
  204: 'Done. There is nothing more to say.',
};

/** How every refusal of the API looks. */
const REFUSED = {
  description: 'Refused; nothing was changed. The message says what is wrong and how to mend it.',
  type: 'object',
  required: ['error', 'message'],
  properties: {
    error: { type: 'string', description: 'A word that stays the same: invalid, forbidden, conflict, …' },
    message: { type: 'string', description: 'A sentence for people.' },
    field: { type: 'string', description: 'The field that is wrong, where it is one.' },
  },
};

/** What the API's document says of a route: its answers for routes of the API, nothing of forms and screens. */
export function describe<S extends FastifySchema>({ schema, url }: { schema?: S; url: string }) {
  const { answers = 200, ...rest } = schema ?? ({} as S);
  if (!url.startsWith('/api/v1/')) return { schema: { ...rest, hide: true }, url };
  const done = { description: DONE[answers] };
  const response = { [answers]: done, '4xx': REFUSED, '5xx': { ...REFUSED, description: 'Not now.' } };
  return { schema: { ...rest, response }, url };
}
