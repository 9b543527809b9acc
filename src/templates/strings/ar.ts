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
    status: {
      investigating: 'قيد التحقيق',
      identified: 'تم تحديد السبب',
      monitoring: 'قيد المراقبة',
      resolved: 'تم الحل',
      postmortem: 'تقرير',
      scheduled: 'مجدول',
      in_progress: 'قيد التنفيذ',
      verifying: 'قيد التحقق',
      completed: 'مكتمل',
      false_alarm: 'إنذار كاذب',
      cancelled: 'ملغى',
    },
    component: {
      operational: 'يعمل',
      under_maintenance: 'قيد الصيانة',
      degraded_performance: 'أداء منخفض',
      partial_outage: 'انقطاع جزئي',
      major_outage: 'انقطاع كبير',
    },
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
