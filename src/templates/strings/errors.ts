/** What is said when a page cannot be shown or a form cannot be taken: a title, and what to do. */
export interface ErrorWords {
  missing: Said;
  refused: Said;
  gone: Said;
  many: Said;
  later: Said;
  large: Said;
  unread: Said;
  /** Of ours and unexpected; `{}` is the number that stands in the log. */
  ours: Said;
  /** Beside a form. */
  noSuchWay: string;
  partGone: string;
  incidentOver: string;
}
export type Said = readonly [title: string, todo: string];

const en: ErrorWords = {
  missing: [
    'There is no page at this address.',
    'Check the address for a letter too many or too few, or begin at the status page.',
  ],
  refused: ['We did not take this.', 'It came from another site. Open our page, and send it from there.'],
  gone: [
    'This is no longer here.',
    'It was taken away, or its time is over. The newest is on the status page.',
  ],
  many: ['Too many requests from your address.', 'Wait a minute, then try again.'],
  later: [
    'This page cannot be shown just now.',
    'The status page itself works. Try this one again in a minute.',
  ],
  large: ['This is too much at once.', 'Make it shorter, and send it again.'],
  unread: ['We cannot read this.', 'Go back, look at what you entered, and send it again.'],
  ours: [
    'Something went wrong on our side.',
    'Nothing was changed. Try again in a minute. If it happens again, tell us this number: {}',
  ],
  noSuchWay: 'This page does not send updates that way. Choose another.',
  partGone: 'One of the parts you chose is not on this page any more. Choose again.',
  incidentOver: 'This is over, so there is nothing more to come of it.',
};

const LANGUAGES: Record<string, ErrorWords> = {
  en,
  de: {
    missing: [
      'Unter dieser Adresse gibt es keine Seite.',
      'Prüfen Sie, ob in der Adresse ein Buchstabe zu viel ist oder fehlt, oder beginnen Sie auf der Statusseite.',
    ],
    refused: [
      'Das haben wir nicht angenommen.',
      'Es kam von einer anderen Website. Öffnen Sie unsere Seite und senden Sie es von dort.',
    ],
    gone: [
      'Das ist nicht mehr hier.',
      'Es wurde entfernt oder ist abgelaufen. Das Neueste steht auf der Statusseite.',
    ],
    many: [
      'Zu viele Anfragen von Ihrer Adresse.',
      'Warten Sie eine Minute und versuchen Sie es noch einmal.',
    ],
    later: [
      'Diese Seite lässt sich gerade nicht zeigen.',
      'Die Statusseite selbst funktioniert. Versuchen Sie diese hier in einer Minute noch einmal.',
    ],
    large: ['Das ist zu viel auf einmal.', 'Kürzen Sie es und senden Sie es noch einmal.'],
    unread: [
      'Das können wir nicht lesen.',
      'Gehen Sie zurück, prüfen Sie Ihre Angaben und senden Sie sie noch einmal.',
    ],
    ours: [
      'Bei uns ist etwas schiefgegangen.',
      'Es wurde nichts geändert. Versuchen Sie es in einer Minute noch einmal. Passiert es wieder, nennen Sie uns diese Nummer: {}',
    ],
    noSuchWay: 'Auf diesem Weg sendet diese Seite nichts. Wählen Sie einen anderen.',
    partGone: 'Einen der gewählten Teile gibt es auf dieser Seite nicht mehr. Wählen Sie noch einmal.',
    incidentOver: 'Das ist vorbei, dazu kommt nichts mehr.',
  },
  fr: {
    missing: [
      'Il n’y a pas de page à cette adresse.',
      'Vérifiez qu’il n’y a pas une lettre de trop ou de moins dans l’adresse, ou partez de la page d’état.',
    ],
    refused: [
      'Nous n’avons pas accepté cet envoi.',
      'Il venait d’un autre site. Ouvrez notre page et envoyez-le de là.',
    ],
    gone: [
      'Ceci n’est plus ici.',
      'Cela a été retiré ou a expiré. Les dernières nouvelles sont sur la page d’état.',
    ],
    many: ['Trop de demandes depuis votre adresse.', 'Attendez une minute, puis réessayez.'],
    later: [
      'Cette page ne peut pas être affichée pour l’instant.',
      'La page d’état, elle, fonctionne. Réessayez celle-ci dans une minute.',
    ],
    large: ['C’est trop à la fois.', 'Raccourcissez, puis envoyez de nouveau.'],
    unread: [
      'Nous ne pouvons pas lire ceci.',
      'Revenez en arrière, vérifiez votre saisie et envoyez de nouveau.',
    ],
    ours: [
      'Quelque chose s’est mal passé de notre côté.',
      'Rien n’a été modifié. Réessayez dans une minute. Si cela se reproduit, donnez-nous ce numéro : {}',
    ],
    noSuchWay: 'Cette page n’envoie rien par ce moyen. Choisissez-en un autre.',
    partGone: 'L’un des éléments choisis n’est plus sur cette page. Choisissez de nouveau.',
    incidentOver: 'C’est terminé, il n’y aura plus de nouvelles à ce sujet.',
  },
  es: {
    missing: [
      'No hay ninguna página en esta dirección.',
      'Compruebe si sobra o falta una letra en la dirección, o empiece por la página de estado.',
    ],
    refused: [
      'No hemos aceptado este envío.',
      'Venía de otro sitio. Abra nuestra página y envíelo desde allí.',
    ],
    gone: ['Esto ya no está aquí.', 'Se retiró o ha caducado. Lo más reciente está en la página de estado.'],
    many: ['Demasiadas solicitudes desde su dirección.', 'Espere un minuto y vuelva a intentarlo.'],
    later: [
      'Esta página no se puede mostrar ahora mismo.',
      'La página de estado sí funciona. Vuelva a intentarlo con esta dentro de un minuto.',
    ],
    large: ['Es demasiado de una vez.', 'Hágalo más corto y envíelo de nuevo.'],
    unread: ['No podemos leer esto.', 'Vuelva atrás, revise lo que escribió y envíelo de nuevo.'],
    ours: [
      'Algo ha fallado por nuestra parte.',
      'No se ha cambiado nada. Vuelva a intentarlo en un minuto. Si se repite, díganos este número: {}',
    ],
    noSuchWay: 'Esta página no envía avisos por esa vía. Elija otra.',
    partGone: 'Una de las partes elegidas ya no está en esta página. Elija de nuevo.',
    incidentOver: 'Esto ha terminado, así que no habrá más avisos.',
  },
  it: {
    missing: [
      'A questo indirizzo non c’è nessuna pagina.',
      'Controlli se nell’indirizzo c’è una lettera di troppo o di meno, oppure parta dalla pagina di stato.',
    ],
    refused: [
      'Non abbiamo accettato questo invio.',
      'Veniva da un altro sito. Apra la nostra pagina e lo invii da lì.',
    ],
    gone: [
      'Questo non è più qui.',
      'È stato tolto o è scaduto. Le ultime notizie sono sulla pagina di stato.',
    ],
    many: ['Troppe richieste dal suo indirizzo.', 'Aspetti un minuto e riprovi.'],
    later: [
      'Questa pagina al momento non può essere mostrata.',
      'La pagina di stato funziona. Riprovi con questa tra un minuto.',
    ],
    large: ['È troppo in una volta.', 'Accorci e invii di nuovo.'],
    unread: [
      'Non riusciamo a leggerlo.',
      'Torni indietro, controlli quello che ha scritto e invii di nuovo.',
    ],
    ours: [
      'Qualcosa è andato storto da parte nostra.',
      'Non è stato cambiato nulla. Riprovi tra un minuto. Se succede ancora, ci dica questo numero: {}',
    ],
    noSuchWay: 'Questa pagina non invia aggiornamenti in questo modo. Ne scelga un altro.',
    partGone: 'Una delle parti scelte non è più su questa pagina. Scelga di nuovo.',
    incidentOver: 'È finito, quindi non arriverà altro.',
  },
  pt: {
    missing: [
      'Não há nenhuma página neste endereço.',
      'Veja se há uma letra a mais ou a menos no endereço, ou comece pela página de estado.',
    ],
    refused: ['Não aceitámos este envio.', 'Veio de outro site. Abra a nossa página e envie a partir dela.'],
    gone: ['Isto já não está aqui.', 'Foi retirado ou expirou. O mais recente está na página de estado.'],
    many: ['Demasiados pedidos do seu endereço.', 'Espere um minuto e tente de novo.'],
    later: [
      'Esta página não pode ser mostrada neste momento.',
      'A página de estado funciona. Tente esta de novo daqui a um minuto.',
    ],
    large: ['É demasiado de uma vez.', 'Encurte e envie de novo.'],
    unread: ['Não conseguimos ler isto.', 'Volte atrás, confira o que escreveu e envie de novo.'],
    ours: [
      'Algo correu mal do nosso lado.',
      'Nada foi alterado. Tente de novo daqui a um minuto. Se voltar a acontecer, diga-nos este número: {}',
    ],
    noSuchWay: 'Esta página não envia atualizações por essa via. Escolha outra.',
    partGone: 'Uma das partes escolhidas já não está nesta página. Escolha de novo.',
    incidentOver: 'Isto terminou, por isso não virá mais nada.',
  },
  nl: {
    missing: [
      'Op dit adres staat geen pagina.',
      'Kijk of er een letter te veel of te weinig in het adres staat, of begin bij de statuspagina.',
    ],
    refused: [
      'Dit hebben we niet aangenomen.',
      'Het kwam van een andere site. Open onze pagina en verstuur het daar.',
    ],
    gone: [
      'Dit staat hier niet meer.',
      'Het is weggehaald of verlopen. Het nieuwste staat op de statuspagina.',
    ],
    many: ['Te veel verzoeken vanaf uw adres.', 'Wacht een minuut en probeer het opnieuw.'],
    later: [
      'Deze pagina kan nu niet worden getoond.',
      'De statuspagina zelf werkt. Probeer deze over een minuut opnieuw.',
    ],
    large: ['Dit is te veel in één keer.', 'Maak het korter en verstuur het opnieuw.'],
    unread: ['Dit kunnen we niet lezen.', 'Ga terug, kijk na wat u hebt ingevuld en verstuur het opnieuw.'],
    ours: [
      'Bij ons ging iets mis.',
      'Er is niets gewijzigd. Probeer het over een minuut opnieuw. Gebeurt het weer, geef ons dan dit nummer: {}',
    ],
    noSuchWay: 'Zo verstuurt deze pagina geen updates. Kies een andere manier.',
    partGone: 'Een van de gekozen onderdelen staat niet meer op deze pagina. Kies opnieuw.',
    incidentOver: 'Dit is voorbij, er komt niets meer.',
  },
  pl: {
    missing: [
      'Pod tym adresem nie ma strony.',
      'Sprawdź, czy w adresie nie ma o jedną literę za dużo lub za mało, albo zacznij od strony statusu.',
    ],
    refused: ['Nie przyjęliśmy tego.', 'Przyszło z innej witryny. Otwórz naszą stronę i wyślij stamtąd.'],
    gone: ['Tego już tu nie ma.', 'Zostało usunięte lub wygasło. Najnowsze jest na stronie statusu.'],
    many: ['Zbyt wiele żądań z Twojego adresu.', 'Poczekaj minutę i spróbuj ponownie.'],
    later: ['Tej strony nie można teraz pokazać.', 'Sama strona statusu działa. Spróbuj ponownie za minutę.'],
    large: ['To za dużo naraz.', 'Skróć to i wyślij ponownie.'],
    unread: ['Nie możemy tego odczytać.', 'Wróć, sprawdź wpisane dane i wyślij ponownie.'],
    ours: [
      'Coś poszło nie tak po naszej stronie.',
      'Nic nie zostało zmienione. Spróbuj ponownie za minutę. Jeśli to się powtórzy, podaj nam ten numer: {}',
    ],
    noSuchWay: 'Ta strona nie wysyła aktualizacji w ten sposób. Wybierz inny.',
    partGone: 'Jednej z wybranych części nie ma już na tej stronie. Wybierz ponownie.',
    incidentOver: 'To już koniec, nic więcej nie przyjdzie.',
  },
  ja: {
    missing: [
      'このアドレスにページはありません。',
      'アドレスの文字に過不足がないか確かめるか、ステータスページからお探しください。',
    ],
    refused: [
      '送信を受け付けませんでした。',
      '別のサイトから送られました。当ページを開き、そこから送信してください。',
    ],
    gone: [
      'これはもうありません。',
      '削除されたか、期限が切れました。最新の内容はステータスページにあります。',
    ],
    many: ['お使いのアドレスからのリクエストが多すぎます。', '1分待ってから、もう一度お試しください。'],
    later: [
      'このページは今表示できません。',
      'ステータスページは動いています。このページは1分後にもう一度お試しください。',
    ],
    large: ['一度に送る量が多すぎます。', '短くして、もう一度送信してください。'],
    unread: ['読み取れませんでした。', '前に戻り、入力を確かめて、もう一度送信してください。'],
    ours: [
      '当方で問題が起きました。',
      '何も変更されていません。1分後にもう一度お試しください。また起きたら、この番号をお知らせください：{}',
    ],
    noSuchWay: 'このページはその方法ではお知らせを送っていません。別の方法を選んでください。',
    partGone: '選んだ項目の一つは、もうこのページにありません。選び直してください。',
    incidentOver: 'これは終わりましたので、この件のお知らせはもうありません。',
  },
  ar: {
    missing: [
      'لا توجد صفحة على هذا العنوان.',
      'تحقق من حرف زائد أو ناقص في العنوان، أو ابدأ من صفحة الحالة.',
    ],
    refused: ['لم نقبل هذا.', 'جاء من موقع آخر. افتح صفحتنا وأرسله منها.'],
    gone: ['لم يعد هذا هنا.', 'أُزيل أو انتهت مدته. الأحدث على صفحة الحالة.'],
    many: ['طلبات كثيرة جدًا من عنوانك.', 'انتظر دقيقة ثم حاول مرة أخرى.'],
    later: ['لا يمكن عرض هذه الصفحة الآن.', 'صفحة الحالة نفسها تعمل. حاول فتح هذه الصفحة بعد دقيقة.'],
    large: ['هذا كثير دفعة واحدة.', 'اختصره ثم أرسله من جديد.'],
    unread: ['لا نستطيع قراءة هذا.', 'ارجع وراجع ما أدخلته ثم أرسله من جديد.'],
    ours: ['حدث خطأ عندنا.', 'لم يتغير شيء. حاول بعد دقيقة. إذا تكرر الأمر فأخبرنا بهذا الرقم: {}'],
    noSuchWay: 'لا ترسل هذه الصفحة التحديثات بهذه الطريقة. اختر طريقة أخرى.',
    partGone: 'أحد الأجزاء التي اخترتها لم يعد في هذه الصفحة. اختر من جديد.',
    incidentOver: 'انتهى هذا، فلن يأتي عنه شيء آخر.',
  },
  hi: {
    missing: ['इस पते पर कोई पेज नहीं है।', 'देखें कि पते में कोई अक्षर कम या ज़्यादा तो नहीं, या स्टेटस पेज से शुरू करें।'],
    refused: ['हमने इसे स्वीकार नहीं किया।', 'यह किसी दूसरी साइट से आया। हमारा पेज खोलें और वहीं से भेजें।'],
    gone: ['यह अब यहाँ नहीं है।', 'इसे हटा दिया गया या इसका समय पूरा हो गया। नई जानकारी स्टेटस पेज पर है।'],
    many: ['आपके पते से बहुत ज़्यादा अनुरोध आए।', 'एक मिनट रुकें, फिर कोशिश करें।'],
    later: ['यह पेज अभी नहीं दिखाया जा सकता।', 'स्टेटस पेज ख़ुद काम कर रहा है। इसे एक मिनट बाद फिर खोलें।'],
    large: ['यह एक बार में बहुत ज़्यादा है।', 'इसे छोटा करें और फिर भेजें।'],
    unread: ['हम इसे पढ़ नहीं सकते।', 'वापस जाएँ, जो भरा है उसे देखें और फिर भेजें।'],
    ours: [
      'हमारी ओर से कुछ गड़बड़ हुई।',
      'कुछ भी नहीं बदला। एक मिनट बाद फिर कोशिश करें। फिर हो तो हमें यह नंबर बताएँ: {}',
    ],
    noSuchWay: 'यह पेज इस तरीके से अपडेट नहीं भेजता। कोई और चुनें।',
    partGone: 'आपके चुने हुए हिस्सों में से एक अब इस पेज पर नहीं है। फिर से चुनें।',
    incidentOver: 'यह ख़त्म हो चुका है, इसलिए इसके बारे में और कुछ नहीं आएगा।',
  },
  zh: {
    missing: ['此地址没有页面。', '请检查地址是否多了或少了字符，或从状态页开始。'],
    refused: ['我们没有接受此内容。', '它来自其他网站。请打开我们的页面，从那里提交。'],
    gone: ['此内容已不在这里。', '它已被移除或已过期。最新内容在状态页上。'],
    many: ['来自您地址的请求过多。', '请等一分钟再试。'],
    later: ['此页面暂时无法显示。', '状态页本身运行正常。请一分钟后再试此页面。'],
    large: ['一次提交的内容太多。', '请缩短后重新提交。'],
    unread: ['我们无法读取此内容。', '请返回，检查您填写的内容，然后重新提交。'],
    ours: ['我们这边出了问题。', '没有任何改动。请一分钟后再试。如果再次发生，请告诉我们这个编号：{}'],
    noSuchWay: '此页面不通过这种方式发送更新。请选择其他方式。',
    partGone: '您选择的某个部分已不在此页面上。请重新选择。',
    incidentOver: '此事已结束，不会再有后续消息。',
  },
};

/** Our words for what went wrong, in a BCP 47 language; English where we have none. */
export const errorWords = (language: string): ErrorWords =>
  LANGUAGES[language.toLowerCase().split(/[-_]/)[0] ?? ''] ?? en;
