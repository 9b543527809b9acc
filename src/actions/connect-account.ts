import {
  type Connection,
  changeConnection,
  getConnection,
  insertConnection,
  listConnections,
} from '../../db/queries/connections.ts';
import { getPage } from '../../db/queries/pages.ts';
import type { Verified } from '../domain/channel.ts';
import { invalid } from '../domain/error.ts';
import { nextCheckAt } from '../domain/readiness.ts';
import type { ConnectionRole } from '../domain/words.ts';
import { type Ctx, decide, mustBe } from './context.ts';

export interface NewConnection {
  /** Made by the caller, because the secrets are sealed to it. */
  id: string;
  pageId: string;
  channel: string;
  name: string;
  role: ConnectionRole;
  settings: Record<string, string>;
  /** Credentials, sealed to this connection's id; an action never sees them open. */
  sealed: string;
  template: string;
  /** What the network said when the credentials were tried. */
  verified: Verified;
  language?: string;
  includeLink?: boolean;
  thread?: boolean;
}

/** Connects an account whose credentials the network has just accepted. */
export async function connectAccount(ctx: Ctx, input: NewConnection): Promise<Connection> {
  mustBe(ctx.actor, ['admin'], 'admin');
  const name = input.name.trim();
  if (name === '' || name.length > 100) throw invalid('name', 'Give a name of 1 to 100 characters.');
  return decide(ctx, async ({ w, now, say, account }) => {
    const page = await getPage(w, input.pageId);
    const position = (await listConnections(w, page.id)).length + 1;
    const connection: Connection = {
      id: input.id,
      pageId: page.id,
      channel: input.channel,
      name,
      role: input.role,
      account: input.verified.account,
      url: input.verified.url,
      settings: input.settings,
      sealed: input.sealed,
      limits: input.verified.limits,
      can: input.verified.can,
      template: input.template,
      language: input.language ?? page.languages[0] ?? 'en',
      includeLink: input.includeLink ?? true,
      thread: input.thread ?? false,
      enabled: true,
      pausedAt: null,
      pausedReason: null,
      notBefore: null,
      expiresAt: input.verified.expiresAt ?? null,
      lastOkAt: null,
      verifiedAt: now,
      checkAt: nextCheckAt(now, input.verified.expiresAt ?? null),
      checkedAt: now,
      checkFailure: null,
      position,
      laneBy: null,
      laneUntil: null,
      createdAt: now,
      updatedAt: now,
    };
    await insertConnection(w, connection);
    await say({
      pageId: page.id,
      kind: 'connection.added',
      public: true,
      incidentId: null,
      updateId: null,
      detail: { channel: input.channel, name },
    });
    await account({
      action: 'connection.add',
      subjectKind: 'connection',
      subjectId: connection.id,
      detail: { channel: input.channel, account: connection.account, role: input.role },
    });
    return connection;
  });
}

/** The kill switch: nothing new goes to an account that is switched off; its history stays. */
export async function switchConnection(ctx: Ctx, id: string, enabled: boolean): Promise<Connection> {
  mustBe(ctx.actor, ['admin', 'approver'], 'admin');
  return enabled
    ? changeAndSay(ctx, id, { enabled, checkAt: null }, 'connection.on')
    : changeAndSay(ctx, id, { enabled }, 'connection.off');
}

/** After a person has mended what the network complained of: its queue goes on, and the account is looked at. */
export async function resumeConnection(ctx: Ctx, id: string): Promise<Connection> {
  mustBe(ctx.actor, ['admin', 'approver'], 'admin');
  const mended = { pausedAt: null, pausedReason: null, notBefore: null, checkAt: null };
  return changeAndSay(ctx, id, mended, 'connection.resumed');
}

async function changeAndSay(
  ctx: Ctx,
  id: string,
  patch: Partial<Connection>,
  action: string,
): Promise<Connection> {
  return decide(ctx, async ({ w, now, say, account }) => {
    const connection = await getConnection(w, id);
    await changeConnection(w, id, { ...patch, updatedAt: now });
    await say({
      pageId: connection.pageId,
      kind: action,
      public: true,
      incidentId: null,
      updateId: null,
      detail: { connectionId: id },
    });
    await account({ action, subjectKind: 'connection', subjectId: id });
    return { ...connection, ...patch, updatedAt: now };
  });
}
