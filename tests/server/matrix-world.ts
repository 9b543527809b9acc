import { listAlerts } from '../../db/queries/alerts.ts';
import { changeConnection } from '../../db/queries/connections.ts';
import { listDeliveriesOfUpdates } from '../../db/queries/deliveries.ts';
import { keepMention } from '../../db/queries/mentions.ts';
import { insertOverride } from '../../db/queries/overrides.ts';
import { approveUpdate } from '../../src/actions/approve-update.ts';
import { connectAccount } from '../../src/actions/connect-account.ts';
import { draftUpdate } from '../../src/actions/draft-update.ts';
import { addFact } from '../../src/actions/facts/add-fact.ts';
import { handOver } from '../../src/actions/hand-over/hand-over.ts';
import { saveMap } from '../../src/actions/message-maps.ts';
import { openIncident } from '../../src/actions/open-incident.ts';
import { issueToken } from '../../src/actions/people.ts';
import { keepPicture } from '../../src/actions/pictures/keep-picture.ts';
import { requestApproval } from '../../src/actions/request-approval.ts';
import { saveTemplate } from '../../src/actions/save-template.ts';
import { newSecret } from '../../src/ids.ts';
import { LIMITS, NETWORKS } from '../house.ts';
import { png } from '../pictures.ts';
import { app, CLI, clock, house, people, target } from './matrix-people.ts';

/** Something of every kind, for the routes that are about one. */
export const incident = await openIncident(
  app.ctx({ kind: 'person', id: people.author.id, roles: ['author'] }),
  {
    pageId: house.page.id,
    title: 'Card payments fail',
    objective: 'Say what works.',
  },
);
const picture = await keepPicture(CLI, incident.id, png());
export const update = await draftUpdate(
  app.ctx({ kind: 'person', id: people.author.id, roles: ['author'] }),
  incident.id,
  { blocks: { known: 'Card payments fail.' } },
);
export const connection = await connectAccount(CLI, {
  id: 'plugged',
  pageId: house.page.id,
  channel: 'mastodon',
  name: 'Town Square',
  role: 'brand',
  settings: {},
  sealed: app.secrets.seal('connections|plugged|sealed', '{}'),
  template: 'post',
  verified: { account: '@company', url: null, limits: LIMITS, can: NETWORKS.findable },
});
// An account that stands still, so that its delivery waits for a person to settle it.
await app.store.transact((w) =>
  changeConnection(w, connection.id, { pausedAt: clock.now(), pausedReason: 'x' }),
);
const author = app.ctx({ kind: 'person', id: people.author.id, roles: ['author'] });
const said = await draftUpdate(author, incident.id, {
  blocks: { known: 'Card payments fail.' },
  nextUpdateBy: clock.now() + 20 * 60_000,
});
const wanted = await requestApproval(author, said.id, said.version);
await approveUpdate(
  app.ctx({ kind: 'person', id: people.approver.id, roles: ['approver'] }),
  said.id,
  wanted.hash!,
);
const [delivery] = await listDeliveriesOfUpdates(app.store.read, [said.id]);
export const template = await saveTemplate(author, house.page.id, {
  name: 'Payments',
  title: 'Card payments fail',
  status: 'investigating',
  blocks: { known: 'Card payments fail.' },
  slots: [],
});
const fact = await addFact(author, incident.id, { key: 'Customers affected', value: '1 in 12' });
const offered = await handOver(author, incident.id, people.approver.id, 'My shift ends.');
const [alert] = await listAlerts(app.store.read, house.page.id, 1);
const map = await saveMap(app.ctx({ kind: 'person', id: target.id, roles: ['author'] }), {
  pageId: house.page.id,
  incidentId: null,
  question: 'Was I charged twice?',
  messages: [{ text: 'Your money is safe.', supports: [] }],
});
const alone = {
  id: 'overridden',
  pageId: house.page.id,
  incidentId: incident.id,
  updateId: said.id,
  hash: wanted.hash!,
  personId: target.id,
  reason: 'life_safety' as const,
  sentence: 'People are in danger.',
  assurance: 'passkey',
  at: clock.now(),
  reviewDueAt: clock.now() + 60_000,
  reviewedBy: null,
  reviewedAt: null,
  verdict: null,
  note: null,
  remindedAt: null,
};
await app.store.transact((w) => insertOverride(w, alone));
const mention = 'something-said';
await app.store.transact((w) =>
  keepMention(
    w,
    mention,
    connection,
    {
      id: '1',
      url: null,
      at: clock.now(),
      author: { id: '7', handle: '@mira' },
      text: 'Is it down?',
      post: { id: '1', url: null, raw: {} },
    },
    clock.now(),
  ),
);
const targetToken = (
  await issueToken(CLI, {
    kind: 'api',
    personId: target.id,
    name: 'T',
    secret: newSecret(),
    scopes: ['read'],
  })
).token;

/** A path that is there, so that it is the right that decides and not a missing thing. */
export function pathOf(url: string): string {
  const word = /\/([\w-]+)\/:id/.exec(url)?.[1] ?? '';
  const own: Record<string, string | undefined> = {
    facts: fact.id,
    'hand-overs': offered.id,
    alerts: alert?.id,
    maps: map.id,
    overrides: alone.id,
    inbox: mention,
    mentions: mention,
    pages: house.page.id,
    pictures: picture.id,
  };
  const id =
    own[word] ??
    (url.includes('/updates/:id') || url.includes('/approvals/:id')
      ? update.id
      : url.includes('/templates/:id')
        ? template.id
        : url.includes('/incidents/:id')
          ? incident.id
          : url.includes('/deliveries/:id')
            ? delivery!.id
            : url.includes('/connections/:id')
              ? connection.id
              : url.includes('/tokens/:id')
                ? targetToken.id
                : target.id);
  return url
    .replace(':id', id)
    .replace(':kind', 'mastodon')
    .replace(':secret', 'A'.repeat(43))
    .replace('*', 'logo.svg')
    .replace(/:\w+/g, 'x');
}
