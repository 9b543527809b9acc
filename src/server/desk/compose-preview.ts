import type { Connection } from '../../../db/queries/connections.ts';
import type { Update } from '../../../db/queries/incidents.ts';
import type { Page } from '../../../db/queries/pages.ts';
import { attachedOf } from '../../actions/pictures/keep-picture.ts';
import { previewWords } from '../../actions/request-approval.ts';
import { type Typed, wordsOf } from './compose-form.ts';
import { refusedBy } from './forms.ts';
import type { Desk } from './frame.ts';
import { previewView } from './previews.ts';

/** What would leave if these fields were saved; where they cannot be read, that is what keeps it from leaving. */
export async function previewTyped(
  { r, ports }: Desk,
  update: Update,
  typed: Typed,
  page: Page,
  connections: readonly Connection[],
  now: number,
) {
  try {
    const words = wordsOf(typed, page, connections, now);
    const media = await attachedOf(r, update.incidentId, words.media);
    const put = { ...update, ...words, media };
    return previewView(await previewWords(r, put, now, ports.exercise), ports.channels);
  } catch (error) {
    const { field = 'blocks', message } = refusedBy(error);
    const words = wordsOf(
      {
        ...typed,
        nextUpdateBy: '',
        publishAt: '',
        status: update.status,
        class: update.class,
        components: {},
      },
      page,
      connections,
      now,
    );
    const put = { ...update, ...words, media: field === 'media' ? null : update.media };
    const preview = await previewWords(r, put, now, ports.exercise);
    const blocked = preview.blocked.filter((b) => b.field !== field && b.field !== 'nextUpdateBy');
    return previewView({ ...preview, blocked: [{ field, message }, ...blocked] }, ports.channels);
  }
}
