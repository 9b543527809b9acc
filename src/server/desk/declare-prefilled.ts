import { listConnections } from '../../../db/queries/connections.ts';
import type { Page } from '../../../db/queries/pages.ts';
import { listApprovers } from '../../actions/approval/ask-approvers.ts';
import { hasReader } from '../../actions/renditions.ts';
import type { UpdateClass } from '../../domain/words.ts';
import { languageName } from '../../live/place.ts';
import { list } from '../../templates/format.ts';
import { needed } from './approvals.ts';
import { speaks } from './compose-form.ts';
import { connectionState } from './connection-state.ts';
import type { Desk } from './frame.ts';
import { count } from './words.ts';

const SOME = 3;

/** The first few by name, and how many more. */
const some = (names: readonly string[]): string =>
  list(names.length > SOME + 1 ? [...names.slice(0, SOME), `${names.length - SOME} more`] : names, 'en');

/** What is decided already when somebody declares: who owns it, who says yes, where and in what languages it is said. */
export async function prefilled(
  { r }: Pick<Desk, 'r'>,
  page: Page,
  me: { id: string; name: string },
  of: UpdateClass,
  now: number,
): Promise<{ label: string; value: string; warn: boolean }[]> {
  const words = { pageId: page.id, authorIds: [me.id], voiceOf: null };
  const people = (await listApprovers(r, words, page, now)).map((p) => p.name);
  const networks = (await listConnections(r, page.id)).filter((c) => speaks(c) && hasReader(c));
  const trouble = networks.filter((c) => connectionState(c, now).state.tone === 'bad').map((c) => c.name);
  const yeses = count(needed(page.policy, { class: of }), 'yes', 'yeses');
  return [
    { label: 'Owner', value: `You, ${me.name}`, warn: false },
    page.policy.solo
      ? { label: 'Approval', value: 'Solo: you may say yes yourself', warn: false }
      : people.length === 0
        ? {
            label: 'Approval',
            value: 'Nobody here may say yes to your words: an admin can add an approver',
            warn: true,
          }
        : { label: 'Approval', value: `${yeses} from ${some(people)}`, warn: false },
    {
      label: 'Networks',
      value:
        networks.length === 0
          ? 'None is connected: the status page alone'
          : `The page first, then ${some(networks.map((c) => c.name))}`,
      warn: false,
    },
    ...(trouble.length === 0
      ? []
      : [
          {
            label: 'Cannot speak',
            value: `${some(trouble)}: post there by hand, or mend it first`,
            warn: true,
          },
        ]),
    { label: 'Languages', value: list(page.languages.map(languageName), 'en'), warn: false },
  ];
}
