import type { FastifyInstance, FastifyRequest } from 'fastify';
import { findAuditHead } from '../../../db/queries/log.ts';
import { listPeople, type Person } from '../../../db/queries/people.ts';
import { changePolicy } from '../../actions/change-policy.ts';
import { mustBe } from '../../actions/context.ts';
import { isSecondRequired, requireSecondFactor } from '../../actions/sign-in/require-second.ts';
import type { ApprovalPolicy } from '../../domain/approval.ts';
import {
  DEFAULT_EXPERT_FACTS,
  DEFAULT_OFFICES,
  holdsOne,
  needsExpert,
  OFFICES,
  officesFor,
  officesText,
} from '../../domain/office.ts';
import { DEFAULT_OVERRIDES } from '../../domain/override.ts';
import { TYPED_FOR } from '../../domain/proof.ts';
import { CLASSES, type UpdateClass } from '../../domain/words.ts';
import { renderPolicy } from '../../templates/desk-judgement.ts';
import { ctxOf, mustKnow } from '../who.ts';
import {
  choice,
  choices,
  type Form,
  formOf,
  type Refused,
  refusedBy,
  text,
  texts,
  troubleOf,
} from './forms.ts';
import { type Desk, frameFor, goTo, html, pagesFor } from './frame.ts';
import { CLASS, count } from './words.ts';

/** What classes ask for and nobody who is here holds. */
function nobodyText(policy: ApprovalPolicy, people: readonly Person[]): string | null {
  const missing = CLASSES.filter((c) => {
    const wanted = officesFor(policy, c);
    return wanted.length > 0 && !people.some((p) => holdsOne(p.offices, wanted));
  }).map((c) => `${officesText(officesFor(policy, c))} (class ${c})`);
  if (CLASSES.some((c) => needsExpert(policy, c)) && !people.some((p) => p.offices?.includes('expert')))
    missing.push('an expert, for facts');
  return missing.length === 0
    ? null
    : `Nobody here is ${missing.join('; nor ')}. Until an admin names somebody under People, such words cannot be approved.`;
}

/** The numbers of yeses to choose from. */
const COUNTS = ['1', '2', '3', '4', '5'] as const;

/** How many must say yes to each class, what one of them must be, and whose facts an expert confirms. */
function classesFrom(form: Form) {
  const each = <T>(of: (c: UpdateClass) => T) =>
    Object.fromEntries(CLASSES.map((c) => [c, of(c)])) as Record<UpdateClass, T>;
  const held = texts(form, 'office');
  return {
    approvers: each((c) => Number(choice({ [`n.${c}`]: text(form, `n.${c}`) }, `n.${c}`, COUNTS))),
    offices: each((c) => OFFICES.filter((o) => held.includes(`${c}.${o}`))),
    expertFacts: choices(form, 'expert', CLASSES),
  };
}

/** How many must say yes, what one of them must be, who must show what for it, what may go out alone, and the head of the audit log to keep elsewhere. */
export function policy(app: FastifyInstance, desk: Desk): void {
  const { r, ports } = desk;

  async function draw(request: FastifyRequest, refused?: Refused) {
    const admin = mustKnow(request).actor.roles.includes('admin');
    const head = await findAuditHead(r);
    const people = (await listPeople(r)).filter((p) => p.disabledAt === null);
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
        classes: CLASSES.map((c) => ({
          value: c,
          label: CLASS[c],
          counts: COUNTS.map((n) => ({
            value: n,
            label: count(Number(n), 'yes', 'yeses'),
            chosen: page.policy.approvers[c] === Number(n),
          })),
          offices: OFFICES.map((o) => ({
            value: `${c}.${o}`,
            label: o,
            chosen: (page.policy.offices ?? DEFAULT_OFFICES)[c]?.includes(o) ?? false,
          })),
          expert: (page.policy.expertFacts ?? DEFAULT_EXPERT_FACTS).includes(c),
        })),
        nobody: nobodyText(page.policy, people),
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
        firstFive: page.policy.answers?.firstFive === true,
      })),
      head: admin && head ? `${head.seq}:${head.hash}` : null,
    });
  }

  app.get('/policy', async (request, reply) => html(reply, await draw(request)));

  app.post<{ Params: { id: string } }>('/pages/:id/policy', async (request, reply) => {
    const form = formOf(request);
    await changePolicy(ctxOf(ports.base, request), request.params.id, {
      ...(text(form, 'classes') === '' ? {} : classesFrom(form)),
      proofFor: choices(form, 'proof', CLASSES),
      overrideClasses: choices(form, 'alone', CLASSES),
      mayRemove: text(form, 'mayRemove') === 'yes',
      answers: {
        figures: text(form, 'mayNews') === 'yes' ? 'warn' : 'block',
        guesses: text(form, 'noGuesses') === 'yes' ? 'block' : 'warn',
        second: text(form, 'second') === 'yes',
        firstFive: text(form, 'firstFive') === 'yes',
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
