import type { Strings } from './types.ts';

export const ja: Strings = {
  language: 'ja',
  name: '日本語',
  direction: 'ltr',
  message: {
    nextUpdate: (time) => `次のお知らせは${time}までに行います。`,
    nextUpdateOn: (time, date) => `次のお知らせは${date} ${time}までに行います。`,
    kind: { incident: '障害', maintenance: '予定メンテナンス' },
    impact: {
      none: '影響なし',
      maintenance: 'メンテナンス',
      minor: '軽微な影響',
      major: '大きな影響',
      critical: '重大な影響',
    },
    status: {
      investigating: '調査中',
      identified: '原因を特定',
      monitoring: '経過観察中',
      resolved: '解決済み',
      postmortem: '報告書',
      scheduled: '予定',
      in_progress: '作業中',
      verifying: '確認中',
      completed: '完了',
      false_alarm: '誤報',
      cancelled: '中止',
    },
    component: {
      operational: '正常',
      under_maintenance: 'メンテナンス中',
      degraded_performance: '性能低下',
      partial_outage: '一部停止',
      major_outage: '大規模障害',
    },
    headings: {
      known: 'わかっていること',
      unknown: 'まだわかっていないこと',
      doing: '対応していること',
      action: 'お願いしたいこと',
    },
    affected: '影響範囲',
    moreAt: '詳細',
  },
};
