import type { Connection } from '../../../db/queries/connections.ts';
import type { StripView } from '../../templates/desk-delivery-views.ts';
import type { StateView } from '../../templates/desk-views.ts';
import { age } from './moments.ts';

/** Whether an account can speak, in a state and a note. */
export function connectionState(c: Connection, now: number): { state: StateView; note: string } {
  if (!c.enabled) return { state: { icon: 'skip', tone: '', word: 'Off' }, note: 'switched off by a person' };
  if (c.pausedAt !== null)
    return {
      state: { icon: 'no', tone: 'bad', word: 'Refuses us' },
      note: c.pausedReason ?? 'its queue is kept',
    };
  if (c.notBefore !== null && c.notBefore > now)
    return {
      state: { icon: 'wait', tone: 'warn', word: 'Asked to wait' },
      note: `for ${age(c.notBefore - now)} more`,
    };
  if (c.checkFailure !== null)
    return { state: { icon: 'warn', tone: 'warn', word: 'Did not answer well' }, note: c.checkFailure };
  const checked = Math.max(c.lastOkAt ?? 0, c.verifiedAt ?? 0) || null;
  const note = checked === null ? c.account : `answered ${age(now - checked)} ago`;
  if (c.expiresAt !== null && c.expiresAt - now < 7 * 86_400_000)
    return {
      state: { icon: 'soon', tone: 'warn', word: 'Runs out' },
      note: `credentials: ${age(Math.max(0, c.expiresAt - now))} left`,
    };
  return { state: { icon: 'ok', tone: 'good', word: 'Ready' }, note };
}

/** Why an account may not, or cannot, speak now, and the way to end it; null while it can. */
export function whySilent(c: Connection, now: number): StripView['behind'] {
  const told = c.notBefore !== null && c.notBefore > now;
  if (c.enabled && c.pausedAt === null && !told) return null;
  const { state, note } = connectionState(c, now);
  const act = !c.enabled ? 'Switch it on' : c.pausedAt !== null ? 'Mend it' : null;
  return { words: `${state.word}: ${note}`, way: act === null ? null : { href: '/desk/connections', act } };
}

/** More ready accounts than these are folded away. */
const FEW = 6;

/** The accounts by whether somebody should look at them, those first. */
export function readyOnes(connections: readonly Connection[], now: number) {
  const all = connections.map((c) => ({ name: c.name, account: c.account, ...connectionState(c, now) }));
  const ready = all.filter((c) => c.state.tone === 'good');
  const look = all.filter((c) => c.state.tone !== 'good');
  const few = ready.length <= FEW;
  return {
    networks: few ? [...look, ...ready] : look,
    ready: few ? [] : ready,
    readyText:
      all.length === 0
        ? ''
        : `${ready.length} ready${look.length === 0 ? '' : `, ${look.length} to look at`}`,
  };
}
