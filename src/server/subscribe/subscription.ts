import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { findIncident } from '../../../db/queries/incidents.ts';
import { listComponents } from '../../../db/queries/pages.ts';
import { findSubscriber, listTargets, type Subscriber } from '../../../db/queries/subscribers.ts';
import { linkToken, type Purpose, readToken } from '../../actions/subscribers/locks.ts';
import {
  changeSubscription,
  confirmContact,
  confirmSubscription,
  stopSubscription,
} from '../../actions/subscribers/settle.ts';
import { DomainError } from '../../domain/error.ts';
import { isEnded } from '../../domain/incident.ts';
import { subscriberWords } from '../../templates/strings/subscriber/words.ts';
import { renderConfirm, renderSaid, renderStop, renderSubscription } from '../../templates/subscribe.ts';
import { type Form, formOf, text } from '../desk/forms.ts';
import { cold } from '../public.ts';
import {
  type Choice,
  choiceFrom,
  type Door,
  plainPage,
  type Standing,
  scopeTrouble,
  scopeView,
  show,
  standing,
  visitor,
} from './door.ts';

interface Held {
  here: Standing;
  subscriber: Subscriber;
  purpose: Purpose;
  token: string;
}

/**
 * Behind a private link: confirming, changing, stopping. Programs that look at mail before people do open every link in
 * it, so opening one changes nothing; only a form that is sent does.
 */
export function serveSubscription(app: FastifyInstance, door: Door, before: string): void {
  const path = `${before}/subscription/:token`;
  app.get(path, async (request, reply) => {
    const held = await hold(door, request);
    if ('old' in held) return old(held.old, reply);
    const { subscriber, purpose, here } = held;
    if (purpose === 'contact')
      return subscriber.contact === null
        ? old(here, reply)
        : show(
            here,
            reply,
            renderConfirm({ ...stopView(door, held), address: hostOf(door, subscriber), contact: true }),
          );
    if (subscriber.state === 'unsubscribed') return stopped(here, reply);
    if (purpose === 'stop') return show(here, reply, renderStop(stopView(door, held)));
    if (purpose === 'confirm' && subscriber.state === 'unconfirmed')
      return show(
        here,
        reply,
        renderConfirm({
          page: plainPage(here, `/subscription/${held.token}`),
          action: own(held),
          address: door.ports.subscribers.shownAddress(subscriber),
          contact: false,
        }),
      );
    if (purpose === 'confirm') return toManage(door, held, reply);
    const said = text(request.query as Form, 'said');
    return show(
      here,
      reply,
      await manage(door, held, request, said === 'confirmed' || said === 'saved' ? said : null),
    );
  });

  app.post(path, async (request, reply) => {
    const held = await hold(door, request);
    if ('old' in held) return old(held.old, reply);
    const { subscriber, purpose, here } = held;
    const ctx = visitor(door);
    const form = formOf(request);
    if (purpose === 'contact') {
      if (!(await confirmContact(ctx, subscriber.id))) return old(here, reply);
      return show(
        here,
        reply,
        renderSaid({
          page: plainPage(here, '/subscribe'),
          what: 'saved',
          subscribe: `${here.path}/subscribe`,
        }),
      );
    }
    // One click in a mail program (RFC 8058) sends no `do`, and needs no page for an answer.
    if (purpose === 'stop' || (purpose === 'manage' && text(form, 'do') === 'stop')) {
      await stopSubscription(ctx, subscriber.id);
      return stopped(here, reply);
    }
    if (subscriber.state === 'unsubscribed') return stopped(here, reply);
    if (purpose === 'confirm') {
      try {
        await confirmSubscription(ctx, subscriber.id);
      } catch (error) {
        if (error instanceof DomainError && error.code === 'gone') return old(here, reply, 410);
        throw error;
      }
      return toManage(door, held, reply, 'confirmed');
    }
    const choice = choiceFrom(form, here.language);
    try {
      await change(door, held, choice);
    } catch (error) {
      if (!(error instanceof DomainError) || error.code !== 'invalid') throw error;
      const trouble = scopeTrouble(error, here.language) ?? subscriberWords(here.language).bad.scope;
      return show(here, reply, await manage(door, held, request, null, { choice, error: trouble }), 400);
    }
    return toManage(door, held, reply, 'saved', choice.language);
  });
}

/** Where a program is, without what only its owner should know. */
const hostOf = (door: Door, subscriber: Subscriber): string =>
  new URL(door.ports.subscribers.shownAddress(subscriber)).host;

const own = ({ here, token }: Held): string => `${here.path}/subscription/${token}`;

/** Finds out whose link this is. One that is forged, altered, or whose owner was erased is like any other that is old. */
async function hold(door: Door, request: FastifyRequest): Promise<Held | { old: Standing }> {
  const here = await standing(door, request, true);
  const { token } = request.params as { token: string };
  const read = readToken(door.ports.subscribers.locks, token);
  // Nobody learns from a link that is none what page this is.
  if (!read) door.gate.admit(request, here.page.id);
  if (!read) return { old: here };
  const subscriber = await cold(() => findSubscriber(door.ports.base.store.read, read.id));
  if (!subscriber || subscriber.pageId !== here.page.id) {
    door.gate.admit(request, here.page.id);
    return { old: here };
  }
  return { here, subscriber, purpose: read.purpose, token };
}

const old = (here: Standing, reply: FastifyReply, status = 404) =>
  show(
    here,
    reply,
    renderSaid({ page: plainPage(here, '/subscribe'), what: 'old', subscribe: `${here.path}/subscribe` }),
    status,
  );

const stopped = (here: Standing, reply: FastifyReply) =>
  show(
    here,
    reply,
    renderSaid({ page: plainPage(here, '/subscribe'), what: 'stopped', subscribe: `${here.path}/subscribe` }),
  );

const stopView = (door: Door, held: Held) => ({
  page: plainPage(held.here, `/subscription/${held.token}`),
  action: own(held),
  address: door.ports.subscribers.shownAddress(held.subscriber),
});

function toManage(
  door: Door,
  { here, subscriber }: Held,
  reply: FastifyReply,
  said?: 'confirmed' | 'saved',
  language = here.language,
) {
  const link = linkToken(door.ports.subscribers.locks, 'manage', subscriber.id);
  const { page } = here;
  const known = page.languages.includes(language) ? language : here.language;
  const path = `${page.slug === '' ? '' : `/${page.slug}`}${known === page.languages[0] ? '' : `/${known}`}`;
  return reply
    .header('cache-control', 'no-store')
    .redirect(`${path}/subscription/${link}${said ? `?said=${said}` : ''}`, 303);
}

/** The incident that is followed, or that the link was sent for: the only one that can be chosen here. */
async function incidentOf(door: Door, held: Held, request: FastifyRequest, targets: readonly string[]) {
  const r = door.ports.base.store.read;
  const parts = new Set((await listComponents(r, held.here.page.id)).map((c) => c.id));
  for (const id of targets) {
    if (parts.has(id)) continue;
    const incident = await findIncident(r, id);
    if (incident?.status && !isEnded(incident.status)) return { id, followed: true };
  }
  const asked = text(request.query as Form, 'incident');
  return asked === '' ? undefined : { id: asked, followed: false };
}

async function manage(
  door: Door,
  held: Held,
  request: FastifyRequest,
  notice: 'confirmed' | 'saved' | null,
  typed?: { choice: Choice; error: string },
): Promise<string> {
  const { here, subscriber } = held;
  const { subscribers, base } = door.ports;
  const targets = await listTargets(base.store.read, subscriber.id);
  const incident = await incidentOf(door, held, request, targets);
  const choice: Choice = typed?.choice ?? {
    everything: subscriber.everything,
    partIds: targets,
    incidentId: incident?.id,
    incidentChosen:
      !subscriber.everything &&
      incident?.followed === true &&
      targets.length === 1 &&
      targets[0] === incident.id,
    language: subscriber.language,
  };
  return renderSubscription({
    page: plainPage(here, `/subscription/${held.token}`),
    action: own(held),
    address: subscribers.shownAddress(subscriber),
    kind: subscriber.kind,
    scope: await scopeView(door, here, choice, typed?.error ?? null),
    secret: subscriber.kind === 'webhook' ? subscribers.secretOf(subscriber) : null,
    paused: subscriber.state === 'quarantined',
    subscribe: `${here.path}/subscribe?by=${subscriber.kind}`,
    notice,
  });
}

async function change(door: Door, { subscriber }: Held, choice: Choice): Promise<void> {
  await changeSubscription(visitor(door), subscriber.id, {
    language: choice.language,
    everything: choice.everything,
    componentIds: choice.partIds,
    incidentId: choice.incidentChosen ? choice.incidentId : undefined,
  });
}
