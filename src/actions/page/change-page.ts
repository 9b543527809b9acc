import { changePage, getPage, listPages, type Page } from '../../../db/queries/pages.ts';
import type { PageSettings } from '../../../db/shapes.ts';
import { conflict, invalid } from '../../domain/error.ts';
import { readable } from '../../domain/look/contrast.ts';
import { scopeCss } from '../../domain/look/custom-css.ts';
import { checkText } from '../../domain/update.ts';
import { LANGUAGES } from '../../templates/strings/page/words.ts';
import { type Ctx, decide, mustBe } from '../context.ts';
import { isTimeZone } from '../set-up-page.ts';

/** What an admin decides about a page. What is left out stays; empty text takes away. */
export interface PageChange {
  name?: string;
  description?: string;
  timeZone?: string;
  /** The first is the page's own. */
  languages?: readonly string[];
  /** Host name under which the page stands alone; empty for none. */
  domain?: string;
  homepage?: string;
  supportUrl?: string;
  contactUrl?: string;
  press?: string;
  family?: { label: string; phone: string; note: string };
  /** `#rrggbb` for each theme; both or none. */
  accent?: { light: string; dark: string };
  customCss?: string;
}

const HOST = /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/;

function link(field: string, typed: string): string {
  const url = typed.trim();
  if (url === '') return '';
  const isMail = /^mailto:[^\s@<>"']+@[^\s@<>"']+$/.test(url);
  if (url.length > 500 || !(isMail || (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol))))
    throw invalid(
      field,
      'Give a full address like https://company.example/help, or mailto:help@company.example.',
    );
  return url;
}

function line(field: string, typed: string, most: number): string {
  const text = typed.trim();
  checkText(field, text, most);
  return text;
}

/** Changes a page's settings. Throws `invalid` that names the field and the fix; nothing is changed then. */
export async function changePageSettings(ctx: Ctx, pageId: string, change: PageChange): Promise<Page> {
  mustBe(ctx.actor, ['admin'], 'admin');
  return decide(ctx, async ({ w, now, say, account }) => {
    const page = await getPage(w, pageId);
    const patch: Partial<Page> = {};
    if (change.name !== undefined) {
      const name = line('name', change.name, 100);
      if (name === '') throw invalid('name', 'Give a name of 1 to 100 characters.');
      patch.name = name;
    }
    if (change.timeZone !== undefined) {
      if (!isTimeZone(change.timeZone))
        throw invalid('timeZone', 'Use a zone name such as UTC or Europe/Berlin.');
      patch.timeZone = change.timeZone;
    }
    if (change.languages !== undefined) patch.languages = languagesOf(change.languages);
    if (change.domain !== undefined) Object.assign(patch, domainOf(change.domain, page, await listPages(w)));
    patch.settings = settingsOf(page.settings, change);
    await changePage(w, pageId, { ...patch, updatedAt: now });
    await say({ pageId, kind: 'page.changed', public: true, incidentId: null, updateId: null });
    await account({
      action: 'page.change',
      subjectKind: 'page',
      subjectId: pageId,
      detail: {
        changed: Object.keys(change),
        ...(patch.domain === undefined ? {} : { domain: patch.domain }),
      },
    });
    return { ...page, ...patch, updatedAt: now };
  });
}

function languagesOf(given: readonly string[]): string[] {
  const codes = [...new Set(given.map((code) => code.trim().toLowerCase()).filter((code) => code !== ''))];
  if (codes.length === 0) throw invalid('languages', 'A page speaks at least one language.');
  for (const code of codes)
    if (!LANGUAGES.includes(code.split('-')[0] ?? '') || !/^[a-z]{2,3}(-[a-z0-9]{2,8})?$/.test(code))
      throw invalid('languages', `We have no words in “${code}”. Choose among: ${LANGUAGES.join(', ')}.`);
  return codes;
}

/** A page with a host name of its own has its public address there: links in posts follow it. */
function domainOf(typed: string, page: Page, all: readonly Page[]): Pick<Page, 'domain' | 'url'> {
  const host = typed.trim().toLowerCase().replace(/\.$/, '');
  const before = new URL(page.url);
  if (host === '') {
    if (page.domain === null) return { domain: null, url: page.url };
    const first = all.find((p) => p.slug === '' && p.id !== page.id);
    return { domain: null, url: first ? `${first.url}${page.slug === '' ? '' : `/${page.slug}`}` : page.url };
  }
  if (!HOST.test(host))
    throw invalid(
      'domain',
      'Give a host name alone, like status.company.example, and point it at this server.',
    );
  if (
    all.some(
      (p) => p.id !== page.id && (p.domain === host || (p.slug === '' && new URL(p.url).hostname === host)),
    )
  )
    throw conflict('Another page stands under this host name already.', 'domain');
  const port = before.port === '' ? '' : `:${before.port}`;
  return { domain: host, url: `${before.protocol}//${host}${port}` };
}

function settingsOf(before: PageSettings, change: PageChange): PageSettings {
  const out: PageSettings = { ...before };
  const put = <K extends keyof PageSettings>(key: K, value: PageSettings[K] | '') => {
    if (value === '' || value === undefined) delete out[key];
    else out[key] = value;
  };
  if (change.description !== undefined) put('description', line('description', change.description, 300));
  if (change.homepage !== undefined) put('homepage', link('homepage', change.homepage));
  if (change.supportUrl !== undefined) put('supportUrl', link('supportUrl', change.supportUrl));
  if (change.contactUrl !== undefined) put('contactUrl', link('contactUrl', change.contactUrl));
  if (change.press !== undefined) put('press', line('press', change.press, 300));
  if (change.family !== undefined) {
    const { label, phone, note } = change.family;
    const family = {
      label: line('family.label', label, 100),
      phone: line('family.phone', phone, 40),
      note: line('family.note', note, 200),
    };
    if (family.phone !== '' && !/^\+?[\d ()/-]{4,}$/.test(family.phone))
      throw invalid('family.phone', 'Write the number as people dial it, like +49 30 1234567.');
    if (family.phone !== '' && family.label === '')
      throw invalid('family.label', 'Say whom this number is for, like “For families and friends”.');
    put('family', family.phone === '' ? '' : family);
  }
  if (change.accent !== undefined) {
    const { light, dark } = change.accent;
    put(
      'accent',
      light.trim() === '' && dark.trim() === ''
        ? ''
        : { light: readable('accent.light', light, 'light'), dark: readable('accent.dark', dark, 'dark') },
    );
  }
  if (change.customCss !== undefined) put('customCss', scopeCss(change.customCss));
  return out;
}
