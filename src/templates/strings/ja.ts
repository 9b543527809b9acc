import { ja as page } from './page/ja.ts';
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
    // One word for one thing: posts say it as the page does.
    status: page.phase,
    component: page.status,
    amends: { correction: '訂正', retraction: '撤回' },
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
