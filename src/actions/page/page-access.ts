import { changePage, getPage } from '../../../db/queries/pages.ts';
import type { PageAccess } from '../../../db/shapes.ts';
import { invalid } from '../../domain/error.ts';
import { type Ctx, decide, mustBe } from '../context.ts';
import type { Locks } from '../sign-in/locks.ts';

export interface NewAccess {
  /** Undefined keeps the one there is, empty takes it away. */
  password?: string | undefined;
  /** Addresses, or domains as `@company.example`. */
  emails: readonly string[];
  /** CIDR: `10.0.0.0/8`, `2001:db8::/32`; a single address is a network of one. */
  networks: readonly string[];
}

const MOST = 200;

/** Decides who may read a page; null is everybody. Whoever was let in before is let out, and asked again. */
export async function setPageAccess(
  ctx: Ctx,
  locks: Pick<Locks, 'passwords'>,
  pageId: string,
  access: NewAccess | null,
): Promise<void> {
  mustBe(ctx.actor, ['admin'], 'admin');
  const emails = access === null ? [] : listOf('emails', access.emails).map(email);
  const networks = access === null ? [] : listOf('networks', access.networks).map(network);
  const typed = access?.password;
  const hash = typed === undefined || typed === '' ? null : await locks.passwords.hash(typed, []);
  await decide(ctx, async ({ w, now, say, account }) => {
    const page = await getPage(w, pageId);
    const password =
      access === null || typed === '' ? null : typed === undefined ? (page.access?.password ?? null) : hash;
    if (access !== null && password === null && emails.length === 0 && networks.length === 0)
      throw invalid('password', 'Somebody must be able to read it: set a password, an address or a network.');
    const next: PageAccess | null =
      access === null
        ? null
        : { password, emails, networks, version: Math.max((page.access?.version ?? 0) + 1, now) };
    await changePage(w, pageId, { access: next, updatedAt: now });
    await say({ pageId, kind: 'page.changed', public: true, incidentId: null, updateId: null });
    await account({
      action: next === null ? 'page.open' : 'page.lock',
      subjectKind: 'page',
      subjectId: pageId,
      detail: { password: password !== null, emails: emails.length, networks },
    });
  });
}

function listOf(field: string, given: readonly string[]): string[] {
  const all = [...new Set(given.map((x) => x.trim().toLowerCase()).filter((x) => x !== ''))];
  if (all.length > MOST)
    throw invalid(field, `These are ${all.length}; ${MOST} is the most. Name a domain instead.`);
  return all;
}

function email(text: string): string {
  if (!/^[^\s@<>,;"\\]*@[a-z0-9]([a-z0-9.-]*[a-z0-9])?\.[a-z0-9-]{2,}$/.test(text))
    throw invalid('emails', `“${text}” is neither an address nor a domain like @company.example.`);
  return text;
}

function network(text: string): string {
  const [address = '', bits, ...more] = text.split('/');
  const six = address.includes(':');
  const isAddress = six
    ? /^[0-9a-f:]{2,39}$/.test(address) && URL.canParse(`http://[${address}]/`)
    : isIPv4(address);
  const most = six ? 128 : 32;
  const size = bits === undefined ? most : /^\d{1,3}$/.test(bits) ? Number(bits) : -1;
  if (!isAddress || more.length > 0 || size < 0 || size > most)
    throw invalid('networks', `“${text}” is not a network like 10.0.0.0/8 or 2001:db8::/32.`);
  if (size === 0) throw invalid('networks', 'A network of everybody is no lock. Open the page instead.');
  return `${address}/${size}`;
}

const isIPv4 = (text: string): boolean =>
  /^\d{1,3}(\.\d{1,3}){3}$/.test(text) && text.split('.').every((part) => Number(part) < 256);
