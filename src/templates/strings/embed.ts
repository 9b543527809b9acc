/** The word on the button that puts an embedded notice away. */
const CLOSE: Record<string, string> = {
  en: 'Close',
  ar: 'إغلاق',
  de: 'Schließen',
  es: 'Cerrar',
  fr: 'Fermer',
  hi: 'बंद करें',
  it: 'Chiudi',
  ja: '閉じる',
  nl: 'Sluiten',
  pl: 'Zamknij',
  pt: 'Fechar',
  zh: '关闭',
};

export const closeWord = (language: string): string => CLOSE[language.split('-')[0] ?? ''] ?? 'Close';
