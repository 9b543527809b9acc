import { ar as page } from './page/ar.ts';
import type { Strings } from './types.ts';

export const ar: Strings = {
  language: 'ar',
  name: 'العربية',
  direction: 'rtl',
  message: {
    nextUpdate: (time) => `التحديث التالي بحلول الساعة ${time}.`,
    nextUpdateOn: (time, date) => `التحديث التالي بحلول الساعة ${time} يوم ${date}.`,
    kind: { incident: 'حادث', maintenance: 'صيانة مجدولة' },
    impact: {
      none: 'بلا تأثير',
      maintenance: 'صيانة',
      minor: 'تأثير محدود',
      major: 'تأثير كبير',
      critical: 'تأثير حرج',
    },
    // One word for one thing: posts say it as the page does.
    status: page.phase,
    component: page.status,
    amends: { correction: 'تصحيح', retraction: 'سُحب' },
    headings: {
      known: 'ما نعرفه',
      unknown: 'ما لا نعرفه بعد',
      doing: 'ما نقوم به',
      action: 'ما ينبغي لكم فعله',
    },
    affected: 'المتأثر',
    moreAt: 'المزيد',
  },
};
