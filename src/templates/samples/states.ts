import type { PageView } from '../views.ts';
import { grave } from './meridia.ts';
import { active } from './northwind.ts';
import { empty, late, operational, resolved, rtl, several, stale, working } from './northwind-states.ts';

/** Every state of the public page, by name. */
export const STATES: Record<string, PageView> = {
  operational,
  active,
  late,
  stale,
  grave,
  several,
  resolved,
  working,
  empty,
  rtl,
};
