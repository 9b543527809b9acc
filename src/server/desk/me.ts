import type { FastifyInstance, FastifyRequest } from 'fastify';
import { findCredentials } from '../../../db/queries/credentials.ts';
import { listPushes } from '../../../db/queries/desk-pushes.ts';
import { listPages } from '../../../db/queries/pages.ts';
import { listLiveTokens, listPeople, type Person } from '../../../db/queries/people.ts';
import { listIdentities } from '../../../db/queries/sign-in.ts';
import { addDeskPush, offerDeskPush, removeDeskPush } from '../../actions/desk-push.ts';
import { addPasskey, removePasskey } from '../../actions/sign-in/change-passkeys.ts';
import { changePassword, isStrong } from '../../actions/sign-in/change-password.ts';
import { changePhone, changeVoice, revokeSessions } from '../../actions/sign-in/change-person.ts';
import { askForNewPasskey } from '../../actions/sign-in/passkeys.ts';
import { makeRecoveryCodes } from '../../actions/sign-in/recovery-codes.ts';
import { openStartedTotp, startTotp, turnOffTotp, turnOnTotp } from '../../actions/sign-in/totp.ts';
import { mayWrite } from '../../domain/rights.ts';
import { renderCodes, renderMe } from '../../templates/desk-door.ts';
import { ctxOf, isFresh, mustBeFresh, mustKnow } from '../who.ts';
import { doorRefusal, NEW_PASSWORD_HELP, passkeyView, passwordField } from './door.ts';
import { field, formOf, type Refused, text, texts, troubleOf } from './forms.ts';
import { type Desk, frameFor, goTo, html } from './frame.ts';
import { moment, placeOf } from './moments.ts';
import { browserName, usedText } from './ways.ts';

/** Whether they may write on any page: only those can draft for somebody. */
const mayWriteSomewhere = (p: Person): boolean =>
  [p.roles, ...Object.values(p.pageRoles ?? {})].some((roles) => mayWrite(roles));

/** One's own ways in. Only whoever has just signed in may change them. */
export function me(app: FastifyInstance, desk: Desk): void {
  const { r, ports } = desk;
  const { locks, base } = ports;

  async function draw(request: FastifyRequest, refused?: Refused) {
    const { person, token } = mustKnow(request);
    const now = base.now();
    const pages = await listPages(r);
    const place = placeOf(pages[0]);
    const held = await findCredentials(r, person.id);
    const sessions = await listLiveTokens(r, ['session'], now, person.id);
    const starting = held.totp ? null : await openStartedTotp(ctxOf(base, request), locks);
    return renderMe({
      frame: await frameFor(desk, request, {
        title: 'Your sign-in',
        room: 'people',
        trouble: troubleOf(refused, ['current', 'password', 'code', 'passkeyName', 'phone', 'title']),
      }),
      name: person.name,
      email: person.email,
      fresh: isFresh(mustKnow(request), now),
      hasPassword: held.passwordHash !== null,
      mustShow: held.passwordHash !== null && !isStrong(token),
      current: passwordField('current', 'Password of now', '', 'current-password', refused),
      password: passwordField('password', 'New password', NEW_PASSWORD_HELP, 'new-password', refused),
      passkeys: held.passkeys.map((k) => ({
        id: k.id,
        name: k.name,
        made: moment(k.createdAt, now, place),
        used: usedText(k.lastUsedAt, now, place),
        removeAction: `/desk/me/passkeys/${k.id}/remove`,
      })),
      passkey: passkeyView(desk, 'new', '/desk/me/passkeys/ask', 'Add a passkey'),
      passkeyName: field('passkeyName', 'Its name', 'Like “phone” or “office laptop”.', '', refused),
      phone: field(
        'phone',
        'Phone number',
        'With + and country code. When your yes is needed you also get a text message, where the page can send them.',
        person.phone ?? '',
        refused,
      ),
      voice: {
        on: person.voice !== null,
        title: field(
          'title',
          'Your title',
          'It stands beside your name, like “CEO”.',
          person.voice?.title ?? '',
          refused,
        ),
        people: (await listPeople(r))
          .filter((p) => p.disabledAt === null && p.id !== person.id && mayWriteSomewhere(p))
          .map((p) => ({
            value: p.id,
            label: p.name,
            chosen: person.voice?.delegates.includes(p.id) ?? false,
          })),
      },
      pushes: (await listPushes(r, person.id)).map((p) => ({
        what: browserName(p.userAgent),
        since: moment(p.createdAt, now, place),
        offAction: `/desk/me/push/${p.id}/off`,
      })),
      totp: held.totp !== null,
      starting: starting && { ...starting, code: field('code', 'Six digits', '', '', refused) },
      recoveryLeft: held.recoveryLeft,
      mayRecover: held.totp !== null || held.passkeys.length > 0,
      sessions: sessions.map((s) => ({
        what: browserName(s.userAgent),
        from: s.address ?? '',
        since: moment(s.createdAt, now, place),
        here: s.id === token.id,
      })),
      others: sessions.some((s) => s.id !== token.id),
      sso: ports.sso && {
        href: '/desk/me/sso',
        name: ports.sso.name,
        connected: (await listIdentities(r, person.id)).length > 0,
      },
    });
  }

  app.get('/me', async (request, reply) => html(reply, await draw(request)));

  /** A form of this screen: only for whoever has just signed in, drawn again when it is refused. */
  const form = (
    path: string,
    act: (request: FastifyRequest) => Promise<{ said: Parameters<typeof goTo>[2] } | { codes: string[] }>,
  ) =>
    app.post(path, async (request, reply) => {
      mustBeFresh(request, base.now());
      try {
        const done = await act(request);
        if ('said' in done) return goTo(reply, '/desk/me', done.said);
        const frame = await frameFor(desk, request, { title: 'Recovery codes', room: 'people' });
        return html(reply, renderCodes({ frame, codes: done.codes, back: '/desk/me' }));
      } catch (error) {
        const refused = doorRefusal(error, 400);
        return html(reply, await draw(request, refused), refused.status);
      }
    });

  form('/me/password', async (request) => {
    const body = formOf(request);
    await changePassword(ctxOf(base, request), locks, {
      current: text(body, 'current'),
      password: text(body, 'password'),
      session: mustKnow(request).token,
    });
    return { said: 'password-changed' };
  });
  app.post('/me/passkeys/ask', async (request, reply) => {
    const { person, token } = mustBeFresh(request, base.now());
    return reply
      .header('cache-control', 'no-store')
      .send(await askForNewPasskey(ctxOf(base, request), locks, person, token.id));
  });
  form('/me/passkeys', async (request) => {
    const body = formOf(request);
    await addPasskey(ctxOf(base, request), locks, {
      answer: text(body, 'passkey'),
      name: text(body, 'passkeyName'),
      boundTo: mustKnow(request).token.id,
    });
    return { said: 'passkey-added' };
  });
  form('/me/passkeys/:id/remove', async (request) => {
    await removePasskey(ctxOf(base, request), (request.params as { id: string }).id);
    return { said: 'passkey-removed' };
  });
  form('/me/app', async (request) => {
    await startTotp(ctxOf(base, request), locks);
    return { said: undefined };
  });
  form('/me/app/on', async (request) => ({
    codes: await turnOnTotp(ctxOf(base, request), locks, text(formOf(request), 'code')),
  }));
  form('/me/app/off', async (request) => {
    await turnOffTotp(ctxOf(base, request));
    return { said: 'app-off' };
  });
  form('/me/phone', async (request) => {
    await changePhone(ctxOf(base, request), mustKnow(request).person.id, text(formOf(request), 'phone'));
    return { said: 'phone-changed' };
  });
  form('/me/voice', async (request) => {
    const body = formOf(request);
    const on = text(body, 'do') !== 'off';
    await changeVoice(
      ctxOf(base, request),
      on ? { title: text(body, 'title'), delegates: texts(body, 'delegate') } : null,
    );
    return { said: 'voice-changed' };
  });
  form('/me/codes', async (request) => ({ codes: await makeRecoveryCodes(ctxOf(base, request), locks) }));

  app.post('/me/push/key', async (request, reply) => {
    const publicKey = await offerDeskPush(ctxOf(base, request), locks, ports.newPushKeys);
    return reply.header('cache-control', 'no-store').send({ publicKey });
  });
  app.post('/me/push', async (request, reply) => {
    const address = ports.subscribers.readRecipient('web_push', text(formOf(request), 'subscription'));
    await addDeskPush(ctxOf(base, request), locks, {
      address,
      userAgent: request.headers['user-agent'] ?? null,
    });
    return goTo(reply, '/desk/me', 'push-on');
  });
  app.post<{ Params: { id: string } }>('/me/push/:id/off', async (request, reply) => {
    await removeDeskPush(ctxOf(base, request), request.params.id);
    return goTo(reply, '/desk/me', 'push-off');
  });

  // Getting others out must not wait for anything.
  app.post('/me/sessions', async (request, reply) => {
    const { person, token } = mustKnow(request);
    await revokeSessions(ctxOf(base, request), person.id, token.id);
    return goTo(reply, '/desk/me', 'signed-out');
  });
}
