import { type FactRow, listFacts } from '../../../db/queries/facts.ts';
import { type Incident, listPublishedUpdates } from '../../../db/queries/incidents.ts';
import { impactOf, saidBy } from '../../actions/facts/ledger.ts';
import { DomainError } from '../../domain/error.ts';
import { assertMayConfirm, citedIn, figuresIn, spoken } from '../../domain/fact.ts';
import type {
  DrawerView,
  FactView,
  FigureView,
  ImpactView,
  NewFactView,
} from '../../templates/desk-judgement-views.ts';
import type { StateView } from '../../templates/desk-views.ts';
import { numberOf } from './approvals.ts';
import { type Form, field, type Refused, text } from './forms.ts';
import type { Desk } from './frame.ts';
import { namesOf } from './frame.ts';
import { moment, placeOf } from './moments.ts';
import { count } from './words.ts';

const STATE: Record<FactRow['state'], StateView> = {
  confirmed: { icon: 'ok', tone: 'good', word: 'Confirmed' },
  unconfirmed: { icon: 'queue', tone: 'warn', word: 'Unconfirmed' },
  disputed: { icon: 'unk', tone: 'bad', word: 'Disputed' },
  withdrawn: { icon: 'no', tone: 'bad', word: 'Withdrawn' },
};

const ORIGINS = [
  { value: 'inside', label: 'our own systems or people' },
  { value: 'official', label: 'an authority or partner' },
  { value: 'social', label: 'a network, a stranger' },
] as const;

/** Why a person cannot confirm this with one press, or null when they can. */
function whyNot(fact: FactRow, personId: string): string | null {
  try {
    assertMayConfirm(fact, { id: personId });
    return null;
  } catch (error) {
    if (error instanceof DomainError) return error.message;
    throw error;
  }
}

/** Every fact of an incident as one person sees it: the doubtful ones too, what was withdrawn last. */
export async function factViews(
  { r, ports }: Desk,
  incident: Incident,
  page: { timeZone: string },
  personId: string,
): Promise<FactView[]> {
  const now = ports.base.now();
  const place = placeOf(page);
  const names = await namesOf(r);
  const facts = await listFacts(r, incident.id);
  const published = await listPublishedUpdates(r, [incident.id]);
  return facts.map((f) => {
    const uses = published.filter((u) => (u.cites ?? []).some((c) => c.factId === f.id)).length;
    const before = facts.find((x) => x.id === f.supersedesId);
    const why = whyNot(f, personId);
    return {
      id: f.id,
      value: spoken(f),
      key: f.key,
      state: STATE[f.state],
      note: [
        f.source || 'no source named',
        f.secondSource,
        f.grade,
        f.verifierId !== null && f.confirmedAt !== null
          ? `${names(f.verifierId).name} ${moment(f.confirmedAt, now, place).text}`
          : `written down by ${names(f.authorId).name}`,
        before ? `was ${spoken(before)}` : '',
        f.reason ?? '',
      ]
        .filter((x) => x !== '')
        .join('; '),
      used: uses === 0 ? '' : `in ${count(uses, 'update')}`,
      version: f.version,
      insertable: f.state !== 'withdrawn',
      mayConfirm: f.state !== 'confirmed' && f.state !== 'withdrawn' && why === null,
      whyNot: f.state === 'confirmed' || f.state === 'withdrawn' ? null : why,
      open: f.state !== 'withdrawn',
      confirmAction: `/desk/facts/${f.id}/confirm`,
      disputeAction: `/desk/facts/${f.id}/dispute`,
      withdrawAction: `/desk/facts/${f.id}/withdraw`,
      correctAction: `/desk/facts/${f.id}/correct`,
    };
  });
}

/** The form for a new fact; `back` is the update whose composer it stands beside. */
export function newFact(incidentId: string, back: string, form: Form = {}, refused?: Refused): NewFactView {
  const of = (name: string, label: string, help: string) =>
    field(name, label, help, text(form, name), refused);
  return {
    action: `/desk/incidents/${incidentId}/facts`,
    back,
    fields: {
      key: of('key', 'What', 'Like “Customers affected”.'),
      value: of('value', 'Value', 'As it is said: “1 in 12”, “14:09 UTC”.'),
      unit: of('unit', 'Unit', 'After a bare number: “people”.'),
      source: of('source', 'Source', 'Who or what says so. Empty: another person must confirm it.'),
      secondSource: of('secondSource', 'Second source', 'For what was found on a network.'),
      grade: of('grade', 'Grade', 'A1 to F6, for what was found on a network.'),
    },
    origins: ORIGINS.map((o) => ({ ...o, chosen: o.value === (text(form, 'origin') || 'inside') })),
    open: refused !== undefined,
  };
}

/** The ledger beside the composer: what may be said, ready to be put in. */
export async function drawerView(
  desk: Desk,
  incident: Incident,
  page: { timeZone: string },
  personId: string,
  updateId: string,
): Promise<DrawerView> {
  const facts = (await factViews(desk, incident, page, personId)).filter((f) => f.open);
  return {
    href: `/desk/incidents/${incident.id}/facts`,
    facts,
    add: newFact(incident.id, updateId),
  };
}

/** What the public has read that does not hold any more, each with the way to put it right. */
export async function impactViews({ r }: Pick<Desk, 'r'>, incidentId: string): Promise<ImpactView[]> {
  const found = await impactOf(r, incidentId);
  const published = await listPublishedUpdates(r, [incidentId]);
  return found.map(({ update, fact, now }) => ({
    what: `Update ${numberOf(update, published)} says “${spoken(fact)}” for “${fact.key}”.`,
    why: `${fact.state === 'disputed' ? 'It is disputed' : 'It was withdrawn'}: ${fact.reason ?? ''}${
      now === undefined ? '' : ` The ledger now says ${spoken(now)} (${now.state}).`
    }`,
    href: `/desk/updates/${update.id}/deliveries`,
    correctHref: `/desk/updates/${update.id}/correct`,
  }));
}

/** For an approver: each fact the words rest on, then every number in them that has none. */
export async function figureViews(
  desk: Desk,
  incident: Incident,
  page: { timeZone: string },
  update: Parameters<typeof saidBy>[0],
  personId: string,
): Promise<FigureView[]> {
  const rows = await listFacts(desk.r, incident.id);
  const said = saidBy(update);
  const cited = citedIn(said, rows);
  const views = await factViews(desk, incident, page, personId);
  const borne = views.filter((v) => cited.some((f) => f.id === v.id));
  const bare = figuresIn(said).filter((x) => !cited.some((f) => spoken(f).includes(x)));
  return [
    ...borne.map(({ value, key, state, note }) => ({ value, key, state, note })),
    ...bare.map((value) => ({
      value,
      key: '',
      state: { icon: 'warn', tone: 'warn', word: 'No fact behind it' } satisfies StateView,
      note: 'Nobody has written down where this comes from.',
    })),
  ];
}
