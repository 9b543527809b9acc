import type { Test } from 'tap';
import { listDeliveriesOfUpdates } from '../../db/queries/deliveries.ts';
import { isTerminal } from '../../src/domain/delivery.ts';
import { formWith } from '../pictures.ts';
import type { Visitor } from '../visitor.ts';
import { fieldOf, idIn, openHouse, words } from './house.ts';

export const ALT = 'A notice on a shop door: no cards today, cash only.';

/** The ids of the pictures that a form shows, in their order. */
export const picturesIn = (body: string): string[] =>
  Array.from(body.matchAll(/name="pic" value="(\w+)"/g), (m) => m[1] ?? '');

/** A house with networks, Dana at the desk and Marcus beside her, and what people do there with pictures. */
export async function openPictureDesk(t: Test) {
  const house = await openHouse({ networks: true });
  t.teardown(() => house.close());
  const { app, simulator } = house;
  const dana = await house.enter(house.dana);
  const marcus = await house.enter(house.marcus);

  /** Sends a form with a picture in it, as a browser without scripts does. */
  async function attach(
    visitor: Visitor,
    id: string,
    fields: Record<string, string | string[]>,
    bytes: Buffer | undefined,
    filename = 'photo.jpg',
  ) {
    const { headers, payload } = formWith(
      { csrf: visitor.csrf, pics: '1', do: 'attach', ...fields },
      bytes && { name: 'picture', filename, type: 'image/jpeg', bytes },
    );
    const answer = await app.server.inject({
      method: 'POST',
      url: `/desk/updates/${id}/pictures`,
      headers: { ...headers, accept: 'text/html', cookie: visitor.cookie },
      payload,
    });
    return { status: answer.statusCode, body: answer.body, to: String(answer.headers.location ?? '') };
  }

  /** An incident whose update has a picture, described, saved and not yet asked for. */
  async function draftWith(bytes: Buffer, more: Record<string, string> = {}) {
    const declared = await dana.post('/desk/declare', { title: 'Cards fail', kind: 'incident', go: 'write' });
    const id = idIn(declared.to);
    const draft = await dana.get(`/desk/updates/${id}`);
    const next = fieldOf(draft.body, 'nextUpdateBy');
    const typed = { ...words(fieldOf(draft.body, 'version'), { nextUpdateBy: next, ...more }) };
    const attached = await attach(dana, id, typed, bytes);
    const after = await dana.get(`/desk/updates/${id}?edit`);
    const [picture = ''] = picturesIn(after.body);
    const all = { ...typed, version: fieldOf(after.body, 'version'), pics: '1', pic: picture };
    return { id, attached, after, picture, typed: all };
  }

  /** Waits until the networks have said what became of it, and the page has heard. */
  async function settled(id: string): Promise<void> {
    const isDone = async () => {
      const deliveries = await listDeliveriesOfUpdates(app.store.read, [id]);
      return deliveries.length > 0 && deliveries.every((d) => isTerminal(d.state));
    };
    for (;;) {
      // Listened to before the look: what happens in between is heard, too.
      let unhint = () => {};
      const heard = new Promise<void>((done) => {
        unhint = app.store.onHint(done);
      });
      const done = await isDone();
      if (!done) await heard;
      unhint();
      if (done) break;
    }
    await app.live.settled();
  }

  /** What a network has. */
  const posts = async (network: string) =>
    (await fetch(`${simulator?.url}/_sim/posts?network=${network}`).then((r) => r.json())) as {
      text: string;
      deletedAt: number | null;
      raw: { media?: { alt: string; mime: string; name: string }[] };
    }[];

  return { house, app, dana, marcus, attach, draftWith, settled, posts };
}
