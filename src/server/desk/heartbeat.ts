import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Page } from '../../../db/queries/pages.ts';
import type { Actor } from '../../actions/context.ts';
import { clearHeartbeat, saveHeartbeat } from '../../actions/heartbeat/save-heartbeat.ts';
import { PROPOSED } from '../../domain/heartbeat.ts';
import { mayApprove, mayWrite } from '../../domain/rights.ts';
import type { HeartbeatView } from '../../templates/desk-template-views.ts';
import { ctxOf } from '../who.ts';
import { formOf, text } from './forms.ts';
import { type Desk, goTo, pageFor } from './frame.ts';
import { moment, placeOf } from './moments.ts';

/** What a page may say when an update is late, as one person sees it. */
export function heartbeatView(page: Page, actor: Pick<Actor, 'id' | 'roles'>, now: number): HeartbeatView {
  const beat = page.settings.heartbeat;
  const waits = beat !== undefined && beat.clearedBy === null;
  const mine = beat?.authorId === actor.id && !page.policy.solo;
  return {
    state:
      beat === undefined
        ? { icon: 'skip', tone: '', word: 'None' }
        : beat.clearedAt === null
          ? { icon: 'pen', tone: '', word: 'Not cleared' }
          : { icon: 'ok', tone: 'good', word: `Cleared ${moment(beat.clearedAt, now, placeOf(page)).text}` },
    words: beat?.words ?? PROPOSED,
    minutes: beat?.minutes ?? 10,
    auto: beat?.auto ?? false,
    mayWrite: mayWrite(actor.roles),
    mayClear: waits && mayApprove(actor.roles) && !mine,
    mine: waits && mine,
  };
}

/** Writing and clearing it, in peacetime. */
export function heartbeat(app: FastifyInstance, desk: Desk): void {
  const { ports } = desk;
  const pageOf = (request: FastifyRequest) => pageFor(desk, request, text(formOf(request), 'page'));
  app.post('/heartbeat', async (request, reply) => {
    const form = formOf(request);
    await saveHeartbeat(ctxOf(ports.base, request), (await pageOf(request)).id, {
      words: text(form, 'words'),
      minutes: Number(text(form, 'minutes') || 10),
      auto: text(form, 'auto') === '1',
    });
    return goTo(reply, '/desk/templates', 'heartbeat-saved');
  });
  app.post('/heartbeat/clear', async (request, reply) => {
    await clearHeartbeat(ctxOf(ports.base, request), (await pageOf(request)).id);
    return goTo(reply, '/desk/templates', 'heartbeat-cleared');
  });
}
