import t from 'tap';
import { listOverrides } from '../../db/queries/overrides.ts';
import { draftAmendment } from '../../src/actions/amend/draft-amendment.ts';
import { overrideApproval } from '../../src/actions/approval/override.ts';
import { reviewOverride } from '../../src/actions/approval/review-override.ts';
import { approveUpdate } from '../../src/actions/approve-update.ts';
import { clearTemplate } from '../../src/actions/clear-template.ts';
import { draftFromTemplate } from '../../src/actions/draft-from-template.ts';
import { draftUpdate, editUpdate } from '../../src/actions/draft-update.ts';
import { incidentRecord } from '../../src/actions/incident-record.ts';
import { remindPeople } from '../../src/actions/remind-people.ts';
import { requestApproval } from '../../src/actions/request-approval.ts';
import { saveTemplate } from '../../src/actions/save-template.ts';
import type { Proof } from '../../src/actions/sign-in/prove.ts';
import { DATABASES, MINUTE, openHouse, wordsAt } from '../house.ts';
import { alertsOf } from './alerts.ts';
import { SHOWN } from './proof.ts';

for (const database of DATABASES)
  t.test(database, async (t) => {
    await t.test(
      'S11: without a second person only what was cleared goes out, loudly, and is reviewed',
      async (t) => {
        const house = await openHouse({ database });
        const sam = await house.addPerson('Sam', ['author']);
        const incident = await house.openIncident('Gas leak');
        const template = await saveTemplate(house.ctx(house.author), house.page.id, {
          name: 'Gas leak',
          title: 'Gas leak',
          status: 'investigating',
          blocks: {
            known: 'There is a gas leak.',
            unknown: 'We do not know where from.',
            action: 'Leave the hall.',
          },
          slots: [],
        });
        const year = house.clock.now() + 300 * 24 * 60 * MINUTE;
        await clearTemplate(house.ctx(house.approver), template.id, template.version, year);
        house.clock.advance(MINUTE);
        const ctx = house.ctx(sam);
        const ask = async () => {
          const draft = await draftFromTemplate(
            ctx,
            incident.id,
            template.id,
            {},
            wordsAt(house.clock.now()),
          );
          return requestApproval(ctx, draft.id, draft.version);
        };
        const asked = await ask();
        const words = (hash: string) => ({
          hash,
          reason: 'life_safety' as const,
          sentence: 'People are still in the hall.',
          looking: false,
        });
        await t.rejects(overrideApproval(ctx, asked.id, words(asked.hash!), SHOWN), {
          message: /have 90 s more to answer/,
        });
        house.clock.advance(90_000);
        await t.rejects(overrideApproval(ctx, asked.id, { ...words(asked.hash!), looking: true }, SHOWN), {
          message: /has opened these words/,
        });
        const bare: Proof = { assurance: 'session', spend: async () => undefined };
        await t.rejects(overrideApproval(ctx, asked.id, words(asked.hash!), bare), {
          message: /Show your passkey/,
        });
        await t.rejects(overrideApproval(ctx, asked.id, { ...words(asked.hash!), sentence: 'now' }, SHOWN), {
          code: 'invalid',
          field: 'sentence',
        });
        const titled = await house.openIncident('Acme did this');
        const theirs = await draftFromTemplate(ctx, titled.id, template.id, {}, wordsAt(house.clock.now()));
        const shown = await requestApproval(ctx, theirs.id, theirs.version);
        house.clock.advance(90_000);
        await t.rejects(overrideApproval(ctx, shown.id, words(shown.hash!), SHOWN), {
          message: /The title “Acme did this” is your own/,
        });
        const out = await overrideApproval(ctx, asked.id, words(asked.hash!), SHOWN);
        t.equal(out.state, 'published');
        const told = (await alertsOf(house, 'override')).map((a) => a.personId);
        for (const who of [null, house.approver.id, house.second.id, house.admin.id])
          t.ok(told.includes(who), `${who ?? 'on call'} is alarmed`);
        const [o] = await listOverrides(house.store.read, incident.id);
        await t.rejects(reviewOverride(ctx, o!.id, 'right', 'Looked at it.'), { code: 'forbidden' });
        house.clock.advance(61 * MINUTE);
        await remindPeople(house.system);
        await remindPeople(house.system);
        t.equal(
          (await alertsOf(house, 'override')).filter((a) => /nobody has reviewed/.test(a.message)).length,
          1,
          'a review that is overdue is said once',
        );
        await reviewOverride(house.ctx(house.approver), o!.id, 'right', 'It could not wait.');
        const { metrics } = await incidentRecord(house.store.read, incident.id, house.clock.now());
        t.strictSame(metrics.overrides, { count: 1, reviewedInTime: 0 });

        const own = await draftUpdate(ctx, incident.id, wordsAt(house.clock.now(), 'My own words.'));
        const free = await requestApproval(ctx, own.id, own.version);
        house.clock.advance(90_000);
        await t.rejects(overrideApproval(ctx, free.id, words(free.hash!), SHOWN), {
          message: /class B never go out/,
        });
        for (let n = 2; n <= 3; n += 1) {
          const more = await ask();
          house.clock.advance(90_000);
          await overrideApproval(ctx, more.id, words(more.hash!), SHOWN);
        }
        const fourth = await ask();
        house.clock.advance(90_000);
        await t.rejects(overrideApproval(ctx, fourth.id, words(fourth.hash!), SHOWN), {
          message: /done 3 times in this incident/,
        });
      },
    );

    await t.test('an override brings no words forward that were written for later', async (t) => {
      const house = await openHouse({ database });
      const ctx = house.ctx(house.author);
      const wrong = await house.say(await house.openIncident());
      const draft = await draftAmendment(ctx, wrong.id, 'correction', 'We said all cards; it is some.', {
        blocks: { known: 'Some card payments fail.' },
      });
      const publishAt = house.clock.now() + 60 * MINUTE;
      const later = await editUpdate(ctx, draft.id, draft.version, { publishAt });
      const asked = await requestApproval(ctx, later.id, later.version);
      const out = await overrideApproval(
        ctx,
        asked.id,
        { hash: asked.hash!, reason: 'harm_grows', sentence: 'Nobody answers the phone.', looking: false },
        SHOWN,
      );
      t.match(out, { state: 'approved', releaseAt: publishAt, publishedAt: null });
    });

    await t.test('a cleared apology still needs what its class needs', async (t) => {
      const house = await openHouse({ database });
      const ctx = house.ctx(house.author);
      const incident = await house.openIncident();
      const template = await saveTemplate(ctx, house.page.id, {
        name: 'Apology',
        title: 'We are sorry',
        status: 'investigating',
        class: 'C',
        blocks: { known: 'That was our fault.', unknown: 'Whom it hit is not clear yet.' },
        slots: [],
      });
      await clearTemplate(house.ctx(house.approver), template.id, 1, house.clock.now() + 1_000_000);
      const draft = await draftFromTemplate(ctx, incident.id, template.id, {}, wordsAt(house.clock.now()));
      t.equal(draft.class, 'C');
      const lower = await editUpdate(ctx, draft.id, draft.version, { class: 'B' });
      await t.rejects(requestApproval(ctx, draft.id, lower.version), { code: 'conflict', field: 'class' });
      const back = await editUpdate(ctx, draft.id, lower.version, { class: 'C' });
      const asked = await requestApproval(ctx, draft.id, back.version);
      t.equal((await approveUpdate(house.ctx(house.approver), asked.id, asked.hash!)).state, 'in_review');
    });
  });
