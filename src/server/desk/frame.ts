import type { FastifyReply, FastifyRequest } from 'fastify';
import { listUpdatesInState } from '../../../db/queries/incidents.ts';
import { findInstallation } from '../../../db/queries/installation.ts';
import { countOpenMentions } from '../../../db/queries/mentions.ts';
import { listPages, type Page } from '../../../db/queries/pages.ts';
import { listPeople } from '../../../db/queries/people.ts';
import type { Reader } from '../../../db/store.ts';
import { notFound } from '../../domain/error.ts';
import { mayRead } from '../../domain/rights.ts';
import type { Live } from '../../live/live.ts';
import type { FrameView, PersonView, Room } from '../../templates/desk-views.ts';
import { zoneName } from '../../templates/format.ts';
import type { Ports } from '../ports.ts';
import { mustKnow } from '../who.ts';
import type { Assets } from './assets.ts';
import { listForPerson } from './behind.ts';
import type { Presence } from './feed.ts';
import { placeOf, toTheSecond } from './moments.ts';
import { JUDGED } from './said.ts';
import { silentView } from './silent.ts';
import { personView } from './words.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Seq of the newest event that the screen asked for is sure to show. */
    seq: number | null;
  }
}

/** What every screen of the desk is made with. */
export interface Desk {
  ports: Ports;
  live: Live;
  r: Reader;
  assets: Assets;
  presence: Presence;
}

const ROOMS: readonly { room: Room; href: string; label: string; key: string; icon: string }[] = [
  { room: 'board', href: '/desk', label: 'Board', key: 'b', icon: 'board' },
  { room: 'approvals', href: '/desk/approvals', label: 'Approve', key: 'a', icon: 'approve' },
  { room: 'deliveries', href: '/desk/deliveries', label: 'Deliveries', key: 'd', icon: 'fan' },
  { room: 'inbox', href: '/desk/inbox', label: 'Inbox', key: 'i', icon: 'inbox' },
  { room: 'incidents', href: '/desk/incidents', label: 'Incidents', key: 'l', icon: 'list' },
  { room: 'templates', href: '/desk/templates', label: 'Templates', key: '', icon: 'pen' },
  { room: 'connections', href: '/desk/connections', label: 'Networks', key: '', icon: 'plug' },
  { room: 'subscribers', href: '/desk/subscribers', label: 'Subscribers', key: '', icon: 'bell' },
  { room: 'people', href: '/desk/people', label: 'People', key: '', icon: 'people' },
  { room: 'settings', href: '/desk/settings', label: 'Settings', key: '', icon: 'set' },
  { room: 'help', href: '/desk/help', label: 'Keys', key: '?', icon: 'help' },
];

/** What has just been done, by the word that the redirect carries. */
const SAID = {
  ...JUDGED,
  in: 'You are signed in.',
  'template-saved': 'Saved. It waits for somebody else to clear it.',
  'library-added': 'Added. Read them, change what does not fit, and let somebody else clear them.',
  cleared: 'Cleared. These words go out with one yes until then.',
  revoked: 'Not cleared any more.',
  'from-template': 'Declared, with pre-cleared words. Changing a word makes them class B.',
  declared: 'Declared. Only the desk knows; the public learns of it with the first approved update.',
  saved: 'Saved.',
  'draft-yours': 'You had begun this. Go on, or withdraw it and start with nothing.',
  'draft-older': 'You had begun this before the newest update went out. Read it against what was said since.',
  'part-added': 'Added. The page shows it.',
  'part-gone': 'Removed. Nothing was ever said about it.',
  asked: 'Approval is asked for. Any change of a character takes it back.',
  approved: 'Your yes is counted.',
  released: 'Approved and published. Each network is shown below as it takes the words.',
  returned: 'Sent back to its author.',
  withdrawn: 'Withdrawn. Nothing goes out.',
  confirmed: 'Confirmed: it counts as there.',
  resent: 'It will be sent again.',
  'given-up': 'Given up. It will not be sent.',
  connected: 'Connected. The next update goes there too.',
  reconnected: 'Connected anew. Its queue goes on, and nothing of its history is lost.',
  answered: 'Your answer is on its way. It goes out once, and this shows when it is there.',
  dismissed: 'Kept, with your reason. Nobody waits for an answer to it.',
  tried: 'It works: what we said there for a moment was seen by nobody but you.',
  on: 'Switched on.',
  off: 'Switched off. Nothing new goes there.',
  resumed: 'Its queue goes on.',
  'roles-changed': 'Roles changed. They are signed out, and sign in again with the new ones.',
  'switched-off': 'Switched off. Sessions, links and API tokens of theirs have ended.',
  'switched-on': 'Switched on. Send them a sign-in link or an invitation.',
  'signed-out': 'Signed out everywhere.',
  reset: 'Password, passkeys and app are gone, and they are signed out. Invite them again.',
  'token-ended': 'Revoked. Whatever used this token is refused from now on.',
  'password-changed': 'Password changed. Everywhere else you are signed out.',
  'passkey-added': 'Passkey added.',
  'passkey-removed': 'Passkey removed.',
  'app-off': 'The app is not asked for any more.',
  'sso-connected': 'Connected. From now on you can sign in there.',
  'desk-ready': 'The desk is yours. Connect a network and invite the people you work with.',
  erased: 'Erased. Nothing of this address is left.',
  'brought-in': 'Brought in. They get the next update.',
  'set-up': 'The page is open.',
  planned:
    'Planned. Read the words for each network, then ask for approval: it covers the words for later, too.',
  'work-held': 'Held. Nothing begins or ends by itself until you let it go.',
  'work-let-go': 'It goes by itself again. What is due goes out at once.',
  'sending-off': 'Sending is off. Nothing new leaves for any network; what waits is kept.',
  'sending-on': 'Sending is on. What waited goes out now.',
};

export interface FrameOptions {
  title: string;
  room: Room;
  style?: string;
  page?: Page | undefined;
  trouble?: string | null | undefined;
}

/** The pages on which the person asking has a role. */
export async function pagesFor({ r }: Pick<Desk, 'r'>, request: FastifyRequest): Promise<Page[]> {
  const { person } = mustKnow(request);
  return (await listPages(r)).filter((page) => mayRead(person, page.id));
}

/** The page that a form or an address names, or else the first of theirs. Throws `not_found` where they have none. */
export async function pageFor(desk: Pick<Desk, 'r'>, request: FastifyRequest, named: string): Promise<Page> {
  const pages = await pagesFor(desk, request);
  const page = pages.find((p) => p.id === named) ?? pages[0];
  if (!page) throw notFound('status page. Set one up under Settings');
  return page;
}

/** The frame of a screen for the person who asks. */
export async function frameFor(
  desk: Desk,
  request: FastifyRequest,
  options: FrameOptions,
): Promise<FrameView> {
  const { r } = desk;
  const pages = request.who ? await pagesFor(desk, request) : await listPages(r);
  const pageIds = pages.map((page) => page.id);
  const waiting = (await listUpdatesInState(r, ['in_review'])).filter((u) => pageIds.includes(u.pageId));
  const waits: Partial<Record<Room, number>> = {
    approvals: waiting.length,
    deliveries: (await listForPerson(r, pageIds, desk.ports.base.now())).length,
    inbox: await countOpenMentions(r, pageIds),
  };
  const said = (request.query as { said?: unknown } | undefined)?.said;
  return {
    ...bareFrame(desk.ports, desk.assets, request, options.page ?? pages[0]),
    title: options.title,
    room: options.room,
    style: options.style ?? (options.room === 'board' ? '' : options.room),
    fixed: options.style === 'compose',
    rooms: ROOMS.map((x) => ({ ...x, current: x.room === options.room, waiting: waits[x.room] ?? 0 })),
    solo: pages.some((page) => page.policy.solo),
    silent: request.who ? await silentView(r, pages, desk.ports.base.now()) : null,
    sendingOff: (await findInstallation(r, 'sending_off')) ?? null,
    notice: typeof said === 'string' && Object.hasOwn(SAID, said) ? SAID[said as keyof typeof SAID] : null,
    trouble: options.trouble ?? null,
  };
}

/** A frame that asks the database nothing, for errors and for people who are not signed in. */
export function bareFrame(
  ports: Ports,
  assets: Pick<Assets, 'css' | 'js'>,
  request: FastifyRequest,
  page?: Page,
): FrameView {
  const now = ports.base.now();
  const place = placeOf(page);
  const { who } = request;
  return {
    title: '',
    room: '',
    style: '',
    fixed: false,
    rooms: ROOMS.map((x) => ({ ...x, current: false, waiting: 0 })),
    exercise: ports.exercise,
    solo: false,
    silent: null,
    sendingOff: null,
    pageName: page?.name ?? '',
    clock: toTheSecond(now, place),
    zone: place.timeZone,
    at: now,
    seq: request.seq,
    person: who ? { ...personView(who.person.name), roles: who.person.roles.join(', ') } : null,
    csrf: who?.csrf ?? '',
    notice: null,
    trouble: null,
    css: assets.css,
    js: assets.js,
  };
}

export const zoneNow = (page: Page | undefined, now: number): string => zoneName(now, placeOf(page));

/** Names by id, for everything that says who did it. */
export async function namesOf(r: Reader): Promise<(id: string | null | undefined) => PersonView> {
  const names = new Map((await listPeople(r)).map((p) => [p.id, p.name]));
  return (id) => personView((id && names.get(id)) || 'a program');
}

export const html = (reply: FastifyReply, body: string, status = 200) =>
  reply.code(status).header('cache-control', 'no-store').type('text/html; charset=utf-8').send(body);

/** After a form: to a page that can be loaded again, with a word on what was done. */
export const goTo = (reply: FastifyReply, path: string, said?: keyof typeof SAID) => {
  const [address = path, anchor] = path.split('#');
  const query = said === undefined ? '' : `${address.includes('?') ? '&' : '?'}said=${said}`;
  return reply.redirect(`${address}${query}${anchor === undefined ? '' : `#${anchor}`}`, 303);
};
