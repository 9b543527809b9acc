import { hi as page } from './page/hi.ts';
import type { Strings } from './types.ts';

export const hi: Strings = {
  language: 'hi',
  name: 'हिन्दी',
  direction: 'ltr',
  message: {
    nextUpdate: (time) => `अगली जानकारी ${time} तक।`,
    nextUpdateOn: (time, date) => `अगली जानकारी ${date}, ${time} तक।`,
    kind: { incident: 'घटना', maintenance: 'निर्धारित रखरखाव' },
    impact: {
      none: 'कोई असर नहीं',
      maintenance: 'रखरखाव',
      minor: 'मामूली असर',
      major: 'बड़ा असर',
      critical: 'गंभीर असर',
    },
    // One word for one thing: posts say it as the page does.
    status: page.phase,
    component: page.status,
    amends: { correction: 'सुधार', retraction: 'वापस लिया गया' },
    headings: {
      known: 'हम क्या जानते हैं',
      unknown: 'हम अभी क्या नहीं जानते',
      doing: 'हम क्या कर रहे हैं',
      action: 'आपको क्या करना चाहिए',
    },
    affected: 'प्रभावित',
    moreAt: 'अधिक जानकारी',
  },
};
