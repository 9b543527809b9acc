import { randomUUID } from 'node:crypto';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isUnkeepable } from '../../db/store.ts';
import { DomainError, type ErrorCode } from '../domain/error.ts';

/** The one table from a refusal to HTTP. */
const STATUS: Record<ErrorCode, number> = {
  invalid: 400,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  gone: 410,
  limited: 429,
  unavailable: 503,
};

export interface ErrorBody {
  error: string;
  message: string;
  field?: string;
  /** Of an unexpected error: the same id stands in the log. */
  id?: string;
}

/** What a failed request answers, as a value: the API sends it as JSON, the desk and the pages draw it. */
export interface Answer {
  status: number;
  body: ErrorBody;
  retryAfterS?: number;
}

/** Turns anything thrown into an answer. Unknown errors give nothing away but an id. */
export function answerFor(error: unknown): Answer & { unexpected: boolean } {
  if (error instanceof DomainError)
    return {
      status: STATUS[error.code],
      body: {
        error: error.code,
        message: error.message,
        ...(error.field === undefined ? {} : { field: error.field }),
      },
      ...(error.retryAfterMs === undefined ? {} : { retryAfterS: Math.ceil(error.retryAfterMs / 1_000) }),
      unexpected: false,
    };
  if (isUnkeepable(error))
    return {
      status: 400,
      body: {
        error: 'invalid',
        message: 'This has a character in it that cannot be kept. Type it again without it.',
      },
      unexpected: false,
    };
  const e = error as Partial<FastifyError>;
  const first = e.validation?.[0];
  if (first) {
    const field = fieldOf(first);
    return {
      status: 400,
      body: { error: 'invalid', message: sentenceOf(first, field), ...(field === '' ? {} : { field }) },
      unexpected: false,
    };
  }
  // Fastify's own refusals (body too large, not JSON, unknown content type) are meant for the sender.
  if (typeof e.statusCode === 'number' && e.statusCode >= 400 && e.statusCode < 500)
    return {
      status: e.statusCode,
      body: {
        error: e.statusCode === 429 ? 'limited' : 'invalid',
        message: e.message ?? 'This request cannot be read.',
      },
      unexpected: false,
    };
  const id = randomUUID().slice(0, 8);
  return {
    status: 500,
    body: {
      error: 'internal',
      message: `Something went wrong on our side. Nothing was changed. Give us this number: ${id}.`,
      id,
    },
    unexpected: true,
  };
}

type Finding = NonNullable<FastifyError['validation']>[number];

function fieldOf(f: Finding): string {
  const path = f.instancePath.replace(/^\//, '').replaceAll('/', '.');
  const params = f.params as { missingProperty?: string; additionalProperty?: string };
  const leaf = params.missingProperty ?? params.additionalProperty;
  return [path, leaf].filter((x) => x !== undefined && x !== '').join('.');
}

function sentenceOf(f: Finding, field: string): string {
  const params = f.params as { allowedValues?: unknown[]; limit?: number };
  switch (f.keyword) {
    case 'required':
      return `"${field}" is missing.`;
    case 'additionalProperties':
      return `"${field}" is not a field of this request. Remove it or correct its name.`;
    case 'enum':
      return `"${field}" must be one of: ${(params.allowedValues ?? []).join(', ')}.`;
    case 'maxLength':
      return `"${field}" is too long: at most ${params.limit} characters.`;
    case 'minLength':
      return `"${field}" is too short: at least ${params.limit} characters.`;
    default:
      return `"${field || 'The body'}" ${f.message ?? 'is not valid'}.`;
  }
}

type Draw = (answer: Answer, request: FastifyRequest, reply: FastifyReply) => string | undefined;

const NOTHING_HERE: Answer = {
  status: 404,
  body: { error: 'not_found', message: 'There is nothing at this address.' },
};

/** Answers an address that cannot even be read (not UTF-8 once decoded, a part too long) as one where nothing is. */
export const answerUnreadable =
  (draw: Draw) =>
  (_error: Error, request: FastifyRequest, reply: FastifyReply): void => {
    void send(NOTHING_HERE, request, reply, draw);
  };

/** Answers every error of an app; `draw` may answer people with a page instead of JSON. */
export function answerErrors(app: FastifyInstance, draw: Draw): void {
  app.setErrorHandler((error, request, reply) => {
    const answer = answerFor(error);
    if (answer.unexpected) request.log.error({ err: error, id: answer.body.id }, 'unexpected error');
    if (answer.retryAfterS !== undefined) reply.header('retry-after', String(answer.retryAfterS));
    return send(answer, request, reply, draw);
  });
  app.setNotFoundHandler((request, reply) => send(NOTHING_HERE, request, reply, draw));
}

function send(answer: Answer, request: FastifyRequest, reply: FastifyReply, draw: Draw) {
  reply.code(answer.status).header('cache-control', 'no-store');
  const html = (request.headers.accept ?? '').includes('text/html')
    ? draw(answer, request, reply)
    : undefined;
  return html === undefined ? reply.send(answer.body) : reply.type('text/html; charset=utf-8').send(html);
}
