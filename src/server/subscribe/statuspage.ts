import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { subscribe } from '../../actions/subscribers/subscribe.ts';
import { readTicket, resendByTicket, withdrawByTicket } from '../../actions/subscribers/tickets.ts';
import { countVisit } from '../../actions/subscribers/visits.ts';
import { DomainError } from '../../domain/error.ts';
import type { SubscriberKind } from '../../domain/subscriber.ts';
import { evenly } from '../even.ts';
import { preflight } from '../serve.ts';
import { type Door, standing, visitOf, visitor } from './door.ts';

/**
 * Subscribing as Statuspage's public API has it: `subscriber[email]`, `subscriber[phone_number]` or
 * `subscriber[endpoint]`, as a form or as JSON. What it answers is made of the request and of chance, so that nobody
 * learns from it whether an address is known; what an id may do see `tickets.ts`.
 */
export function serveStatuspage(app: FastifyInstance, door: Door, before: string): void {
  type ById = { Params: { id: string } };
  const idOf = (request: FastifyRequest): string =>
    (request.params as ById['Params']).id.replace(/\.json$/, '');
  for (const path of [`${before}/api/v2/subscribers`, `${before}/api/v2/subscribers.json`]) {
    app.post(path, (request, reply) => answer(reply, () => take(door, request), 201));
    app.options(path, (_request, reply) => preflight(reply, 'POST'));
  }
  const one = `${before}/api/v2/subscribers/:id`;
  app.get<ById>(one, (request, reply) =>
    answer(reply, () => byTicket(door, request, idOf(request), readTicket)),
  );
  app.delete<ById>(one, (request, reply) =>
    answer(reply, () => byTicket(door, request, idOf(request), withdrawByTicket)),
  );
  app.options(one, (_request, reply) => preflight(reply, 'GET, DELETE'));
  for (const end of ['resend_confirmation', 'resend_confirmation.json']) {
    const path = `${before}/api/v2/subscriptions/:id/${end}`;
    app.post<ById>(path, (request, reply) =>
      answer(reply, () => byTicket(door, request, idOf(request), resendByTicket), 201),
    );
    app.options(path, (_request, reply) => preflight(reply, 'POST'));
  }
}

/** Sends what the work made, as JSON; a refusal in the shape that Statuspage's clients read. Both at even times. */
async function answer(reply: FastifyReply, work: () => Promise<string>, status = 200): Promise<FastifyReply> {
  reply.header('cache-control', 'no-store').header('access-control-allow-origin', '*');
  try {
    const json = await evenly(work);
    return reply.code(status).type('application/json; charset=utf-8').send(json);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    const refused =
      { invalid: 422, limited: 429, not_found: 404, unauthorized: 401 }[error.code as 'invalid'] ?? 503;
    if (error.retryAfterMs !== undefined)
      reply.header('retry-after', String(Math.ceil(error.retryAfterMs / 1_000)));
    const { message } = error;
    return reply.code(refused).send({ error: refused === 422 ? [message] : message, message });
  }
}

/** What an id is answered with. One that we have not made, that is spent or too old is not there, whoever asks. */
async function byTicket(
  door: Door,
  request: FastifyRequest,
  id: string,
  use: typeof withdrawByTicket,
): Promise<string> {
  const { subscribers, base } = door.ports;
  const here = await standing(door, request);
  await countVisit(base, subscribers.locks, visitOf(request), 'ticket');
  const json = TICKET.test(id) ? await use(visitor(door), subscribers.locks, here.page.id, id) : undefined;
  if (json === undefined) throw new DomainError('not_found', 'There is no subscriber with this id.');
  door.ports.kick();
  return json;
}

const TICKET = /^[0-9a-z]{25}$/;

/** `subscriber[name]` of a form, or `subscriber.name` of JSON, as text or texts. */
function fieldsOf(body: unknown): (name: string) => string[] {
  const given = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  const inside = (typeof given['subscriber'] === 'object' ? given['subscriber'] : null) as Record<
    string,
    unknown
  > | null;
  return (name) =>
    [inside?.[name] ?? given[`subscriber[${name}]`] ?? given[`subscriber[${name}][]`] ?? []]
      .flat()
      .filter((x): x is string => typeof x === 'string' && x !== '');
}

async function take(door: Door, request: FastifyRequest): Promise<string> {
  const { subscribers, base } = door.ports;
  const here = await standing(door, request);
  const all = fieldsOf(request.body);
  const one = (name: string) => all(name)[0];
  const endpoint = one('endpoint');
  const phone = one('phone_number');
  const kind: SubscriberKind = endpoint !== undefined ? 'webhook' : phone !== undefined ? 'sms' : 'email';
  await countVisit(base, subscribers.locks, visitOf(request), 'subscribe');
  const typed = endpoint ?? (phone === undefined ? one('email') : international(phone, one('phone_country')));
  const address = subscribers.readRecipient(kind, typed ?? '');
  const parts = [...all('component_ids'), ...all('component_id')];
  const incidentId = one('incident_id') ?? one('incident');
  const contact = one('email');
  const id = subscribers.locks.newTicket();
  const json = JSON.stringify({
    subscriber: {
      created_at: new Date(base.now()).toISOString(),
      skip_confirmation_notification: false,
      quarantined_at: null,
      id,
      mode: kind,
      purge_at: null,
      ...(kind === 'webhook'
        ? { endpoint: address, ...(contact === undefined ? {} : { email: contact }) }
        : kind === 'sms'
          ? { phone_number: address, phone_country: one('phone_country') ?? null }
          : { email: address }),
    },
  });
  await subscribe(visitor(door), subscribers.locks, {
    pageId: here.page.id,
    kind,
    address,
    contact:
      kind === 'webhook' && contact !== undefined ? subscribers.readRecipient('email', contact) : undefined,
    source: 'api',
    ticket: { id, answer: json },
    language: here.language,
    everything: parts.length === 0 && incidentId === undefined,
    componentIds: parts,
    incidentId,
  });
  door.ports.kick();
  return json;
}

/** Prefixes of the countries that Statuspage's own form offers first; others write the number with its +. */
const PREFIX: Record<string, string> = {
  US: '1',
  CA: '1',
  GB: '44',
  DE: '49',
  FR: '33',
  ES: '34',
  IT: '39',
  NL: '31',
  PL: '48',
  PT: '351',
  IE: '353',
  CH: '41',
  AT: '43',
  BE: '32',
  SE: '46',
  NO: '47',
  DK: '45',
  FI: '358',
  AU: '61',
  NZ: '64',
  JP: '81',
  IN: '91',
  BR: '55',
  MX: '52',
  SG: '65',
  HK: '852',
  ZA: '27',
  AE: '971',
  IL: '972',
  CN: '86',
};

function international(number: string, country: string | undefined): string {
  const bare = number.trim();
  const prefix = PREFIX[country?.toUpperCase() ?? ''];
  if (/^(\+|00)/.test(bare) || prefix === undefined) return bare;
  return `+${prefix}${bare.replace(/\D/g, '').replace(/^0/, '')}`;
}
