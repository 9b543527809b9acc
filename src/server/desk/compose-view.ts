import type { FastifyRequest } from 'fastify';
import type { Connection } from '../../../db/queries/connections.ts';
import {
  findOpenPromise,
  type Incident,
  listPublishedUpdates,
  listUpdates,
  type Update,
} from '../../../db/queries/incidents.ts';
import { countWaiting } from '../../../db/queries/mentions.ts';
import { listComponents, type Page } from '../../../db/queries/pages.ts';
import { listPeople } from '../../../db/queries/people.ts';
import { listPictures } from '../../../db/queries/pictures.ts';
import { listApprovers } from '../../actions/approval/ask-approvers.ts';
import { cadenceFor, mustAnswerFirst } from '../../actions/request-approval.ts';
import { firstStatus, isEnded, mayBecome, STATUSES_OF } from '../../domain/incident.ts';
import { bringsRating } from '../../domain/rating.ts';
import { takesBack } from '../../domain/versions.ts';
import { mayDraftAs } from '../../domain/voice.ts';
import { BLOCKS, CLASSES, COMPONENT_STATUSES } from '../../domain/words.ts';
import type { ComposeView } from '../../templates/desk-update-views.ts';
import { list } from '../../templates/format.ts';
import { amendingView } from './amend/view.ts';
import { needed, numberOf, officersText } from './approvals.ts';
import { conflictOf, lastWriter } from './compose-conflict.ts';
import type { Typed } from './compose-form.ts';
import { keptView, presentView } from './compose-kept.ts';
import { previewTyped } from './compose-preview.ts';
import { drawerView } from './fact-view.ts';
import { field, type Refused } from './forms.ts';
import { type Desk, frameFor, namesOf, zoneNow } from './frame.ts';
import { age, countdown, dayWord, placeOf, toTheSecond } from './moments.ts';
import { mediaField } from './pictures.ts';
import { ratingView } from './rating.ts';
import { BLOCK, CLASS, COMPONENT, count, STATUS, updateState } from './words.ts';

/** An update with everything around it that its author works with. */
export interface Draft {
  update: Update;
  incident: Incident;
  page: Page;
  connections: Connection[];
}

/** The composer for these fields; after a refusal, with what is wrong beside each. */
export async function composeView(
  desk: Desk,
  request: FastifyRequest,
  { update, incident, page, connections }: Draft,
  typed: Typed,
  after: { refused?: Refused; version?: number; restored?: boolean } = {},
): Promise<ComposeView> {
  const { r, ports } = desk;
  const now = ports.base.now();
  const place = placeOf(page);
  const { refused } = after;
  const names = await namesOf(r);
  const writer = names(await lastWriter(desk, update)).name;
  const components = await listComponents(r, page.id);
  const touched = new Set(
    (await listPublishedUpdates(r, [incident.id])).flatMap((u) => Object.keys(u.components)),
  );
  const promise = await findOpenPromise(r, incident.id);
  const cadence = cadenceFor(page.cadence, incident.kind);
  const from = incident.status ?? firstStatus(incident.kind);
  const at = update.nextUpdateBy;
  const wrong = (field: string) => (refused?.field === field ? refused.message : null);
  const isConflict = refused?.field === 'version';
  const preview = await previewTyped(desk, update, typed, page, connections, now);
  const lints = (name: string) => preview.lints.find((x) => x.name === name) ?? { name, findings: [] };
  const shown = [
    'note',
    'version',
    'nextUpdateBy',
    'publishAt',
    'status',
    'body',
    'connectionIds',
    'media',
    'voiceOf',
    'leaves',
    ...BLOCKS.map((b) => `blocks.${b}`),
  ];
  const people = await listApprovers(r, update, page, now);
  const ends = {
    ...update,
    status: STATUSES_OF[incident.kind].find((s) => s === typed.status) ?? update.status,
  };
  const asksWhy =
    typed.leaves !== '' || (mustAnswerFirst(ends, incident) && (await countWaiting(r, incident)) > 0);
  const voices = await voiceChoices(desk, request.who?.person.id ?? '', update.voiceOf, typed.voiceOf);
  const chosen = CLASSES.find((c) => c === typed.class) ?? update.class;
  const officers = await officersText(desk, { ...update, class: chosen }, page, [], now);
  const others = people.filter((p) => page.policy.solo || p.id !== request.who?.person.id).map((p) => p.name);
  const parts = components.map((c) => ({
    id: c.id,
    name: c.name,
    now: COMPONENT[c.status],
    near: c.status !== 'operational' || touched.has(c.id),
    broken: c.status !== 'operational' && touched.has(c.id),
    choices: [
      { value: '', label: `stays: ${COMPONENT[c.status]}`, chosen: typed.components[c.id] === undefined },
      ...COMPONENT_STATUSES.map((s) => ({
        value: s,
        label: COMPONENT[s],
        chosen: typed.components[c.id] === s,
      })),
    ],
  }));
  return {
    frame: await frameFor(desk, request, {
      title: `Update of ${incident.title}`,
      room: 'incidents',
      style: 'compose',
      page,
      trouble: refused && !isConflict && !shown.includes(refused.field ?? '') ? refused.message : null,
    }),
    action: `/desk/updates/${update.id}`,
    previewAction: `/desk/updates/${update.id}/preview`,
    withdrawAction: `/desk/updates/${update.id}/withdraw`,
    version: after.version ?? update.version,
    incident: { title: incident.title, href: `/desk/incidents/${incident.id}` },
    number: numberOf(update, await listUpdates(r, incident.id)),
    state: updateState(update),
    saved: `saved ${toTheSecond(update.updatedAt, place).text} by ${writer}`,
    reason:
      update.state === 'returned' || update.state === 'expired' || update.state === 'draft'
        ? update.reason
        : null,
    promise: promise ? countdown(promise, now, place) : null,
    blocks: BLOCKS.map((b) => ({
      name: b,
      ...BLOCK[b],
      value: typed.blocks[b],
      error: wrong(`blocks.${b}`) ?? (b === 'known' ? wrong('blocks') : null),
      rows: rowsFor(typed.blocks[b], 46),
      lints: lints(b),
    })),
    body: {
      name: 'body',
      label: 'Plain text',
      help: 'Used only when every block is empty.',
      value: typed.body,
      error: wrong('body'),
      rows: rowsFor(typed.body, 60) + 2,
      lints: lints('body'),
    },
    bodyOpen: typed.body !== '',
    next: {
      name: 'nextUpdateBy',
      label: 'Next update by',
      help: '',
      value: typed.nextUpdateBy,
      error: wrong('nextUpdateBy'),
      zone: zoneNow(page, at ?? now),
      day: at === null ? '' : dayWord(at, now, place),
      lints: lints('nextUpdateBy'),
      allowed:
        update.amends !== null
          ? 'Left empty, the promise that runs goes on. Only a time that was itself wrong needs a new one.'
          : `At most ${age(cadence.longestMs)} from now. Empty only in the last update.`,
    },
    statuses: STATUSES_OF[incident.kind]
      .filter((s) =>
        update.amends === null
          ? mayBecome(incident.kind, from, s)
          : s === typed.status || mayBecome(incident.kind, from, s),
      )
      .map((s) => ({ value: s, label: STATUS[s], chosen: s === typed.status })),
    ends: STATUSES_OF[incident.kind].filter(isEnded).join(' '),
    statusError: wrong('status'),
    classes: CLASSES.filter((c) =>
      c === 'E'
        ? voices.length > 0 || update.class === 'E'
        : update.amends === null
          ? c !== 'A' || update.templateId !== null
          : c !== 'A' && c !== 'B',
    ).map((c) => ({
      value: c,
      label: CLASS[c],
      chosen: c === typed.class,
    })),
    leaves: asksWhy
      ? {
          ...field(
            'leaves',
            'Why it ends while people wait',
            'It is kept with the approval and in the log.',
            typed.leaves,
          ),
          error: wrong('leaves'),
        }
      : null,
    voices: update.amends === null ? voices : [],
    voiceError: wrong('voiceOf'),
    hasParts: parts.length > 0,
    ...nearAndFar(parts),
    componentLints: lints('components'),
    rating: bringsRating(update) ? ratingView(incident, true, update.id) : null,
    // Where wrong words went is not for their author to choose.
    audience: (update.amends === null ? connections : []).map((c) => ({
      id: c.id,
      name: c.name,
      account: c.account,
      role: c.role,
      chosen: typed.to.includes(c.id),
    })),
    media: takesBack(update.amends)
      ? null
      : {
          ...mediaField(await listPictures(r, incident.id), typed.media, update.id, wrong('media')),
          lints: lints('media'),
        },
    audienceError: wrong('connectionIds'),
    overrides: connections.map((c) => ({
      name: `o.${c.id}`,
      label: c.name,
      help: '',
      value: typed.overrides[c.id] ?? '',
      error: wrong(`overrides.${c.id}`),
      rows: 2,
    })),
    cleared: update.class === 'A' && update.templateId !== null,
    overridesOpen: Object.keys(typed.overrides).length > 0,
    preview,
    approvers: page.policy.solo
      ? 'Solo: you may approve your own words.'
      : `${count(needed(page.policy, { class: chosen }), 'yes', 'yeses')} from ${others.length === 0 ? 'somebody else: nobody here may give it yet. An admin can add an approver' : list(others, 'en')}${officers === null ? '' : `; ${officers}`}.`,
    takesBack: takesBack(update.amends),
    amending: await amendingView(desk, update, {
      note: typed.note,
      text: typed.body || BLOCKS.flatMap((b) => typed.blocks[b] || []).join('\n\n'),
      refused,
    }),
    conflict: isConflict ? conflictOf(update, typed, page, connections, writer, now) : null,
    mayWithdraw: update.state !== 'withdrawn',
    draftAction: `/desk/updates/${update.id}/draft`,
    writer: request.who?.person.id ?? '',
    kept: after.refused || after.restored ? null : await keptView(desk, request, update, place),
    here: presentView(desk, request, update, names),
    drawer: await drawerView(desk, incident, page, request.who?.person.id ?? '', update.id),
    publishAt: {
      ...field(
        'publishAt',
        'Goes out at',
        'Empty: as soon as it is approved. At the time it is checked once more.',
        typed.publishAt,
      ),
      error: wrong('publishAt'),
    },
  };
}

/** In whose voice this author may write, the house's first; empty where it is the house's alone. */
async function voiceChoices({ r }: Desk, me: string, saved: string | null, typed: string) {
  const may = (await listPeople(r)).filter(
    (p) => p.id === saved || (p.disabledAt === null && mayDraftAs(p, me)),
  );
  return may.length === 0
    ? []
    : [
        { value: '', label: 'The house’s', chosen: typed === '' },
        ...may.map((p) => ({ value: p.id, label: `${p.name}’s own`, chosen: p.id === typed })),
      ];
}

/** More parts than these are not all looked at. */
const MANY_PARTS = 8;

/** Of many parts those first that do not work or are chosen; the others can be opened. */
function nearAndFar(parts: ComposeView['components']): Pick<ComposeView, 'components' | 'otherParts'> {
  const isNear = (p: (typeof parts)[number]) => p.near || p.choices[0]?.chosen === false;
  return parts.length <= MANY_PARTS
    ? { components: parts, otherParts: [] }
    : { components: parts.filter(isNear), otherParts: parts.filter((p) => !isNear(p)) };
}

const rowsFor = (words: string, width: number): number =>
  Math.min(
    12,
    Math.max(
      1,
      words.split('\n').reduce((n, line) => n + Math.max(1, Math.ceil(line.length / width)), 0),
    ),
  );
