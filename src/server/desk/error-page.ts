import type { FastifyReply, FastifyRequest } from 'fastify';
import { APOLOGY_PARTS } from '../../domain/apology.ts';
import { renderMessage } from '../../templates/desk.ts';
import type { Answer } from '../errors.ts';
import type { Ports } from '../ports.ts';
import { cookieName } from '../who.ts';
import { rememberWay } from './ask-link.ts';
import { assets } from './assets.ts';
import { type Form, text } from './forms.ts';
import { bareFrame } from './frame.ts';
import { drawDoor } from './sign-in.ts';

/** What a person may have been writing when a request failed; never what they entered as a secret. */
const WRITTEN: Record<string, string> = {
  title: 'Title',
  name: 'Name',
  objective: 'Objective',
  care: 'Care',
  known: 'Know',
  unknown: 'Don’t know',
  doing: 'Doing',
  action: 'Do now',
  body: 'Text',
  text: 'Answer',
  words: 'Words',
  note: 'Note',
  nextUpdateBy: 'Next update by',
  reason: 'Reason',
  leaves: 'Why it ends while people wait',
  sentence: 'What happens if it waits',
  answer: 'Answer',
  checked: 'We checked',
  how: 'How they were told',
  url: 'Address',
  key: 'Fact',
  value: 'Value',
  source: 'Source',
  question: 'Question',
  slots: 'Slots',
  list: 'Addresses',
  basis: 'Why you may write to them',
  customCss: 'Style of your own',
  ...Object.fromEntries(APOLOGY_PARTS.map((part) => [part, 'Apology'])),
};
/** The same of fields of which a form has several, by what their names begin with. */
const WRITTEN_IN: readonly [RegExp, string][] = [
  [/^o\./, 'For one network'],
  [/^alt\./, 'What a picture shows'],
  [/^planned\./, 'Said later'],
  [/^m[1-3]$/, 'Message'],
  [/^s[1-3]$/, 'What backs it'],
];
const labelOf = (name: string): string | undefined =>
  Object.hasOwn(WRITTEN, name) ? WRITTEN[name] : WRITTEN_IN.find(([is]) => is.test(name))?.[1];

const HEADINGS: Record<number, string> = {
  400: 'This cannot be done',
  401: 'You are not signed in',
  403: 'You may not do this',
  404: 'There is nothing here',
  409: 'It has changed meanwhile',
  429: 'Too fast',
  503: 'Not now',
};

/** The screen a request came from: its own address, or that of the page whose form it was. */
function screenOf(request: FastifyRequest): string {
  if (request.method === 'GET') return request.url.split('?')[0] ?? '';
  const from = request.headers.referer ?? '';
  return URL.canParse(from) && new URL(from).host === request.host ? new URL(from).pathname : '';
}

/** The page a person gets when a request of the desk failed. What they had written is on it, to be copied. */
export function drawDeskError(
  answer: Answer,
  request: FastifyRequest,
  reply: FastifyReply,
  ports: Ports,
): string {
  const form = (request.method === 'POST' && typeof request.body === 'object' ? request.body : {}) as Form;
  const written = Object.keys(form ?? {}).flatMap((name) => {
    const label = labelOf(name);
    const words = label === undefined ? '' : text(form, name);
    return label === undefined || words.trim() === '' ? [] : [{ label, text: words }];
  });
  const unknown = answer.status === 401;
  // After signing in they are back where they were; the words they had typed are kept there for them.
  if (unknown) rememberWay(reply, screenOf(request), ports.secureCookies);
  const atDoor = /\/(sign-in|invitation)\//.test(request.url);
  // Nothing was written and nothing else can be done here: the way in itself.
  if (unknown && request.method === 'GET' && !atDoor && !request.half)
    return drawDoor(
      { ports, assets: assets() },
      request,
      {},
      null,
      request.cookies[cookieName(ports.secureCookies)] !== undefined,
    );
  const heading = HEADINGS[answer.status] ?? 'Something went wrong';
  return renderMessage({
    frame: { ...bareFrame(ports, assets(), request), title: heading },
    heading,
    words: unknown && !atDoor ? 'You have not signed in yet, or it was too long ago.' : answer.body.message,
    steps: unknown
      ? [
          'No way in? Ask an admin of this desk for a sign-in link: they make one under “People”.',
          'Or, on the server, run: npx tocsin sign-in your@address',
          'Each link works once, for 30 minutes.',
        ]
      : [],
    action: unknown ? { href: '/desk/sign-in', label: 'Sign in' } : { href: '/desk', label: 'To the board' },
    written,
  });
}
