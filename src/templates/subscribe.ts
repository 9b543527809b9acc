import type { SubscriberKind } from '../domain/subscriber.ts';
import { compileTemplate } from './compile.ts';
import { fill } from './format.ts';
import { type PlainPage, plainModel } from './plain.ts';
import { pageWords } from './strings/page/words.ts';
import { subscriberWords } from './strings/subscriber/words.ts';

/** The pages on which people subscribe, confirm, change and stop. Plain forms: nothing here needs a script but web push. */

export interface PartView {
  id: string;
  /** "Group - Component". */
  name: string;
  chosen: boolean;
}

/** What the subscription is about, as form fields. */
export interface ScopeView {
  everything: boolean;
  parts: readonly PartView[];
  incident: { id: string; title: string; chosen: boolean } | null;
  languages: readonly { code: string; name: string; chosen: boolean }[];
  /** What is wrong with the choice. */
  error: string | null;
}

export interface SubscribeView {
  page: PlainPage;
  by: SubscriberKind;
  kinds: readonly SubscriberKind[];
  /** Path that the forms post to. */
  action: string;
  address: string;
  contact: string;
  scope: ScopeView;
  /** What is wrong with the address, or with the whole. */
  error: string | null;
  trouble: string | null;
}

export interface SentView {
  page: PlainPage;
  by: SubscriberKind;
  action: string;
  /** The phone number that was typed, to be sent back with the code. */
  address: string;
  error: string | null;
}

export interface ConfirmView {
  page: PlainPage;
  action: string;
  address: string;
  /** It is the address of whom to tell when a program's fails, and `address` is where that program is. */
  contact: boolean;
}

export interface SubscriptionView {
  page: PlainPage;
  action: string;
  address: string;
  kind: SubscriberKind;
  scope: ScopeView;
  secret: string | null;
  /** It gets nothing until its owner subscribes again. */
  paused: boolean;
  subscribe: string;
  notice: 'confirmed' | 'saved' | null;
}

export interface StopView {
  page: PlainPage;
  action: string;
  address: string;
}

export interface SaidView {
  page: PlainPage;
  what: 'stopped' | 'old' | 'many' | 'saved';
  subscribe: string;
}

const wordsOf = (page: PlainPage) => subscriberWords(page.language);
const named = (words: string, page: PlainPage) => fill(words, '', { page: page.name });

const scopeOf = (scope: ScopeView, page: PlainPage) => {
  const w = wordsOf(page);
  return {
    ...scope,
    languages: scope.languages.length > 1 ? scope.languages : [],
    incident: scope.incident && { ...scope.incident, words: fill(w.thisIncident, scope.incident.title) },
    partsChosen: !scope.everything && scope.incident?.chosen !== true,
  };
};

const TYPES: Record<SubscriberKind, { type: string; autocomplete: string; mode: string }> = {
  email: { type: 'email', autocomplete: 'email', mode: 'email' },
  sms: { type: 'tel', autocomplete: 'tel', mode: 'tel' },
  web_push: { type: 'hidden', autocomplete: 'off', mode: 'text' },
  webhook: { type: 'url', autocomplete: 'off', mode: 'url' },
  slack: { type: 'url', autocomplete: 'off', mode: 'url' },
  teams: { type: 'url', autocomplete: 'off', mode: 'url' },
};

const subscribeModel = (view: SubscribeView) => {
  const w = wordsOf(view.page);
  const { by } = view;
  return {
    ...view,
    ...plainModel(view.page, named(w.title, view.page)),
    push: by === 'web_push',
    pushWords: JSON.stringify({ ...w.push, action: `${view.action}/push`, language: view.page.language }),
    label: by === 'web_push' ? '' : w.address[by],
    help: by === 'email' ? null : w.help[by],
    field: TYPES[by],
    asksContact: by === 'webhook' || by === 'slack' || by === 'teams',
    subscribe: pageWords(view.page.language).subscribe,
    scope: scopeOf(view.scope, view.page),
    kinds:
      view.kinds.length > 1
        ? view.kinds.map((kind) => ({
            url: `${view.action}?by=${kind}`,
            name: w.kind[kind],
            current: kind === by,
          }))
        : [],
  };
};

const sentModel = (view: SentView) => {
  const { sent } = wordsOf(view.page);
  return {
    ...view,
    ...plainModel(view.page, sent.title),
    lead: view.by === 'email' ? sent.email : view.by === 'sms' ? sent.sms : sent.hook,
    code: view.by === 'sms',
  };
};

const confirmModel = (view: ConfirmView) => {
  const w = wordsOf(view.page);
  return {
    ...view,
    ...plainModel(view.page, named(view.contact ? w.letter.contactSubject : w.confirmTitle, view.page)),
    lead: view.contact
      ? fill(w.letter.contactLead, '', { page: view.page.name, address: view.address })
      : fill(w.confirmLead, view.address),
  };
};

const subscriptionModel = (view: SubscriptionView) => {
  const w = wordsOf(view.page);
  return {
    ...view,
    ...plainModel(view.page, named(w.manageTitle, view.page)),
    to: view.address === '' ? null : fill(w.to, view.address),
    kindName: w.kind[view.kind],
    said: view.notice === null ? null : w[view.notice],
    scope: scopeOf(view.scope, view.page),
  };
};

const stopModel = (view: StopView) => {
  const w = wordsOf(view.page);
  return {
    ...view,
    ...plainModel(view.page, named(w.manageTitle, view.page)),
    to: view.address === '' ? null : fill(w.to, view.address),
  };
};

const saidModel = (view: SaidView) => {
  const w = wordsOf(view.page);
  const [title, lead] = {
    stopped: [w.stopped, w.stoppedLead],
    old: [w.oldTitle, w.oldLead],
    many: [w.bad.many, ''],
    saved: [w.saved, ''],
  }[view.what] as [string, string];
  return { ...view, ...plainModel(view.page, title), lead };
};

/** The form for one kind of subscription, with the others a link away. */
const subscribePage = compileTemplate<ReturnType<typeof subscribeModel>>('pages/subscribe.hbs');
export const renderSubscribe = (view: SubscribeView): string => subscribePage(subscribeModel(view));

/** What everybody sees next, whether or not their address was known. */
const sentPage = compileTemplate<ReturnType<typeof sentModel>>('pages/subscribe-sent.hbs');
export const renderSent = (view: SentView): string => sentPage(sentModel(view));

const confirmPage = compileTemplate<ReturnType<typeof confirmModel>>('pages/subscribe-confirm.hbs');
export const renderConfirm = (view: ConfirmView): string => confirmPage(confirmModel(view));

const subscriptionPage = compileTemplate<ReturnType<typeof subscriptionModel>>('pages/subscription.hbs');
export const renderSubscription = (view: SubscriptionView): string =>
  subscriptionPage(subscriptionModel(view));

const stopPage = compileTemplate<ReturnType<typeof stopModel>>('pages/subscription-stop.hbs');
export const renderStop = (view: StopView): string => stopPage(stopModel(view));

const saidPage = compileTemplate<ReturnType<typeof saidModel>>('pages/subscription-said.hbs');
export const renderSaid = (view: SaidView): string => saidPage(saidModel(view));
