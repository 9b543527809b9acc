import { createHash } from 'node:crypto';
import segmentsCalculator from 'sms-segments-calculator';
import type { Account, Post } from '../facts.ts';
import { type Answer, type Call, json, type NetworkKind, textField } from '../network.ts';
import { RateWindow } from '../rates.ts';
import type { World } from '../world.ts';

const HEX = '0123456789abcdef';
/** "Twilio API concurrency": past it, 20429. Counted by the second here. */
const CALLS_A_SECOND = 100;

/**
 * Twilio's messages, by its OpenAPI document. Twilio's own test numbers refuse as they do there: +15005550001 is no
 * number, …0002 cannot be reached, …0003 is in a country that is not allowed, …0004 has said STOP, …0009 has no SMS.
 * A number that ends in 30003 is switched off, one in 77777 stays in the queue.
 */
export const sms: NetworkKind = {
  kind: 'sms',
  name: 'SMS (Twilio)',
  handle: 'northwindpay',
  open(world) {
    const calls = new RateWindow(CALLS_A_SECOND, 1_000);
    let made = 0;
    const sid = () => {
      made += 1;
      return `SM${createHash('md5').update(`${world.seed} sms ${made}`).digest('hex')}`;
    };

    const publish = (call: Call, account: Account): Answer => {
      const to = textField(call.body, 'To') ?? '';
      const body = textField(call.body, 'Body') ?? '';
      const from = textField(call.body, 'From') ?? textField(call.body, 'MessagingServiceSid') ?? '';
      const wrong = complaintAbout(to, body, from, account);
      if (wrong !== undefined) return refuse(...wrong);
      const id = sid();
      const post = world.keep({
        network: 'sms',
        account: account.id,
        author: {
          id: account.settings['from'] ?? '',
          handle: account.settings['from'] ?? '',
          name: account.name,
        },
        id,
        text: body,
        at: call.now,
        parent: lastFrom(world, to)?.id ?? null,
        url: `${call.base}/messages/${id}`,
        paths: [`/messages/${id}`],
        raw: {
          to,
          from,
          direction: 'outbound-api',
          callback: textField(call.body, 'StatusCallback') ?? null,
        },
      });
      return json(201, messageOf(world, post, account));
    };

    const page = (call: Call, account: Account): Answer => {
      const size = Math.min(1_000, Math.max(1, Number(call.query.get('PageSize') ?? 50) || 50));
      const at = Number(call.query.get('Page') ?? 0) || 0;
      const to = call.query.get('To');
      const from = call.query.get('From');
      const all = world
        .posts('sms')
        .filter((post) => post.account === account.id && world.shows(post))
        .filter((post) => to === null || post.raw['to'] === to)
        .filter((post) => from === null || post.raw['from'] === from)
        .toReversed();
      const shown = all.slice(at * size, (at + 1) * size);
      const uri = (n: number) => {
        const query = new URLSearchParams(call.query);
        query.set('Page', String(n));
        if (n > 0) query.set('PageToken', `PA${shown.at(-1)?.id ?? ''}`);
        return `/2010-04-01/Accounts/${account.settings['accountSid']}/Messages.json?${query}`;
      };
      return json(200, {
        end: at * size + shown.length - 1,
        first_page_uri: uri(0),
        next_page_uri: (at + 1) * size < all.length ? uri(at + 1) : null,
        page: at,
        page_size: size,
        previous_page_uri: at === 0 ? null : uri(at - 1),
        start: at * size,
        uri: uri(at),
        messages: shown.map((post) => messageOf(world, post, account)),
      });
    };

    return {
      credentials: (seed, base) => ({
        settings: {
          accountSid: `AC${seed.word('accountSid', 32, HEX)}`,
          from: `+1555${seed.word('from', 7, '23456789')}`,
          to: '+15551234567',
          webhook: 'https://status.example.com/hooks/sms',
          api: base,
        },
        secrets: { authToken: seed.word('authToken', 32, HEX) },
      }),

      authenticate(call) {
        const [, given = ''] = /^Basic\s+(\S+)$/i.exec(call.headers.authorization ?? '') ?? [];
        const [user, ...rest] = Buffer.from(given, 'base64').toString('utf8').split(':');
        const account = world.accounts.find(
          (one) =>
            one.network === 'sms' &&
            one.settings['accountSid'] === user &&
            one.secrets['authToken'] === rest.join(':'),
        );
        return account !== undefined && call.params['account'] === user
          ? account
          : refuse(401, 20003, 'Authenticate');
      },
      refusal(code, retryAfter) {
        const [number, words] = ERRORS[code] ?? [20500, 'Internal Server Error'];
        const answer = refuse(code, number, words);
        return retryAfter === undefined
          ? answer
          : { ...answer, headers: { 'retry-after': String(retryAfter) } };
      },
      expired: () => refuse(401, 20003, 'Authenticate'),
      meter: (call, account) => ({ headers: {}, refused: calls.take(account.id, call.now).refused }),

      hear(account, said, base) {
        const id = sid();
        return world.keep({
          network: 'sms',
          account: account.id,
          byCustomer: true,
          author: { ...said.author, id: numberOf(said.author.handle), handle: numberOf(said.author.handle) },
          id,
          text: said.text,
          at: said.at,
          parent: said.inReplyTo,
          url: `${base}/messages/${id}`,
          paths: [`/messages/${id}`],
          raw: { to: account.settings['from'], from: numberOf(said.author.handle), direction: 'inbound' },
        });
      },

      routes: [
        {
          method: 'GET',
          path: '/2010-04-01/Accounts/:account.json',
          does: ['verify'],
          run: (call, account) =>
            json(200, {
              sid: call.params['account'],
              friendly_name: account.name,
              status: account.options['status'] ?? 'active',
              type: 'Full',
            }),
        },
        {
          method: 'GET',
          path: '/2010-04-01/Accounts/:account/Balance.json',
          does: ['verify'],
          run: (call) =>
            json(200, { account_sid: call.params['account'], balance: '41.20', currency: 'USD' }),
        },
        {
          method: 'POST',
          path: '/2010-04-01/Accounts/:account/Messages.json',
          does: ['publish'],
          run: publish,
        },
        {
          method: 'GET',
          path: '/2010-04-01/Accounts/:account/Messages.json',
          does: ['find', 'poll'],
          run: page,
        },
        {
          method: 'GET',
          path: '/2010-04-01/Accounts/:account/Messages/:sid.json',
          does: ['read'],
          run(call, account) {
            const post = world.shown('sms', call.params['sid'] ?? '');
            return post === undefined || post.account !== account.id
              ? refuse(404, 20404, `The requested resource ${call.path} was not found`)
              : json(200, messageOf(world, post, account));
          },
        },
      ],
    };
  },
};

/** The same phone for the same name. */
const numberOf = (handle: string): string =>
  /^\+\d+$/.test(handle)
    ? handle
    : `+1555${(Number.parseInt(createHash('md5').update(handle).digest('hex').slice(0, 8), 16) % 9_000_000) + 1_000_000}`;

const lastFrom = (world: World, number: string): Post | undefined =>
  world.posts('sms').findLast((post) => post.byCustomer && post.raw['from'] === number);

const ERRORS: Record<number, [number, string]> = {
  400: [20001, 'Unknown parameters'],
  401: [20003, 'Authenticate'],
  403: [21408, "Permission to send an SMS has not been enabled for the region indicated by the 'To' number"],
  404: [20404, 'The requested resource was not found'],
  422: [21617, 'The concatenated message body exceeds the 1600 character limit'],
  429: [20429, 'Too Many Requests'],
  503: [20503, 'Service Unavailable'],
};

const refuse = (status: number, code: number, message: string): Answer =>
  json(status, { code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status });

function complaintAbout(
  to: string,
  body: string,
  from: string,
  account: Account,
): [number, number, string] | undefined {
  if (body === '') return [400, 21602, 'Message body is required.'];
  if (body.length > 1_600)
    return [400, 21617, 'The concatenated message body exceeds the 1600 character limit'];
  if (!/^\+[1-9]\d{6,14}$/.test(to) || to === '+15005550001')
    return [400, 21211, `Invalid 'To' Phone Number: ${to.slice(0, 4)}XXXX`];
  if (from !== account.settings['from'])
    return [400, 21660, `Mismatch between the 'From' number ${from} and the account`];
  const magic: Record<string, [number, string]> = {
    '+15005550002': [
      21612,
      `Message cannot be sent with the current combination of 'To' and/or 'From' parameters`,
    ],
    '+15005550003': [
      21408,
      "Permission to send an SMS has not been enabled for the region indicated by the 'To' number",
    ],
    '+15005550004': [21610, 'Attempt to send to unsubscribed recipient'],
    '+15005550009': [21614, "'To' number is not a valid mobile number"],
  };
  const refused = magic[to];
  return refused === undefined ? undefined : [400, ...refused];
}

function messageOf(world: World, post: Post, account: Account): Record<string, unknown> {
  const { to, from, direction } = post.raw as { to: string; from: string; direction: string };
  const status = direction === 'inbound' ? 'received' : statusOf(to, world.now() - post.at);
  const uri = `/2010-04-01/Accounts/${account.settings['accountSid']}/Messages/${post.id}`;
  const when = new Date(post.at).toUTCString().replace('GMT', '+0000');
  return {
    account_sid: account.settings['accountSid'],
    api_version: '2010-04-01',
    body: post.text,
    date_created: when,
    date_sent: status === 'queued' ? null : when,
    date_updated: when,
    direction,
    error_code: status === 'undelivered' ? 30003 : null,
    error_message: status === 'undelivered' ? 'Unreachable destination handset' : null,
    from,
    messaging_service_sid: null,
    num_media: '0',
    num_segments: String(new segmentsCalculator.SegmentedMessage(post.text, 'auto', true).segmentsCount),
    price: null,
    price_unit: 'USD',
    sid: post.id,
    status,
    subresource_uris: { media: `${uri}/Media.json`, feedback: `${uri}/Feedback.json` },
    to,
    uri: `${uri}.json`,
  };
}

function statusOf(to: string, age: number): string {
  if (to.endsWith('77777')) return 'queued';
  if (to.endsWith('30003')) return 'undelivered';
  return age < 3_000 ? 'sent' : 'delivered';
}
