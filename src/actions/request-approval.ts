import { type FactRow, listFacts } from '../../db/queries/facts.ts';
import {
  changeUpdate,
  getIncident,
  getUpdate,
  type Incident,
  listPublishedUpdates,
  type Update,
} from '../../db/queries/incidents.ts';
import { lastSeq } from '../../db/queries/log.ts';
import { countWaiting, listWaiting } from '../../db/queries/mentions.ts';
import { getPage, listComponents, type Page } from '../../db/queries/pages.ts';
import { listPeople } from '../../db/queries/people.ts';
import { replaceRenditions } from '../../db/queries/words.ts';
import type { Reader } from '../../db/store.ts';
import type { AmendStep } from '../domain/amend.ts';
import { conflict, DomainError, invalid } from '../domain/error.ts';
import { lintFacts, spoken } from '../domain/fact.ts';
import { isEnded } from '../domain/incident.ts';
import type { Finding } from '../domain/lint/lint.ts';
import { lint } from '../domain/lint/rules.ts';
import { needsExpert } from '../domain/office.ts';
import { CADENCES, type Cadence, type CadenceName, checkPromise } from '../domain/promise.ts';
import { checkPublishAt, checkWords, moveUpdate } from '../domain/update.ts';
import { takesBack } from '../domain/versions.ts';
import { signers } from '../domain/voice.ts';
import type { UpdateClass } from '../domain/words.ts';
import { list } from '../templates/format.ts';
import { checkAmendment, inheritsPromise, settleStatus } from './amend/check-amendment.ts';
import { listPlaces, planFor } from './amend/places.ts';
import { askApprovers, assertOfficer } from './approval/ask-approvers.ts';
import { askForConsent, assertMaySpeakAs } from './approval/consent.ts';
import { type Ctx, decide, mustBe } from './context.ts';
import { citesOf, factsWithoutExpert } from './facts/ledger.ts';
import { preparePlanned } from './maintenance/planned.ts';
import { approvalHash, type Refusal, type Rendering, renderAll } from './renditions.ts';
import { assertClassHolds } from './template-words.ts';

const cadenceOf = (name: string): Cadence => CADENCES[name as CadenceName] ?? CADENCES.digital_outage;

export interface Preview {
  update: Update;
  rendered: Rendering[];
  refused: Refusal[];
  blocked: { field: string; message: string }[];
  /** What a reader would stumble over; those at level `block` are in `blocked` as well. */
  findings: Finding[];
  /** Of a correction: what is to be done on each network, as things stand now. */
  plan: AmendStep[];
}

/** Every network's exact words as they stand now, and what keeps the update from being sent. Writes nothing. */
export async function previewUpdate(
  r: Reader,
  updateId: string,
  now: number,
  exercise = false,
): Promise<Preview> {
  return previewWords(r, await getUpdate(r, updateId), now, exercise);
}

/** The same for words that are not saved yet: `update` is the saved one with what is being typed put over it. */
export async function previewWords(
  r: Reader,
  update: Update,
  present: number,
  exercise = false,
): Promise<Preview> {
  // What goes out later is judged as on its day.
  const now = Math.max(present, update.publishAt ?? 0);
  const incident = await getIncident(r, update.incidentId);
  const page = await getPage(r, update.pageId);
  const { rendered, refused } = await renderAll(r, page, incident, update, exercise);
  const about = { update, incident, page, now };
  const blocked = await listRefusals(r, about, present);
  const waiting = isEnded(update.status) ? await countWaiting(r, incident) : 0;
  const findings = [...(await lintWords(r, about, exercise)), ...(await listLeftOver(r, update, waiting))];
  if (waiting > 0 && update.leaves === null && mustAnswerFirst(update, incident))
    blocked.push({ field: 'leaves', message: await whoWaits(r, incident, waiting) });
  for (const f of findings)
    if (f.level === 'block') blocked.push({ field: f.field, message: `${f.message} ${f.fix}` });
  const plan =
    update.amends === null
      ? []
      : planFor(
          update,
          await listPlaces(r, update),
          (id) => rendered.find((x) => x.connection.id === id)?.rendition.parts.length ?? 1,
          now,
        );
  return { update, rendered, refused, blocked, findings, plan };
}

interface About {
  update: Update;
  incident: Incident;
  page: Page;
  /** When the words will be public. */
  now: number;
}

/** Why the road itself would refuse these words, each by the very check that it makes. */
async function listRefusals(
  r: Reader,
  { update, incident, page, now }: About,
  present: number,
): Promise<Preview['blocked']> {
  const refusals: Preview['blocked'] = [];
  for (const check of [
    () => checkVoice(r, update),
    () => checkPublishAt(update, present),
    () => (update.amends === null ? undefined : checkAmendment(r, update)),
    () => (takesBack(update.amends) ? undefined : checkWords(update)),
    () =>
      inheritsPromise(update, incident)
        ? undefined
        : checkPromise(
            {
              nextUpdateBy: update.nextUpdateBy,
              status: update.status,
              cadence: cadenceFor(page.cadence, incident.kind),
            },
            now,
          ),
  ])
    try {
      await check();
    } catch (error) {
      if (!(error instanceof DomainError) || error.code === 'unavailable') throw error;
      refusals.push({ field: error.field ?? 'blocks', message: error.message });
    }
  if (needsExpert(page.policy, update.class)) {
    const [fact] = await factsWithoutExpert(r, update);
    if (fact) refusals.push({ field: 'class', message: await whyNoExpert(r, fact, update.class) });
  }
  return refusals;
}

async function lintWords(
  r: Reader,
  { update, incident, page, now }: About,
  exercise: boolean,
): Promise<Finding[]> {
  const last = (await listPublishedUpdates(r, [incident.id])).findLast((u) => !u.heartbeat);
  return lint({
    kind: incident.kind,
    status: update.status,
    language: update.language,
    // The sentence that takes words back is all there is to read.
    blocks: takesBack(update.amends) ? { known: update.note ?? '' } : update.blocks,
    body: update.body,
    nextUpdateBy: update.nextUpdateBy,
    longestPromiseMs: cadenceFor(page.cadence, incident.kind).longestMs,
    now,
    grave: incident.grave,
    peopleHarmed: incident.grave,
    exercise,
    facts: lintFacts(await listFacts(r, incident.id)),
    gateOpen: incident.gateAt !== null,
    officialHosts: [new URL(page.url).hostname, ...(page.settings.officialHosts ?? [])],
    media: update.media ?? [],
    tooLong: [],
    lastText: last && update.amends === null ? [...Object.values(last.blocks), last.body].join(' ') : '',
    // What would keep L1 and L16 from leaving is said by `listRefusals`.
  }).filter((f) => !(f.id === 'L1' && f.level === 'block') && f.id !== 'L16');
}

/** What would be left over at an end: people without an answer, and parts that are still shown as broken. */
async function listLeftOver(r: Reader, update: Update, waiting: number): Promise<Finding[]> {
  const findings: Finding[] = [];
  if (waiting > 0)
    findings.push({
      id: 'L25',
      level: 'warn',
      field: 'blocks.known',
      quote: '',
      message: `${waiting === 1 ? 'One person still waits' : `${waiting} people still wait`} for an answer from us.`,
      fix: 'Answer them in the inbox, or say there why none is needed.',
    });
  const broken = isEnded(update.status) && update.amends === null ? await stillBroken(r, update) : [];
  if (broken.length > 0)
    findings.push({
      id: 'L26',
      level: 'warn',
      field: 'components',
      quote: '',
      message: `This ends the incident, and the page still says that ${list(broken, 'en')} ${broken.length === 1 ? 'does' : 'do'} not work.`,
      fix: 'Set what works again to “Working”.',
    });
  return findings;
}

/** Somebody's own words name who speaks; a correction of theirs is class D, and theirs all the same. */
async function checkVoice(r: Reader, update: Update): Promise<void> {
  if (update.class === 'E' && update.voiceOf === null)
    throw invalid(
      'voiceOf',
      'Class E is for a person’s own words. Choose in whose voice they are, or another class.',
    );
  const texts = [...Object.values(update.blocks), update.body, ...Object.values(update.overrides)];
  const other = signers(texts, await listPeople(r)).find((p) => p.id !== update.voiceOf);
  if (other)
    throw invalid(
      'voiceOf',
      `These words are signed by ${other.name}. Choose their voice, so that they consent, or take the signature out.`,
    );
}

/** Nobody is ignored: an incident ends when everybody was answered, or with the reason why not. Planned work ends by itself. */
export const mustAnswerFirst = (
  update: Pick<Update, 'amends' | 'plannedOf' | 'status'>,
  incident: Pick<Incident, 'kind'>,
): boolean =>
  update.amends === null &&
  update.plannedOf === null &&
  incident.kind === 'incident' &&
  isEnded(update.status);

async function whoWaits(r: Reader, incident: Incident, waiting: number): Promise<string> {
  const first = await listWaiting(r, incident, 5);
  const more = waiting - first.length;
  const names = [...first.map((m) => m.authorHandle), ...(more > 0 ? [`${more} more`] : [])];
  return `Not before everybody was answered. ${list(names, 'en')} still ${waiting === 1 ? 'waits' : 'wait'}: answer them in the inbox, say there why none is needed, or say here why it ends all the same.`;
}

async function whyNoExpert(r: Reader, fact: FactRow, of: UpdateClass): Promise<string> {
  const experts = (await listPeople(r)).filter((p) => p.disabledAt === null && p.offices?.includes('expert'));
  const who =
    experts.length === 0
      ? 'Nobody here is named an expert: an admin does that under “People”.'
      : `Ask ${list(
          experts.map((p) => p.name),
          'en',
        )} to confirm it in the ledger.`;
  return `Words of class ${of} rest on facts that an expert has confirmed, and none has confirmed “${fact.key}: ${spoken(fact)}”. ${who}`;
}

export const cadenceFor = (name: string, kind: string): Cadence =>
  kind === 'maintenance' ? CADENCES.maintenance : cadenceOf(name);

/**
 * Asks for approval of the words as they are now: renders them for every network, keeps the renditions and their
 * hash. Refuses when a network cannot take them or a next update is owed and not promised.
 */
export async function requestApproval(ctx: Ctx, updateId: string, version: number): Promise<Update> {
  mustBe(ctx.actor, ['author', 'approver'], 'draft');
  return decide(ctx, async (d) => {
    const { w, now, say, account } = d;
    const drafted = await getUpdate(w, updateId);
    const update = await settleStatus(w, drafted);
    if (update.plannedOf !== null)
      throw conflict('These words are approved together with their announcement. Ask there.');
    if (update.version !== version)
      throw conflict(
        'Somebody else changed this update while you were working on it. Load it again.',
        'version',
      );
    const state = moveUpdate(update.state, 'request');
    await assertMaySpeakAs(ctx, w, update.voiceOf);
    await assertClassHolds(w, update, now);
    await assertOfficer(w, update, await getPage(w, update.pageId), now);
    const { rendered, refused, blocked, plan } = await previewWords(w, update, now, ctx.exercise);
    const first = blocked[0];
    if (first) throw invalid(first.field, first.message);
    const unfit = refused[0];
    if (unfit) throw invalid(unfit.field ?? 'blocks', unfit.message);
    const incident = await getIncident(w, update.incidentId);
    const rows = rendered.map(({ rendition }) => ({
      ...rendition,
      id: ctx.newId(),
      frozenAt: null,
      createdAt: now,
    }));
    await replaceRenditions(w, updateId, rows);
    const planned = await preparePlanned(ctx, d, update, (child, at) =>
      previewWords(w, child, at, ctx.exercise),
    );
    const amended =
      update.amends === null ? {} : { plan, status: update.status, components: update.components };
    const hash = approvalHash(incident, { ...update, ...amended }, rows, planned);
    const asked = await changeUpdate(w, update, {
      ...amended,
      state,
      hash,
      requestedBy: ctx.actor.id,
      requestedAt: now,
      requestedSeq: await lastSeq(w),
      reason: null,
      cites: await citesOf(w, update),
      updatedAt: now,
    });
    await say({
      pageId: update.pageId,
      kind: 'approval.requested',
      public: false,
      incidentId: incident.id,
      updateId,
      detail: {
        hash,
        connections: rows.length,
        ...(update.leaves === null ? {} : { leaves: update.leaves }),
      },
    });
    await account({
      action: 'approval.request',
      subjectKind: 'update',
      subjectId: updateId,
      detail: { hash, ...(update.leaves === null ? {} : { leaves: update.leaves }) },
    });
    await askApprovers(ctx, d, asked, incident, await getPage(w, update.pageId));
    await askForConsent(ctx, d, asked, incident);
    return asked;
  });
}

/** Names of the parts that this incident took down, that nothing since has put right, and that these words leave so. */
async function stillBroken(r: Reader, update: Update): Promise<string[]> {
  const published = await listPublishedUpdates(r, [update.incidentId]);
  const touched = new Set(published.flatMap((u) => Object.keys(u.components)));
  return (await listComponents(r, update.pageId))
    .filter((c) => touched.has(c.id) && (update.components[c.id] ?? c.status) !== 'operational')
    .map((c) => c.name);
}
