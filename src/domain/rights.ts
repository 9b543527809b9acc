import type { Role } from './words.ts';

/** Who may do what where: roles hold everywhere, unless a page has its own for this person. */

export interface RightsOf {
  roles: readonly Role[];
  /** Page id to the roles held there instead of the usual ones; none at all is an empty list. */
  pageRoles: Readonly<Record<string, readonly Role[]>> | null;
}

/** An admin of the installation is one on every page: they could give the role back to themselves anyway. */
export function rolesOn(person: RightsOf, pageId: string): readonly Role[] {
  if (person.roles.includes('admin')) return person.roles;
  const own = person.pageRoles;
  return own !== null && Object.hasOwn(own, pageId) ? (own[pageId] ?? []) : person.roles;
}

export const mayRead = (person: RightsOf, pageId: string): boolean => rolesOn(person, pageId).length > 0;

export const mayWrite = (roles: readonly Role[]): boolean =>
  roles.includes('author') || roles.includes('approver') || roles.includes('admin');

export const mayApprove = (roles: readonly Role[]): boolean =>
  roles.includes('approver') || roles.includes('admin');

export const mayAnswer = (roles: readonly Role[]): boolean => roles.includes('responder') || mayWrite(roles);
