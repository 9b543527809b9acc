import type { FastifyInstance } from 'fastify';
import { type Connection, listConnections } from '../../../db/queries/connections.ts';
import { resumeConnection, switchConnection } from '../../actions/connect-account.ts';
import { mayApprove, rolesOn } from '../../domain/rights.ts';
import type { CONNECTION_ROLES } from '../../domain/words.ts';
import { renderConnections } from '../../templates/desk.ts';
import type { StateView } from '../../templates/desk-views.ts';
import type { KindFacts } from '../ports.ts';
import { ctxOf, mustKnow } from '../who.ts';
import { connectionState } from './connection-state.ts';
import { type Desk, frameFor, goTo, html, pagesFor } from './frame.ts';
import { unitOf } from './previews.ts';
import { linkTo } from './words.ts';

export const ROLE: Record<(typeof CONNECTION_ROLES)[number], string> = {
  brand: 'the company: gets every update',
  status: 'the status account: gets every update',
  care: 'customer care: answers people',
  executive: 'a person: only when chosen',
  oncall: 'our own people: alerts, never an update',
};
export const COST: Record<string, string> = {
  free: 'free',
  per_post: 'paid per post',
  per_recipient: 'paid per recipient',
};

/** Connected accounts: what each can do, whether it is ready, and the switch that stops it. */
export function connections(app: FastifyInstance, desk: Desk): void {
  const { r, ports } = desk;

  app.get('/connections', async (request, reply) => {
    const { person } = mustKnow(request);
    const mayAdd = person.roles.includes('admin');
    const now = ports.base.now();
    return html(
      reply,
      renderConnections({
        frame: await frameFor(desk, request, { title: 'Networks', room: 'connections' }),
        pages: await Promise.all(
          (await pagesFor(desk, request)).map(async (page) => ({
            name: page.name,
            maySwitch: mayApprove(rolesOn(person, page.id)),
            rows: (await listConnections(r, page.id)).map((c) => ({
              id: c.id,
              name: c.name,
              network: ports.channels.kinds().find((k) => k.kind === c.channel)?.name ?? c.channel,
              account: c.account,
              href: linkTo(c.url),
              role: c.role,
              ...connectionState(c, now),
              can: abilities(c),
              settings: `/desk/connections/${c.id}`,
              switchAction: `/desk/connections/${c.id}/${c.enabled ? 'off' : 'on'}`,
              switchLabel: c.enabled ? 'Switch off' : 'Switch on',
              resumeAction: c.pausedAt === null ? null : `/desk/connections/${c.id}/resume`,
            })),
          })),
        ),
        kinds: grouped(ports.channels.kinds()).map(({ label, kinds }) => ({
          label,
          kinds: kinds.map((k) => ({
            href: k.lifecycle === 'retired' ? null : `/desk/connections/add/${encodeURIComponent(k.kind)}`,
            name: k.name,
            promise: k.promise,
            note: k.lifecycle === 'retired' ? 'does not exist any more' : (COST[k.cost] ?? k.cost),
            // Only what is not as it should be needs a word: a tick here would look connected.
            state: k.lifecycle === 'active' ? null : LIFECYCLE[k.lifecycle],
          })),
        })),
        mayAdd,
      }),
    );
  });

  for (const said of ['on', 'off', 'resumed'] as const)
    app.post<{ Params: { id: string } }>(
      `/connections/:id/${said === 'resumed' ? 'resume' : said}`,
      async (request, reply) => {
        const ctx = ctxOf(ports.base, request);
        const { id } = request.params;
        await (said === 'resumed' ? resumeConnection(ctx, id) : switchConnection(ctx, id, said === 'on'));
        ports.kick();
        return goTo(reply, '/desk/connections', said);
      },
    );
}

const LIFECYCLE: Record<KindFacts['lifecycle'], StateView> = {
  active: { icon: 'ok', tone: 'good', word: 'Active' },
  degraded: { icon: 'warn', tone: 'warn', word: 'Degraded' },
  deprecated: { icon: 'soon', tone: 'warn', word: 'Ending' },
  retired: { icon: 'skip', tone: '', word: 'Retired' },
};

/** Where people look for a network. What is not named here comes last, with what exists no more. */
const GROUPS: readonly { label: string; of: readonly string[] }[] = [
  {
    label: 'In public',
    of: ['x', 'mastodon', 'bluesky', 'facebook', 'instagram', 'threads', 'linkedin', 'reddit', 'discourse'],
  },
  {
    label: 'Channels and chats',
    of: [
      'telegram',
      'discord',
      'discord_webhook',
      'slack',
      'slack_webhook',
      'teams',
      'google_chat',
      'google_chat_webhook',
      'matrix',
    ],
  },
  { label: 'One by one', of: ['email', 'sms', 'whatsapp', 'web_push'] },
  { label: 'Programs, and everything else', of: ['webhook', 'manual'] },
];

function grouped(kinds: readonly KindFacts[]): { label: string; kinds: KindFacts[] }[] {
  const named = new Set(GROUPS.flatMap((g) => g.of));
  return [
    ...GROUPS.map((g) => ({
      label: g.label,
      kinds: g.of.flatMap((kind) => kinds.find((k) => k.kind === kind) ?? []),
    })),
    { label: 'Others', kinds: kinds.filter((k) => !named.has(k.kind)) },
  ].filter((g) => g.kinds.length > 0);
}

/** What we can do there, for people. */
function abilities({ can, limits }: Connection): string {
  const has = [
    can.read ? 'reads back' : 'cannot be read back',
    can.edit === 'none' ? 'cannot be edited' : 'can be edited',
    can.remove ? 'can be removed' : 'cannot be removed',
  ];
  return `up to ${limits.max.toLocaleString('en')} ${unitOf(limits.unit)}; ${has.join(', ')}`;
}
