import type { Component, Page } from '../../../../db/queries/pages.ts';
import { type Plan, proposedWords } from '../../../actions/maintenance/plan-window.ts';
import { invalid } from '../../../domain/error.ts';
import { REMINDERS } from '../../../domain/window.ts';
import { PLANNED_AS, type PlannedAs } from '../../../domain/words.ts';
import type { PlanFormView } from '../../../templates/desk-plan-views.ts';
import { duration } from '../../../templates/format.ts';
import { type Form, field, type Refused, text, texts } from '../forms.ts';
import { readTime, writeTime } from '../times.ts';

/** A plan as it stands in the fields of a form, and back. */

export const PLAN_FIELDS = ['title', 'known', 'scheduledFor', 'scheduledUntil', 'components', 'reminders'];

const HOUR = 3_600_000;

/** What is proposed to somebody who plans: tomorrow night, by itself, reminded a day and an hour before. */
export function blankForm(page: Page, now: number): Form {
  const tomorrow = Math.ceil((now + 24 * HOUR) / HOUR) * HOUR;
  return {
    scheduledFor: writeTime(tomorrow, page.timeZone, now),
    scheduledUntil: writeTime(tomorrow + 2 * HOUR, page.timeZone, now),
    reminders: [String(24 * HOUR), String(HOUR)],
    autoStart: '1',
    autoEnd: '1',
    endsAs: 'completed',
    'notify.reminder': '1',
    'notify.start': '1',
    'notify.end': '1',
  };
}

/** A plan that holds, as a form. */
export function formOfPlan(plan: Plan, page: Page, now: number): Form {
  return {
    scheduledFor: writeTime(plan.from, page.timeZone, now),
    scheduledUntil: writeTime(plan.until, page.timeZone, now),
    components: [...plan.components],
    reminders: plan.reminders.map(String),
    autoStart: plan.autoStart ? '1' : '',
    autoEnd: plan.autoEnd ? '1' : '',
    endsAs: plan.endsAs,
    ...Object.fromEntries(
      PLANNED_AS.flatMap((as) => [
        [`notify.${as}`, plan.notify?.[as] === false ? '' : '1'],
        [`planned.${as}`, plan.words?.[as] ?? ''],
      ]),
    ),
  };
}

/** What was typed, as a plan. Throws `invalid` that names the field. */
export function planOf(form: Form, page: Page, known: readonly Component[], now: number): Plan {
  const from = readTime('scheduledFor', text(form, 'scheduledFor'), page.timeZone, now, 'ahead');
  if (from === undefined) throw invalid('scheduledFor', 'Say when the work begins.');
  const until = readTime('scheduledUntil', text(form, 'scheduledUntil'), page.timeZone, from, 'ahead');
  if (until === undefined) throw invalid('scheduledUntil', 'Say when the work is planned to end.');
  const components = texts(form, 'components');
  for (const id of components)
    if (!known.some((c) => c.id === id))
      throw invalid('components', 'This page has no such part any more. Load the form again.');
  return {
    from,
    until,
    components,
    autoStart: text(form, 'autoStart') === '1',
    autoEnd: text(form, 'autoEnd') === '1',
    endsAs: text(form, 'endsAs') === 'verifying' ? 'verifying' : 'completed',
    reminders: texts(form, 'reminders').map(Number),
    words: Object.fromEntries(PLANNED_AS.map((as) => [as, text(form, `planned.${as}`)])),
    notify: Object.fromEntries(PLANNED_AS.map((as) => [as, text(form, `notify.${as}`) === '1'])),
  };
}

const LABEL: Record<PlannedAs, { label: string; help: string }> = {
  reminder: { label: 'Reminder', help: 'Said at each time ticked above.' },
  start: { label: 'When it begins', help: 'The parts then are under maintenance.' },
  end: { label: 'When it ends', help: 'The parts then work again, unless something else is wrong.' },
};

export function planFields(
  form: Form,
  page: Page,
  known: readonly Component[],
  now: number,
  refused?: Refused,
): PlanFormView {
  const at = (name: string, label: string, help: string) =>
    field(name, label, help, text(form, name), refused);
  const ours = proposedFor(form, page, now);
  const chosen = texts(form, 'components');
  const leads = texts(form, 'reminders');
  return {
    from: at('scheduledFor', 'From', 'Like 02:00, or 2026-11-29 02:00.'),
    until: at('scheduledUntil', 'Until', 'Like 04:00, or 2026-11-29 04:00.'),
    components: known.map((c) => ({ value: c.id, label: c.name, chosen: chosen.includes(c.id) })),
    componentsError: refused?.field === 'components' ? refused.message : null,
    reminders: REMINDERS.map((lead) => ({
      value: String(lead),
      label: `${duration(lead, 'en')} before`,
      chosen: leads.includes(String(lead)),
    })),
    remindersError: refused?.field === 'reminders' ? refused.message : null,
    autoStart: text(form, 'autoStart') === '1',
    autoEnd: text(form, 'autoEnd') === '1',
    ends: [
      { value: 'completed', label: 'done', chosen: text(form, 'endsAs') !== 'verifying' },
      {
        value: 'verifying',
        label: 'being checked, for an hour at most',
        chosen: text(form, 'endsAs') === 'verifying',
      },
    ],
    words: PLANNED_AS.map((as) => ({
      ...at(`planned.${as}`, LABEL[as].label, LABEL[as].help),
      proposed: ours?.[as] ?? '',
      notifyName: `notify.${as}`,
      notify: text(form, `notify.${as}`) === '1',
    })),
  };
}

/** What we would say, for as long as the times can be read. */
function proposedFor(form: Form, page: Page, now: number): Record<PlannedAs, string> | undefined {
  try {
    const { from, until, endsAs } = planOf(form, page, [], now);
    const place = { language: page.languages[0] ?? 'en', timeZone: page.timeZone };
    return proposedWords({ from, until, endsAs }, text(form, 'title').trim() || 'Planned work', place);
  } catch {
    return undefined;
  }
}
