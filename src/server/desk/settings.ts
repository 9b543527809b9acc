import type { FastifyInstance, FastifyRequest } from 'fastify';
import { countDeliveries } from '../../../db/queries/deliveries.ts';
import { findInstallation } from '../../../db/queries/installation.ts';
import { listComponents, listGroups } from '../../../db/queries/pages.ts';
import { mustBe } from '../../actions/context.ts';
import { setUpPage } from '../../actions/set-up-page.ts';
import { switchSending } from '../../actions/switch-sending.ts';
import { invalid } from '../../domain/error.ts';
import { mayApprove } from '../../domain/rights.ts';
import { CLASSES } from '../../domain/words.ts';
import { renderHelp, renderSettings } from '../../templates/desk.ts';
import { ctxOf, mustKnow } from '../who.ts';
import { type Form, field, formOf, type Refused, refusedBy, text, troubleOf } from './forms.ts';
import { type Desk, frameFor, goTo, html, pagesFor } from './frame.ts';
import { age } from './moments.ts';
import { count } from './words.ts';

const KEYS = [
  { key: '!', what: 'Declare an incident' },
  { key: 'b', what: 'Board' },
  { key: 'a', what: 'Approvals' },
  { key: 'd', what: 'Deliveries' },
  { key: 'l', what: 'Incidents' },
  { key: 'u', what: 'Write an update, on an incident' },
  { key: 'n', what: 'Say that nothing has changed, on an incident' },
  { key: 'f', what: 'The facts of an incident' },
  { key: 'c', what: 'Correct what was said, where it is shown' },
  { key: 't', what: 'The report of an incident' },
  { key: 'i', what: 'Inbox' },
  { key: 'j and k', what: 'In the inbox: to the next person, and back' },
  { key: 'r', what: 'In the inbox: answer this person' },
  { key: 'm', what: 'In the inbox: a text to start from, like a cleared message map' },
  { key: 'x', what: 'In the inbox: no answer is needed, and why' },
  { key: '. or Ctrl K', what: 'The command bar: a few letters, then Enter' },
  { key: '?', what: 'This list' },
  { key: 'Ctrl Enter', what: 'Send the form you are in: declare, or ask for approval' },
  { key: 'Ctrl Shift Enter', what: 'Send without a second person, when nobody answers' },
  { key: 'Esc', what: 'Stop a release while its ring runs' },
];

/** How a page is set up, and what the keys do. */
export function settings(app: FastifyInstance, desk: Desk): void {
  const { r, ports } = desk;

  async function draw(request: FastifyRequest, form: Form, refused?: Refused) {
    const pages = await pagesFor(desk, request);
    const { roles } = mustKnow(request).actor;
    const admin = roles.includes('admin');
    const fresh = Object.keys(form).length === 0;
    return renderSettings({
      frame: await frameFor(desk, request, {
        title: 'Settings',
        room: 'settings',
        trouble: troubleOf(refused, ['name', 'url', 'timeZone', 'reason', 'sure']),
      }),
      pages: await Promise.all(
        pages.map(async (page) => {
          const groups = await listGroups(r, page.id);
          const components = await listComponents(r, page.id);
          const { policy } = page;
          return {
            name: page.name,
            url: page.url,
            href: admin ? `/desk/pages/${page.id}` : null,
            facts: [
              { name: 'Time zone', value: page.timeZone },
              { name: 'Languages', value: page.languages.join(', ') },
              { name: 'Cadence', value: page.cadence.replaceAll('_', ' ') },
              {
                name: 'Approval',
                value: policy.solo
                  ? 'Solo: one person may approve their own words'
                  : CLASSES.map((c) => `class ${c}: ${count(policy.approvers[c], 'yes', 'yeses')}`).join(
                      ', ',
                    ),
              },
              { name: 'An approval runs out after', value: age(policy.expiresMs) },
              {
                name: 'Release ring',
                value:
                  policy.ringMs === 0
                    ? 'none: the last yes publishes'
                    : `${policy.ringMs / 1_000} s to stop it`,
              },
            ],
            components: [
              ...groups.map((g) => ({ id: g.id as string | null, name: g.name })),
              { id: null, name: 'No group' },
            ]
              .map((g) => ({
                group: g.name,
                names: components
                  .filter((c) => c.groupId === g.id)
                  .map((c) => c.name)
                  .join(', '),
              }))
              .filter((g) => g.names !== ''),
          };
        }),
      ),
      another:
        pages.length > 0 && admin
          ? {
              name: field('name', 'Name', 'Of the service, as its customers know it.', '', undefined),
              slug: field(
                'slug',
                'Path',
                'Small letters, like “eu”: it stands at /eu until it has a host name.',
                '',
                undefined,
              ),
            }
          : null,
      setUp:
        pages.length === 0 && admin
          ? {
              action: '/desk/settings',
              name: field(
                'name',
                'Name',
                'Of the service, as customers know it.',
                text(form, 'name'),
                refused,
              ),
              url: field(
                'url',
                'Public address',
                'Every link in every post begins with it.',
                fresh ? ports.baseUrl : text(form, 'url'),
                refused,
              ),
              timeZone: field(
                'timeZone',
                'Time zone',
                'Like UTC or Europe/Berlin.',
                fresh ? 'UTC' : text(form, 'timeZone'),
                refused,
              ),
            }
          : null,
      sending: mayApprove(roles) ? await sendingView(form, refused) : null,
    });
  }

  async function sendingView(form: Form, refused?: Refused) {
    const off = await findInstallation(r, 'sending_off');
    const { pending = 0, leased = 0 } = await countDeliveries(r);
    const n = pending + leased;
    const waiting = n === 0 ? 'nothing waits' : count(n, 'post waits', 'posts wait');
    return {
      action: `/desk/settings/sending/${off === undefined ? 'off' : 'on'}`,
      on: off === undefined,
      why: off ?? '',
      waits:
        off === undefined
          ? `Now ${waiting}.`
          : n === 0
            ? 'Nothing waits.'
            : `Now ${waiting}, and will go out at once.`,
      reason: field('reason', 'Why', 'Others read it on the desk.', text(form, 'reason'), refused),
      sure: refused?.field === 'sure' ? refused.message : null,
    };
  }

  app.get('/settings', async (request, reply) => html(reply, await draw(request, {})));

  app.post('/settings', async (request, reply) => {
    const form = formOf(request);
    try {
      await setUpPage(ctxOf(ports.base, request), {
        name: text(form, 'name'),
        url: text(form, 'url'),
        timeZone: text(form, 'timeZone') || 'UTC',
      });
      return goTo(reply, '/desk/settings', 'set-up');
    } catch (error) {
      const refused = refusedBy(error);
      return html(reply, await draw(request, form, refused), refused.status);
    }
  });

  for (const to of ['off', 'on'] as const)
    app.post(`/settings/sending/${to}`, async (request, reply) => {
      const form = formOf(request);
      const ctx = ctxOf(ports.base, request);
      mustBe(ctx.actor, ['approver'], 'admin');
      try {
        if (text(form, 'sure') !== '1') throw invalid('sure', 'Tick the box: it concerns every network.');
        await switchSending(ctx, to === 'on', text(form, 'reason'));
        ports.kick();
        return goTo(reply, '/desk/settings', `sending-${to}`);
      } catch (error) {
        const refused = refusedBy(error);
        return html(reply, await draw(request, form, refused), refused.status);
      }
    });

  app.get('/help', async (request, reply) =>
    html(
      reply,
      renderHelp({ frame: await frameFor(desk, request, { title: 'Keys', room: 'help' }), keys: KEYS }),
    ),
  );
}
