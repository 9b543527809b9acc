import { readFileSync } from 'node:fs';
import formbody from '@fastify/formbody';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { linkToken } from '../../actions/subscribers/locks.ts';
import { confirmCode } from '../../actions/subscribers/settle.ts';
import { type Request, subscribe } from '../../actions/subscribers/subscribe.ts';
import { countVisit } from '../../actions/subscribers/visits.ts';
import { DomainError, invalid } from '../../domain/error.ts';
import { SUBSCRIBER_KINDS, type SubscriberKind } from '../../domain/subscriber.ts';
import { MODULE_CACHE } from '../../live/cache-rules.ts';
import { errorWords } from '../../templates/strings/errors.ts';
import { subscriberWords } from '../../templates/strings/subscriber/words.ts';
import { renderSaid, renderSent, renderSubscribe } from '../../templates/subscribe.ts';
import { type Form, formOf, text } from '../desk/forms.ts';
import { evenly } from '../even.ts';
import { GUARDS, setAll } from '../serve.ts';
import {
  type Choice,
  choiceFrom,
  type Door,
  plainPage,
  type Standing,
  scopeTrouble,
  scopeView,
  show,
  showPacked,
  standing,
  visitOf,
  visitor,
} from './door.ts';
import { servePush } from './push.ts';
import { serveStatuspage } from './statuspage.ts';
import { serveSubscription } from './subscription.ts';

const BODY = 32 * 1024;

/** Subscribing to a page, and everything its subscribers can do by themselves. Works without scripts. */
export async function subscribing(app: FastifyInstance, door: Door): Promise<void> {
  await app.register(formbody, { bodyLimit: BODY });
  const parse = app.getDefaultJsonParser('error', 'error');
  // Clients of Statuspage say that they send JSON when they send nothing.
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'string', bodyLimit: BODY },
    (request, body, done) => (body === '' ? done(null, undefined) : parse(request, String(body), done)),
  );
  const script = (path: string, name: string) => {
    const body = readFileSync(new URL(`../../browser/dist/${name}.js`, import.meta.url));
    app.get(path, (_request, reply) =>
      setAll(reply, GUARDS)
        .header('cache-control', MODULE_CACHE)
        .type('text/javascript; charset=utf-8')
        .send(body),
    );
  };
  script('/push.js', 'push');
  // Where it stands decides for which pages it may speak: all of them.
  script('/push-worker.js', 'push-worker');
  for (const before of ['', '/:a', '/:a/:b']) {
    app.get(`${before}/subscribe`, (request, reply) => form(door, request, reply));
    app.post(`${before}/subscribe`, (request, reply) => take(door, request, reply));
    app.post(`${before}/subscribe/code`, (request, reply) => takeCode(door, request, reply));
    servePush(app, door, before);
    serveSubscription(app, door, before);
    serveStatuspage(app, door, before);
  }
}

const kindOf = (given: string, offered: readonly SubscriberKind[]): SubscriberKind | undefined => {
  const known = SUBSCRIBER_KINDS.find((kind) => kind === given);
  return known !== undefined && offered.includes(known) ? known : undefined;
};

interface Typed {
  by: SubscriberKind;
  address: string;
  contact: string;
  choice: Choice;
}

async function form(door: Door, request: FastifyRequest, reply: FastifyReply) {
  const here = await standing(door, request);
  const query = request.query as Form;
  const incident = text(query, 'incident') || undefined;
  const by = kindOf(text(query, 'by'), here.offered) ?? here.offered[0] ?? 'webhook';
  return showPacked(
    here,
    request,
    reply,
    await draw(door, here, {
      by,
      address: '',
      contact: '',
      choice: {
        everything: incident === undefined,
        partIds: [],
        incidentId: incident,
        incidentChosen: incident !== undefined,
        language: here.language,
      },
    }),
  );
}

interface Wrong {
  address?: string;
  scope?: string;
  trouble?: string;
}

async function draw(door: Door, here: Standing, typed: Typed, wrong: Wrong = {}): Promise<string> {
  const { choice } = typed;
  return renderSubscribe({
    page: plainPage(here, '/subscribe'),
    by: typed.by,
    kinds: here.offered,
    action: `${here.path}/subscribe`,
    address: typed.address,
    contact: typed.contact,
    scope: await scopeView(door, here, choice, wrong.scope ?? null),
    error: wrong.address ?? null,
    trouble: wrong.trouble ?? null,
  });
}

/** A refusal in the reader's words, beside what it is about. */
function wrongOf(error: unknown, by: SubscriberKind, language: string): Wrong & { status: number } {
  if (!(error instanceof DomainError)) throw error;
  const { bad } = subscriberWords(language);
  if (error.code === 'limited') return { trouble: bad.many, status: 429 };
  // An incident that was asked for and is none (any more).
  if (error.code === 'not_found') return { scope: errorWords(language).incidentOver, status: 404 };
  if (error.code !== 'invalid') throw error;
  if (error.field === 'address' && by !== 'web_push') return { address: bad[by], status: 400 };
  const scope = scopeTrouble(error, language);
  if (scope !== undefined) return { scope, status: 400 };
  return { trouble: error.field === 'contact' ? bad.email : errorWords(language).noSuchWay, status: 400 };
}

async function take(door: Door, request: FastifyRequest, reply: FastifyReply) {
  const here = await standing(door, request);
  const body = formOf(request);
  const by = kindOf(text(body, 'by') || 'email', here.offered);
  const typed: Typed = {
    by: by ?? here.offered[0] ?? 'webhook',
    // The small form of the front page says `email`.
    address: text(body, 'address') || text(body, 'email'),
    contact: text(body, 'contact').trim(),
    choice: choiceFrom(body, here.language),
  };
  try {
    if (by === undefined || by === 'web_push')
      throw invalid('kind', 'This page does not send updates that way. Choose another.');
    await countVisit(door.ports.base, door.ports.subscribers.locks, visitOf(request), 'subscribe');
    // Whether the address was known must not show in how long its answer takes.
    const { locks } = door.ports.subscribers;
    await evenly(() => subscribe(visitor(door), locks, requestOf(door, here, typed)));
  } catch (error) {
    const { status, ...wrong } = wrongOf(error, typed.by, here.language);
    return show(here, reply, await draw(door, here, typed, wrong), status);
  }
  door.ports.kick();
  return sent(here, reply, typed.by, typed.address, null);
}

function requestOf(door: Door, here: Standing, typed: Typed): Request {
  const { readRecipient } = door.ports.subscribers;
  const { choice } = typed;
  const contact = typed.contact === '' ? undefined : readContact(door, typed.contact);
  return {
    pageId: here.page.id,
    kind: typed.by,
    address: readRecipient(typed.by, typed.address),
    contact,
    source: 'page',
    language: choice.language,
    everything: choice.everything,
    componentIds: choice.partIds,
    incidentId: choice.incidentChosen ? choice.incidentId : undefined,
  };
}

function readContact(door: Door, typed: string): string {
  try {
    return door.ports.subscribers.readRecipient('email', typed);
  } catch {
    throw invalid('contact', 'Enter one email address, like name@example.com.');
  }
}

function sent(
  here: Standing,
  reply: FastifyReply,
  by: SubscriberKind,
  address: string,
  error: string | null,
) {
  return show(
    here,
    reply,
    renderSent({
      page: plainPage(here, '/subscribe'),
      by,
      action: `${here.path}/subscribe`,
      address: by === 'sms' ? address : '',
      error,
    }),
    error === null ? 200 : 400,
  );
}

async function takeCode(door: Door, request: FastifyRequest, reply: FastifyReply) {
  const here = await standing(door, request);
  const body = formOf(request);
  const typed = text(body, 'address');
  const { locks, readRecipient } = door.ports.subscribers;
  const { bad } = subscriberWords(here.language);
  try {
    await countVisit(door.ports.base, locks, visitOf(request), 'code');
    const address = readRecipient('sms', typed);
    const row = await confirmCode(visitor(door), locks, {
      pageId: here.page.id,
      address,
      code: text(body, 'code'),
    });
    const link = linkToken(locks, 'manage', row.id);
    return reply
      .header('cache-control', 'no-store')
      .redirect(`${here.path}/subscription/${link}?said=confirmed`, 303);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    if (error.code === 'limited')
      return show(
        here,
        reply,
        renderSaid({
          page: plainPage(here, '/subscribe'),
          what: 'many',
          subscribe: `${here.path}/subscribe?by=sms`,
        }),
        429,
      );
    if (error.code !== 'invalid') throw error;
    return sent(here, reply, 'sms', typed, bad.code);
  }
}
