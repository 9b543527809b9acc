import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { openTurnstile } from '../../domain/pace.ts';
import { belongsTo, linksIn } from '../../domain/provenance.ts';
import { addressKey } from '../../live/caps.ts';
import { type Judged, openOurWords } from '../../live/our-words.ts';
import { dayAndClock, zoneName } from '../../templates/format.ts';
import { pageWords } from '../../templates/strings/page/words.ts';
import { type FoundView, renderVerify } from '../../templates/visitors.ts';
import { formOf, text } from '../desk/forms.ts';
import { cold } from '../public.ts';
import { type Door, plainPage, type Standing, show, standing } from '../subscribe/door.ts';

/** Each is held against everything that was said lately. */
const PACE = { burst: 20, everyMs: 2_000 };

/** “Is this message really from us?”: a message is held against what was published, sentence by sentence. */
export function serveVerify(app: FastifyInstance, door: Door, befores: readonly string[]): void {
  const ourWords = openOurWords(door.ports.base.store.read);
  const turnstile = openTurnstile(PACE);

  async function ask(request: FastifyRequest, reply: FastifyReply) {
    const here = await standing(door, request);
    // Whole, or not at all: what is cut off may be what somebody has put below our words.
    const asked = text(formOf(request), 'q');
    const waitMs = turnstile.admit(addressKey(request.ip), Date.now());
    if (waitMs > 0) {
      reply.header('retry-after', String(Math.ceil(waitMs / 1_000)));
      return show(here, reply, draw(here, asked, null, pageWords(here.language).tooMany), 429);
    }
    const judged = await cold(() => ourWords.judge(here.page.id, asked, here.language));
    return show(here, reply, draw(here, asked, foundView(here, judged, asked)));
  }

  for (const before of befores) {
    app.get(`${before}/verify`, async (request, reply) => {
      const here = await standing(door, request);
      return show(here, reply, draw(here, '', null));
    });
    app.post(`${before}/verify`, ask);
  }
}

const draw = (here: Standing, asked: string, found: FoundView | null, trouble: string | null = null) =>
  renderVerify({ page: plainPage(here, '/verify'), action: `${here.path}/verify`, asked, found, trouble });

function foundView({ page, path, language }: Standing, judged: Judged, asked: string): FoundView {
  const place = { language, timeZone: page.timeZone };
  const when = (at: number) => `${dayAndClock(at, place)} ${zoneName(at, place)}`;
  const official = [new URL(page.url).hostname, ...(page.settings.officialHosts ?? [])];
  const none = { when: '', strange: [], badLinks: strangers(asked, official), said: [], now: [], url: null };
  switch (judged.is) {
    case 'short':
    case 'nothing yet':
      return { ...none, is: judged.is };
    case 'unknown':
      return { ...none, is: 'unknown', when: when(judged.since) };
    default:
      return {
        ...none,
        is: judged.is,
        when: when(judged.publishedAt),
        strange: judged.strange,
        said: judged.said,
        now: judged.now,
        url: `${path}/incidents/${judged.incidentId}#u-${judged.updateId}`,
      };
  }
}

const strangers = (asked: string, official: readonly string[]): string[] => [
  ...new Set(linksIn(asked).filter((host) => !belongsTo(host, official))),
];
