import type { FastifyInstance, FastifyRequest } from 'fastify';
import { findAuditHead } from '../../../db/queries/log.ts';
import { changePolicy } from '../../actions/change-policy.ts';
import { mustBe } from '../../actions/context.ts';
import { isSecondRequired, requireSecondFactor } from '../../actions/sign-in/require-second.ts';
import { DEFAULT_OVERRIDES } from '../../domain/override.ts';
import { TYPED_FOR } from '../../domain/proof.ts';
import { CLASSES } from '../../domain/words.ts';
import { renderPolicy } from '../../templates/desk-judgement.ts';
import { ctxOf, mustKnow } from '../who.ts';
import { choices, formOf, type Refused, refusedBy, text, troubleOf } from './forms.ts';
import { type Desk, frameFor, goTo, html, pagesFor } from './frame.ts';
import { CLASS } from './words.ts';

/** Who must show what for a yes, what may go out alone, and the head of the audit log to keep elsewhere. */
export function policy(app: FastifyInstance, desk: Desk): void {
  const { r, ports } = desk;

  async function draw(request: FastifyRequest, refused?: Refused) {
    const admin = mustKnow(request).actor.roles.includes('admin');
    const head = await findAuditHead(r);
    return renderPolicy({
      frame: await frameFor(desk, request, {
        title: 'Approval policy',
        room: 'approvals',
        trouble: troubleOf(refused, ['second']),
      }),
      mayChange: admin,
      secondOn: await isSecondRequired(r),
      secondError: refused?.field === 'second' ? refused.message : null,
      pages: (await pagesFor(desk, request)).map((page) => ({
        id: page.id,
        name: page.name,
        action: `/desk/pages/${page.id}/policy`,
        proof: CLASSES.map((c) => ({
          value: c,
          label: CLASS[c],
          chosen: (page.policy.proofFor ?? TYPED_FOR).includes(c),
        })),
        overrides: CLASSES.map((c) => ({
          value: c,
          label: CLASS[c],
          chosen: (page.policy.overrideClasses ?? DEFAULT_OVERRIDES).includes(c),
        })),
        mayRemove: page.policy.mayRemove === true,
        mayNews: page.policy.answers?.figures === 'warn',
        noGuesses: page.policy.answers?.guesses === 'block',
        second: page.policy.answers?.second !== false,
      })),
      head: admin && head ? `${head.seq}:${head.hash}` : null,
    });
  }

  app.get('/policy', async (request, reply) => html(reply, await draw(request)));

  app.post<{ Params: { id: string } }>('/pages/:id/policy', async (request, reply) => {
    const form = formOf(request);
    await changePolicy(ctxOf(ports.base, request), request.params.id, {
      proofFor: choices(form, 'proof', CLASSES),
      overrideClasses: choices(form, 'alone', CLASSES),
      mayRemove: text(form, 'mayRemove') === 'yes',
      answers: {
        figures: text(form, 'mayNews') === 'yes' ? 'warn' : 'block',
        guesses: text(form, 'noGuesses') === 'yes' ? 'block' : 'warn',
        second: text(form, 'second') === 'yes',
      },
    });
    return goTo(reply, '/desk/policy', 'proof-changed');
  });

  app.post('/settings/second', async (request, reply) => {
    const ctx = ctxOf(ports.base, request);
    mustBe(ctx.actor, ['admin'], 'admin');
    const on = text(formOf(request), 'to') === 'on';
    try {
      await requireSecondFactor(ctx, on);
      return goTo(reply, '/desk/policy', on ? 'second-on' : 'second-off');
    } catch (error) {
      const refused = refusedBy(error);
      return html(reply, await draw(request, refused), refused.status);
    }
  });

  // To be kept outside this installation: with it, rows cut off the end of the log are noticed.
  app.get('/audit-head', async (request, reply) => {
    mustBe(mustKnow(request).actor, ['admin'], 'admin');
    const head = await findAuditHead(r);
    return reply
      .header('cache-control', 'no-store')
      .header('content-disposition', 'attachment; filename="tocsin-audit-head.txt"')
      .type('text/plain; charset=utf-8')
      .send(head ? `${head.seq}:${head.hash}\n` : '0:\n');
  });
}
