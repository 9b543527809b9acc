import type { Store } from '../../db/store.ts';
import type { Ctx } from '../actions/context.ts';
import { newId } from '../ids.ts';
import type { Secrets } from '../secrets.ts';

/** The context in which a command acts; the audit log names it by its `id`. */
export const cliCtx = (store: Store, secrets: Secrets, id: string): Ctx => ({
  store,
  now: Date.now,
  newId: () => newId(),
  auditHash: (text) => secrets.sign('audit', text),
  actor: { kind: 'cli', id, roles: [] },
});
