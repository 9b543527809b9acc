import type { Connection } from '../../db/queries/connections.ts';
import { kindsOffered } from '../domain/subscriber.ts';
import { subscriberWords } from '../templates/strings/subscriber/words.ts';
import type { PageHead, PageLinks } from '../templates/views.ts';

/** Where a page offers its updates, by what it can send: mail by a small form of its own, the others a link away. */
export function subscribeLinks(
  connections: readonly Connection[],
  path: string,
  language: string,
): Pick<PageLinks, 'subscribe' | 'subscribing' | 'ways'> {
  const { kind: names } = subscriberWords(language);
  const offered = kindsOffered(connections);
  const page = `${path}/subscribe`;
  return {
    subscribe: offered.includes('email') ? page : null,
    subscribing: offered.length > 0 ? page : null,
    ways: offered
      .filter((kind) => kind !== 'email')
      .map((kind) => ({ label: names[kind], url: `${page}?by=${kind}` })),
  };
}

/** The same view for a copy in a file: nothing can be sent from there, so nothing is asked. */
export const asCopy = <V extends { page: PageHead }>(view: V): V => ({
  ...view,
  page: {
    ...view.page,
    links: {
      ...view.page.links,
      subscribe: null,
      subscribing: null,
      ways: [],
      verify: null,
      affected: null,
      ask: null,
    },
  },
});
