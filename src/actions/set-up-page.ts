import {
  type Component,
  type Group,
  getPage,
  insertComponent,
  insertGroup,
  insertPage,
  listComponents,
  listGroups,
  listPages,
  type Page,
} from '../../db/queries/pages.ts';
import type { Writer } from '../../db/store.ts';
import type { ApprovalPolicy } from '../domain/approval.ts';
import { DEFAULT_POLICY } from '../domain/approval.ts';
import { invalid } from '../domain/error.ts';
import { CADENCES, type CadenceName } from '../domain/promise.ts';
import { checkText } from '../domain/update.ts';
import { type Ctx, decide, mustBe } from './context.ts';

export interface NewPage {
  name: string;
  url: string;
  slug?: string;
  timeZone?: string;
  languages?: string[];
  cadence?: CadenceName;
  policy?: Partial<ApprovalPolicy>;
}

/** First parts of addresses that lead elsewhere: a page of that name could never be opened. */
const TAKEN = new Set(
  'affected api ask badge cap card desk embed files history hooks incidents live livez oembed og readyz style subscribe subscription u verify visit wall'.split(
    ' ',
  ),
);

/** Opens a status page. `url` is its public address: every link in every post begins with it. */
export async function setUpPage(ctx: Ctx, input: NewPage): Promise<Page> {
  mustBe(ctx.actor, ['admin'], 'admin');
  const slug = input.slug ?? '';
  if (!/^[a-z0-9-]{0,40}$/.test(slug))
    throw invalid('slug', 'Use at most 40 small letters, digits and hyphens.');
  if (TAKEN.has(slug)) throw invalid('slug', `Something else is at /${slug} already. Choose another word.`);
  const name = input.name.trim();
  checkText('name', name, 100);
  if (name === '') throw invalid('name', 'Give a name of 1 to 100 characters.');
  if (!URL.canParse(input.url) || !/^https?:$/.test(new URL(input.url).protocol))
    throw invalid('url', 'Give the full public address, like https://status.company.example.');
  const timeZone = input.timeZone ?? 'UTC';
  if (!isTimeZone(timeZone)) throw invalid('timeZone', 'Use a zone name such as UTC or Europe/Berlin.');
  const cadence = input.cadence ?? 'digital_outage';
  if (!(cadence in CADENCES)) throw invalid('cadence', `Choose one of: ${Object.keys(CADENCES).join(', ')}.`);
  return decide(ctx, async ({ w, now, say, account }) => {
    const twin = (await listPages(w)).find((p) => p.slug === slug);
    if (twin)
      throw invalid(
        'slug',
        `“${twin.name}” is at ${slug === '' ? 'the root' : `/${slug}`} already. Choose another word.`,
      );
    const page: Page = {
      id: ctx.newId(),
      slug,
      name,
      url: input.url.replace(/\/+$/, ''),
      timeZone,
      languages: input.languages ?? ['en'],
      cadence,
      policy: { ...DEFAULT_POLICY, ...input.policy },
      settings: {},
      domain: null,
      access: null,
      checkedAt: null,
      createdAt: now,
      updatedAt: now,
    };
    await insertPage(w, page);
    await say({ pageId: page.id, kind: 'page.changed', public: true, incidentId: null, updateId: null });
    await account({ action: 'page.set_up', subjectKind: 'page', subjectId: page.id, detail: { name, slug } });
    return page;
  });
}

export function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

/** Adds a part of the service, in a group that is made when there is none of that name. */
export async function addComponent(
  ctx: Ctx,
  pageId: string,
  input: { name: string; description?: string; group?: string },
): Promise<Component> {
  mustBe(ctx.actor, ['admin'], 'admin');
  const name = input.name.trim();
  if (name === '' || name.length > 100) throw invalid('name', 'Give a name of 1 to 100 characters.');
  checkText('name', name, 100);
  return decide(ctx, async ({ w, now, say, account }) => {
    await getPage(w, pageId);
    const group = await groupNamed(ctx, w, pageId, input.group ?? '', now);
    const component: Component = {
      id: ctx.newId(),
      pageId,
      groupId: group?.id ?? null,
      name,
      description: input.description ?? null,
      status: 'operational',
      position: (await listComponents(w, pageId)).length + 1,
      showcase: true,
      onlyShowIfDegraded: false,
      startDate: new Date(now).toISOString().slice(0, 10),
      createdAt: now,
      updatedAt: now,
    };
    await insertComponent(w, component);
    await say({ pageId, kind: 'page.changed', public: true, incidentId: null, updateId: null });
    await account({
      action: 'component.add',
      subjectKind: 'component',
      subjectId: component.id,
      detail: { name },
    });
    return component;
  });
}

/** The page's group of that name, made when there is none; nothing for no name. */
export async function groupNamed(
  ctx: Pick<Ctx, 'newId'>,
  w: Writer,
  pageId: string,
  typed: string,
  now: number,
): Promise<Group | undefined> {
  const name = typed.trim();
  if (name === '') return undefined;
  if (name.length > 100) throw invalid('group', 'At most 100 characters.');
  const groups = await listGroups(w, pageId);
  const known = groups.find((g) => g.name === name);
  if (known) return known;
  const made: Group = {
    id: ctx.newId(),
    pageId,
    name,
    description: null,
    position: (groups.at(-1)?.position ?? 0) + 1,
    createdAt: now,
    updatedAt: now,
  };
  await insertGroup(w, made);
  return made;
}
