import {
  changeIncident,
  changeUpdate,
  getIncident,
  getUpdate,
  type Incident,
  insertUpdate,
  type Update,
} from '../../../db/queries/incidents.ts';
import { deletePlannedDrafts, listApprovedPlanned } from '../../../db/queries/maintenance.ts';
import { getPage, type Page } from '../../../db/queries/pages.ts';
import { voidApprovals } from '../../../db/queries/words.ts';
import type { Reader } from '../../../db/store.ts';
import { invalid } from '../../domain/error.ts';
import { withHands } from '../../domain/hands.ts';
import { checkText, MAX_BLOCK, moveUpdate } from '../../domain/update.ts';
import { checkReminders, checkWindow, isStillMeant, VERIFYING_MS } from '../../domain/window.ts';
import type { ComponentStatus, IncidentStatus, PlannedAs } from '../../domain/words.ts';
import { clockZone, dayAndClock, fill, zoneName } from '../../templates/format.ts';
import { plannedStrings } from '../../templates/strings/planned.ts';
import { type Ctx, decide, mustBe } from '../context.ts';

/** Everything an author decides about planned work besides the words of its announcement. */
export interface Plan {
  from: number;
  until: number;
  /** Ids of the parts that are under maintenance meanwhile. */
  components: readonly string[];
  /** Begins, and ends, by itself at its time; else a person says so, with the same approved words. */
  autoStart: boolean;
  autoEnd: boolean;
  /** How it ends: at once, or after somebody has looked whether all works. */
  endsAs: 'completed' | 'verifying';
  /** Ms before the start. */
  reminders: readonly number[];
  /** Words that replace the proposed ones. */
  words?: Partial<Record<PlannedAs, string>> | undefined;
  /** Whether these go to the networks and subscribers that the announcement goes to; else to the page only. */
  notify?: Partial<Record<PlannedAs, boolean>> | undefined;
}

type NewWords = Pick<Update, 'status' | 'nextUpdateBy' | 'publishAt' | 'components'> & {
  as: PlannedAs;
  text: string;
};

/**
 * Sets the window that a draft announces or changes, and writes its words for later: they are approved with it, in one
 * hash. Replaces what was planned in this draft before. Throws `invalid` that names the field.
 */
export async function planWindow(ctx: Ctx, updateId: string, version: number, plan: Plan): Promise<Update> {
  mustBe(ctx.actor, ['author', 'approver'], 'draft');
  return decide(ctx, async ({ w, now, say, account }) => {
    const before = await getUpdate(w, updateId);
    const incident = await getIncident(w, before.incidentId);
    const page = await getPage(w, before.pageId);
    if (incident.kind !== 'maintenance')
      throw invalid('kind', 'Only planned maintenance has a window. Declare one.');
    const begun = incident.status !== null && incident.status !== 'scheduled';
    checkWindow(plan, now, begun);
    const words = wordsFor(plan, incident, page, before, begun, now);
    const state = moveUpdate(before.state, 'edit');
    const first = words.find((x) => x.publishAt !== null && x.as !== 'reminder');
    const after = await changeUpdate(
      w,
      { id: updateId, version },
      {
        state,
        // With words for later, which go out by the same yes, a cleared text is not one any more.
        templateId: null,
        class: before.class === 'A' ? 'B' : before.class,
        ...(begun ? {} : { blocks: withWhen(before, page, incident.title, plan) }),
        scheduledFor: plan.from,
        scheduledUntil: plan.until,
        nextUpdateBy: begun ? plan.until : plan.from,
        authorIds: withHands(before.authorIds, ctx.actor),
        hash: null,
        requestedBy: null,
        requestedAt: null,
        updatedAt: now,
      },
    );
    if (incident.publishedAt === null)
      await changeIncident(w, incident.id, {
        scheduledFor: plan.from,
        scheduledUntil: plan.until,
        updatedAt: now,
      });
    await deletePlannedDrafts(w, updateId);
    for (const one of words)
      await insertUpdate(w, {
        ...after,
        id: ctx.newId(),
        state: 'draft',
        status: one.status,
        blocks: { known: one.text },
        body: '',
        nextUpdateBy: one.nextUpdateBy,
        components: one.components,
        connectionIds: plan.notify?.[one.as] === false ? [] : after.connectionIds,
        overrides: {},
        templateId: null,
        correctsId: null,
        scheduledFor: null,
        scheduledUntil: null,
        plannedOf: updateId,
        plannedAs: one.as,
        version: 1,
        hash: null,
        approvedAt: null,
        releaseAt: null,
        cites: null,
        publishAt: one.publishAt,
        reason: null,
        createdAt: now,
      });
    await voidApprovals(w, updateId, now, 'The plan was changed.');
    await say({
      pageId: page.id,
      kind: 'update.edited',
      public: false,
      incidentId: incident.id,
      updateId,
      detail: { by: ctx.actor.id, version: after.version, planned: words.length },
    });
    await account({
      action: 'maintenance.plan',
      subjectKind: 'update',
      subjectId: updateId,
      detail: {
        from: plan.from,
        until: plan.until,
        autoStart: plan.autoStart,
        autoEnd: plan.autoEnd,
        reminders: plan.reminders,
        first: first?.publishAt ?? null,
      },
    });
    return after;
  });
}

function wordsFor(
  plan: Plan,
  incident: Incident,
  page: Page,
  update: Update,
  begun: boolean,
  now: number,
): NewWords[] {
  const ours = proposedWords(plan, incident.title, { language: update.language, timeZone: page.timeZone });
  const of = (as: PlannedAs): string => {
    const typed = plan.words?.[as]?.trim() ?? '';
    checkText(`planned.${as}`, typed, MAX_BLOCK);
    return typed === '' ? ours[as] : typed;
  };
  const set = (status: ComponentStatus) => Object.fromEntries(plan.components.map((id) => [id, status]));
  const end: NewWords = {
    as: 'end',
    text: of('end'),
    status: plan.endsAs,
    nextUpdateBy: plan.endsAs === 'verifying' ? plan.until + VERIFYING_MS : null,
    publishAt: plan.autoEnd ? plan.until : null,
    components: set('operational'),
  };
  if (begun)
    return isStillMeant({ as: 'end', status: end.status }, incident.status ?? 'in_progress') ? [end] : [];
  return [
    ...checkReminders(plan.reminders, plan.from, now).map(
      (lead): NewWords => ({
        as: 'reminder',
        text: of('reminder'),
        status: 'scheduled',
        nextUpdateBy: plan.from,
        publishAt: plan.from - lead,
        components: {},
      }),
    ),
    {
      as: 'start',
      text: of('start'),
      status: 'in_progress',
      nextUpdateBy: plan.until,
      publishAt: plan.autoStart ? plan.from : null,
      components: set('under_maintenance'),
    },
    end,
  ];
}

/**
 * The words of an announcement with its times in them: whoever reads it on a network has nothing else. Times that we
 * wrote before are written anew; an author who says them in words of their own takes the sentence out.
 */
function withWhen(update: Update, page: Page, title: string, plan: Plan): Update['blocks'] {
  const place = { language: update.language, timeZone: page.timeZone };
  const say = (window: Pick<Plan, 'from' | 'until'>) =>
    fill(plannedStrings(update.language).when, '', { title, ...times(window, place) });
  const { scheduledFor: from, scheduledUntil: until } = update;
  const { blocks } = update;
  const known = blocks.known ?? '';
  if (from !== null && until !== null) {
    const old = say({ from, until });
    return known.includes(old) ? { ...blocks, known: known.replace(old, say(plan)) } : blocks;
  }
  if (known === '' || known.includes(times(plan, place).from)) return blocks;
  return { ...blocks, known: `${known} ${say(plan)}` };
}

/** What is said at each moment when nobody writes something else. */
export function proposedWords(
  plan: Pick<Plan, 'from' | 'until' | 'endsAs'>,
  title: string,
  place: { language: string; timeZone: string },
): Record<PlannedAs, string> {
  const s = plannedStrings(place.language);
  const say = (words: string) => fill(words, '', { title, ...times(plan, place) });
  return {
    reminder: say(s.reminder),
    start: say(s.start),
    end: say(plan.endsAs === 'verifying' ? s.verifying : s.end),
  };
}

/** A window's times as its words say them: with the day, and their zone. */
export function times(
  { from, until }: Pick<Plan, 'from' | 'until'>,
  place: { language: string; timeZone: string },
): { from: string; until: string } {
  const day = (at: number) => dayAndClock(at, place).split(',')[0];
  return {
    from: `${dayAndClock(from, place)} ${zoneName(from, place)}`,
    until:
      day(from) === day(until)
        ? clockZone(until, place)
        : `${dayAndClock(until, place)} ${zoneName(until, place)}`,
  };
}

/**
 * The plan that holds now: the approved words that still wait, else what would be proposed. With `draft` and its words
 * for later, the plan that it would set.
 */
export async function currentPlan(
  r: Reader,
  incident: Incident,
  words?: readonly Update[],
  draft?: Pick<Update, 'scheduledFor' | 'scheduledUntil'>,
): Promise<Plan> {
  const planned = words ?? (await listApprovedPlanned(r, incident.id));
  const of = (as: PlannedAs) => planned.find((u) => u.plannedAs === as);
  const [start, end] = [of('start'), of('end')];
  const from = draft?.scheduledFor ?? incident.scheduledFor ?? incident.startedAt;
  const until = draft?.scheduledUntil ?? incident.scheduledUntil ?? from;
  const status: IncidentStatus = end?.status ?? 'completed';
  const page = await getPage(r, incident.pageId);
  const endsAs = status === 'verifying' ? 'verifying' : 'completed';
  const place = { language: planned[0]?.language ?? page.languages[0] ?? 'en', timeZone: page.timeZone };
  const ours = proposedWords({ from, until, endsAs }, incident.title, place);
  const typed = planned.filter((u) => u.plannedAs !== null && u.blocks.known !== ours[u.plannedAs]);
  return {
    from,
    until,
    components: Object.keys(start?.components ?? end?.components ?? {}),
    autoStart: words ? start?.publishAt != null : incident.autoStart,
    autoEnd: words ? end?.publishAt != null : incident.autoEnd,
    endsAs,
    reminders: words
      ? words.flatMap((u) => (u.plannedAs === 'reminder' && u.publishAt !== null ? [from - u.publishAt] : []))
      : (incident.reminders ?? []),
    // Only what a person wrote: ours is written anew, with the new times.
    words: Object.fromEntries(typed.map((u) => [u.plannedAs, u.blocks.known ?? ''])),
    notify: Object.fromEntries(planned.map((u) => [u.plannedAs, u.connectionIds?.length !== 0])),
  };
}
