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
    status: {
      investigating: 'जाँच जारी',
      identified: 'कारण पता चला',
      monitoring: 'निगरानी जारी',
      resolved: 'समाधान हुआ',
      postmortem: 'रिपोर्ट',
      scheduled: 'निर्धारित',
      in_progress: 'काम जारी',
      verifying: 'सत्यापन जारी',
      completed: 'पूरा हुआ',
      false_alarm: 'ग़लत चेतावनी',
      cancelled: 'रद्द',
    },
    component: {
      operational: 'चालू',
      under_maintenance: 'रखरखाव जारी',
      degraded_performance: 'धीमा प्रदर्शन',
      partial_outage: 'आंशिक रुकावट',
      major_outage: 'बड़ी रुकावट',
    },
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
