import t from 'tap';
import type { EventRow } from '../../db/queries/log.ts';
import { lineOf, tellEvents } from '../../src/server/desk/log.ts';

let seq = 0;
const event = (kind: string, updateId: string | null, detail: EventRow['detail'] = {}): EventRow => {
  seq += 1;
  return { seq, at: seq * 1_000, kind, pageId: 'p', incidentId: 'i', updateId, public: false, detail };
};
const names = (id: string) => ({ name: id, initials: id.slice(0, 1) });
const NETWORKS = ['X', 'Mastodon', 'Bluesky', 'Threads', 'LinkedIn', 'SMS'];
const networks = new Map(NETWORKS.map((name) => [name, name]));
const told = (events: EventRow[], most = 40) =>
  tellEvents(events.toReversed(), most).map((line) => lineOf(line, names, networks));

t.test('what people decided is not buried by what networks did', async (t) => {
  const one = (kind: string, connectionId: string, reason?: string) =>
    event(`delivery.${kind}`, 'u', { connectionId, ...(reason === undefined ? {} : { reason }) });
  const log = [
    event('incident.opened', null, { by: 'Dana' }),
    event('update.published', 'u', { by: 'Marcus' }),
    ...NETWORKS.map((name) => one('sending', name)),
    ...['X', 'Mastodon', 'Bluesky', 'Threads'].map((name) => one('delivered', name)),
    one('delivered', 'SMS', 'The network took it. Nobody can read it back.'),
  ];
  for (let i = 0; i < 30; i += 1) log.push(one('reconciling', 'LinkedIn'), one('unknown', 'LinkedIn'));
  t.strictSame(told(log), [
    'LinkedIn gave no clear answer',
    'SMS took it: Nobody can read it back.',
    '4 networks show it',
    'Published on the page by Marcus',
    'Declared by Dana',
  ]);
  t.strictSame(told(log, 2), ['LinkedIn gave no clear answer', 'SMS took it: Nobody can read it back.']);
});

t.test('few networks are named, and each update has its own', async (t) => {
  const on = (updateId: string, connectionId: string) =>
    event('delivery.delivered', updateId, { connectionId });
  t.strictSame(told([on('one', 'X'), on('one', 'Mastodon'), on('two', 'X')]), [
    'X shows it',
    'Mastodon shows it',
    'X shows it',
  ]);
});
