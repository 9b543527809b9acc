import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { listConnections } from '../../../db/queries/connections.ts';
import { findDraft } from '../../../db/queries/drafts.ts';
import { getIncident, getUpdate } from '../../../db/queries/incidents.ts';
import { getPage } from '../../../db/queries/pages.ts';
import type { Ctx } from '../../actions/context.ts';
import { editUpdate } from '../../actions/draft-update.ts';
import { dropDraft, keepDraft } from '../../actions/keep-draft.ts';
import { keepPicture } from '../../actions/pictures/keep-picture.ts';
import { hasReader } from '../../actions/renditions.ts';
import { requestApproval } from '../../actions/request-approval.ts';
import { withdrawUpdate } from '../../actions/return-update.ts';
import { MOST_BYTES } from '../../domain/pictures/photo.ts';
import { isPublic } from '../../domain/update.ts';
import { renderCompose, renderPreview } from '../../templates/desk.ts';
import { takeUploads, uploadOf } from '../multipart.ts';
import { ctxOf, mustKnow } from '../who.ts';
import { endWithoutPromise, speaks, typedFrom, typedOf, wordsOf } from './compose-form.ts';
import { previewTyped } from './compose-preview.ts';
import { composeView, type Draft } from './compose-view.ts';
import { formOf, refusedBy, text } from './forms.ts';
import { type Desk, goTo, html } from './frame.ts';
import { writeTime } from './times.ts';

type ById = { Params: { id: string } };

/** A form with a picture in it, bytes: the picture, and every field at its longest. */
const MOST_UPLOAD = MOST_BYTES + 512 * 1024;
const MOST_PARTS = 600;
const STRANGER = 256 * 1024;

/** Writing an update: blocks on the left, the exact words for every network on the right. */
export function compose(app: FastifyInstance, desk: Desk): void {
  const { r, ports } = desk;

  async function load(id: string): Promise<Draft> {
    const update = await getUpdate(r, id);
    const incident = await getIncident(r, update.incidentId);
    const page = await getPage(r, update.pageId);
    const connections = (await listConnections(r, page.id)).filter(
      (c) => c.enabled && c.role !== 'oncall' && hasReader(c),
    );
    return { update, incident, page, connections };
  }

  app.get<ById>('/updates/:id', async (request, reply) => {
    const draft = await load(request.params.id);
    const { id, state } = draft.update;
    if (isPublic(state)) return goTo(reply, `/desk/updates/${id}/deliveries`);
    const wantsEdit = (request.query as { edit?: unknown }).edit !== undefined;
    if (state === 'approved' || (state === 'in_review' && !wantsEdit))
      return goTo(reply, `/desk/approvals/${id}`);
    const kept =
      (request.query as { kept?: unknown }).kept === undefined
        ? undefined
        : await findDraft(r, id, mustKnow(request).person.id);
    if (kept) {
      // The version that was open then: if somebody saved since, saving shows both texts.
      const again = typedFrom(kept.fields, usual(draft), draft.update.media ?? []);
      const after = { version: kept.version, restored: true };
      return html(reply, renderCompose(await composeView(desk, request, draft, again, after)));
    }
    const typed = typedOf(draft.update, draft.page, draft.connections, ports.base.now());
    return html(reply, renderCompose(await composeView(desk, request, draft, typed)));
  });

  /** Saves what the form says; with what is wrong, it is shown again as it was typed. */
  async function save(
    request: FastifyRequest<ById>,
    reply: FastifyReply,
    addPicture?: (ctx: Ctx, incidentId: string) => Promise<string>,
  ) {
    const form = formOf(request);
    const draft = await load(request.params.id);
    const now = ports.base.now();
    const typed = typedFrom(form, usual(draft), draft.update.media ?? []);
    const wants = text(form, 'do');
    endWithoutPromise(typed, draft.update, draft.page, now);
    const drop = /^drop:(\w+)$/.exec(wants)?.[1];
    if (drop !== undefined) typed.media = typed.media.filter((m) => m.id !== drop);
    const plus = /^plus(20|30)$/.exec(wants)?.[1];
    if (plus !== undefined)
      typed.nextUpdateBy = writeTime(
        Math.ceil((now + Number(plus) * 60_000) / 60_000) * 60_000,
        draft.page.timeZone,
        now,
      );
    const ctx = ctxOf(ports.base, request);
    let version = Number(text(form, 'version'));
    try {
      // Kept first: a wrong time in another field must not cost somebody their picture.
      const added = await addPicture?.(ctx, draft.incident.id);
      if (added !== undefined && !typed.media.some((m) => m.id === added))
        typed.media = [...typed.media, { id: added, alt: '' }];
      const words = wordsOf(typed, draft.page, draft.connections, now);
      const saved = await editUpdate(ctx, draft.update.id, version, words);
      version = saved.version;
      await dropDraft(ctx, draft.update.id);
      if (added !== undefined) return goTo(reply, `/desk/updates/${saved.id}?edit#f-alt-${added}`);
      if (drop !== undefined) return goTo(reply, `/desk/updates/${saved.id}?edit#f-media`);
      if (wants !== 'request') return goTo(reply, `/desk/updates/${saved.id}`, 'saved');
      await requestApproval(ctx, saved.id, saved.version);
      return goTo(reply, `/desk/approvals/${saved.id}`, 'asked');
    } catch (error) {
      const refused = refusedBy(error);
      const fresh = await load(draft.update.id);
      const body = await composeView(desk, request, fresh, typed, {
        refused,
        version: refused.field === 'version' ? fresh.update.version : version,
      });
      return html(reply, renderCompose(body), refused.status);
    }
  }

  app.post<ById>('/updates/:id', (request, reply) => save(request, reply));

  // In a scope of its own: no other form of an update brings files.
  app.register(async (inner) => {
    takeUploads(inner, { bytes: MOST_UPLOAD, parts: MOST_PARTS });
    // A stranger's bytes are not read, however few: only what a person may still be asked to sign in for.
    inner.addHook('onRequest', async (request) => {
      if (!request.who && Number(request.headers['content-length'] ?? Number.POSITIVE_INFINITY) > STRANGER)
        mustKnow(request);
    });
    inner.post<ById>('/updates/:id/pictures', (request, reply) =>
      save(request, reply, async (ctx, incidentId) => {
        const file = uploadOf(request.body, 'picture');
        return (await keepPicture(ctx, incidentId, file?.bytes ?? new Uint8Array())).id;
      }),
    );
  });

  app.post<ById>('/updates/:id/preview', async (request, reply) => {
    const draft = await load(request.params.id);
    const { update, page, connections } = draft;
    const now = ports.base.now();
    const typed = typedFrom(formOf(request), usual(draft), update.media ?? []);
    endWithoutPromise(typed, update, page, now);
    const preview = await previewTyped(desk, update, typed, page, connections, now);
    return reply.header('cache-control', 'no-store').send({ html: renderPreview(preview) });
  });

  // What is being typed, kept for its author alone until they save it.
  app.post<ById>('/updates/:id/draft', async (request, reply) => {
    const { version, csrf: _, do: _do, ...fields } = formOf(request);
    const savedAt = await keepDraft(ctxOf(ports.base, request), request.params.id, {
      fields: fields as Record<string, string | string[]>,
      version: Number(version) || 0,
    });
    return reply.header('cache-control', 'no-store').send({ savedAt });
  });

  app.post<ById>('/updates/:id/draft/drop', async (request, reply) => {
    await dropDraft(ctxOf(ports.base, request), request.params.id);
    return goTo(reply, `/desk/updates/${encodeURIComponent(request.params.id)}?edit`, 'draft-dropped');
  });

  app.post<ById>('/updates/:id/withdraw', async (request, reply) => {
    const update = await withdrawUpdate(
      ctxOf(ports.base, request),
      request.params.id,
      text(formOf(request), 'reason'),
    );
    return goTo(reply, `/desk/incidents/${update.incidentId}`, 'withdrawn');
  });
}

const usual = ({ update, connections }: Draft): string[] =>
  update.connectionIds ?? connections.filter(speaks).map((c) => c.id);
