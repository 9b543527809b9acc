import t, { type Test } from 'tap';
import { getIncident, getUpdate } from '../../db/queries/incidents.ts';
import { listAudit } from '../../db/queries/log.ts';
import { listApprovals } from '../../db/queries/words.ts';
import { approveUpdate } from '../../src/actions/approve-update.ts';
import type { Ctx } from '../../src/actions/context.ts';
import { draftUpdate, editUpdate } from '../../src/actions/draft-update.ts';
import { openIncident } from '../../src/actions/open-incident.ts';
import { issueToken, signIn, signOut } from '../../src/actions/people.ts';
import { requestApproval } from '../../src/actions/request-approval.ts';
import { expireUpdate, returnUpdate, withdrawUpdate } from '../../src/actions/return-update.ts';
import { DATABASES, type DatabaseKind, MINUTE, openHouse, wordsAt } from '../house.ts';
import { since } from './since.ts';

for (const database of DATABASES)
  t.test(database, async (t) => {
    await asides(t, database);
    await signingIn(t, database);
  });

async function asides(t: Test, database: DatabaseKind) {
  const house = await openHouse({ database });
  const { store, clock } = house;
  const author = house.ctx(house.author);
  const approver = house.ctx(house.approver);
  const mark = since(house);
  const incident = await house.openIncident();
  await mark.start();

  await t.test('returned with a reason, mended, and asked for again', async (t) => {
    const asked = await house.ask(incident);
    await t.rejects(returnUpdate(approver, asked.id, ' '), { code: 'invalid', field: 'reason' });
    await t.rejects(returnUpdate(author, asked.id, 'No.'), { code: 'forbidden' });
    const back = await returnUpdate(approver, asked.id, 'Name the affected country.');
    t.match(back, { state: 'returned', reason: 'Name the affected country.', hash: null });
    t.match(await listApprovals(store.read, [asked.id]), [
      { decision: 'returned', personId: house.approver.id },
    ]);
    const mended = await editUpdate(author, asked.id, back.version, { blocks: { known: 'Only in Norway.' } });
    t.equal(mended.state, 'draft');
    const again = await requestApproval(author, asked.id, mended.version);
    t.equal((await approveUpdate(approver, asked.id, again.hash!)).state, 'published');
    t.match((await mark.take()).audit, [
      'update.draft',
      'approval.request',
      'update.return',
      'update.edit',
      'approval.request',
      'update.approve',
      'update.publish',
    ]);
  });
  await t.test('withdrawn, expired: nothing goes out, and it can be taken up again', async (t) => {
    const one = await house.ask(incident);
    t.equal((await withdrawUpdate(author, one.id, 'Not needed.')).state, 'withdrawn');
    await t.rejects(approveUpdate(approver, one.id, one.hash!), {
      code: 'conflict',
      message: /already withdrawn/,
    });
    const two = await house.ask(incident);
    clock.advance(10 * MINUTE + 1);
    await t.rejects(approveUpdate(approver, two.id, two.hash!), { code: 'conflict', message: /has expired/ });
    const expired = await expireUpdate(house.system, two.id);
    t.equal(expired.state, 'expired');
    const now = clock.now();
    const fresh = await editUpdate(author, two.id, expired.version, { nextUpdateBy: now + 20 * MINUTE });
    const asked = await requestApproval(author, two.id, fresh.version);
    t.equal((await approveUpdate(approver, two.id, asked.hash!)).state, 'published');
    for (const act of [
      () => editUpdate(author, two.id, asked.version + 2, { body: 'x' }),
      () => withdrawUpdate(author, two.id, 'x'),
      () => returnUpdate(approver, two.id, 'x'),
      () => requestApproval(author, two.id, asked.version + 2),
    ])
      await t.rejects(act(), { code: 'conflict' }, 'the public has read it');
  });
  await t.test('what cannot be said is refused with the field it is in', async (t) => {
    const now = clock.now();
    const wrong: [string, Parameters<typeof draftUpdate>[2]][] = [
      ['blocks.known', { blocks: { known: `It is ${'\u202e'}safe.` } }],
      ['blocks.known', { blocks: { known: 'x'.repeat(4_001) } }],
      ['body', { body: 'x'.repeat(25_001) }],
      ['overrides.c1', { overrides: { c1: 'bell \u0007' } }],
      ['overrides', { overrides: { nothing: 'Words that no network would have said.' } }],
      ['status', { status: 'scheduled' }],
      ['status', { status: 'postmortem' }],
      ['language', { language: 'tlh' }],
      ['components', { components: { nothing: 'operational' } }],
      ['connectionIds', { connectionIds: ['nothing'] }],
    ];
    for (const [field, words] of wrong)
      await t.rejects(draftUpdate(author, incident.id, words), { code: 'invalid', field }, field);
    await t.rejects(
      house.ask(incident, { nextUpdateBy: now + MINUTE }),
      { code: 'invalid', field: 'blocks' },
      'silence',
    );
    const long = `${'One very long sentence that goes on '.repeat(30)}.`;
    await t.rejects(
      house.ask(incident, { blocks: { known: long }, nextUpdateBy: now + MINUTE }),
      { code: 'invalid', field: 'blocks.known', message: /Town Square/ },
      'words that do not fit on a network name it',
    );
    await t.rejects(draftUpdate(author, 'nothing', {}), { code: 'not_found' });
    for (const [field, more] of [
      ['title', { title: ' ' }],
      ['title', { title: 'x'.repeat(256) }],
      ['objective', { title: 'x', objective: 'x'.repeat(501) }],
      ['detectedAt', { title: 'x', detectedAt: now + 2 * MINUTE }],
      ['startedAt', { title: 'x', startedAt: now + 2 * MINUTE }],
      ['scheduledFor', { title: 'x', scheduledFor: now }],
      ['scheduledFor', { title: 'x', kind: 'maintenance' }],
      ['scheduledUntil', { title: 'x', kind: 'maintenance', scheduledFor: now + 2, scheduledUntil: now + 1 }],
    ] as const)
      await t.rejects(
        openIncident(author, { pageId: house.page.id, ...more }),
        { code: 'invalid', field },
        field,
      );
  });
  await t.test('planned maintenance has its own statuses and its own patience', async (t) => {
    const from = clock.now() + 24 * 60 * MINUTE;
    const planned = await openIncident(author, {
      pageId: house.page.id,
      kind: 'maintenance',
      title: 'New payment system',
      scheduledFor: from,
      scheduledUntil: from + 60 * MINUTE,
    });
    const told = await house.say(planned, {
      blocks: { known: 'We move to a new system.' },
      nextUpdateBy: from,
    });
    t.equal(told.status, 'scheduled');
    t.match(await getIncident(store.read, planned.id), {
      impact: 'maintenance',
      status: 'scheduled',
      resolvedAt: null,
    });
    await t.rejects(draftUpdate(author, planned.id, { status: 'investigating' }), {
      code: 'invalid',
      field: 'status',
    });
    await house.say(planned, { blocks: { known: 'It will not take place.' }, status: 'cancelled' });
    t.match(await getIncident(store.read, planned.id), { status: 'cancelled', resolvedAt: clock.now() });
    await t.rejects(
      draftUpdate(author, planned.id, { status: 'in_progress' }),
      { code: 'invalid' },
      'nothing comes after',
    );
  });
  await t.test('a token does what its scopes allow and its person may, and no more', async (t) => {
    const token = (
      scopes: readonly ('read' | 'draft' | 'approve')[],
      roles: readonly ('author' | 'approver')[],
    ): Ctx => ({
      ...author,
      actor: { kind: 'token', id: house.author.id, roles, scopes },
    });
    const draft = await draftUpdate(token(['draft'], ['author']), incident.id, wordsAt(clock.now()));
    await t.rejects(draftUpdate(token(['read'], ['author']), incident.id, {}), {
      code: 'forbidden',
      message: /scope "draft"/,
    });
    const asked = await requestApproval(token(['draft'], ['author']), draft.id, draft.version);
    await t.rejects(approveUpdate(token(['draft'], ['approver']), draft.id, asked.hash!), {
      message: /scope "approve"/,
    });
    await t.rejects(approveUpdate(token(['approve'], ['author']), draft.id, asked.hash!), {
      message: /role "approver"/,
    });
    await t.rejects(
      approveUpdate(token(['approve'], ['approver']), draft.id, asked.hash!),
      { code: 'forbidden', message: /You wrote/ },
      'nor is a program another person',
    );
    t.equal((await getUpdate(store.read, draft.id)).state, 'in_review');
  });
}

async function signingIn(t: Test, database: DatabaseKind) {
  await t.test('a sign-in link lets its person in once', async (t) => {
    const house = await openHouse({ database });
    const { clock } = house;
    const link = (secret: string) =>
      issueToken(house.system, { kind: 'sign_in', personId: house.author.id, name: 'Link', secret });
    await link('link-one');
    const tries = await Promise.allSettled(
      [1, 2, 3].map((n) => signIn(house.system, 'link-one', `session-${n}`)),
    );
    t.equal(tries.filter((x) => x.status === 'fulfilled').length, 1, 'whoever is faster');
    const [won] = tries.flatMap((x) => (x.status === 'fulfilled' ? [x.value] : []));
    t.match(won, {
      person: { id: house.author.id },
      session: { kind: 'session', expiresAt: clock.now() + 12 * 60 * MINUTE },
    });
    await t.rejects(signIn(house.system, 'link-one', 's'), { code: 'unauthorized' });
    await link('link-two');
    clock.advance(30 * MINUTE);
    await t.rejects(
      signIn(house.system, 'link-two', 's'),
      { code: 'unauthorized' },
      'after half an hour it is spent',
    );
    await t.rejects(signIn(house.system, 'nonsense', 's'), { code: 'unauthorized' });
    await t.rejects(signIn(house.system, 'session-1', 's'), { code: 'unauthorized' }, 'a session is no link');
    await signOut(house.ctx(house.author), won!.session.id);
    const rows = await listAudit(house.store.read, 0, 1_000);
    t.strictSame(
      rows.slice(-4).map((a) => a.action),
      ['token.sign_in', 'person.sign_in', 'token.sign_in', 'person.sign_out'],
    );
    t.notMatch(JSON.stringify(rows), /link-one|session-/, 'no secret is written down');
    await t.rejects(
      issueToken(house.ctx(house.author), { kind: 'api', personId: house.author.id, name: 'x', secret: 's' }),
      { code: 'forbidden' },
    );
  });
}
