import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isUnkeepable } from '../../db/store.ts';
import { DomainError, type ErrorCode } from '../domain/error.ts';
import { fieldOf, sentenceOf, waysOf } from './sentences.ts';

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
  const found = e.validation ?? [];
  const [first] = found;
  if (first) {
    const field = fieldOf(first);
    return {
      status: 400,
      body: {
        error: 'invalid',
        message: waysOf(found) ?? sentenceOf(first, field),
        ...(field === '' ? {} : { field }),
      },
      unexpected: false,
    };
  }
  // Fastify's own refusals (body too large, not JSON, unknown content type) are meant for the sender.
  if (typeof e.statusCode === 'number' && e.statusCode >= 400 && e.statusCode < 500)
    return {
      status: e.statusCode,
      body: {
        error: e.statusCode === 429 ? 'limited' : 'invalid',
        message: UNREADABLE[e.statusCode] ?? e.message ?? 'This request cannot be read.',
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

/** What Fastify refuses in few words, with what to do. */
const UNREADABLE: Record<number, string> = {
  413: 'This is too much at once. Send less: 256 KiB of words, or a picture of the size that its network takes.',
  415: 'Nothing here reads this content-type. Send application/json, or what this address asks for.',
};

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

/** Answers what is no HTTP at all, in the form of every other error, and lets the connection go. */
export function answerNoHttp(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const [line, message] =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? [
          '431 Request Header Fields Too Large',
          'The head of this request is too large. Send fewer or shorter headers.',
        ]
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? ['408 Request Timeout', 'This request took too long to arrive. Send it again.']
        : ['400 Bad Request', 'This is not HTTP that can be read.'];
  const body = JSON.stringify({ error: 'invalid', message });
  socket.end(
    `HTTP/1.1 ${line}\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}

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
