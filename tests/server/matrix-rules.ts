import type { Role, Scope } from '../../src/domain/words.ts';
import type { Who } from './matrix-people.ts';
import { OF_A_PAGE, RIGHTS, type Rule } from './rights.ts';

/** The rule of a route; a page's own routes are the same at every page's address, read-only and public. */
export function ruleOf(route: string): Rule | undefined {
  const [method = '', url = ''] = route.split(' ');
  const own = url.replace(/^(\/:a)?(\/:b)?(?=\/)/, '').replace(/(?<=^\/api\/v2\/.*)\.json$/, '');
  return RIGHTS[route] ?? (OF_A_PAGE.includes(own) && isOfAPage(method, own) ? 'public' : undefined);
}
/**
 * The reads of a status page refuse other methods in words of their own, so they have routes for them. Subscribing is
 * for everybody, and what it changes is held by private links; so are asking and saying that one is still affected.
 */
const isOfAPage = (method: string, own: string) =>
  method === 'GET' ||
  own.startsWith('/api/v2/') ||
  /^\/(subscri(be|ption)|verify|affected|ask)(\/|$)/.test(own);

/** In: neither refused nor sent away, whatever else is wrong with the request. */
type Outcome = 'in' | 401 | 403 | 'not 403';

/** What the rule of a route means for somebody. */
export function expected(rule: Rule, who: Who, unsafe: boolean): Outcome {
  if (rule === 'public') return 'in';
  if (who.kind === 'dead token') return 401;
  if (rule === 'open' || rule === 'link') return 'not 403';
  const known = who.kind === 'session' || who.kind === 'forged' || who.kind === 'token';
  if (rule === 'door') return who.kind === 'forged' && unsafe ? 403 : 'not 403';
  if (rule === 'half') return who.kind === 'half' ? 'in' : who.kind === 'forged' && unsafe ? 403 : 401;
  if (!known) return 401;
  // From nowhere: the journey with the right Origin is in auth.test.ts.
  if (rule === 'socket') return 403;
  if (who.kind === 'forged' && unsafe) return 403;
  const has = (roles: readonly Role[]) =>
    who.roles.includes('admin') || who.roles.some((r) => roles.includes(r));
  if ('desk' in rule) return who.kind !== 'token' && has(rule.desk) ? 'in' : 403;
  if (who.kind === 'token' && !['read', rule.scope].every((s) => who.scopes?.includes(s as Scope)))
    return 403;
  return has(rule.api) ? 'in' : 403;
}
