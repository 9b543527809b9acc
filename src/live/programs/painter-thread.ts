import { parentPort } from 'node:worker_threads';
import { renderCard, renderCardJpeg } from '../../templates/card.ts';
import type { Delivered, Order } from './painter.ts';

/** The other end of `painter.ts`. */
parentPort?.on('message', ({ id, card, format }: Order) => {
  const answer = (what: Delivered) => parentPort?.postMessage(what);
  try {
    answer({ id, body: format === 'png' ? renderCard(card) : renderCardJpeg(card) });
  } catch (error) {
    answer({ id, error: String(error) });
  }
});
