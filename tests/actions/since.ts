import { lastSeq, listAudit, listEventsAfter } from '../../db/queries/log.ts';
import type { House } from '../house.ts';

/** What has been accounted for and said since `start` or the last `take`, in order. */
export function since(house: House) {
  let audit = 0;
  let seq = 0;
  const { store } = house;
  return {
    async start() {
      audit = (await listAudit(store.read, 0, 10_000)).at(-1)?.seq ?? 0;
      seq = await lastSeq(store.read);
    },
    async take() {
      const rows = await listAudit(store.read, audit, 10_000);
      const events = await listEventsAfter(store.read, seq, 10_000);
      audit = rows.at(-1)?.seq ?? audit;
      seq = events.at(-1)?.seq ?? seq;
      return {
        audit: rows.map((a) => a.action),
        actors: [...new Set(rows.map((a) => a.actorId))],
        events: events.map((e) => e.kind),
        public: events.filter((e) => e.public).map((e) => e.kind),
      };
    },
  };
}
