/** What is proposed for the words of planned work that are written beforehand, in the page's first language. */
export interface PlannedStrings {
  /** `{title}`, `{from}` and `{until}` are filled in; times come with their zone. */
  /** Said in the announcement itself. */
  when: string;
  reminder: string;
  start: string;
  end: string;
  verifying: string;
  longer: string;
  postponed: string;
  cancelled: string;
}

const en: PlannedStrings = {
  when: 'It begins at {from} and is planned to end at {until}.',
  reminder: 'A reminder: {title} begins at {from} and is planned to end at {until}.',
  start: 'The planned work has begun: {title}. It is planned to end at {until}.',
  end: 'The planned work is done: {title}.',
  verifying: 'The planned work is done: {title}. We are checking that everything works.',
  longer: 'The planned work takes longer than we thought: {title}. It is now planned to end at {until}.',
  postponed:
    'The planned work is put off: {title}. It now begins at {from} and is planned to end at {until}.',
  cancelled: 'The planned work does not take place: {title}. Everything stays as it is.',
};

const LANGUAGES: Record<string, PlannedStrings> = {
  en,
  de: {
    when: 'Beginn ist um {from}, das Ende ist für {until} geplant.',
    reminder: 'Zur Erinnerung: {title} beginnt um {from} und soll um {until} enden.',
    start: 'Die geplante Wartung hat begonnen: {title}. Sie soll um {until} enden.',
    end: 'Die geplante Wartung ist abgeschlossen: {title}.',
    verifying: 'Die geplante Wartung ist abgeschlossen: {title}. Wir prüfen, ob alles funktioniert.',
    longer: 'Die geplante Wartung dauert länger als gedacht: {title}. Sie soll nun um {until} enden.',
    postponed:
      'Die geplante Wartung ist verschoben: {title}. Sie beginnt nun um {from} und soll um {until} enden.',
    cancelled: 'Die geplante Wartung findet nicht statt: {title}. Alles bleibt, wie es ist.',
  },
  fr: {
    when: 'Cela commence à {from} et doit se terminer à {until}.',
    reminder: 'Rappel : {title} commence à {from} et doit se terminer à {until}.',
    start: 'La maintenance prévue a commencé : {title}. Elle doit se terminer à {until}.',
    end: 'La maintenance prévue est terminée : {title}.',
    verifying: 'La maintenance prévue est terminée : {title}. Nous vérifions que tout fonctionne.',
    longer:
      'La maintenance prévue dure plus longtemps que prévu : {title}. Elle doit maintenant se terminer à {until}.',
    postponed:
      'La maintenance prévue est reportée : {title}. Elle commence maintenant à {from} et doit se terminer à {until}.',
    cancelled: 'La maintenance prévue n’aura pas lieu : {title}. Rien ne change.',
  },
  es: {
    when: 'Empieza a las {from} y está previsto que termine a las {until}.',
    reminder: 'Recordatorio: {title} empieza a las {from} y está previsto que termine a las {until}.',
    start: 'El mantenimiento previsto ha empezado: {title}. Está previsto que termine a las {until}.',
    end: 'El mantenimiento previsto ha terminado: {title}.',
    verifying: 'El mantenimiento previsto ha terminado: {title}. Comprobamos que todo funciona.',
    longer:
      'El mantenimiento previsto dura más de lo pensado: {title}. Ahora está previsto que termine a las {until}.',
    postponed:
      'El mantenimiento previsto se aplaza: {title}. Ahora empieza a las {from} y está previsto que termine a las {until}.',
    cancelled: 'El mantenimiento previsto no se hará: {title}. Todo sigue igual.',
  },
  it: {
    when: 'Inizia alle {from} e dovrebbe finire alle {until}.',
    reminder: 'Promemoria: {title} inizia alle {from} e dovrebbe finire alle {until}.',
    start: 'La manutenzione prevista è iniziata: {title}. Dovrebbe finire alle {until}.',
    end: 'La manutenzione prevista è finita: {title}.',
    verifying: 'La manutenzione prevista è finita: {title}. Controlliamo che tutto funzioni.',
    longer: 'La manutenzione prevista dura più del pensato: {title}. Ora dovrebbe finire alle {until}.',
    postponed:
      'La manutenzione prevista è rimandata: {title}. Ora inizia alle {from} e dovrebbe finire alle {until}.',
    cancelled: 'La manutenzione prevista non si farà: {title}. Tutto resta com’è.',
  },
  nl: {
    when: 'Het begint om {from} en eindigt naar verwachting om {until}.',
    reminder: 'Herinnering: {title} begint om {from} en eindigt naar verwachting om {until}.',
    start: 'Het geplande onderhoud is begonnen: {title}. Het eindigt naar verwachting om {until}.',
    end: 'Het geplande onderhoud is klaar: {title}.',
    verifying: 'Het geplande onderhoud is klaar: {title}. We controleren of alles werkt.',
    longer:
      'Het geplande onderhoud duurt langer dan gedacht: {title}. Het eindigt nu naar verwachting om {until}.',
    postponed:
      'Het geplande onderhoud is uitgesteld: {title}. Het begint nu om {from} en eindigt naar verwachting om {until}.',
    cancelled: 'Het geplande onderhoud gaat niet door: {title}. Alles blijft zoals het is.',
  },
  pt: {
    when: 'Começa às {from} e deve terminar às {until}.',
    reminder: 'Lembrete: {title} começa às {from} e deve terminar às {until}.',
    start: 'A manutenção planeada começou: {title}. Deve terminar às {until}.',
    end: 'A manutenção planeada terminou: {title}.',
    verifying: 'A manutenção planeada terminou: {title}. Estamos a verificar se tudo funciona.',
    longer: 'A manutenção planeada demora mais do que o previsto: {title}. Deve agora terminar às {until}.',
    postponed:
      'A manutenção planeada foi adiada: {title}. Começa agora às {from} e deve terminar às {until}.',
    cancelled: 'A manutenção planeada não se realiza: {title}. Tudo fica como está.',
  },
  pl: {
    when: 'Początek o {from}, planowany koniec o {until}.',
    reminder: 'Przypomnienie: {title} zaczyna się o {from} i ma się skończyć o {until}.',
    start: 'Planowane prace się rozpoczęły: {title}. Mają się skończyć o {until}.',
    end: 'Planowane prace są zakończone: {title}.',
    verifying: 'Planowane prace są zakończone: {title}. Sprawdzamy, czy wszystko działa.',
    longer: 'Planowane prace trwają dłużej, niż sądziliśmy: {title}. Teraz mają się skończyć o {until}.',
    postponed: 'Planowane prace są przełożone: {title}. Zaczną się o {from} i mają się skończyć o {until}.',
    cancelled: 'Planowane prace się nie odbędą: {title}. Wszystko zostaje bez zmian.',
  },
  ar: {
    when: 'يبدأ ذلك عند {from} ومن المقرر أن ينتهي عند {until}.',
    reminder: 'تذكير: تبدأ الأعمال ({title}) عند {from} ومن المقرر أن تنتهي عند {until}.',
    start: 'بدأت الأعمال المخطط لها: {title}. من المقرر أن تنتهي عند {until}.',
    end: 'انتهت الأعمال المخطط لها: {title}.',
    verifying: 'انتهت الأعمال المخطط لها: {title}. نتحقق من أن كل شيء يعمل.',
    longer: 'تستغرق الأعمال المخطط لها وقتًا أطول مما توقعنا: {title}. من المقرر الآن أن تنتهي عند {until}.',
    postponed: 'تأجلت الأعمال المخطط لها: {title}. تبدأ الآن عند {from} ومن المقرر أن تنتهي عند {until}.',
    cancelled: 'لن تجري الأعمال المخطط لها: {title}. يبقى كل شيء كما هو.',
  },
  hi: {
    when: 'यह {from} पर शुरू होगा और {until} तक पूरा होना तय है।',
    reminder: 'याद दिला दें: {title} {from} पर शुरू होगा और {until} तक पूरा होना तय है।',
    start: 'तय काम शुरू हो गया है: {title}। यह {until} तक पूरा होना तय है।',
    end: 'तय काम पूरा हो गया है: {title}।',
    verifying: 'तय काम पूरा हो गया है: {title}। हम जाँच रहे हैं कि सब कुछ ठीक चल रहा है।',
    longer: 'तय काम में सोचे से ज़्यादा समय लग रहा है: {title}। अब यह {until} तक पूरा होना तय है।',
    postponed: 'तय काम टल गया है: {title}। अब यह {from} पर शुरू होगा और {until} तक पूरा होना तय है।',
    cancelled: 'तय काम नहीं होगा: {title}। सब कुछ वैसा ही रहेगा।',
  },
  ja: {
    when: '{from}に始まり、{until}に終わる予定です。',
    reminder: 'お知らせ：{title}は{from}に始まり、{until}に終わる予定です。',
    start: '予定の作業を始めました：{title}。{until}に終わる予定です。',
    end: '予定の作業が終わりました：{title}。',
    verifying: '予定の作業が終わりました：{title}。すべてが動くことを確認しています。',
    longer: '予定の作業が長引いています：{title}。終わりは{until}の予定に変わりました。',
    postponed: '予定の作業を延期します：{title}。{from}に始まり、{until}に終わる予定です。',
    cancelled: '予定の作業は行いません：{title}。何も変わりません。',
  },
  zh: {
    when: '将于 {from} 开始，预计 {until} 结束。',
    reminder: '提醒：{title}将于 {from} 开始，预计 {until} 结束。',
    start: '计划中的工作已经开始：{title}。预计 {until} 结束。',
    end: '计划中的工作已经完成：{title}。',
    verifying: '计划中的工作已经完成：{title}。我们正在检查一切是否正常。',
    longer: '计划中的工作比预期时间长：{title}。现在预计 {until} 结束。',
    postponed: '计划中的工作推迟了：{title}。现在将于 {from} 开始，预计 {until} 结束。',
    cancelled: '计划中的工作取消了：{title}。一切照旧。',
  },
};

/** The words in a BCP 47 language, by its first part; English where there are none. */
export const plannedStrings = (language: string): PlannedStrings =>
  LANGUAGES[language.toLowerCase().split(/[-_]/)[0] ?? ''] ?? en;
