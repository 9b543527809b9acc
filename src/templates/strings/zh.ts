import { zh as page } from './page/zh.ts';
import type { Strings } from './types.ts';

export const zh: Strings = {
  language: 'zh',
  name: '中文',
  direction: 'ltr',
  message: {
    nextUpdate: (time) => `下次更新不晚于 ${time}。`,
    nextUpdateOn: (time, date) => `下次更新不晚于${date} ${time}。`,
    kind: { incident: '事件', maintenance: '计划维护' },
    impact: {
      none: '无影响',
      maintenance: '维护',
      minor: '轻微影响',
      major: '较大影响',
      critical: '严重影响',
    },
    // One word for one thing: posts say it as the page does.
    status: page.phase,
    component: page.status,
    amends: { correction: '更正', retraction: '撤回' },
    headings: {
      known: '已知情况',
      unknown: '尚不清楚的情况',
      doing: '我们正在做什么',
      action: '您应当怎么做',
    },
    affected: '受影响',
    moreAt: '详情',
  },
};
