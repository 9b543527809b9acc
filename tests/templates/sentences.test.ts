import fc from 'fast-check';
import t from 'tap';
import { sentences, tidy } from '../../src/templates/sentences.ts';

/** A bar stands where a sentence may end. */
const ROWS: [string, string][] = [
  ['en', 'Card payments fail.| A failed payment is not charged.'],
  ['en', 'Is it down?| Yes!| We are sorry.'],
  ['en', 'Failing since 14:09 UTC.| Back by 15:00.| Full report by Friday 17:00 UTC.'],
  ['en', '1,204 payments failed.| About 3.5 % of all.| Version 2.0.1 is fine.'],
  ['en', 'See https://status.io/?a=1&b=2! It helps.'.replace('! ', '!| ')],
  ['en', 'See https://a.com/x.y?q=Is.It Down. Now wait.'.replace('Down. ', 'Down.| ')],
  ['en', 'Read main.py and status.io now.| Then wait.'],
  ['en', 'Ask Mr. Smith or Dr. J. Doe.| They know.'],
  ['en', 'We checked, e.g. EU and the U.S. East region.| Both are up.'],
  ['en', 'It broke at 3 p.m. EST on Monday.| We fixed it.'],
  ['en', 'It broke at 3 p.m.| We fixed it.'],
  ['en', 'Order No. 5 of approx. 12 failed.| No.| 5 is fine.'.replace('No.| 5', 'No. 5')],
  ['en', 'Yahoo! is up.| "Really?" he said.'],
  ['en', '(It works.)| Thank you.'],
  ['en', 'We wait... and wait.| Sorry.'],
  ['en', 'Working on it 🙏 Sorry.'],
  ['en', 'Thank you 🙏.| Sorry.'],
  ['en', 'First line\nwraps here.| Second line.'],
  ['en', 'A heading|\n\nA paragraph.'],
  ['en', 'Affected:\n- Cards. All of them.\n- Refunds|\n\nThe rest works.'],
  ['en', 'Please:\n\n1. Wait.\n2. Do not retry.|\n\nThank you.'],
  ['en', 'One line.|\nNext line.'],
  ['de', 'Seit dem 3. November z. B. bei Dr. Müller.| Wir prüfen das.'],
  ['de', 'Etwa 12.500 Kunden bzw. 3,5 % sind betroffen.| Wir bitten um Entschuldigung.'],
  ['fr', 'M. Dupont le sait.| Est-ce grave ?| Non !| Merci.'],
  ['es', '¿Funciona?| No.| Estamos en ello, Sr. García.'],
  ['ja', '決済が失敗しています。|調査しています。|次は14:40までに。'],
  ['zh', '支付失败。|我们正在检查！|请不要重试。'],
  ['zh', '详情见https://a.cn/x。请稍候。'],
  ['zh', `详情见https://a.cn/${'x'.repeat(300)}。请稍候。| 谢谢。|再见。`],
  ['en', 'Wait.\u00A0Then go.| Now.'],
  ['hi', 'भुगतान विफल हो रहे हैं।| हम जाँच रहे हैं।'],
  ['ar', 'تفشل المدفوعات.| هل تم الحل؟| لا.'],
];

t.test('where a text may be cut, and where it may not', async (t) => {
  for (const [language, marked] of ROWS) {
    const found = sentences(marked.replaceAll('|', ''), language);
    const shown = found.map((s, i) => (i === 0 ? '' : '|') + s.gap + s.text).join('');
    t.equal(shown, marked, `${language}: ${marked.replaceAll('\n', '⏎')}`);
  }
});

t.test('nothing is lost and nothing is added, whatever the text', async () => {
  const raw = fc.string({ unit: fc.nat({ max: 0xffff }).map((c) => String.fromCharCode(c)), maxLength: 60 });
  const mixed = fc
    .array(
      fc.oneof(
        fc.constantFrom(
          '. ',
          '! ',
          '。',
          '\n',
          '\n\n',
          ' - ',
          ': ',
          'https://a.b/?c=D.',
          'Mr. ',
          '1. ',
          '🙏',
          '\u0301',
          '\r\n',
          '\t',
          '\u200F',
        ),
        fc.lorem({ maxCount: 3 }),
        raw,
      ),
      { maxLength: 20 },
    )
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(fc.oneof(raw, mixed), fc.constantFrom('en', 'de', 'ja', 'ar', 'xx'), (text, language) => {
      const found = sentences(text, language);
      if (found.some((s) => s.text === '' || s.text !== s.text.trim())) return false;
      const links = tidy(text).match(/https?:\/\/\S*/g) ?? [];
      if (!links.every((link) => found.some((s) => s.text.includes(link)))) return false;
      return found.map((s) => s.gap + s.text).join('') === tidy(text);
    }),
    { numRuns: 5_000 },
  );
});
