import { findAlertAbout, insertAlert } from '../../../db/queries/alerts.ts';
import { type Incident, listOpenIncidents } from '../../../db/queries/incidents.ts';
import { listPages } from '../../../db/queries/pages.ts';
import { getPerson, listPeople, listSessionsSince } from '../../../db/queries/people.ts';
import type { Reader } from '../../../db/store.ts';
import { mayApprove, rolesOn } from '../../domain/rights.ts';
import { type Ctx, type Decision, decide } from '../context.ts';
import { endsAt, SESSION_MS } from '../sign-in/session.ts';

/** Incidents that are not over and have an owner, of every page. */
async function listOwned(r: Reader): Promise<(Incident & { ownerId: string })[]> {
  const open = await Promise.all((await listPages(r)).map((page) => listOpenIncidents(r, page.id)));
  return open.flat().flatMap((i) => (i.ownerId === null ? [] : [{ ...i, ownerId: i.ownerId }]));
}

/** What this person owns and would leave to nobody if the session `but` ended now: nothing while they are here elsewhere. */
export async function listLeft(
  r: Reader,
  personId: string,
  but: string | null,
  now: number,
): Promise<Incident[]> {
  const owned = (await listOwned(r)).filter((i) => i.ownerId === personId);
  if (owned.length === 0) return [];
  const others = (await listSessionsSince(r, [personId], now - SESSION_MS)).filter(
    (s) => s.id !== but && endsAt(s) > now,
  );
  return others.length > 0 ? [] : owned;
}

/**
 * Since when owners are not at the desk any more, by incident id: they were while it was theirs to look after, and
 * have signed out or let their session run out. Who only ever came by a program is not missed.
 */
export async function listAway(
  r: Reader,
  incidents: readonly Incident[],
  now: number,
): Promise<Map<string, number>> {
  const owners = [...new Set(incidents.flatMap((i) => i.ownerId ?? []))];
  const away = new Map<string, number>();
  if (owners.length === 0) return away;
  const oldest = Math.min(...incidents.map((i) => i.createdAt));
  const last = new Map<string, number>();
  for (const s of await listSessionsSince(r, owners, oldest - SESSION_MS))
    last.set(s.personId, Math.max(last.get(s.personId) ?? 0, endsAt(s)));
  for (const i of incidents) {
    const left = i.ownerId === null ? undefined : last.get(i.ownerId);
    if (left !== undefined && left <= now && left >= i.createdAt) away.set(i.id, left);
  }
  return away;
}

/** Tells whoever is on call, and everybody who may approve there, that nobody is at an incident; once each time. */
export async function noteAwayOwners(ctx: Ctx): Promise<number> {
  const missed = async (r: Reader) => {
    const owned = await listOwned(r);
    const away = await listAway(r, owned, ctx.now());
    const due: typeof owned = [];
    for (const i of owned) {
      const since = away.get(i.id);
      if (since !== undefined && !(await findAlertAbout(r, i.id, 'owner_away', since))) due.push(i);
    }
    return due;
  };
  if ((await missed(ctx.store.read)).length === 0) return 0;
  return decide(ctx, async (d) => {
    const due = await missed(d.w);
    for (const incident of due) await tellAway(ctx, d, incident, 'is not signed in any more');
    return due.length;
  });
}

export async function tellAway(ctx: Ctx, d: Decision, incident: Incident, how: string): Promise<void> {
  if (incident.ownerId === null) return;
  const { name } = await getPerson(d.w, incident.ownerId);
  const deputies = (await listPeople(d.w)).filter(
    (p) => p.disabledAt === null && p.id !== incident.ownerId && mayApprove(rolesOn(p, incident.pageId)),
  );
  for (const personId of [null, ...deputies.map((p) => p.id)])
    await insertAlert(d.w, {
      id: ctx.newId(),
      pageId: incident.pageId,
      kind: 'owner_away',
      message: `“${incident.title}” is open, and its owner ${name} ${how}. Take it over, or hand it to somebody. ${ctx.deskUrl ?? ''}/desk/incidents/${incident.id}`,
      raisedAt: d.now,
      incidentId: incident.id,
      personId,
    });
  await d.say({
    pageId: incident.pageId,
    kind: 'owner.away',
    public: false,
    incidentId: incident.id,
    updateId: null,
    detail: { owner: incident.ownerId },
  });
  await d.account({
    action: 'owner.away',
    subjectKind: 'incident',
    subjectId: incident.id,
    detail: { owner: incident.ownerId, told: deputies.length },
  });
}
