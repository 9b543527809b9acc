import { getIncident, listPublishedUpdates, type Update } from '../../db/queries/incidents.ts';
import { getPage } from '../../db/queries/pages.ts';
import { conflict, invalid } from '../domain/error.ts';
import { checkText } from '../domain/update.ts';
import { clockZone } from '../templates/format.ts';
import { type Ctx, mustBe } from './context.ts';
import { draftUpdate } from './draft-update.ts';

const SAID = /^We checked [^\n]*?: nothing has changed\.\s*/;
/** Words that name nothing which could have been checked. */
const NOTHING = /^(it|this|that|all|again|things|everything|nothing|the (situation|issue|problem))$/i;

/**
 * Starts an update that says nothing has changed. It says what was looked at, and when, before the words that still
 * hold: an update without news is only worth reading for that. `nextUpdateBy` in ms.
 */
export async function draftNoChange(
  ctx: Ctx,
  incidentId: string,
  checked: string,
  nextUpdateBy: number,
): Promise<Update> {
  mustBe(ctx.actor, ['author', 'approver'], 'draft');
  const what = checked
    .trim()
    .replace(/^we checked\s+/i, '')
    .replace(/[.\s]+$/, '');
  if (what.length < 3 || NOTHING.test(what))
    throw invalid('checked', 'Say what was checked, like “payments with three banks”.');
  if (/[\n\r]/.test(what)) throw invalid('checked', 'Say it in one line.');
  checkText('checked', what, 200);
  const r = ctx.store.read;
  const incident = await getIncident(r, incidentId);
  const page = await getPage(r, incident.pageId);
  const last = (await listPublishedUpdates(r, [incidentId])).findLast((u) => !u.heartbeat);
  if (!last)
    throw conflict('Nothing has been said yet, so there is nothing that could have stayed the same.');
  const at = clockZone(ctx.now(), { language: 'en', timeZone: page.timeZone });
  const say = (words: string) =>
    `We checked ${what} at ${at}: nothing has changed. ${words.replace(SAID, '')}`;
  return draftUpdate(ctx, incidentId, {
    blocks: last.body === '' ? { ...last.blocks, known: say(last.blocks.known ?? '') } : last.blocks,
    body: last.body === '' ? '' : say(last.body),
    connectionIds: last.connectionIds,
    language: last.language,
    nextUpdateBy,
  });
}
