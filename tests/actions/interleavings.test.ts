import fc from 'fast-check';
import t, { type Test } from 'tap';
import { listDeliveriesOfIncident } from '../../db/queries/deliveries.ts';
import { getIncident, getUpdate, listUpdates, type Update } from '../../db/queries/incidents.ts';
import { listApprovals, listRenditions } from '../../db/queries/words.ts';
import { approveUpdate } from '../../src/actions/approve-update.ts';
import { switchConnection } from '../../src/actions/connect-account.ts';
import { draftUpdate, editUpdate } from '../../src/actions/draft-update.ts';
import { publishUpdate } from '../../src/actions/publish-update.ts';
import { approvalHash } from '../../src/actions/renditions.ts';
import { requestApproval } from '../../src/actions/request-approval.ts';
import { expireUpdate, returnUpdate, withdrawUpdate } from '../../src/actions/return-update.ts';
import { DomainError } from '../../src/domain/error.ts';
import { DATABASES, type DatabaseKind, MINUTE, openHouse, wordsAt } from '../house.ts';

for (const database of DATABASES)
  t.test(database, async (t) => {
    await interleavings(t, database);
  });

type Act =
  | { act: 'edit'; who: number; text: string; stale: boolean }
  | { act: 'request'; who: number }
  | { act: 'approve'; who: number; look: 'now' | 'before' }
  | { act: 'return' | 'withdraw' | 'expire' | 'publish' | 'other' | 'connect' | 'switch'; who: number }
  | { act: 'pass'; ms: number };

/** Any order of what people and timers may do with one update, some of it at once: nothing unapproved ever leaves. */
async function interleavings(t: Test, database: DatabaseKind) {
  await t.test(
    '500 interleavings: only approved words, by the people it takes, ever wait to be sent',
    async (t) => {
      const house = await openHouse({ database, page: { policy: { ringMs: 1_000 } } });
      const both = await house.addPerson('Ann', ['author', 'approver']);
      const people = [house.author, both, house.approver, house.second, house.approver];
      const { store, clock } = house;
      const who = fc.nat({ max: people.length - 1 });
      const one = <T extends string>(...names: T[]) => fc.constantFrom(...names);
      const act: fc.Arbitrary<Act> = fc.oneof(
        {
          weight: 2,
          arbitrary: fc.record({
            act: one('edit'),
            who,
            text: fc.string({ minLength: 1, maxLength: 8 }),
            stale: fc.boolean(),
          }),
        },
        { weight: 6, arbitrary: fc.record({ act: one('request'), who }) },
        { weight: 10, arbitrary: fc.record({ act: one('approve'), who, look: one('now', 'before') }) },
        { weight: 5, arbitrary: fc.record({ act: one('publish'), who }) },
        {
          weight: 2,
          arbitrary: fc.record({
            act: one('return', 'withdraw', 'expire', 'other', 'connect', 'switch'),
            who,
          }),
        },
        { weight: 1, arbitrary: fc.record({ act: one('pass'), ms: fc.constantFrom(1, 1_000, 11 * MINUTE) }) },
      );
      let publications = 0;
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.array(act, { minLength: 1, maxLength: 3 }), {
            minLength: 4,
            maxLength: 12,
            size: 'max',
          }),
          fc.constantFrom('B' as const, 'B' as const, 'C' as const),
          async (rounds, kind) => {
            clock.advance(MINUTE);
            const incident = await house.openIncident();
            const draft = await draftUpdate(house.ctx(house.author), incident.id, {
              ...wordsAt(clock.now()),
              class: kind,
            });
            const seen: string[] = [];
            for (const round of rounds) {
              const now = await getUpdate(store.read, draft.id);
              if (now.hash) seen.push(now.hash);
              // What is in one round happens at once.
              const all = await Promise.allSettled(round.map((one) => perform(one, now, seen)));
              for (const x of all)
                if (x.status === 'rejected' && !(x.reason instanceof DomainError)) throw x.reason;
            }
            // In the end the release timer comes round.
            clock.advance(1_000);
            await publishUpdate(house.system, draft.id).catch((error: unknown) => {
              if (!(error instanceof DomainError)) throw error;
            });
            await check(incident.id, draft.id);
          },
        ),
        { numRuns: 500 },
      );
      t.ok(publications > 20, `${publications} of 500 were published`);

      async function perform(it: Act, now: Update, seen: readonly string[]): Promise<unknown> {
        if (it.act === 'pass') return clock.advance(it.ms);
        const ctx = house.ctx(people[it.who]!);
        switch (it.act) {
          case 'edit': {
            const blocks = { known: `Words: ${it.text}` };
            const nextUpdateBy = clock.now() + 30 * MINUTE;
            return editUpdate(ctx, now.id, now.version - (it.stale ? 1 : 0), { blocks, nextUpdateBy });
          }
          case 'request':
            return requestApproval(ctx, now.id, now.version);
          case 'approve':
            return approveUpdate(ctx, now.id, (it.look === 'now' ? now.hash : seen[0]) ?? 'nothing');
          case 'return':
            return returnUpdate(ctx, now.id, 'Say more.');
          case 'withdraw':
            return withdrawUpdate(ctx, now.id, 'Wait.');
          case 'expire':
            return expireUpdate(house.system, now.id);
          case 'publish':
            return publishUpdate(house.system, now.id);
          case 'other': {
            const incident = await getIncident(store.read, now.incidentId);
            const approved = await house.say(incident, wordsAt(clock.now(), 'Something newer.'));
            clock.advance(5_000);
            return publishUpdate(house.system, approved.id);
          }
          case 'connect':
            if (house.connections.length > 3) return undefined;
            return house.connections.push(await house.connect({ name: 'More' }));
          case 'switch': {
            const connection = house.connections.at(-1)!;
            return switchConnection(house.ctx(house.admin), connection.id, it.who % 2 === 0);
          }
        }
      }

      async function check(incidentId: string, updateId: string) {
        const deliveries = await listDeliveriesOfIncident(store.read, incidentId);
        const incident = await getIncident(store.read, incidentId);
        for (const update of await listUpdates(store.read, incidentId)) {
          const rows = deliveries.filter((d) => d.updateId === update.id);
          if (update.state !== 'published') {
            if (rows.length > 0) throw new Error(`${update.state}, and yet ${rows.length} deliveries`);
            if (update.publishedSeq !== null) throw new Error(`${update.state}, and yet on the page`);
            continue;
          }
          if (update.id === updateId) publications += 1;
          const renditions = await listRenditions(store.read, update.id);
          const hash = approvalHash(incident, update, renditions);
          if (hash !== update.hash) throw new Error('what waits to be sent is not what was approved');
          const yes = (await listApprovals(store.read, [update.id])).filter(
            (a) => a.decision === 'approved' && a.voidedAt === null && a.hash === hash,
          );
          const approvers = new Set(yes.map((a) => a.personId));
          if (approvers.size < (update.class === 'C' ? 2 : 1))
            throw new Error(`only ${approvers.size} said yes`);
          for (const id of approvers)
            if (update.authorIds.includes(id)) throw new Error('an author said yes');
          for (const row of rows) {
            const rendition = renditions.find((r) => r.id === row.renditionId);
            if (!rendition?.frozenAt || !rendition.parts[row.part])
              throw new Error('a delivery without frozen words');
          }
          const parts = renditions.flatMap((r) => r.parts.map((_, i) => `${r.id}:${i}`)).toSorted();
          const sent = rows.map((d) => `${d.renditionId}:${d.part}`).toSorted();
          if (parts.join() !== sent.join()) throw new Error('not it delivery a rendition and part');
        }
      }
    },
  );
}
