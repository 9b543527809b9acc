import t from 'tap';
import { type MessageInput, renderMessage } from '../../src/templates/message.ts';
import { fillSlots } from '../../src/templates/slots.ts';
import {
  at,
  BLUESKY,
  CARDS,
  EMAIL,
  FORUM,
  LINK,
  LINKEDIN,
  MASTODON,
  one,
  plain,
  SMS,
  THREADS,
  WEBHOOK,
  X,
} from './words.ts';

const KNOWN =
  'Card payments fail for about 1 in 8 customers since 14:09 UTC. A failed payment is not charged.';
const SHORT = `${KNOWN} We are moving cards to our second processor. Everything will be back by 15:00. Please do not retry; pay by bank transfer. Next update by 15:00 UTC. ${LINK}`;

t.test('the same update on every network', async (t) => {
  t.match(one(CARDS, X), {
    text: SHORT,
    length: 267,
    max: 280,
    unit: 'weighted',
    dropped: ['Care', 'Don’t know'],
  });
  t.match(one(CARDS, BLUESKY), { text: SHORT, length: 276, dropped: ['Care', 'Don’t know'] });
  const long = `We are sorry: you cannot rely on your card right now.

${KNOWN} We do not yet know why one processor stopped. We are checking with them. We are moving cards to our second processor. Everything will be back by 15:00. Please do not retry; pay by bank transfer.

Next update by 15:00 UTC.
${LINK}`;
  t.match(one(CARDS, MASTODON), { text: long, length: 396, dropped: [] });
  t.match(one(CARDS, LINKEDIN), { text: long, length: 396 - 23 + LINK.length, dropped: [] });
  t.match(one(CARDS, THREADS), { text: long.replace(/\n+/g, ' '), dropped: [] });
  t.match(one(CARDS, SMS), {
    text: `Halden Pay: ${SHORT}`,
    length: 2,
    unit: 'segments',
    dropped: ['Care', 'Don’t know'],
  });
  t.match(one(CARDS, WEBHOOK), { text: `Cause found: Card payments failing\n\n${long}` });
  const forum = renderMessage(CARDS, FORUM).parts[0];
  t.match(forum, { text: long, subject: 'Card payments failing', link: LINK });
  t.equal(forum?.html, undefined);
});

t.test('an email has a subject, headings, and the same words as HTML', async (t) => {
  const components = [
    { name: 'Card payments', status: 'partial_outage' as const },
    { name: 'Refunds <EU>', status: 'degraded_performance' as const },
  ];
  const { parts, dropped } = renderMessage(
    { ...CARDS, title: 'Cards & "refunds" failing', components },
    EMAIL,
  );
  t.same(dropped, []);
  t.equal(parts[0]?.subject, 'Cause found: Cards & "refunds" failing');
  t.equal(
    parts[0]?.text,
    `Cause found: Cards & "refunds" failing
Halden Pay · Incident · Major impact
Affected: Card payments (Partial outage), Refunds <EU> (Slow)

We are sorry: you cannot rely on your card right now.

What we know
${KNOWN}

What we don’t know yet
We do not yet know why one processor stopped. We are checking with them.

What we are doing
We are moving cards to our second processor. Everything will be back by 15:00.

What you should do
Please do not retry; pay by bank transfer.

Next update by 15:00 UTC.
More at: ${LINK}`,
  );
  const html = parts[0]?.html ?? '';
  t.match(html, '<html lang="en" dir="ltr">');
  t.match(html, '>Cause found: Cards &amp; &quot;refunds&quot; failing</h1>');
  t.match(html, 'Refunds &lt;EU&gt; (Slow)');
  t.match(html, '<strong>Next update by 15:00 UTC.</strong>');
  t.match(html, `<a href="${LINK}">${LINK}</a>`);
  t.notMatch(html, '<EU>');
  const lines = renderMessage(plain('One.\nTwo.\n\nThree.'), EMAIL).parts[0]?.html ?? '';
  t.match(lines, />One\.<br>Two\.<\/p>\s*<p [^>]*>Three\.<\/p>/, 'lines and paragraphs stay');
  t.match(
    renderMessage({ ...CARDS, kind: 'maintenance', impact: 'maintenance' }, EMAIL).parts[0]?.text,
    '\nHalden Pay · Planned maintenance\n',
  );
});

t.test('subjects that are too long', async (t) => {
  const subject = (title: string, longest = 40) =>
    renderMessage({ ...CARDS, title }, { ...EMAIL, limits: { ...EMAIL.limits, subject: longest } }).parts[0]
      ?.subject;
  t.equal(subject('Card payments failing'), 'Cause found: Card payments failing');
  t.equal(
    subject('Card payments failing in all of Europe'),
    'Card payments failing in all of Europe',
    'the status goes first',
  );
  t.equal(
    subject('Card payments failing in all of Europe and Asia'),
    'Card payments failing in all of Europe…',
    'then words',
  );
  t.equal(
    subject('Card\r\nBcc: all@example.com'),
    'Cause found: Card Bcc: all@example.com',
    'never a second header',
  );
  t.throws(() => subject('x'.repeat(41)), {
    code: 'invalid',
    field: 'title',
    message: /over the limit of 40/,
  });
});

const festival =
  "We're sorry - many of you can't check out or are seeing wrong prices in the Mega Monday sale. We're fixing it now. We don't yet know how many orders are affected. Please don't pay twice.";
const breach =
  "Someone got into one of our systems and copied some patient contact details. We found this at 06:20 today and have shut it off. We don't yet know everyone affected. We're writing to those we know about now.";

t.test('the texts of the acceptance scenarios, at their measured lengths', async (t) => {
  const outage = plain(
    "Some card payments are failing right now. We're looking into why. Please don't retry a payment that shows as pending - you could be charged twice.",
    { nextUpdateBy: at(14, 40), writtenAt: at(14, 13) },
  );
  t.match(one(outage, X), {
    length: 196,
    dropped: [],
    text: `${outage.body} Next update by 14:40 UTC. ${LINK}`,
  });
  const blocks = {
    ...outage,
    body: '',
    blocks: {
      known: 'Some card payments are failing right now.',
      doing: "We're looking into why.",
      action: "Please don't retry a payment that shows as pending - you could be charged twice.",
    },
  };
  t.match(one(blocks, X), {
    length: 196,
    dropped: [],
    text: `${outage.body} Next update by 14:40 UTC. ${LINK}`,
  });
  const resolved = plain(
    'Card payments are working again. 1,204 payments failed between 14:09 and 15:31 UTC. No card data was lost. Failed payments were not charged. If you see two charges, we will refund the second by Thursday. Full report by Friday 17:00 UTC.',
    { nextUpdateBy: null, status: 'resolved' },
  );
  t.match(one(resolved, X), { length: 260, dropped: [], text: `${resolved.body} ${LINK}` });
  const late = plain('We are late with this update. The team is still working.', {
    nextUpdateBy: at(14, 50),
  });
  t.equal(
    one(late, { ...X, includeLink: false }).text,
    'We are late with this update. The team is still working. Next update by 14:50 UTC.',
  );
  const sale = plain(festival, { timeZone: 'Asia/Kolkata', nextUpdateBy: at(2, 55), writtenAt: at(2, 36) });
  t.match(one(sale, X), { length: 236, text: `${festival} Next update by 08:25 IST. ${LINK}` });
  const london = plain(breach, {
    timeZone: 'Europe/London',
    nextUpdateBy: Date.UTC(2026, 8, 2, 17, 0),
    writtenAt: Date.UTC(2026, 8, 2, 11, 30),
  });
  t.match(one(london, X), { length: 256, text: `${breach} Next update by 18:00 BST. ${LINK}` });
});

t.test('what falls out, in order, and what it is called', async (t) => {
  const blocks = {
    care: 'Care one. Care two.',
    known: 'Known one. Known two. Known three.',
    unknown: 'Unknown one. Unknown two.',
    doing: 'Doing one. Doing two.',
    action: 'Action one. Action two.',
  };
  const input = { ...CARDS, blocks };
  const codes = (text: string) =>
    [...text.matchAll(/(Care|Known|Unknown|Doing|Action) (one|two|three)\./g)]
      .map(([, block, n]) => `${block?.[0]}${{ one: 1, two: 2, three: 3 }[n as 'one']}`)
      .join(' ');
  const seen: string[] = [];
  for (let max = 300; ; max--) {
    const target = { ...X, limits: { unit: 'utf16' as const, max } };
    try {
      const { text = '', dropped, length } = one(input, target);
      t.ok(length <= max);
      t.match(text, `Next update by 15:00 UTC. ${LINK}`);
      const line = [codes(text), ...dropped].join(', ');
      if (seen.at(-1) !== line) seen.push(line);
    } catch (error) {
      t.match(error, {
        code: 'invalid',
        field: 'blocks.known',
        message: `The shortest form on X is 1 character over the limit of ${max}. Shorten the first sentence of "Know".`,
      });
      break;
    }
  }
  t.same(seen, [
    'C1 C2 K1 K2 K3 U1 U2 D1 D2 A1 A2',
    'K1 K2 K3 U1 U2 D1 D2 A1 A2, Care',
    'K1 K2 K3 U1 D1 D2 A1 A2, Care, end of Don’t know',
    'K1 K2 K3 D1 D2 A1 A2, Care, Don’t know',
    'K1 K2 K3 D1 A1 A2, Care, Don’t know, end of Doing',
    'K1 K2 K3 A1 A2, Care, Don’t know, Doing',
    'K1 K2 K3 A1, Care, Don’t know, Doing, end of Do now',
    'K1 K2 A1, Care, end of Know, Don’t know, Doing, end of Do now',
    'K1 A1, Care, end of Know, Don’t know, Doing, end of Do now',
    'K1, Care, end of Know, Don’t know, Doing, Do now',
  ]);
});

t.test('without known, and without blocks', async (t) => {
  const tight = (max: number) => ({ ...X, limits: { unit: 'utf16' as const, max }, includeLink: false });
  const only = (blocks: MessageInput['blocks'], max: number) =>
    one({ ...CARDS, nextUpdateBy: null, blocks }, tight(max));
  t.match(only({ care: 'Care one.', action: 'Action one.' }, 12), { text: 'Action one.', dropped: ['Care'] });
  t.match(only({ unknown: 'Unknown one. Unknown two.' }, 15), {
    text: 'Unknown one.',
    dropped: ['end of Don’t know'],
  });
  t.match(only({ care: 'Sorry one. Sorry two.' }, 12), { text: 'Sorry one.', dropped: ['end of Care'] });
  t.match(one(plain('One one. Two two. Three three.', { nextUpdateBy: null }), tight(18)), {
    text: 'One one. Two two.',
    dropped: ['end of the text'],
  });
  t.match(
    one({ ...CARDS, blocks: { care: ' ', known: '' }, body: 'Plain words.' }, X).text,
    /^Plain words\. /,
  );
  t.match(one({ ...CARDS, body: 'Not this.' }, LINKEDIN).text, /^We are sorry/, 'blocks win over a body');
  t.throws(() => one({ ...CARDS, blocks: {}, body: ' ' }, X), { code: 'invalid', field: 'blocks' });
  t.throws(() => one(plain('x'.repeat(300)), X), {
    code: 'invalid',
    field: 'body',
    message: /70 characters over the limit of 280/,
  });
  t.throws(() => one(plain('x'.repeat(400)), SMS), {
    code: 'invalid',
    message: /2 segments over the limit of 2/,
  });
  t.throws(() => one({ ...CARDS, link: 'javascript:alert(1)' }, X), { code: 'invalid', field: 'link' });
});

t.test('a thread leaves nothing out', async (t) => {
  const { parts, dropped, length } = renderMessage(CARDS, { ...X, thread: true });
  t.same(
    parts.map((p) => p.text),
    [
      `We are sorry: you cannot rely on your card right now. ${KNOWN} We do not yet know why one processor stopped. We are checking with them. ${LINK} (1/2)`,
      'We are moving cards to our second processor. Everything will be back by 15:00. Please do not retry; pay by bank transfer. Next update by 15:00 UTC. (2/2)',
    ],
  );
  t.same(dropped, []);
  t.equal(parts[0]?.link, LINK);
  t.equal(parts[1]?.link, undefined);
  t.equal(length, Math.max(...parts.map((p) => p.length)));
  t.equal(renderMessage(CARDS, { ...LINKEDIN, thread: true }).parts.length, 1, 'one post when one is enough');
  t.notMatch(renderMessage(CARDS, { ...LINKEDIN, thread: true }).parts[0]?.text, '(1/');
  const many = renderMessage(plain('Ten words are in this one sentence, and no more. '.repeat(60)), {
    ...X,
    thread: true,
  }).parts;
  t.ok(many.length > 9);
  t.match(many.at(-1)?.text, new RegExp(`Next update by 15:00 UTC\\. \\(${many.length}/${many.length}\\)$`));
  t.ok(many.every((p) => p.length <= 280));
  t.throws(() => renderMessage(plain(`Short. ${'x'.repeat(300)}`), { ...X, thread: true }), {
    code: 'invalid',
    field: 'body',
    message: /Cut it in two/,
  });
});

t.test('what a person wrote for one network is sent as it is', async (t) => {
  const own = `Cards are failing for some of you.\nPlease wait.  Next update by 15:00 UTC. ${LINK}`;
  t.match(one(CARDS, { ...X, override: own }), { text: own, dropped: [], count: 1 });
  t.equal(
    one(CARDS, { ...X, override: 'Please wait.' }).text,
    `Please wait. Next update by 15:00 UTC. ${LINK}`,
    'with what must not be missing',
  );
  t.equal(
    one(CARDS, { ...LINKEDIN, override: 'Please wait.' }).text,
    `Please wait.\n\nNext update by 15:00 UTC.\n${LINK}`,
  );
  t.equal(
    one(CARDS, { ...SMS, override: 'Please wait.' }).text,
    `Please wait. Next update by 15:00 UTC. ${LINK}`,
  );
  t.equal(
    one(CARDS, { ...WEBHOOK, override: 'Please wait.' }).text,
    `Please wait.\n\nNext update by 15:00 UTC.\n${LINK}`,
  );
  t.match(
    one(CARDS, { ...EMAIL, override: 'Please <b>wait</b>.' }).parts[0]?.html,
    'Please &lt;b&gt;wait&lt;/b&gt;.',
  );
  t.equal(one(CARDS, { ...X, override: '  ' }).text, SHORT, 'nothing written is no version of its own');
  t.equal(
    one(CARDS, { ...X, override: `See ${LINK}99` }).text,
    `See ${LINK}99\nNext update by 15:00 UTC. ${LINK}`,
    'another link is not this link',
  );
  t.throws(() => one(CARDS, { ...X, override: 'x'.repeat(240) }), {
    code: 'invalid',
    field: 'override',
    message: /What you wrote for X is \d+ characters over the limit of 280/,
  });
  const thread = renderMessage(CARDS, {
    ...X,
    thread: true,
    override: 'I am a sentence of some length that goes on. '.repeat(8),
  });
  t.equal(thread.parts.length, 2);
});

t.test('pre-cleared words go the same road', async (t) => {
  const body = fillSlots(
    'Some {{what}} are failing since {{since}}.',
    { what: { type: 'component', of: ['card payments'] }, since: { type: 'time' } },
    { what: 'card payments', since: '14:09 UTC' },
  );
  t.equal(
    one(plain(body), X).text,
    `Some card payments are failing since 14:09 UTC. Next update by 15:00 UTC. ${LINK}`,
  );
});

t.test('in an exercise every part says so before and behind, whatever is left out', async (t) => {
  const drill: MessageInput = { ...CARDS, exercise: true };
  const MARK = 'EXERCISE EXERCISE EXERCISE';
  for (const target of [X, BLUESKY, MASTODON, LINKEDIN, THREADS, SMS, FORUM, WEBHOOK, EMAIL])
    for (const override of [undefined, 'Card payments fail. We are on it.']) {
      const message = renderMessage(drill, { ...target, ...(override === undefined ? {} : { override }) });
      for (const part of message.parts) {
        t.ok(part.text.startsWith(`${MARK}\n`), `${target.name ?? target.template}: before`);
        t.ok(part.text.endsWith(`\n${MARK}`), 'and behind');
        t.ok(part.length <= message.max, 'counted with them');
      }
    }
  const thread = renderMessage(drill, { ...X, thread: true });
  t.ok(thread.parts.length > 1);
  t.ok(
    thread.parts.every((part) => part.text.startsWith(MARK) && part.text.endsWith(MARK)),
    'a post of a thread can be met alone',
  );
  const [mail] = renderMessage(drill, EMAIL).parts;
  t.match(mail?.subject, /^EXERCISE: /);
  t.equal(mail?.html?.split(MARK).length, 3, 'its HTML begins and ends with it, too');
  t.match(one({ ...drill, language: 'de' }, X).text, /^ÜBUNG ÜBUNG ÜBUNG\n/, 'in the reader’s language');
  t.notMatch(one(CARDS, X).text, 'EXERCISE');
});

t.test('a title that is too short for a topic says whose it is as well', async (t) => {
  const topic = (title: string, least = 15) =>
    renderMessage({ ...CARDS, title }, { ...FORUM, limits: { ...FORUM.limits, subjectLeast: least } })
      .parts[0]?.subject;
  t.equal(topic('Card payments failing'), 'Card payments failing');
  t.equal(topic('Search is slow'), 'Halden Pay: Search is slow');
  t.equal(topic('Slow', 20), 'Incident, Halden Pay: Slow');
  t.throws(() => topic('Slow', 40), { code: 'invalid', field: 'title', message: /under the 40 characters/ });
});
