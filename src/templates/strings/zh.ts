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
    status: {
      investigating: '调查中',
      identified: '已查明原因',
      monitoring: '观察中',
      resolved: '已解决',
      postmortem: '报告',
      scheduled: '已安排',
      in_progress: '进行中',
      verifying: '验证中',
      completed: '已完成',
      false_alarm: '误报',
      cancelled: '已取消',
    },
    component: {
      operational: '正常',
      under_maintenance: '维护中',
      degraded_performance: '性能下降',
      partial_outage: '部分中断',
      major_outage: '严重中断',
    },
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
