import type { FastifyRequest } from 'fastify';
import { prove, waysOf } from '../../actions/sign-in/prove.ts';
import { bestWay, type Proving } from '../../domain/proof.ts';
import { addressKey } from '../../live/caps.ts';
import type { ProofView } from '../../templates/desk-judgement-views.ts';
import { ctxOf, mustKnow } from '../who.ts';
import { type Form, type Refused, text } from './forms.ts';
import type { Desk } from './frame.ts';

/** What a form asks for beside its button, so that a decision is surely of the person who sits there. */

const FIELD: Record<
  Exclude<Proving, 'passkey'>,
  { label: string; fill: string; mode: string; type: string }
> = {
  code: { label: 'Six digits of your app', fill: 'one-time-code', mode: 'numeric', type: 'text' },
  password: { label: 'Your password', fill: 'current-password', mode: 'text', type: 'password' },
};

/** The part of a form that shows `needed`; `ask` is where a browser gets its question for the passkey. */
export function proofView(desk: Desk, needed: Proving | null, ask: string, refused?: Refused): ProofView {
  const typed = needed === 'code' || needed === 'password' ? needed : null;
  return {
    needed,
    isPasskey: needed === 'passkey',
    ask,
    script: needed === 'passkey' ? desk.assets.passkey : null,
    field:
      typed === null
        ? null
        : {
            name: typed,
            help: '',
            value: '',
            error: refused?.field === typed ? refused.message : null,
            ...FIELD[typed],
          },
  };
}

/** The strongest way the person asking can show that it is them, here. */
export const bestWayOf = async (desk: Desk, request: FastifyRequest): Promise<Proving | null> => {
  const ways = await waysOf(desk.r, mustKnow(request).person.id);
  return bestWay({ ...ways, passkey: ways.passkey && desk.ports.locks.site.id !== '' });
};

/** Reads what the form brought, for this decision alone. */
export const proofOf = (desk: Desk, request: FastifyRequest, form: Form, about: string) =>
  prove(
    ctxOf(desk.ports.base, request),
    desk.ports.locks,
    { passkey: text(form, 'passkey'), code: text(form, 'code'), password: text(form, 'password') },
    { sessionId: mustKnow(request).token.id, about, address: addressKey(request.ip) },
  );
