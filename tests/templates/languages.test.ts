import t from 'tap';
import { type MessageInput, renderMessage } from '../../src/templates/message.ts';
import { LANGUAGES, strings } from '../../src/templates/strings/index.ts';
import { at, CARDS, EMAIL, LINK, one, plain, X } from './words.ts';

t.test('the promise: where it is said, when its day is named, and never twice', async (t) => {
  const said = (more: Partial<MessageInput>) => one(plain('OK.', more), { ...X, includeLink: false }).text;
  t.equal(said({ nextUpdateBy: null }), 'OK.');
  t.equal(said({ nextUpdateBy: at(23, 59) }), 'OK. Next update by 23:59 UTC.');
  t.equal(said({ nextUpdateBy: at(0, 10, 22) }), 'OK. Next update by 00:10 UTC on Sunday 22 November.');
  t.equal(
    said({ nextUpdateBy: at(0, 10, 22), timeZone: 'America/New_York' }),
    'OK. Next update by 19:10 EST.',
    'the same day there',
  );
  t.equal(
    said({ nextUpdateBy: at(15, 0), timeZone: 'Asia/Tokyo' }),
    'OK. Next update by 00:00 GMT+9 on Sunday 22 November.',
    'another day there',
  );
  t.equal(
    said({
      nextUpdateBy: Date.UTC(2026, 6, 1, 12),
      writtenAt: Date.UTC(2026, 6, 1, 11),
      timeZone: 'Europe/Berlin',
    }),
    'OK. Next update by 14:00 CEST.',
    'summer time',
  );
  t.equal(
    one(plain('OK. Next update by 15:00 UTC.'), { ...X, includeLink: false }).text,
    'OK. Next update by 15:00 UTC.',
  );
  t.equal(
    one(plain('Next update by 15:00 UTC.'), { ...X, includeLink: false }).text,
    'Next update by 15:00 UTC.',
  );
  t.equal(
    one(plain(`All is at ${LINK} now.`), X).text,
    `All is at ${LINK} now. Next update by 15:00 UTC.`,
    'nor the link',
  );
});

t.test('in every language', async (t) => {
  t.same(LANGUAGES, ['en', 'de', 'fr', 'es', 'it', 'pt', 'nl', 'pl', 'ja', 'ar', 'hi', 'zh']);
  const words: Record<string, string> = {
    en: 'Next update by 15:00 UTC.',
    de: 'Nächste Meldung bis 15:00 UTC.',
    fr: 'Prochaines nouvelles avant 15:00 UTC.',
    es: 'Próxima actualización antes de las 15:00 UTC.',
    it: 'Prossimo aggiornamento entro le 15:00 UTC.',
    pt: 'Próxima atualização até 15:00 UTC.',
    nl: 'Volgende update uiterlijk 15:00 UTC.',
    pl: 'Następna wiadomość do 15:00 UTC.',
    ja: '次のお知らせは15:00 UTCまでに行います。',
    ar: 'التحديث التالي بحلول الساعة 15:00 UTC.',
    hi: 'अगली जानकारी 15:00 UTC तक।',
    zh: '下次更新不晚于 15:00 UTC。',
  };
  for (const language of LANGUAGES) {
    t.equal(one(plain('OK.', { language }), { ...X, includeLink: false }).text, `OK. ${words[language]}`);
    const { parts } = renderMessage(
      { ...CARDS, language, components: [{ name: 'Cards', status: 'operational' }] },
      EMAIL,
    );
    t.notMatch(`${parts[0]?.subject} ${parts[0]?.text} ${parts[0]?.html}`, /undefined|null|\[object/);
    const en = Object.keys(strings('en').message);
    t.same(Object.keys(strings(language).message).sort(), en.sort(), `${language} has every word`);
    const dated =
      one(plain('OK.', { language, nextUpdateBy: at(8, 0, 27) }), { ...X, includeLink: false }).text ?? '';
    t.match(dated, /27/, `${language}: ${dated}`);
    t.match(dated, '08:00 UTC');
  }
  t.equal(strings('de-AT').language, 'de');
  t.equal(strings('PT_br').language, 'pt');
  t.equal(strings('sv').language, 'en', 'English where we have no words');
  t.equal(strings('').language, 'en');
  t.match(renderMessage({ ...CARDS, language: 'ar' }, EMAIL).parts[0]?.html, '<html lang="ar" dir="rtl">');
  t.equal(
    one(
      { ...CARDS, blocks: { known: '決済が失敗しています。', doing: '調査しています。' }, language: 'ja' },
      { ...X, includeLink: false },
    ).text,
    '決済が失敗しています。調査しています。次のお知らせは15:00 UTCまでに行います。',
    'no spaces where there are none',
  );
});
