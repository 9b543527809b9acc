import { findAskBySecret, spendAsk } from '../../../db/queries/asks.ts';
import { DomainError, forbidden } from '../../domain/error.ts';
import { type Ctx, decide, sha256 } from '../context.ts';

/**
 * Spends the link by which somebody was asked, and says to which update it leads. It approves nothing and lets nobody
 * in: whoever follows it has signed in, and is the one who was asked. Throws `gone` when it was used or has run out.
 */
export async function openAsk(ctx: Ctx, secret: string): Promise<string> {
  return decide(ctx, async ({ w, now, account }) => {
    const ask = await findAskBySecret(w, sha256(secret));
    const gone = new DomainError(
      'gone',
      'This link was used already or has run out. Open “Approve” at the desk: what waits is there.',
    );
    if (!ask || ask.expiresAt <= now) throw gone;
    if (ask.personId !== ctx.actor.id)
      throw forbidden('This link was made for somebody else. Sign in as the person who got it.');
    if (!(await spendAsk(w, ask.id, now))) throw gone;
    await account({
      action: 'approval.open',
      subjectKind: 'update',
      subjectId: ask.updateId,
      detail: { askId: ask.id, hash: ask.hash },
    });
    return ask.updateId;
  });
}
