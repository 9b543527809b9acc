import {
  type Component,
  changeComponent as change,
  deleteComponent,
  deleteEmptyGroups,
  hasChanged,
  listComponents,
} from '../../../db/queries/pages.ts';
import { conflict, invalid, notFound } from '../../domain/error.ts';
import { checkText } from '../../domain/update.ts';
import { type Ctx, type Decision, decide, mustBe } from '../context.ts';
import { groupNamed } from '../set-up-page.ts';

/** What an admin decides about a part of the service; an empty group or description takes it away. */
export interface ComponentChange {
  name: string;
  description: string;
  group: string;
  /** Stands on the page only while it does not work. */
  onlyShowIfDegraded: boolean;
}

/** Renames a component, or puts it elsewhere. Its history goes with it. */
export function changeComponent(ctx: Ctx, pageId: string, id: string, to: ComponentChange): Promise<void> {
  return touch(ctx, pageId, id, 'component.change', async ({ w, now }) => {
    const name = to.name.trim();
    const description = to.description.trim();
    checkText('name', name, 100);
    checkText('description', description, 500);
    if (name === '') throw invalid('name', 'Give a name of 1 to 100 characters.');
    const group = await groupNamed(ctx, w, pageId, to.group, now);
    await change(w, id, {
      name,
      description: description === '' ? null : description,
      groupId: group?.id ?? null,
      onlyShowIfDegraded: to.onlyShowIfDegraded,
      updatedAt: now,
    });
    await deleteEmptyGroups(w, pageId);
    return { name };
  });
}

/** Moves a component one place up or down among those of its group. */
export function moveComponent(ctx: Ctx, pageId: string, id: string, way: 'up' | 'down'): Promise<void> {
  return touch(ctx, pageId, id, 'component.move', async ({ w, now }, component, all) => {
    const beside = all.filter((c) => c.groupId === component.groupId);
    const other = beside[beside.indexOf(component) + (way === 'up' ? -1 : 1)];
    if (!other) return { way };
    // Two that once got the same position would stay where they are, so every one is numbered anew.
    const order = all.map((c) => (c === component ? other : c === other ? component : c));
    for (const [i, c] of order.entries())
      if (c.position !== i + 1) await change(w, c.id, { position: i + 1, updatedAt: now });
    return { way };
  });
}

/** Takes a component away that nothing was ever said about. Throws `conflict` when history stands on it. */
export function removeComponent(ctx: Ctx, pageId: string, id: string): Promise<void> {
  return touch(ctx, pageId, id, 'component.remove', async ({ w }, component) => {
    if (component.status !== 'operational' || (await hasChanged(w, id)))
      throw conflict(
        `“${component.name}” stands in what was said about past incidents, so it stays. Rename it, or show it only while it does not work.`,
      );
    await deleteComponent(w, id);
    await deleteEmptyGroups(w, pageId);
    return { name: component.name };
  });
}

async function touch(
  ctx: Ctx,
  pageId: string,
  id: string,
  action: string,
  work: (d: Decision, component: Component, all: Component[]) => Promise<Record<string, unknown>>,
): Promise<void> {
  mustBe(ctx.actor, ['admin'], 'admin');
  await decide(ctx, async (d) => {
    const all = await listComponents(d.w, pageId);
    const component = all.find((c) => c.id === id);
    if (!component) throw notFound('component');
    const detail = await work(d, component, all);
    await d.say({ pageId, kind: 'page.changed', public: true, incidentId: null, updateId: null });
    await d.account({ action, subjectKind: 'component', subjectId: id, detail });
  });
}
