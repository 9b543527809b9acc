import {
  type Connection,
  changeConnection,
  getConnection,
  insertConnection,
  listConnections,
} from '../../db/queries/connections.ts';
import { getPage } from '../../db/queries/pages.ts';
import { getPerson } from '../../db/queries/people.ts';
import type { Verified } from '../domain/channel.ts';
import { conflict, invalid } from '../domain/error.ts';
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
      voiceOf: null,
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

export interface Reconnection extends Pick<NewConnection, 'settings' | 'sealed' | 'verified'> {
  /** A person says that it is the same account, under another name. */
  renamed?: boolean;
}

/**
 * Gives a connection other credentials for the account it has. Its id stays, and with it its history, what waits for
 * it, and the posts that can be corrected. Throws `conflict` for another account: those posts are not its.
 */
export async function reconnectAccount(ctx: Ctx, id: string, input: Reconnection): Promise<Connection> {
  mustBe(ctx.actor, ['admin'], 'admin');
  const { settings, sealed, verified } = input;
  const before = await getConnection(ctx.store.read, id);
  if (verified.account !== before.account && input.renamed !== true)
    throw conflict(
      `This is ${verified.account}, and the connection is ${before.account}. Connect another account as a new network; if it is the same one under a new name, tick that and try again.`,
    );
  return changeAndSay(
    ctx,
    id,
    {
      settings,
      sealed,
      account: verified.account,
      url: verified.url,
      limits: verified.limits,
      can: verified.can,
      expiresAt: verified.expiresAt ?? null,
      verifiedAt: ctx.now(),
      checkedAt: ctx.now(),
      checkAt: nextCheckAt(ctx.now(), verified.expiresAt ?? null),
      checkFailure: null,
      pausedAt: null,
      pausedReason: null,
      notBefore: null,
    },
    'connection.reconnected',
  );
}

/** Accounts for a trial post, which nobody but the account's owner has seen. */
export async function noteTrial(ctx: Ctx, id: string, where: string): Promise<void> {
  await decide(ctx, ({ account }) =>
    account({ action: 'connection.try', subjectKind: 'connection', subjectId: id, detail: { where } }),
  );
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

/** Says in whose own voice an account speaks; it carries nothing else from then on. Null: it speaks for the house. */
export async function changeVoiceOf(ctx: Ctx, id: string, personId: string | null): Promise<Connection> {
  mustBe(ctx.actor, ['admin'], 'admin');
  if (personId !== null && (await getPerson(ctx.store.read, personId)).voice === null)
    throw invalid('voiceOf', 'They lend their voice to nobody. They turn it on under “Your sign-in”.');
  return changeAndSay(ctx, id, { voiceOf: personId }, 'connection.voice');
}
