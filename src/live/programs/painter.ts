import { Worker } from 'node:worker_threads';
import type { CardModel } from '../../templates/card.ts';

/** Draws cards in a thread of its own: one takes up to a third of a second, in which nobody else would be served. */
export interface Painter {
  paint(card: CardModel, format: PictureFormat): Promise<Buffer>;
  close(): Promise<void>;
}
export type PictureFormat = 'png' | 'jpg';

/** What goes to the thread and comes back from it. */
export interface Order {
  id: number;
  card: CardModel;
  format: PictureFormat;
}
export type Delivered = { id: number; body: Uint8Array } | { id: number; error: string };

/** A thread that had nothing to draw for so long is let go, ms. */
const IDLE_MS = 60_000;

export function openPainter(): Painter {
  const waiting = new Map<number, { done(body: Buffer): void; fail(error: Error): void }>();
  let worker: Worker | undefined;
  let idle: NodeJS.Timeout | undefined;
  let last = 0;

  function start(): Worker {
    const made = new Worker(new URL('./painter-thread.ts', import.meta.url));
    made.unref();
    made.on('message', (answer: Delivered) => {
      const asker = waiting.get(answer.id);
      waiting.delete(answer.id);
      if ('body' in answer) asker?.done(Buffer.from(answer.body));
      else asker?.fail(new Error(answer.error));
      if (waiting.size === 0) rest();
    });
    made.on('error', (error: Error) => lose(made, error));
    made.on('exit', () => lose(made, new Error('the thread that draws pictures ended')));
    return made;
  }

  function lose(gone: Worker, error: Error): void {
    if (worker !== gone) return;
    worker = undefined;
    for (const { fail } of waiting.values()) fail(error);
    waiting.clear();
  }

  function rest(): void {
    worker?.unref();
    clearTimeout(idle);
    idle = setTimeout(() => void stop(), IDLE_MS).unref();
  }

  async function stop(): Promise<void> {
    clearTimeout(idle);
    const gone = worker;
    if (gone) lose(gone, new Error('nobody draws any more'));
    await gone?.terminate();
  }

  return {
    paint(card, format) {
      clearTimeout(idle);
      worker ??= start();
      worker.ref();
      last += 1;
      const order: Order = { id: last, card, format };
      return new Promise<Buffer>((done, fail) => {
        waiting.set(order.id, { done, fail });
        worker?.postMessage(order);
      });
    },
    close: stop,
  };
}
