import { compileTemplate } from './compile.ts';
import { fill } from './format.ts';
import { smsSafe } from './measure.ts';
import { strings } from './strings/index.ts';
import { subscriberWords } from './strings/subscriber/words.ts';

/** What we write to one subscriber: letters about the subscription itself, and the foot under every update. */

export interface LetterInput {
  kind: 'confirm' | 'manage' | 'welcome' | 'quarantined' | 'contact';
  language: string;
  pageName: string;
  /** The private link that the letter is about. */
  link: string;
  /** For a letter about an address that failed, or may one day: that address, or its host. */
  address?: string;
}

interface LetterModel {
  language: string;
  direction: string;
  subject: string;
  pageName: string;
  lead: string;
  act: string;
  link: string;
  after: string | null;
}

const text = compileTemplate<LetterModel>('messages/letter.text.hbs');
const html = compileTemplate<LetterModel>('messages/letter.html.hbs');

/** A whole letter, as text and as HTML. */
export function renderLetter(input: LetterInput): { subject: string; text: string; html: string } {
  const { language, direction } = strings(input.language);
  const { letter, manageTitle } = subscriberWords(input.language);
  const page = { page: input.pageName };
  const said = {
    confirm: [letter.confirmSubject, letter.confirmLead, letter.confirmDo, letter.confirmNot],
    manage: [manageTitle, letter.manageLead, letter.manageDo, letter.manageNot],
    welcome: [manageTitle, letter.welcomeLead, letter.manageDo, ''],
    contact: [letter.contactSubject, letter.contactLead, letter.contactDo, letter.confirmNot],
    quarantined: [letter.pausedSubject, letter.pausedLead, letter.pausedDo, letter.pausedNot],
  }[input.kind].map((words) => fill(words, '', { ...page, address: input.address ?? '' }));
  const [subject = '', lead = '', act = '', after = ''] = said;
  const model: LetterModel = {
    language,
    direction,
    subject,
    pageName: input.pageName,
    lead,
    act,
    link: input.link,
    after: after === '' ? null : after,
  };
  return { subject, text: text(model).trim(), html: html(model) };
}

/** The same for a phone: the code to confirm with, or the private link. */
export function renderTextLetter(input: {
  language: string;
  pageName: string;
  code?: string | undefined;
  link: string;
}): string {
  const { letter } = subscriberWords(input.language);
  return smsSafe(
    input.code === undefined
      ? `${fill(letter.smsManage, '', { page: input.pageName })} ${input.link}`
      : fill(letter.smsCode, '', { page: input.pageName, code: input.code }),
  );
}

export interface FootInput {
  language: string;
  pageName: string;
  /** Private addresses of this one subscriber. */
  manage: string;
  stop: string;
  /** They followed one incident, and this is its last update. */
  last: boolean;
}

interface FootModel {
  why: string;
  last: string | null;
  change: string;
  manage: string;
  stop: string;
  stopLink: string;
}
const footText = compileTemplate<FootModel>('messages/foot.text.hbs');
const footHtml = compileTemplate<FootModel>('messages/foot.html.hbs');

/** Why they get this, and how to change or stop it. */
export function renderFoot(input: FootInput): { text: string; html: string } {
  const { foot } = subscriberWords(input.language);
  const model: FootModel = {
    why: fill(foot.why, '', { page: input.pageName }),
    last: input.last ? foot.last : null,
    change: foot.change,
    manage: input.manage,
    stop: foot.stop,
    stopLink: input.stop,
  };
  return { text: footText(model).trim(), html: footHtml(model).trim() };
}

const END = '</body>';

/** A mail with the foot under it. */
export function withFoot(
  mail: { text: string; html?: string | undefined },
  foot: { text: string; html: string },
): { text: string; html?: string } {
  const at = mail.html?.lastIndexOf(END) ?? -1;
  return {
    text: `${mail.text}\n\n-- \n${foot.text}`,
    ...(mail.html === undefined || at === -1
      ? {}
      : { html: `${mail.html.slice(0, at)}${foot.html}\n${mail.html.slice(at)}` }),
  };
}
