/** Mails that come back, as the mail servers of the world write them. `to` is the address they come to. */

export interface Report {
  name: string;
  /** What a reader of it must find. */
  what: 'gone' | 'soft' | 'complaint' | 'other';
  mail(to: string, original: string): string;
}

const lines = (...all: string[]): string => all.join('\r\n');
const headersOf = (original: string): string => original.split('\r\n\r\n')[0] ?? '';

const dsn = (
  to: string,
  original: string,
  fields: {
    action: string;
    status: string;
    diagnostic: string;
    from?: string;
    quoted?: string;
    more?: string[];
  },
): string =>
  lines(
    'Return-Path: <>',
    `From: ${fields.from ?? 'MAILER-DAEMON@mx.customer.example (Mail Delivery System)'}`,
    'Subject: Undelivered Mail Returned to Sender',
    `To: ${to}`,
    'Auto-Submitted: auto-replied',
    'MIME-Version: 1.0',
    'Content-Type: multipart/report; report-type=delivery-status;',
    '\tboundary="AAA.1/mx.customer.example"',
    'Message-Id: <20261122.AAA@mx.customer.example>',
    '',
    'This is a MIME-encapsulated message.',
    '',
    '--AAA.1/mx.customer.example',
    'Content-Description: Notification',
    'Content-Type: text/plain; charset=us-ascii',
    '',
    'I am sorry to have to inform you that your message could not be delivered.',
    '',
    '--AAA.1/mx.customer.example',
    'Content-Description: Delivery report',
    'Content-Type: message/delivery-status',
    '',
    'Reporting-MTA: dns; mx.customer.example',
    'X-Postfix-Queue-ID: AAA',
    'Arrival-Date: Sun, 22 Nov 2026 06:00:00 +0000 (UTC)',
    '',
    'Final-Recipient: rfc822; someone@customer.example',
    `Action: ${fields.action}`,
    `Status: ${fields.status}`,
    ...(fields.more ?? []),
    `Diagnostic-Code: ${fields.diagnostic}`,
    '',
    '--AAA.1/mx.customer.example',
    'Content-Description: Undelivered Message',
    `Content-Type: ${fields.quoted ?? 'message/rfc822'}`,
    '',
    fields.quoted === 'text/rfc822-headers' ? headersOf(original) : original,
    '',
    '--AAA.1/mx.customer.example--',
    '',
  );

const arf = (to: string, original: string, type: string): string =>
  lines(
    'From: <abuse@provider.example>',
    `To: <${to}>`,
    'Subject: FW: complaint',
    'MIME-Version: 1.0',
    'Content-Type: multipart/report; report-type="feedback-report"; boundary="part1_13d.2e68ed54"',
    '',
    '--part1_13d.2e68ed54',
    'Content-Type: text/plain; charset="US-ASCII"',
    'Content-Transfer-Encoding: 7bit',
    '',
    'This is an email abuse report.',
    '--part1_13d.2e68ed54',
    'Content-Type: message/feedback-report',
    '',
    `Feedback-Type: ${type}`,
    'User-Agent: SomeGenerator/1.0',
    'Version: 1',
    '',
    '--part1_13d.2e68ed54',
    'Content-Type: message/rfc822',
    'Content-Disposition: inline',
    '',
    original,
    '--part1_13d.2e68ed54--',
    '',
  );

export const REPORTS: readonly Report[] = [
  {
    name: 'Postfix: no such user',
    what: 'gone',
    mail: (to, original) =>
      dsn(to, original, {
        action: 'failed',
        status: '5.1.1',
        more: ['Remote-MTA: dns; mx.customer.example'],
        diagnostic: lines(
          'smtp; 550 5.1.1 <someone@customer.example>: Recipient address',
          '    rejected: User unknown',
        ),
      }),
  },
  {
    name: 'Exchange: no such user, headers only',
    what: 'gone',
    mail: (to, original) =>
      dsn(to, original, {
        from: '<postmaster@customer.example>',
        action: 'failed',
        status: '5.1.10',
        diagnostic:
          'smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup',
        quoted: 'text/rfc822-headers',
      }),
  },
  {
    name: 'a server with one code for everything',
    what: 'gone',
    mail: (to, original) =>
      dsn(to, original, {
        action: 'failed (rejected)',
        status: '5.0.0',
        diagnostic: 'smtp; 550 no such user here',
      }),
  },
  {
    name: 'a full mailbox',
    what: 'soft',
    mail: (to, original) =>
      dsn(to, original, {
        action: 'failed',
        status: '5.2.2',
        diagnostic: 'smtp; 552 5.2.2 The email account that you tried to reach is over quota',
      }),
  },
  {
    name: 'a filter that dislikes our address',
    what: 'soft',
    mail: (to, original) =>
      dsn(to, original, {
        action: 'failed',
        status: '5.7.1',
        diagnostic: 'smtp; 550 5.7.1 Service unavailable; client host blocked using a list',
      }),
  },
  {
    name: 'days without an answer',
    what: 'soft',
    mail: (to, original) =>
      dsn(to, original, {
        action: 'failed',
        status: '4.4.1',
        diagnostic: 'x-unix; connection timed out',
      }).replaceAll('\r\n', '\n'),
  },
  {
    name: 'a delay',
    what: 'other',
    mail: (to, original) =>
      dsn(to, original, { action: 'delayed', status: '4.4.1', diagnostic: 'smtp; 451 4.4.1 try later' }),
  },
  {
    name: 'a delivery',
    what: 'other',
    mail: (to, original) =>
      dsn(to, original, { action: 'delivered', status: '2.0.0', diagnostic: 'smtp; 250 ok' }),
  },
  {
    name: 'an answering machine',
    what: 'other',
    mail: (to) =>
      lines(
        'From: someone@customer.example',
        `To: ${to}`,
        'Subject: I am away',
        'Auto-Submitted: auto-replied',
        '',
        'Action: failed',
        'Status: 5.1.1',
        '',
      ),
  },
  { name: 'a complaint', what: 'complaint', mail: (to, original) => arf(to, original, 'abuse') },
  { name: 'not spam after all', what: 'other', mail: (to, original) => arf(to, original, 'not-spam') },
];
