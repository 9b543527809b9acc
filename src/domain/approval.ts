import type { AmendStep } from './amend.ts';
import { conflict, forbidden } from './error.ts';
import { behindAmong, type Hands } from './hands.ts';
import type { AnswerPolicy } from './lint/answer.ts';
import { holdsOne, type Office, officesFor } from './office.ts';
import type {
  Amends,
  BlockName,
  Blocks,
  ComponentStatus,
  Impact,
  IncidentStatus,
  PlannedAs,
  Role,
  UpdateClass,
  UpdateState,
} from './words.ts';

/** How many people besides the authors must say yes to each class. */
export interface ApprovalPolicy {
  approvers: Record<UpdateClass, number>;
  /** One person may approve their own words. A named setting, shown on every screen, never a silent default. */
  solo: boolean;
  /** How long an approval stands if it does not complete. */
  expiresMs: number;
  /** How long anyone with a role can stop an approved update before it goes out. */
  ringMs: number;
  /** Classes whose yes needs a proof besides the session: a passkey of those who have one. Missing: all. */
  proofFor?: UpdateClass[];
  /** Classes that may go out without a second person when nobody answers; see `override.ts`. Missing: A and D. */
  overrideClasses?: UpdateClass[];
  /** A retraction may take posts off networks, if an approver asks for it. Missing: no; it is said in place. */
  mayRemove?: boolean;
  /** Of which offices one person must say yes to a class. Missing: see `office.ts`. */
  offices?: Partial<Record<UpdateClass, Office[]>>;
  /** Classes whose facts must have been confirmed by an expert. Missing: see `office.ts`. */
  expertFacts?: UpdateClass[];
  /** How strictly answers to single people are held to what is public; see `lint/answer.ts`. */
  answers?: AnswerPolicy;
}

/** What was shown with a yes. `session` is nothing but having signed in; `token` is a program. */
export type Assurance = 'passkey' | 'code' | 'password' | 'session' | 'token';

export const DEFAULT_POLICY: ApprovalPolicy = {
  approvers: { A: 1, B: 1, C: 2, D: 1, E: 1 },
  solo: false,
  expiresMs: 10 * 60_000,
  ringMs: 0,
};

/** Everything an approver says yes to. Two equal contents are the same words to the same people. */
export interface ApprovalContent {
  updateId: string;
  title: string;
  status: IncidentStatus;
  class: UpdateClass;
  language: string;
  blocks: Blocks;
  body: string;
  nextUpdateBy: number | null;
  /** Pictures on the page, with what they show. */
  media?: readonly Shown[] | null | undefined;
  components: Record<string, ComponentStatus>;
  renditions: readonly {
    connectionId: string;
    language: string;
    parts: readonly Part[];
    /** Of a correction: its other forms, see `amend.ts`. */
    ways?: { say?: readonly Part[]; plain?: readonly Part[] } | null | undefined;
  }[];
  /** Of a correction or retraction: what it is of, how, the public sentence, and what is done on each network. */
  amends?: { correctsId: string; amends: Amends; note: string; plan: readonly AmendStep[] } | undefined;
  /** The window of planned work that these words announce or change; null leaves it. */
  scheduledFor?: number | null | undefined;
  scheduledUntil?: number | null | undefined;
  /** When these words go out by themselves, ms; null or missing is at once. */
  publishAt?: number | null | undefined;
  /** In whose own voice it speaks; null or missing is the house's. */
  voiceOf?: string | null | undefined;
  /** How bad a person says the incident is, where these words bring it; `parts` gives such a rating up. */
  impact?: Impact | 'parts' | undefined;
  /** Words for later that the same yes covers; `at` is when they go out by themselves, null when a person says so. */
  planned?: readonly { as: PlannedAs; at: number | null; content: ApprovalContent }[] | undefined;
}

interface Part {
  text: string;
  subject?: string | undefined;
  link?: string | undefined;
  html?: string | undefined;
  /** Pictures that the post shows. */
  media?: readonly Shown[] | undefined;
}

/** A picture: its id is made of its bytes. */
interface Shown {
  id: string;
  alt: string;
}

const mediaOf = (media: readonly Shown[] | null | undefined) =>
  media == null || media.length === 0 ? [] : [['media', ...media.map((m) => [m.id, m.alt])]];

const partsOf = (parts: readonly Part[]) =>
  parts.map((p) => [p.text, p.subject ?? null, p.link ?? null, p.html ?? null, ...mediaOf(p.media)]);

const planOf = (plan: readonly AmendStep[]) =>
  [...plan]
    .sort((a, b) => (a.connectionId < b.connectionId ? -1 : 1))
    .map((s) => [s.connectionId, s.way, s.orElse]);

const BLOCK_ORDER: readonly BlockName[] = ['care', 'known', 'unknown', 'doing', 'action'];

/**
 * One string for one content, whatever order its keys came in: what the approval hash is taken of. Built from arrays
 * only, so that no database's reordering of JSON keys can change it.
 */
export function canonical(content: ApprovalContent): string {
  const renditions = [...content.renditions]
    .sort((a, b) =>
      a.connectionId === b.connectionId
        ? a.language < b.language
          ? -1
          : 1
        : a.connectionId < b.connectionId
          ? -1
          : 1,
    )
    .map((r) => [
      r.connectionId,
      r.language,
      partsOf(r.parts),
      ...(r.ways ? [['ways', partsOf(r.ways.say ?? []), partsOf(r.ways.plain ?? [])]] : []),
    ]);
  const components = Object.entries(content.components).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([
    'tocsin-approval-1',
    content.updateId,
    content.title,
    content.status,
    content.class,
    content.language,
    BLOCK_ORDER.map((b) => content.blocks[b] ?? null),
    content.body,
    content.nextUpdateBy,
    components,
    renditions,
    ...(content.amends === undefined
      ? []
      : [
          [
            'amends',
            content.amends.correctsId,
            content.amends.amends,
            content.amends.note,
            planOf(content.amends.plan),
          ],
        ]),
    // Only where there are any, so that the hash of everything else is what it always was.
    ...(content.scheduledFor == null && content.scheduledUntil == null
      ? []
      : [['window', content.scheduledFor ?? null, content.scheduledUntil ?? null]]),
    ...(content.publishAt == null ? [] : [['at', content.publishAt]]),
    ...mediaOf(content.media),
    ...(content.voiceOf == null ? [] : [['voice', content.voiceOf]]),
    ...(content.impact === undefined ? [] : [['impact', content.impact]]),
    ...(content.planned ?? []).map((p) => ['planned', p.as, p.at, canonical(p.content)]),
  ]);
}

/** Somebody's yes. */
export interface Yes {
  id: string;
  offices?: readonly Office[] | null;
  /** Who had made the way in of the session that said it. */
  behind?: readonly string[] | null;
}

export interface ApprovalQuestion {
  state: UpdateState;
  class: UpdateClass;
  /** Hash of what would go out now. */
  hash: string;
  /** Hash the person looked at. */
  seenHash: string;
  authors: readonly string[];
  /** Who asked for approval. */
  requestedBy: string | null;
  approver: Hands & { roles: readonly Role[]; offices?: readonly Office[] | null };
  /** The yeses to `hash` that stand. */
  given: readonly Yes[];
  /** In whose own voice it speaks; this person's consent is no yes of the class, and comes on top. */
  voiceOf: string | null;
  consented: boolean;
  policy: ApprovalPolicy;
  /** When approval was asked for (ms). */
  requestedAt: number;
}

/**
 * Whether this yes may be given, and whether it is the last one needed. Throws the reason when it may not.
 * The same rules hold for a person at the console and a program with a token.
 */
export function decideApproval(
  q: ApprovalQuestion,
  now: number,
): { complete: boolean; lacks: readonly Office[]; shared: string | undefined } {
  if (q.state !== 'in_review')
    throw conflict(
      q.state === 'draft' || q.state === 'returned'
        ? 'Nobody has asked for approval of these words yet. Ask the author to request it.'
        : `This update is already ${q.state.replace('_', ' ')}.`,
    );
  if (!q.approver.roles.includes('approver') && !q.approver.roles.includes('admin'))
    throw forbidden('Only a person with the role "approver" can approve an update.');
  if (q.seenHash !== q.hash)
    throw conflict('The words have changed since you looked at them. Read them again, then approve.', 'hash');
  if (!q.policy.solo && q.authors.includes(q.approver.id))
    throw forbidden('You wrote or edited these words, so another person must approve them.');
  if (q.voiceOf === q.approver.id && !q.policy.solo)
    throw forbidden('These words are in your own voice: you consent to them, and somebody else approves.');
  if (q.given.some((g) => g.id === q.approver.id))
    throw conflict('You have already approved these words; another approver is still needed.');
  if (now - q.requestedAt > q.policy.expiresMs)
    throw conflict('The request for approval has expired. Ask the author to request it again.');
  if (!q.policy.solo && q.given.some((g) => g.behind?.includes(q.approver.id)))
    throw forbidden(
      'The other yes came from a session whose link you made, so it may be yours. Let another person approve.',
    );
  const yeses = [...q.given, { id: q.approver.id, offices: q.approver.offices ?? null }];
  return {
    complete: isComplete({ ...q, given: yeses }),
    lacks: lacksOffice(q.policy, q.class, yeses),
    shared: q.policy.solo
      ? undefined
      : behindAmong(q.approver, [...q.authors, q.requestedBy, ...q.given.map((g) => g.id)]),
  };
}

/** Whether these yeses are all that the words need. */
export const isComplete = (
  q: Pick<ApprovalQuestion, 'class' | 'policy' | 'given' | 'voiceOf' | 'consented'>,
): boolean =>
  q.given.length >= (q.policy.solo ? 1 : q.policy.approvers[q.class]) &&
  lacksOffice(q.policy, q.class, q.given).length === 0 &&
  (q.voiceOf === null || q.consented);

/** The offices of which one is still missing among those who said yes; none when that is settled. */
export const lacksOffice = (
  policy: ApprovalPolicy,
  of: UpdateClass,
  given: readonly Pick<Yes, 'offices'>[],
): readonly Office[] => {
  const wanted = officesFor(policy, of);
  return given.some((g) => holdsOne(g.offices, wanted)) ? [] : wanted;
};

/** Why a yes from a session whose link an author made does not count as another person's. */
export const whyShared = (name: string): string =>
  `${name} made the way in by which you came, and wrote, asked for or approved these words. Sign in with your own passkey or password, then approve.`;
