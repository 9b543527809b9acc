import t from 'tap';
import type { Draft } from '../../src/domain/channel.ts';
import { DomainError } from '../../src/domain/error.ts';
import { AT, type Got, header, headersOf, relay } from './mail-relay.ts';
import { draftOf, never } from './stand-in.ts';

/** What people try, to end a header, a command, a mail, or to name a second recipient. */
const PAYLOADS = [
  '\r\nBcc: evil@x.example',
  '\nBcc: evil@x.example',
  '\rBcc: evil@x.example',
  '\r\n Bcc: evil@x.example',
  '\r\n\r\n<h1>another body</h1>',
  '\r\n.\r\nMAIL FROM:<evil@x.example>\r\nRCPT TO:<evil@x.example>\r\nDATA\r\n',
  '\n.\n',
  '\r.\r',
  '\r\n.\n',
  '\n.\r\n',
  '\r\n.\r\nQUIT\r\n',
  '\0',
  '\0\r\nBcc: evil@x.example',
  '\u000b\u000cBcc: evil@x.example',
  '\u0085Bcc: evil@x.example',
  '\u2028Bcc: evil@x.example',
  '\u2029Bcc: evil@x.example',
  '\u560a\u560dBcc: evil@x.example',
  '\u010d\u010aBcc: evil@x.example',
  '%0d%0aBcc: evil@x.example',
  '\\r\\nBcc: evil@x.example',
  '=?UTF-8?Q?=0D=0ABcc:_evil@x.example?=',
  '=?UTF-8?B?DQpCY2M6IGV2aWxAeC5leGFtcGxl?=',
  '=0D=0ABcc: evil@x.example',
  ', evil@x.example',
  '; evil@x.example',
  ' evil@x.example',
  '> <evil@x.example',
  '<evil@x.example>',
  '" <evil@x.example> "',
  '(evil@x.example)',
  'friends: evil@x.example;',
  ' SIZE=1 BODY=8BITMIME',
  '> NOTIFY=SUCCESS ORCPT=rfc822;evil@x.example',
  '@evil.example',
  '@[127.0.0.1]',
  '"@evil.example',
  '\u202egnp.exe',
  '\u200b\u200d\ufeff',
  '👩‍💻 ünïcode 日本語 العربية',
  '＠evil.example',
  '﹫evil.example',
  `${'x'.repeat(1_200)}`,
  `${'x '.repeat(5_000)}`,
  '{{text}} <%= text %> #{text}',
];

/** Where each goes in: every value that comes from outside, and ids that should not but could. */
const PLACES: Record<
  string,
  (evil: string) => { draft?: Partial<Draft>; values?: Record<string, string>; id?: string }
> = {
  recipient: (evil) => ({ draft: { recipient: `mira@customer.example${evil}` } }),
  'recipient from the front': (evil) => ({ draft: { recipient: `${evil}mira@customer.example` } }),
  'the list': (evil) => ({ values: { to: `all@lists.example${evil}` } }),
  'name of the sender': (evil) => ({ values: { from: `Northwind${evil} <status@northwind.example>` } }),
  subject: (evil) => ({ draft: { subject: `Card payments${evil}` } }),
  text: (evil) => ({ draft: { text: `Card payments fail.${evil}` } }),
  html: (evil) => ({ draft: { html: `<p>${evil}</p>` } }),
  language: (evil) => ({ draft: { language: `en${evil}` } }),
  unsubscribe: (evil) => ({ draft: { unsubscribe: `https://status.example.com/stop?t=${evil}` } }),
  incident: (evil) => ({ draft: { incident: `inc_1${evil}` } }),
  'what it answers': (evil) => ({ draft: { inReplyTo: { id: `<a@b.example>${evil}`, url: null } } }),
  key: (evil) => ({ id: `dlv${evil}` }),
};

const EXPECTED = new Set([
  'Auto-Submitted',
  'Content-Language',
  'List-Unsubscribe',
  'List-Unsubscribe-Post',
  'From',
  'To',
  'Subject',
  'Message-ID',
  'In-Reply-To',
  'References',
  'Date',
  'MIME-Version',
  'Content-Type',
  'Content-Transfer-Encoding',
]);

t.test('500 ways to add a recipient, a header or a mail: none does', async (t) => {
  const wrong: string[] = [];
  let sent = 0;
  const tryAll = async ([place, put]: [string, (typeof PLACES)[string]]) => {
    // Without TLS, whose handshakes would take most of the time.
    const { got, open } = await relay(t, { hideSTARTTLS: true });
    for (const [n, evil] of PAYLOADS.entries()) {
      const { draft = {}, values = {}, id = `dlv_${n}` } = put(evil);
      const before = got.length;
      const say = (what: string) => wrong.push(`${place} ${JSON.stringify(evil.slice(0, 60))}: ${what}`);
      let refused = false;
      try {
        await open(values).publish(draftOf({ subject: 'Update', ...draft }), { id, at: AT }, never);
      } catch (error) {
        refused = error instanceof DomainError || (error as { failure?: string }).failure === 'rejected';
        if (!refused) say(String(error));
      }
      const mails = got.slice(before);
      if (mails.length !== (refused ? 0 : 1)) say(`${mails.length} mails`);
      const mail = mails[0];
      if (mail === undefined) continue;
      sent++;
      // An accepted address is the typed one, letter for letter.
      const to = draft.recipient?.trim() ?? (values['to']?.trim() || 'all@lists.example');
      for (const what of strangeIn(mail, to)) say(what);
    }
  };
  await Promise.all(Object.entries(PLACES).map(tryAll));
  const cases = Object.keys(PLACES).length * PAYLOADS.length;
  t.ok(cases >= 500, `${cases} cases`);
  t.ok(sent > 250, `${sent} of them are only words, and arrive`);
  t.same(wrong, []);
});

/** What a mail has that nobody asked for. */
function strangeIn(mail: Got, to: string): string[] {
  const strange: string[] = [];
  if (mail.to.length !== 1 || mail.to[0] !== to) strange.push(`went to ${JSON.stringify(mail.to)}`);
  if (mail.from !== 'status@northwind.example') strange.push(`came from ${mail.from}`);
  if (/[^\r]\n|\r[^\n]|\0/.test(mail.raw)) strange.push('a bare line break or NUL');
  const names = headersOf(mail.raw).map(([name]) => name);
  if (new Set(names).size !== names.length) strange.push(`a header twice: ${names}`);
  for (const name of names) if (!EXPECTED.has(name)) strange.push(`header ${name}`);
  if (header(mail.raw, 'To') !== to) strange.push(`To: ${header(mail.raw, 'To')}`);
  const from = header(mail.raw, 'From') ?? '';
  if (!/^("?[^<>]*"? )?<status@northwind\.example>$/.test(from)) strange.push(`From: ${from}`);
  const id = header(mail.raw, 'Message-ID') ?? '';
  if (!/^<[\w.-]+@northwind\.example>$/.test(id)) strange.push(`Message-ID: ${id}`);
  for (const line of mail.raw.split('\r\n'))
    if (line.length > 998) strange.push(`a line of ${line.length} characters`);
  return strange;
}
