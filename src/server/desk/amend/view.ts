import { listConnections } from '../../../../db/queries/connections.ts';
import { getUpdate, type Update } from '../../../../db/queries/incidents.ts';
import { getPage } from '../../../../db/queries/pages.ts';
import { previewWords } from '../../../actions/request-approval.ts';
import { takesBack } from '../../../domain/versions.ts';
import type { AmendingView } from '../../../templates/desk-amend-views.ts';
import { diffWords } from '../../../templates/diff.ts';
import { field, type Refused } from '../forms.ts';
import type { Desk } from '../frame.ts';
import { moment, placeOf } from '../moments.ts';
import { textOf } from '../words.ts';
import { picturesThere } from './pictures.ts';
import { AMENDS, planLines } from './words.ts';

/**
 * What words put right, and what will be done on each network: as it stands while they are being written, and as it was
 * planned once approval was asked for. Null for words of their own.
 */
export async function amendingView(
  { r, ports }: Desk,
  update: Update,
  typed?: { note: string; text: string; refused: Refused | undefined },
): Promise<AmendingView | null> {
  if (update.amends === null || update.correctsId === null) return null;
  const wrong = await getUpdate(r, update.correctsId);
  const page = await getPage(r, update.pageId);
  const now = ports.base.now();
  const connections = new Map((await listConnections(r, page.id)).map((c) => [c.id, c]));
  const plan =
    typed === undefined && update.plan !== null
      ? update.plan
      : (await previewWords(r, update, now, ports.exercise)).plan;
  const back = takesBack(update.amends);
  const there = await picturesThere(r, wrong, update);
  return {
    name: AMENDS[update.amends].name,
    takesBack: back,
    note: field(
      'note',
      back ? 'Why it is taken back' : 'What was wrong',
      'One sentence for the public. It stands first everywhere.',
      typed?.note ?? update.note ?? '',
      typed?.refused,
    ),
    was: textOf(wrong),
    said: `${back ? 'Taken back' : 'Changed'}: what was said ${moment(wrong.publishedAt ?? wrong.updatedAt, now, placeOf(page)).text}`,
    changed: diffWords(textOf(wrong), typed?.text ?? textOf(update)),
    pictures: there.onPage,
    plan: planLines(plan, connections, there),
  };
}
