import type { FastifyRequest } from 'fastify';
import { findDraft } from '../../../db/queries/drafts.ts';
import type { Update } from '../../../db/queries/incidents.ts';
import { BLOCKS } from '../../domain/words.ts';
import type { ComposeView } from '../../templates/desk-update-views.ts';
import type { PersonView } from '../../templates/desk-views.ts';
import { list, type Place } from '../../templates/format.ts';
import { mustKnow } from '../who.ts';
import { text } from './forms.ts';
import type { Desk } from './frame.ts';
import { moment } from './moments.ts';
import { BLOCK } from './words.ts';

/** What somebody typed here and never saved, if it says anything else than what is saved. */
export async function keptView(
  { r, ports }: Desk,
  request: FastifyRequest,
  update: Update,
  place: Place,
): Promise<ComposeView['kept']> {
  const kept = await findDraft(r, update.id, mustKnow(request).person.id);
  if (!kept) return null;
  const words = [
    ...BLOCKS.map((b) => ({
      label: BLOCK[b].label,
      text: text(kept.fields, b).trim(),
      saved: update.blocks[b] ?? '',
    })),
    ...(update.media ?? []).map((m, i) => ({
      label: `What picture ${i + 1} shows`,
      text: (kept.fields[`alt.${m.id}`] === undefined ? m.alt : text(kept.fields, `alt.${m.id}`)).trim(),
      saved: m.alt,
    })),
    { label: 'Plain text', text: text(kept.fields, 'body').trim(), saved: update.body },
  ].filter((w) => w.text !== w.saved);
  if (words.length === 0) return null;
  return {
    when: moment(kept.savedAt, ports.base.now(), place),
    words: words.map((w) => ({ label: w.label, text: w.text || '(nothing)' })),
    restoreHref: `/desk/updates/${update.id}?edit&kept`,
    dropAction: `/desk/updates/${update.id}/draft/drop`,
  };
}

/** Who else has the same update open: neither overwrites the other, and both know. */
export function presentView(
  desk: Desk,
  request: FastifyRequest,
  update: Update,
  names: (id: string) => PersonView,
): string | null {
  const others = desk.presence
    .lookingAt(`/desk/updates/${update.id}`, mustKnow(request).person.id)
    .map((id) => names(id).name);
  if (others.length === 0) return null;
  return `${list(others, 'en')} ${others.length === 1 ? 'has' : 'have'} this open too. Whoever saves second sees both texts.`;
}
