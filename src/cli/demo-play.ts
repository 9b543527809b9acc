import { once } from 'node:events';
import { isTerminal } from '../domain/delivery.ts';
import type { Blocks, ComponentStatus, DeliveryState, IncidentStatus } from '../domain/words.ts';
import { ROUTES_ALT, routesPicture } from './demo-picture.ts';
import type { DemoWorld } from './demo-world.ts';

export interface Played {
  /** From approval until an open page showed the update, ms, one an update. */
  pageMs: number[];
  /** From approval until every network had it and showed it to us, ms, one an update. */
  allChannelsMs: number[];
  deliveries: Partial<Record<DeliveryState, number>>;
  links: { channel: string; url: string | null }[];
}

interface Step {
  status: IncidentStatus;
  blocks: Blocks;
  components: Record<string, ComponentStatus>;
  /** A picture that goes with the words, and what it shows. */
  picture?: { bytes(): Buffer; alt: string };
}

const STEPS: Step[] = [
  {
    status: 'investigating',
    blocks: {
      known: 'Some card payments are failing right now.',
      doing: 'We’re looking into why.',
      action: 'Please don’t retry a payment that shows as pending: you could be charged twice.',
    },
    components: { 'Card payments': 'partial_outage' },
  },
  {
    status: 'identified',
    blocks: {
      care: 'We’re sorry: we know shops and customers are waiting at the till.',
      known:
        'Since 14:09 UTC about 3 in 10 card payments fail, in shops and online. A change we made broke one of our two routes to the card networks. Bank transfers and refunds work.',
      unknown: 'We don’t know yet when every card payment will work again.',
      doing: 'We are moving all card payments to the route that works.',
      action: 'Don’t retry a payment that shows as pending. If it can’t wait, pay by bank transfer.',
    },
    components: { 'Card payments': 'major_outage', 'API and webhooks': 'partial_outage' },
    picture: { bytes: routesPicture, alt: ROUTES_ALT },
  },
  {
    status: 'monitoring',
    blocks: {
      known: 'Card payments are working again. No card data was lost. Failed payments were not charged.',
      doing: 'We are watching closely and checking each pending payment.',
      action: 'You can pay by card again.',
    },
    components: { 'Card payments': 'degraded_performance', 'API and webhooks': 'operational' },
  },
];

/** Plays a site outage through the public API, as two people with a token each would. */
export async function playOutage(
  url: string,
  world: DemoWorld,
  say: (line: string) => void,
): Promise<Played> {
  const played: Played = { pageMs: [], allChannelsMs: [], deliveries: {}, links: [] };
  const asAuthor = api(url, world.author.token);
  const asApprover = api(url, world.approver.token);
  const reader = await openReader(url, world.page.id);
  try {
    const incident = await asAuthor<{ id: string }>('POST', '/incidents', {
      title: 'Card payments are failing',
      objective: 'Keep shops and customers from paying twice, and say when it works again.',
    });
    for (const step of STEPS) {
      const components = Object.fromEntries(
        Object.entries(step.components).map(([name, status]) => [
          world.components.find((c) => c.name === name)?.id ?? name,
          status,
        ]),
      );
      const media: { id: string; alt: string }[] = [];
      if (step.picture) {
        const { id } = await asAuthor<{ id: string }>(
          'POST',
          `/incidents/${incident.id}/pictures`,
          step.picture.bytes(),
        );
        media.push({ id, alt: step.picture.alt });
      }
      const draft = await asAuthor<{ id: string; version: number }>(
        'POST',
        `/incidents/${incident.id}/updates`,
        {
          status: step.status,
          blocks: step.blocks,
          components,
          media,
          nextUpdateBy: Date.now() + 20 * 60_000,
        },
      );
      const asked = await asAuthor<{ hash: string }>('POST', `/updates/${draft.id}/request-approval`, {
        version: draft.version,
      });
      const start = performance.now();
      const published = await asApprover<{ publishedSeq: number }>('POST', `/updates/${draft.id}/approve`, {
        hash: asked.hash,
      });
      played.pageMs.push((await reader.until(published.publishedSeq)) - start);
      const update = await settled(asAuthor, draft.id);
      played.allChannelsMs.push(performance.now() - start);
      for (const d of update.deliveries) {
        played.deliveries[d.state] = (played.deliveries[d.state] ?? 0) + 1;
        const connection = update.connections.get(d.connectionId) ?? d.connectionId;
        played.links.push({ channel: connection, url: d.receipt?.url ?? null });
        say(
          `  ${step.status.padEnd(14)} ${connection.padEnd(24)} ${d.state.padEnd(10)} ${d.receipt?.url ?? d.reason ?? ''}`,
        );
      }
    }
  } finally {
    reader.close();
  }
  return played;
}

type Api = <T>(method: string, path: string, body?: unknown) => Promise<T>;

function api(url: string, token: string): Api {
  return async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const answer = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined
          ? {}
          : { 'content-type': body instanceof Uint8Array ? 'image/png' : 'application/json' }),
      },
      ...(body === undefined
        ? {}
        : { body: body instanceof Uint8Array ? new Uint8Array(body) : JSON.stringify(body) }),
    });
    const json = (await answer.json()) as T & { message?: string };
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${json.message ?? ''}`);
    return json;
  };
}

interface ShownUpdate {
  deliveries: {
    state: DeliveryState;
    connectionId: string;
    reason: string | null;
    receipt: { url: string | null } | null;
  }[];
}

/** Asks until every delivery has come to its end, at most a minute. */
async function settled(ask: Api, updateId: string) {
  const names = await ask<{ id: string; name: string }[]>('GET', '/connections');
  const connections = new Map(names.map((c) => [c.id, c.name]));
  const deadline = performance.now() + 60_000;
  for (;;) {
    const update = await ask<ShownUpdate>('GET', `/updates/${updateId}`);
    if (update.deliveries.every((d) => isTerminal(d.state)) || performance.now() > deadline)
      return { ...update, connections };
    await new Promise((done) => setTimeout(done, 20));
  }
}

/** A reader with the page open: resolves with the moment at which a seq was shown. */
async function openReader(url: string, pageId: string) {
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/live?page=${pageId}&lang=en&after=0`);
  const seenAt: { seq: number; at: number }[] = [];
  const target = new EventTarget();
  socket.addEventListener('message', (event) => {
    const frame = JSON.parse(String(event.data)) as { type: string; seq?: number };
    if (frame.seq === undefined || frame.type === 'hello') return;
    seenAt.push({ seq: frame.seq, at: performance.now() });
    target.dispatchEvent(new Event('frame'));
  });
  await once(socket, 'open');
  return {
    async until(seq: number): Promise<number> {
      for (;;) {
        const hit = seenAt.find((x) => x.seq >= seq);
        if (hit) return hit.at;
        await once(target, 'frame', { signal: AbortSignal.timeout(30_000) });
      }
    },
    close: () => socket.close(),
  };
}
