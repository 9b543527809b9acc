import { readFileSync } from 'node:fs';
import cookie from '@fastify/cookie';
import formbody from '@fastify/formbody';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import websocket from '@fastify/websocket';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import { addressKey } from '../live/caps.ts';
import type { Live } from '../live/live.ts';
import { api } from './api/api.ts';
import { describe } from './described.ts';
import { desk } from './desk/desk.ts';
import { drawDeskError } from './desk/error-page.ts';
import { type Answer, answerErrors, answerNoHttp, answerUnreadable } from './errors.ts';
import { openGate } from './gate.ts';
import { health } from './health.ts';
import { hooks } from './hooks.ts';
import { onPage } from './on-page.ts';
import type { Ports } from './ports.ts';
import { programs } from './programs.ts';
import { drawPublicError, publicPages } from './public.ts';
import { subscribing } from './subscribe/subscribe.ts';
import { letGoOfUnswitched } from './upgrade.ts';
import { visitors } from './visitors/visitors.ts';
import { visits } from './visits.ts';
import { wellKnown } from './well-known.ts';
import { cookieName, whoIsAsking } from './who.ts';

const VERSION = (
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }
).version;

/** What every page but the public ones may load: our own files, nothing inline, no frames. */
const POLICY = {
  defaultSrc: ["'none'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'"],
  imgSrc: ["'self'", 'data:'],
  connectSrc: ["'self'"],
  formAction: ["'self'"],
  baseUri: ["'none'"],
  frameAncestors: ["'none'"],
  objectSrc: ["'none'"],
};

/** Addresses of the desk; a page may be called something that begins like it. */
const IS_DESK = /^\/desk(?:[/?]|$)/;

/** Before the address of whoever brings a session, in the count of requests. */
const DESK = 'desk ';

export interface ServerOptions {
  ports: Ports;
  live: Live;
  logger: FastifyBaseLogger | false;
  trustProxy: readonly string[];
  onRoute?: ((route: { method: string | string[]; url: string }) => void) | undefined;
}

/** The HTTP half of the house: checks who is asking, calls one verb or one query, shows the result. */
export async function buildServer(options: ServerOptions): Promise<FastifyInstance> {
  const { ports, live } = options;
  const gate = openGate({
    live,
    now: ports.base.now,
    sign: ports.sign,
    secureCookies: ports.secureCookies,
  });
  const draw = (answer: Answer, request: FastifyRequest, reply: FastifyReply) =>
    IS_DESK.test(request.url)
      ? drawDeskError(answer, request, reply, ports)
      : drawPublicError(answer, live, request, reply, gate);
  const app = Fastify({
    frameworkErrors: answerUnreadable(draw),
    clientErrorHandler: answerNoHttp,
    ...(options.logger ? { loggerInstance: options.logger } : {}),
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: 256 * 1024,
    requestTimeout: 15_000,
    connectionTimeout: 30_000,
    routerOptions: { maxParamLength: 200, ignoreTrailingSlash: true },
    trustProxy: options.trustProxy.length > 0 ? [...options.trustProxy] : false,
    forceCloseConnections: true,
  });
  letGoOfUnswitched(app.server);
  if (options.onRoute) app.addHook('onRoute', options.onRoute);
  useStrictValidation(app);
  answerErrors(app, draw);
  // What the public reads comes first and stays bare: no hook of anybody else runs for a reader.
  await app.register(publicPages, { live, gate });
  await app.register(visits, { ports, live, gate });
  await app.register(hooks, ports);
  await app.register(programs, { live, gate });
  await app.register(wellKnown, { live, gate, now: ports.base.now });
  await app.register(subscribing, { ports, live, gate });
  await app.register(visitors, { ports, live, gate });
  await app.register(async (inner) => {
    await inner.register(websocket, { options: { maxPayload: 4_096, perMessageDeflate: false } });
    await inner.register(helmet, {
      contentSecurityPolicy: { useDefaults: false, directives: POLICY },
      strictTransportSecurity: ports.secureCookies,
      referrerPolicy: { policy: 'same-origin' },
    });
    await inner.register(cookie);
    await inner.register(formbody, { bodyLimit: 256 * 1024 });
    await inner.register(rateLimit, {
      timeWindow: '1 minute',
      // A newsroom shares one address, its boards fetch what is new and its composers ask with every pause in typing:
      // what would be a flood from strangers is a crisis at work. Whether a session holds is asked after this.
      max: (_request, key) => (key.startsWith(DESK) ? 3_000 : 600),
      keyGenerator: (request) =>
        `${request.cookies[cookieName(ports.secureCookies)] === undefined ? '' : DESK}${addressKey(request.ip)}`,
      errorResponseBuilder: (_request, context) => ({
        statusCode: 429,
        error: 'limited',
        message: `Too many requests. Try again in ${context.after}.`,
      }),
    });
    await inner.register(whoIsAsking, {
      store: ports.base.store,
      now: ports.base.now,
      secureCookies: ports.secureCookies,
      sign: ports.sign,
    });
    onPage(inner, ports.base.store.read);
    await inner.register(swagger, {
      openapi: {
        openapi: '3.1.0',
        info: {
          title: 'Tocsin',
          version: VERSION,
          description: 'Open incidents, write updates, approve the exact words, and follow every delivery.',
        },
        servers: [{ url: ports.baseUrl }],
        components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
        security: [{ token: [] }],
      },
      transform: describe,
    });
    await inner.register(api, { ports, prefix: '/api/v1' });
    await inner.register(swaggerUi, { routePrefix: '/api/docs' });
    inner.get('/api/v1/openapi.json', { schema: { hide: true } }, async () => inner.swagger());
    await inner.register(desk, { ports, live, prefix: '/desk' });
  });
  await app.register(health, { readiness: ports.readiness });
  return app;
}

/** Bodies are taken as they are sent; only queries and parameters, which are always text, are read as numbers. */
function useStrictValidation(app: FastifyInstance): void {
  const exact = new Ajv({ removeAdditional: false, useDefaults: true, coerceTypes: false, allErrors: false });
  const fromText = new Ajv({
    removeAdditional: false,
    useDefaults: true,
    coerceTypes: true,
    allErrors: false,
  });
  for (const ajv of [exact, fromText]) formats.default(ajv);
  app.setValidatorCompiler(({ schema, httpPart }) =>
    (httpPart === 'body' ? exact : fromText).compile(schema),
  );
}
