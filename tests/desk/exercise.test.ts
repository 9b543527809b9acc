import t from 'tap';
import { listConnections } from '../../db/queries/connections.ts';
import { listDeliveriesOfUpdates } from '../../db/queries/deliveries.ts';
import { listReplies } from '../../db/queries/mentions.ts';
import { answerMention } from '../../src/actions/answer-mention.ts';

import { said } from '../inbox/said.ts';
import { ask, openHouse, sayYes } from './house.ts';
import type { SeenPost } from './story.ts';

const MARKED = /^EXERCISE EXERCISE EXERCISE\n[\s\S]*\nEXERCISE EXERCISE EXERCISE$/;

const house = await openHouse({ networks: true, exercise: true });
t.teardown(() => house.close());
const { store } = house.app;

/** Resolves once every delivery of an update is delivered. */
const delivered = (updateId: string) =>
  new Promise<number>((done) => {
    const look = async () => {
      const all = await listDeliveriesOfUpdates(store.read, [updateId]);
      if (all.some((d) => d.state !== 'delivered')) return;
      off();
      done(all.length);
    };
    const off = store.onHint(() => void look());
    void look();
  });

t.test('in an exercise every text that leaves says so, whoever wrote it', async (t) => {
  const author = await house.enter(house.dana);
  const approver = await house.enter(house.marcus);
  const id = await ask(author, {}, 'Fire in the warehouse');
  t.match(
    (await approver.get(`/desk/approvals/${id}`)).body,
    /EXERCISE EXERCISE EXERCISE\s+Some card payments fail/,
    'the approver reads it as it goes out',
  );
  t.equal((await sayYes(approver, id)).status, 303);
  const count = await delivered(id);
  const posts = (await (await fetch(`${house.simulator?.url}/_sim/posts?by=any`)).json()) as SeenPost[];
  t.ok(posts.length >= count - 1, `${posts.length} posts seen`);
  for (const post of posts)
    t.match(post.text, /EXERCISE(?: EXERCISE EXERCISE|: Your yes is needed)/, post.network);
});

t.test('and so does every answer', async (t) => {
  const rosa = await house.add('Rosa', ['responder']);
  const ctx = house.app.ctx({ kind: 'person', id: rosa.id, roles: rosa.roles });
  const account = (await listConnections(store.read, house.page.id)).find((c) => c.channel === 'mastodon');
  const mention = await said(store, account!, 'Is it burning?', Date.now());
  await answerMention(ctx, mention, 'We are looking into it. The next word is on the page.');
  const [answer] = await listReplies(store.read, [mention]);
  t.match(answer?.reply.text, MARKED);
  await t.rejects(
    answerMention(ctx, mention, 'We are looking into it. The next word is on the page.'),
    { code: 'conflict' },
    'the same answer is still the same',
  );
});
