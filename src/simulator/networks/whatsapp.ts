import type { Account, Post } from '../facts.ts';
import { type Answer, type Call, json, type NetworkKind, objectField, textField } from '../network.ts';
import { DIGITS } from '../random.ts';
import { RateWindow } from '../rates.ts';
import type { World } from '../world.ts';
import { expiredToken, graphCaller, graphError, graphRefusal, invalidParameter } from './meta-graph.ts';

const DAY_MS = 24 * 3_600_000;
/** "1 message every 6 seconds" between two numbers, and up to 45 at once that are made up for afterwards. */
const PAIR_BURST = 45;
const PAIR_MS = PAIR_BURST * 6_000;

/**
 * WhatsApp's Cloud API, by https://developers.facebook.com/documentation/business-messaging/whatsapp. The template
 * `status_update` has the body `{{1}}`; `paused` is paused. Numbers that end in 131026 have no WhatsApp.
 */
export const whatsapp: NetworkKind = {
  kind: 'whatsapp',
  name: 'WhatsApp',
  handle: 'northwindpay',
  open(world) {
    const pairs = new RateWindow(PAIR_BURST, PAIR_MS);
    let made = 0;
    const nextId = () => {
      made += 1;
      return `wamid.${Buffer.from(`${world.seed}:${String(made).padStart(8, '0')}`).toString('base64')}`;
    };

    const publish = (call: Call, account: Account): Answer => {
      const to = textField(call.body, 'to') ?? textField(call.body, 'recipient') ?? '';
      if (call.body['messaging_product'] !== 'whatsapp')
        return invalidParameter('The parameter messaging_product is required.');
      if (!/^(\d{7,15}|[A-Z]{2}\.[\w.]{5,60})$/.test(to))
        return wrong(131009, 'Parameter value is not valid', 'The parameter to is not a phone number.');
      if (to.endsWith('131026')) return wrong(131026, 'Message undeliverable', 'Message Undeliverable.');
      const said = wordsOf(call);
      if ('status' in said) return said;
      const context = textField(objectField(call.body, 'context'), 'message_id');
      if (call.body['type'] === 'text' && !isOpen(world, to, call.now))
        return wrong(
          131047,
          'Re-engagement message',
          'Message failed to send because more than 24 hours have passed since the customer last replied to this number.',
        );
      if (pairs.take(`${account.id} ${to}`, call.now).refused && world.metered(account))
        return wrong(
          131056,
          '(Business Account, Consumer Account) pair rate limit hit',
          'Message failed to send because there were too many messages sent from this phone number to the same phone number in a short period of time.',
        );
      const id = nextId();
      world.keep({
        network: 'whatsapp',
        account: account.id,
        author: { id: account.id, handle: account.handle, name: account.name },
        id,
        text: said.text,
        at: call.now,
        parent: context ?? null,
        url: `${call.base}/m/${made}`,
        paths: [`/m/${made}`],
        raw: { to, type: call.body['type'], template: said.template },
      });
      return json(200, {
        messaging_product: 'whatsapp',
        contacts: [{ input: to, wa_id: to }],
        messages: [{ id, ...(said.template === null ? {} : { message_status: 'accepted' }) }],
      });
    };

    return {
      credentials(seed, base) {
        const accessToken = `EAA${seed.word('accessToken', 60)}`;
        return {
          settings: {
            phoneNumberId: `1${seed.word('phoneNumberId', 14, DIGITS)}`,
            template: 'status_update',
            templateLanguage: 'en',
            to: '+15551234567',
            api: base,
          },
          secrets: { accessToken, appSecret: seed.word('appSecret', 32, '0123456789abcdef') },
          extra: { token: accessToken },
        };
      },
      authenticate(call) {
        const account = graphCaller(world, 'whatsapp', call);
        if ('handle' in account && call.params['phone'] !== account.settings['phoneNumberId'])
          return graphError({
            message: `Unsupported ${call.method.toLowerCase()} request. Object with ID '${call.params['phone']}' does not exist, cannot be loaded due to missing permissions, or does not support this operation`,
            type: 'GraphMethodException',
            code: 100,
            error_subcode: 33,
          });
        return account;
      },
      refusal: (code, retryAfter) =>
        graphRefusal(code, retryAfter, () =>
          wrong(130429, 'Rate limit hit', 'Cloud API message throughput has been reached.'),
        ),
      expired: expiredToken,

      hear(account, said, base) {
        const id = nextId();
        const from = numberOf(said.author.id);
        return world.keep({
          network: 'whatsapp',
          account: account.id,
          byCustomer: true,
          author: { ...said.author, id: from, handle: from },
          id,
          text: said.text,
          at: said.at,
          parent: said.inReplyTo,
          url: `${base}/m/${made}`,
          paths: [`/m/${made}`],
          raw: { from, to: account.settings['phoneNumberId'], webhook: webhookOf(account, id, from, said) },
        });
      },

      routes: [
        {
          method: 'GET',
          path: '/:version/:phone',
          does: ['verify'],
          run: (_call, account) =>
            json(200, {
              id: account.settings['phoneNumberId'],
              display_phone_number: '+1 555-000-6245',
              verified_name: account.name,
              quality_rating: 'GREEN',
              status: 'CONNECTED',
            }),
        },
        { method: 'POST', path: '/:version/:phone/messages', does: ['publish'], run: publish },
      ],
    };
  },
};

/** The same number for the same customer. */
const numberOf = (id: string): string => `1555${id.replace(/\D/g, '').slice(-7).padStart(7, '0')}`;

const isOpen = (world: World, number: string, now: number): boolean =>
  world
    .posts('whatsapp')
    .some((post) => post.byCustomer && post.raw['from'] === number && now - post.at < DAY_MS);

const wrong = (code: number, title: string, details: string): Answer => {
  const answer = graphError({ message: `(#${code}) ${title}`, code });
  const body = answer.body as { error: object };
  return {
    ...answer,
    body: { error: { ...body.error, error_data: { messaging_product: 'whatsapp', details } } },
  };
};

/** The words that arrive, or why they do not. */
function wordsOf(call: Call): { text: string; template: string | null } | Answer {
  if (call.body['type'] === 'text') {
    const text = textField(objectField(call.body, 'text'), 'body') ?? '';
    if (text === '') return invalidParameter("The parameter text['body'] is required.");
    return [...text].length > 4_096
      ? invalidParameter("Param text['body'] must be at most 4096 characters long.")
      : { text, template: null };
  }
  if (call.body['type'] !== 'template') return invalidParameter('Invalid message type');
  const template = objectField(call.body, 'template');
  const name = textField(template, 'name') ?? '';
  const language = textField(objectField(template, 'language'), 'code') ?? '';
  if (name === 'paused') return wrong(132015, 'Template is Paused', 'Template is paused due to low quality.');
  if (name !== 'status_update' || language !== 'en')
    return wrong(
      132001,
      'Template name does not exist in the translation',
      `template name (${name}) does not exist in ${language}`,
    );
  const [component] = Array.isArray(template['components']) ? (template['components'] as unknown[]) : [];
  const parameters = objectField({ component }, 'component')['parameters'];
  if (!Array.isArray(parameters) || parameters.length !== 1)
    return wrong(
      132000,
      'Number of parameters does not match the expected number of params',
      'body: expected 1',
    );
  const text = textField(objectField({ one: parameters[0] as unknown }, 'one'), 'text') ?? '';
  if (/[\n\t]| {5}/.test(text))
    return invalidParameter(
      'Param text cannot have new-line/tab characters or more than 4 consecutive spaces',
    );
  if ([...text].length > 1_024)
    return wrong(132005, 'Translated text too long', 'The translated text is too long');
  return { text, template: name };
}

/** What Meta would call our webhook with. */
function webhookOf(
  account: Account,
  id: string,
  from: string,
  said: { text: string; author: Pick<Post['author'], 'name'>; inReplyTo: string | null; at: number },
): Record<string, unknown> {
  return {
    object: 'whatsapp_business_account',
    entry: [
      {
        id: '102290129340398',
        changes: [
          {
            field: 'messages',
            value: {
              messaging_product: 'whatsapp',
              metadata: {
                display_phone_number: '15550006245',
                phone_number_id: account.settings['phoneNumberId'],
              },
              contacts: [{ profile: { name: said.author.name }, wa_id: from, user_id: `US.${from}9876` }],
              messages: [
                {
                  ...(said.inReplyTo === null
                    ? {}
                    : { context: { from: '15550006245', id: said.inReplyTo } }),
                  from,
                  id,
                  timestamp: String(Math.floor(said.at / 1_000)),
                  text: { body: said.text },
                  type: 'text',
                },
              ],
            },
          },
        ],
      },
    ],
  };
}
