import { findAlertOf, insertAlert } from '../../../db/queries/alerts.ts';
import { insertAsk, listAsks } from '../../../db/queries/asks.ts';
import {
  getIncident,
  type Incident,
  listUpdatesInState,
  type Update,
} from '../../../db/queries/incidents.ts';
import { getPage, type Page } from '../../../db/queries/pages.ts';
import { listLiveTokens, listPeople, type Person } from '../../../db/queries/people.ts';
import type { Reader } from '../../../db/store.ts';
import { conflict } from '../../domain/error.ts';
import { holdsOne, type Office, officesFor, officesText } from '../../domain/office.ts';
import { mayApprove, rolesOn } from '../../domain/rights.ts';
import { type Ctx, type Decision, decide, sha256 } from '../context.ts';

/** Asked at once; after this long without a decision, the next ones are asked too, ms. */
const AT_ONCE = 3;
export const NEXT_ROUND_MS = 90_000;

/** Who may say yes to an update, whoever was at the desk last first. */
export async function listApprovers(
  r: Reader,
  update: Pick<Update, 'pageId' | 'authorIds' | 'voiceOf'>,
  page: Pick<Page, 'policy'>,
  now: number,
): Promise<Person[]> {
  const seen = new Map<string, number>();
  for (const t of await listLiveTokens(r, ['session'], now))
    seen.set(t.personId, Math.max(seen.get(t.personId) ?? 0, t.lastUsedAt ?? t.createdAt));
  return (await listPeople(r))
    .filter(
      (p) =>
        p.disabledAt === null &&
        mayApprove(rolesOn(p, update.pageId)) &&
        (page.policy.solo || (!update.authorIds.includes(p.id) && update.voiceOf !== p.id)),
    )
    .sort((a, b) => (seen.get(b.id) ?? 0) - (seen.get(a.id) ?? 0));
}

/** Those of them who hold an office of which the class needs one; whether it needs any. */
export async function listOfficers(
  r: Reader,
  update: Pick<Update, 'pageId' | 'authorIds' | 'class' | 'voiceOf'>,
  page: Pick<Page, 'policy'>,
  now: number,
): Promise<{ wanted: readonly Office[]; people: Person[] }> {
  const wanted = officesFor(page.policy, update.class);
  const people = wanted.length === 0 ? [] : await listApprovers(r, update, page, now);
  return { wanted, people: people.filter((p) => holdsOne(p.offices, wanted)) };
}

/** Throws when words need the yes of somebody legal, say, and nobody here could give it: better now than in ten minutes. */
export async function assertOfficer(r: Reader, update: Update, page: Page, now: number): Promise<void> {
  const { wanted, people } = await listOfficers(r, update, page, now);
  if (wanted.length > 0 && people.length === 0)
    throw conflict(
      `Words of class ${update.class} need a yes from somebody ${officesText(wanted)}, and nobody who may approve them is. An admin says who is, under “People”.`,
      'class',
    );
}

/**
 * Asks the next approvers, each by a link that leads to these very words, works once and lets nobody in. Corrections
 * ask everybody at once. Returns how many were asked; 0 when nobody is left.
 */
export async function askApprovers(
  ctx: Ctx,
  d: Decision,
  update: Update,
  incident: Incident,
  page: Page,
): Promise<number> {
  const hash = update.hash ?? '';
  const asked = await listAsks(d.w, update.id, hash);
  const { people: officers } = await listOfficers(d.w, update, page, d.now);
  const isOfficer = (p: Person) => officers.some((o) => o.id === p.id);
  const left = (await listApprovers(d.w, update, page, d.now))
    .filter((p) => !asked.some((a) => a.personId === p.id) && p.id !== ctx.actor.id)
    // Without one of these it cannot be done, so they are asked first.
    .sort((a, b) => Number(isOfficer(b)) - Number(isOfficer(a)));
  const round = Math.max(0, ...asked.map((a) => a.round)) + 1;
  const next = update.class === 'D' ? left : left.slice(0, AT_ONCE);
  for (const person of next) {
    const id = ctx.newId();
    const secret = ctx.auditHash(`approval-ask|${id}|${hash}`);
    const expiresAt = (update.requestedAt ?? d.now) + page.policy.expiresMs;
    await insertAsk(d.w, {
      id,
      updateId: update.id,
      hash,
      personId: person.id,
      secretHash: sha256(secret),
      round,
      askedAt: d.now,
      expiresAt,
      usedAt: null,
    });
    const link = `${ctx.deskUrl ?? page.url}/desk/approvals/link/${secret}`;
    await insertAlert(d.w, {
      id: ctx.newId(),
      pageId: page.id,
      kind: 'approval',
      message: `Your yes is needed: ${incident.title}, class ${update.class}. Read the exact words and decide: ${link} (works once, until ${new Date(expiresAt).toISOString().slice(11, 16)} UTC, after you have signed in)`,
      raisedAt: d.now,
      incidentId: incident.id,
      updateId: update.id,
      personId: person.id,
    });
  }
  return next.length;
}

/** Asks the next approvers where nobody has decided, and says so when nobody is left. Returns how many updates it was. */
export async function remindApprovers(ctx: Ctx): Promise<number> {
  const waits = async (r: Reader) => {
    const due: Update[] = [];
    for (const u of await listUpdatesInState(r, ['in_review'])) {
      const asks = await listAsks(r, u.id, u.hash ?? '');
      const last = Math.max(u.requestedAt ?? 0, ...asks.map((a) => a.askedAt));
      if (ctx.now() - last < NEXT_ROUND_MS) continue;
      if (await findAlertOf(r, u.id, 'approval_unanswered', u.requestedAt ?? 0)) continue;
      due.push(u);
    }
    return due;
  };
  if ((await waits(ctx.store.read)).length === 0) return 0;
  return decide(ctx, async (d) => {
    const due = await waits(d.w);
    for (const update of due) {
      const incident = await getIncident(d.w, update.incidentId);
      const page = await getPage(d.w, update.pageId);
      const asked = await askApprovers(ctx, d, update, incident, page);
      if (asked === 0)
        await insertAlert(d.w, {
          id: ctx.newId(),
          pageId: page.id,
          kind: 'approval_unanswered',
          message: `“${incident.title}”: everybody who could approve was asked, and nobody has decided. The words wait.`,
          raisedAt: d.now,
          incidentId: incident.id,
          updateId: update.id,
        });
      await d.say({
        pageId: page.id,
        kind: asked > 0 ? 'approval.asked_next' : 'approval.unanswered',
        public: false,
        incidentId: incident.id,
        updateId: update.id,
        detail: { asked },
      });
      await d.account({
        action: 'approval.remind',
        subjectKind: 'update',
        subjectId: update.id,
        detail: { asked },
      });
    }
    return due.length;
  });
}
