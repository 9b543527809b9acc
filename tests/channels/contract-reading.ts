import type { Test } from 'tap';
import type { Draft } from '../../src/domain/channel.ts';
import type { Claims, Opening } from './contract-claims.ts';
import { draftOf, failureOf, failWithGone, keyOf, never, TIMEOUT_MS } from './stand-in.ts';

const MINUTE = 60_000;

/** The part of the contract that comes after a post: looking, reading, editing, removing, answering, hearing. */
export function readingContract(t: Test, claims: Claims, { open, faulty }: Opening): void {
  const { can, spec } = claims;

  if (can.find)
    t.test('a look that fails is never an absence, and a late post is found in time', async (t) => {
      for (const fault of ['drop_before', 'html_200', 'status', 'expired_token', 'slow_body'] as const) {
        if (fault === 'expired_token' && claims.openReads) continue;
        const stand = await faulty(t, { kind: fault, code: 500, ms: TIMEOUT_MS * 3, operation: 'find' });
        const error = await failureOf(stand.channel.find!(draftOf(), keyOf(stand), never));
        t.match(error.failure, /^(unsent|auth)$/, fault);
      }
      const stand = await open(t);
      const draft = draftOf();
      const key = keyOf(stand);
      stand.sim.world.faults.set([{ kind: 'lag', ms: can.lagMs, network: spec.network }]);
      await stand.channel.publish(draft, key, never);
      t.equal(await stand.channel.find!(draft, key, never), null, 'not shown yet');
      stand.sim.world.skip(can.lagMs);
      t.ok(await stand.channel.find!(draft, key, never), 'shown when the lag that we claim is over');
    });

  if (can.find)
    t.test('a look tells our post from others that say nearly the same', async (t) => {
      const stand = await open(t);
      const before = draftOf();
      await stand.channel.publish(before, keyOf(stand), never);
      const draft = draftOf();
      const key = keyOf(stand);
      t.equal(await stand.channel.find!(draft, key, never), null);
      const post = await stand.channel.publish(draft, key, never);
      await stand.channel.publish(draftOf(), keyOf(stand), never);
      t.equal((await stand.channel.find!(draft, key, never))?.id, post.id);
      if (!claims.pictured) {
        const bare: Draft = { text: 'A second part that carries no link, only words & “quotes”.' };
        const bareKey = keyOf(stand, 'dlv_bare');
        t.equal(await stand.channel.find!(bare, bareKey, never), null);
        const part = await stand.channel.publish(bare, bareKey, never);
        t.equal(
          (await stand.channel.find!(bare, bareKey, never))?.id,
          part.id,
          'without a link the words decide',
        );
      }
      for (let i = 0; i < 130; i++) await stand.channel.publish(draftOf(), keyOf(stand), never);
      t.equal((await stand.channel.find!(draft, key, never))?.id, post.id, 'further down than one page');
    });

  if (can.read)
    t.test('it reads back what readers see', async (t) => {
      const stand = await open(t);
      const text = `Some “payments” & <refunds> fail.\n\nWhat we do:\n– we roll back\nMore: https://status.example.com/u/read1?a=1&b=2`;
      const post = await stand.channel.publish(
        { text, link: 'https://status.example.com/u/read1?a=1&b=2' },
        keyOf(stand),
        never,
      );
      const seen = await stand.channel.read!(post, never);
      t.equal(seen?.text, text, 'as it was written, entities and line breaks included');
      t.equal(seen?.id, post.id);
      if (claims.unlinked) t.equal(seen?.url, null);
      else t.equal((await fetch(seen?.url ?? '')).status, 200);
      for (const kind of ['drop_before', 'html_200', 'expired_token'] as const) {
        if (kind === 'expired_token' && claims.openReads) continue;
        stand.sim.world.faults.set([{ kind, operation: 'read', network: spec.network }]);
        t.match((await failureOf(stand.channel.read!(post, never))).failure, /^(unsent|auth)$/, kind);
      }
      stand.sim.world.faults.set([]);
      if (stand.channel.remove === undefined) return;
      await stand.channel.remove(post, never);
      t.equal(await stand.channel.read!(post, never), null, 'and null when it is gone');
    });

  if (can.edit === 'in_place')
    t.test('it edits in place', async (t) => {
      const stand = await open(t);
      const post = await stand.channel.publish(draftOf(), keyOf(stand), never);
      const words = draftOf({
        text: 'Corrected: refunds are not affected. https://status.example.com/u/edit1',
      });
      const edited = await stand.channel.edit!(post, words, keyOf(stand), never);
      t.equal(edited.id, post.id);
      t.equal(stand.posts()[0]?.text, words.text);
      if (can.read) t.equal((await stand.channel.read!(edited, never))?.text, words.text);
      const again = await stand.channel.edit!(post, words, keyOf(stand), never);
      t.equal(again.id, post.id, 'and the same words once more');
      await stand.channel.remove!(post, never);
      t.match(await failureOf(stand.channel.edit!(post, words, keyOf(stand), never)), {
        failure: 'rejected',
      });
    });

  if (can.remove)
    t.test('it removes, and removing what is gone is fine', async (t) => {
      const stand = await open(t);
      const post = await stand.channel.publish(draftOf(), keyOf(stand), never);
      await stand.channel.remove!(post, never);
      t.equal(stand.live().length, 0);
      await stand.channel.remove!(post, never);
      for (const bent of ['../../users/me', 'at://did:plc:x/../y', '', '%00'])
        t.match(
          (await failureOf(stand.channel.remove!({ id: bent, url: null }, never).then(() => failWithGone())))
            .failure,
          'rejected',
          `not an id: ${bent}`,
        );
    });

  if (can.replies && !claims.addressed)
    t.test('it makes threads and answers customers', async (t) => {
      const stand = await open(t);
      const root = await stand.channel.publish(draftOf(), keyOf(stand, 'part-1'), never);
      const second = await stand.channel.publish(
        draftOf({ inReplyTo: root, root }),
        keyOf(stand, 'part-2'),
        never,
      );
      const third = await stand.channel.publish(
        draftOf({ inReplyTo: second, root }),
        keyOf(stand, 'part-3'),
        never,
      );
      t.same(
        stand.posts().map((post) => [post.id, post.parent]),
        [
          [root.id, null],
          [second.id, root.id],
          [third.id, claims.flat ? root.id : second.id],
        ],
      );
      await stand.channel.remove?.(root, never);
      const late = draftOf({ inReplyTo: { id: root.id, url: null } });
      if (claims.takesOrphans)
        t.ok(
          (await stand.channel.publish(late, keyOf(stand), never)).id,
          'a post that is gone can be answered',
        );
      else if (can.remove)
        t.equal(
          (await failureOf(stand.channel.publish(late, keyOf(stand), never))).failure,
          'rejected',
          'an answer to a post that is gone is refused',
        );
      if (stand.channel.poll === undefined) return;
      const said = await stand.hear(`@${stand.account.handle} is my money safe?`);
      const { items } = await stand.channel.poll!(null, never);
      const answer = await stand.channel.publish(draftOf({ inReplyTo: items[0]!.post }), keyOf(stand), never);
      t.equal(stand.posts().find((post) => post.id === answer.id)?.parent, said.id);
    });

  if (can.find && can.replies && can.inbound !== 'none')
    t.test('one answer for two people: neither is taken for the other', async (t) => {
      const stand = await open(t);
      if (stand.channel.poll === undefined) return;
      const ours = await stand.channel.publish(draftOf(), keyOf(stand), never);
      await stand.hear(`@${stand.account.handle} was I charged twice?`, ours.id);
      stand.sim.world.skip(1_000);
      await stand.hear(`@${stand.account.handle} and was I?`, ours.id, 'theo_brandt');
      const { items } = await stand.channel.poll(null, never);
      const to = (n: number): Draft => ({
        text: 'We see it. Your money is safe.',
        inReplyTo: items[n]!.post,
      });
      const keys = [keyOf(stand, 'dlv_mira'), keyOf(stand, 'dlv_theo')] as const;
      const first = await stand.channel.publish(to(0), keys[0], never);
      t.equal(
        await stand.channel.find!(to(1), keys[1], never),
        null,
        'who was not answered is not said to be',
      );
      // X takes the same words only once.
      const second = await stand.channel.publish(to(1), keys[1], never).catch((error: unknown) => {
        t.match(error, { failure: 'rejected', duplicate: true });
      });
      if (second) t.equal((await stand.channel.find!(to(1), keys[1], never))?.id, second.id);
      t.equal((await stand.channel.find!(to(0), keys[0], never))?.id, first.id);
    });

  if (can.inbound === 'poll' || can.inbound === 'both')
    t.test('it hears what customers say, once, oldest first', async (t) => {
      const stand = await open(t);
      const poll = (cursor: string | null) => stand.channel.poll!(cursor, never);
      t.same((await poll(null)).items, []);
      const ours = await stand.channel.publish(draftOf(), keyOf(stand), never);
      const tag = `@${stand.account.handle}`;
      const named = claims.tells === undefined || claims.tells === 'names';
      const handled = claims.tells === undefined || claims.tells === 'handles';
      await stand.hear(`${tag} my card <b>fails</b> & nobody answers`);
      // Some networks tell the time to the second only.
      stand.sim.world.skip(1_000);
      await stand.hear(`${tag} same here`, ours.id, 'theo_brandt');
      const first = await poll(null);
      t.equal(first.items.length, 2);
      t.match(first.items[0], {
        text: `${tag} my card <b>fails</b> & nobody answers`,
        ...(named ? { author: { name: 'Mira Oduya' } } : {}),
      });
      t.match(first.items[1], {
        text: /same here$/,
        ...(claims.addressed ? {} : { inReplyTo: ours.id }),
        author: { id: /./, handle: handled ? /theo.brandt/ : /./ },
      });
      if (claims.addressed) {
        t.not(first.items[0]?.author.id, first.items[1]?.author.id, 'told apart by their addresses');
        const answer = draftOf({ inReplyTo: first.items[0]!.post });
        const { id } = await stand.channel.publish(answer, keyOf(stand), never);
        const there = stand.posts().find((post) => post.id === id);
        t.equal(there?.raw['to'], first.items[0]?.author.id, 'and answered there');
      }
      t.ok(Math.abs((first.items[0]?.at ?? 0) - stand.sim.world.now()) < MINUTE, 'with the time it was said');
      t.same(await poll(first.cursor), { items: [], cursor: first.cursor }, 'nothing twice');
      for (let i = 0; i < 130; i++) {
        stand.sim.world.skip(1);
        await stand.hear(`${tag} number ${i}`);
      }
      let flood = await stand.reopen().poll!(first.cursor, never);
      const heard = [...flood.items];
      // A network that forgets what it has handed out gives one page at a time.
      while (flood.items.length > 0) {
        flood = await poll(flood.cursor);
        heard.push(...flood.items);
      }
      t.same(
        heard.map((item) => item.text),
        Array.from({ length: 130 }, (_, i) => `${tag} number ${i}`),
        'all of a flood, in order',
      );
      t.same((await poll(flood.cursor)).items, []);
      stand.sim.world.faults.set([{ kind: 'drop_before', operation: 'poll', network: spec.network }]);
      t.equal((await failureOf(poll(flood.cursor))).failure, 'unsent');
    });
}
